// Wrong configuration, data, keys, ports and chains: each named, with its documented exit code.
#include <algorithm>

#include <gtest/gtest.h>

#include "contracts/cpp/evm/anvil_process.hpp"
#include "proto/base/exit_code.hpp"
#include "tests/integration/program_output.hpp"
#include "tests/integration/running_federation.hpp"

namespace fedstake::testing {
namespace {

namespace fs = std::filesystem;
using Mode = demo::Federation::CoordinatorMode;

// Says all of these words and ends with this code.
void expect_complaint(const ProgramOutput& output, ExitCode code,
                      const std::vector<std::string>& words) {
    EXPECT_EQ(output.exit_code, exit_code(code)) << output.text;
    for (const std::string& word : words) {
        EXPECT_NE(output.text.find(word), std::string::npos) << "does not say '" << word << "':\n"
                                                             << output.text;
    }
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
    const auto at = text.find(from);
    EXPECT_NE(at, std::string::npos) << "no '" << from << "' in\n" << text;
    if (at != std::string::npos) text.replace(at, from.size(), to);
    return text;
}

std::string line_of(const std::string& text, const std::string& word) {
    return std::to_string(
        1 + std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(text.find(word)),
                       '\n'));
}

class BadInput : public ::testing::Test {
protected:
    void found(demo::Options options = small_options()) {
        running_ = std::make_unique<RunningFederation>(options);
        FS_ASSERT_OK(running_->parts().found());
        coordinator_toml_ = parts().coordinator_folder() / "coordinator.toml";
        client_toml_ = parts().site_folder(parts().sites()[0]) / "client.toml";
    }
    demo::Federation& parts() { return running_->parts(); }
    ProgramOutput check_coordinator() {
        return run_program("fedstake-coordinator", {"--check-config", coordinator_toml_.string()});
    }
    ProgramOutput check_client() {
        return run_program("fedstake-client", {"--check-config", client_toml_.string()});
    }
    ProgramOutput run_coordinator() {
        return run_program("fedstake-coordinator",
                           {"run", "--config", coordinator_toml_.string(), "--rounds", "1"});
    }
    ProgramOutput run_client() {
        return run_program("fedstake-client", {"run", "--config", client_toml_.string()});
    }

    std::unique_ptr<RunningFederation> running_;
    fs::path coordinator_toml_;
    fs::path client_toml_;
};

TEST_F(BadInput, ConfigurationIsRefusedWithFileAndLine) {
    ASSERT_NO_FATAL_FAILURE(found());
    EXPECT_EQ(check_coordinator().exit_code, 0) << check_coordinator().text;
    EXPECT_EQ(check_client().exit_code, 0) << check_client().text;

    const std::string coordinator = read_text(coordinator_toml_);
    write_text(coordinator_toml_, replaced(coordinator, "poll_ms", "pol_ms"));
    expect_complaint(check_coordinator(), ExitCode::kBadInput,
                     {"coordinator.toml:" + line_of(coordinator, "poll_ms"), "pol_ms"});
    write_text(coordinator_toml_,
               replaced(coordinator, "aggregation_threads = 1", "aggregation_threads = \"one\""));
    expect_complaint(check_coordinator(), ExitCode::kBadInput,
                     {"coordinator.toml:" + line_of(coordinator, "aggregation_threads")});
    write_text(coordinator_toml_,
               replaced(coordinator, "aggregation_threads = 1", "aggregation_threads = 100000"));
    expect_complaint(check_coordinator(), ExitCode::kBadInput,
                     {"coordinator.toml:" + line_of(coordinator, "aggregation_threads")});
    write_text(coordinator_toml_, coordinator);
    expect_complaint(
        run_program("fedstake-coordinator", {"--check-config", "/nonexistent/coordinator.toml"}),
        ExitCode::kNotFound, {"/nonexistent/coordinator.toml"});

    const std::string client = read_text(client_toml_);
    write_text(client_toml_, replaced(client, "split_seed", "splitseed"));
    expect_complaint(check_client(), ExitCode::kBadInput,
                     {"client.toml:" + line_of(client, "split_seed"), "splitseed"});
}

TEST_F(BadInput, RuleThatCannotSupportTheSitesIsRefusedBeforeAnythingStarts) {
    ASSERT_NO_FATAL_FAILURE(found());
    const fs::path manifest = parts().coordinator_folder() / "federation.toml";
    const std::string text = read_text(manifest);
    write_text(manifest, replaced(text, "\nf = 1\n", "\nf = 2\n"));
    expect_complaint(check_coordinator(), ExitCode::kBadInput, {"federation.toml", "trimmed-mean"});
    const ProgramOutput run = run_coordinator();
    expect_complaint(run, ExitCode::kBadInput, {"trimmed-mean"});
    EXPECT_FALSE(fs::exists(parts().coordinator_folder() / "data" / "coordinator.db"));
}

TEST_F(BadInput, DataErrorsNameFileLineAndColumn) {
    ASSERT_NO_FATAL_FAILURE(found());
    const fs::path data = parts().sites()[0].data;
    const std::string text = read_text(data);
    const std::size_t second_line = text.find('\n') + 1;
    const std::size_t end = text.find('\n', second_line);
    const std::string line = text.substr(second_line, end - second_line);

    write_text(data, text.substr(0, second_line) + line + ",1" + text.substr(end));
    expect_complaint(check_client(), ExitCode::kBadInput, {data.filename().string() + ":2"});
    const std::string word = "abc" + line.substr(line.find(','));
    write_text(data, text.substr(0, second_line) + word + text.substr(end));
    expect_complaint(check_client(), ExitCode::kBadInput,
                     {data.filename().string() + ":2:1", "abc"});
    write_text(data, text.substr(0, second_line));
    expect_complaint(check_client(), ExitCode::kBadInput, {data.filename().string()});
}

TEST_F(BadInput, KeysThatOthersCanReadAndWrongPassphrases) {
    ASSERT_NO_FATAL_FAILURE(found());
    const fs::path signer = parts().site_folder(parts().sites()[0]) / "keys" / "signer.json";
    fs::permissions(signer, fs::perms::group_read | fs::perms::others_read, fs::perm_options::add);
    expect_complaint(run_client(), ExitCode::kUnauthorized, {signer.string(), "chmod 600"});
    fs::permissions(signer, fs::perms::owner_read | fs::perms::owner_write);

    const fs::path coordinator_key = parts().coordinator_folder() / "keys" / "coordinator.json";
    ASSERT_TRUE(fs::exists(coordinator_key));
    fs::permissions(coordinator_key, fs::perms::group_read, fs::perm_options::add);
    expect_complaint(run_coordinator(), ExitCode::kUnauthorized,
                     {coordinator_key.string(), "chmod 600"});
    fs::permissions(coordinator_key, fs::perms::owner_read | fs::perms::owner_write);

    write_text(running_->folder() / "passphrase", "not the right one\n");
    expect_complaint(run_client(), ExitCode::kUnauthorized, {"passphrase"});
    expect_complaint(run_coordinator(), ExitCode::kUnauthorized, {"passphrase"});
}

TEST_F(BadInput, PortsInUseAndASecondCoordinatorOnTheFolder) {
    ASSERT_NO_FATAL_FAILURE(found());
    FS_ASSERT_OK(parts().start_coordinator(Mode::kRounds));
    ASSERT_TRUE(running_->wait_for_event("started")) << running_->log();
    expect_complaint(run_coordinator(), ExitCode::kConflict,
                     {(parts().coordinator_folder() / "data").string()});

    // The same ports, but a data folder of its own.
    const std::string text = read_text(coordinator_toml_);
    write_text(coordinator_toml_, replaced(text, "data = \"data\"", "data = \"data2\""));
    const ProgramOutput other = run_coordinator();
    EXPECT_EQ(other.exit_code, exit_code(ExitCode::kConflict)) << other.text;
    const bool names_port =
        other.text.find(std::to_string(parts().ports().federation)) != std::string::npos ||
        other.text.find(std::to_string(parts().ports().http)) != std::string::npos;
    EXPECT_TRUE(names_port) << other.text;
}

TEST_F(BadInput, TheDemoNamesAPortInUse) {
    ASSERT_NO_FATAL_FAILURE(found());
    FS_ASSERT_OK(parts().start_coordinator(Mode::kRounds));
    ASSERT_TRUE(running_->wait_for_event("started")) << running_->log();
    const std::string port = std::to_string(parts().ports().federation);
    const ProgramOutput output = run_program(
        "fedstake-demo", {"--port-base", port, "--keep", (running_->folder() / "kept").string(),
                          "--rules-file", small_options().rules_file.string()});
    expect_complaint(output, ExitCode::kConflict, {port, "in use"});
}

TEST_F(BadInput, TheDemoNamesAResultThatItCouldNotWriteBeforeItStarts) {
    const TempDir folder;
    const std::string result = (folder / "nowhere" / "result.json").string();
    const ProgramOutput output = run_program(
        "fedstake-demo", {"--json", result, "--rules-file", small_options().rules_file.string()});
    expect_complaint(output, ExitCode::kBadInput, {result});
    EXPECT_EQ(output.text.find("founding"), std::string::npos) << output.text;
}

TEST_F(BadInput, WrongChainAndMissingContracts) {
    if (!evm::find_anvil()) GTEST_SKIP() << "needs anvil: run npm ci in contracts/";
    demo::Options options = small_options();
    options.chain = true;
    ASSERT_NO_FATAL_FAILURE(found(options));
    const auto run_against = [&](const evm::AnvilProcess& node) {
        const std::string text = read_text(coordinator_toml_);
        const std::string here = "http://127.0.0.1:" + std::to_string(parts().ports().chain);
        write_text(coordinator_toml_, replaced(text, here, node.url()));
        ProgramOutput output =
            run_program("fedstake-coordinator", {"run", "--config", coordinator_toml_.string(),
                                                 "--rounds", "1", "--chain-start-timeout-s", "5"});
        write_text(coordinator_toml_, text);
        return output;
    };
    evm::AnvilOptions other_id;
    other_id.chain_id = 4242;
    const auto wrong_chain = evm::AnvilProcess::start(other_id);
    FS_ASSERT_OK(wrong_chain);
    expect_complaint(run_against(*wrong_chain), ExitCode::kConflict, {"4242", "31337"});
    const auto empty_chain = evm::AnvilProcess::start();
    FS_ASSERT_OK(empty_chain);
    const ProgramOutput no_contract = run_against(*empty_chain);
    EXPECT_NE(no_contract.exit_code, 0);
    expect_complaint(no_contract, ExitCode::kNotFound,
                     {parts().manifest().chain.token.hex(), "no token contract"});
}

}  // namespace
}  // namespace fedstake::testing
