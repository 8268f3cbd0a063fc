// The verbs about stake, cases, models and accusations, as their users give them: real programs
// against a real chain, after a run of two rounds.
#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "contracts/cpp/evm/anvil_process.hpp"
#include "contracts/cpp/evm/json_rpc.hpp"
#include "proto/base/exit_code.hpp"
#include "proto/manifest/manifest.hpp"
#include "tests/integration/program_output.hpp"
#include "tests/integration/running_federation.hpp"

namespace fedstake::testing {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;
namespace fs = std::filesystem;

constexpr std::size_t kAccused = 3;  // does not audit
constexpr std::size_t kLeaver = 2;

class ChainVerbs : public ::testing::Test {
protected:
    void SetUp() override {
        if (!evm::find_anvil()) GTEST_SKIP() << "needs anvil: run npm ci in contracts/";
        demo::Options options = small_options();
        options.rounds = 2;
        options.chain = true;
        running_ = std::make_unique<RunningFederation>(options);
        FS_ASSERT_OK(running_->parts().found());
        FS_ASSERT_OK(running_->start_rounds());
        ASSERT_EQ(running_->wait_for_end(60s), 0) << running_->log();
    }

    fs::path site(std::size_t index) {
        return running_->parts().site_folder(running_->parts().sites()[index]);
    }
    std::string name(std::size_t index) { return running_->parts().sites()[index].name; }
    fs::path data() { return running_->parts().coordinator_folder() / "data"; }
    fs::path scratch(const std::string& file) { return running_->folder() / file; }

    ProgramOutput client(std::size_t index, std::vector<std::string> words) {
        words.insert(words.end(), {"--config", (site(index) / "client.toml").string()});
        return run_program("fedstake-client", std::move(words));
    }
    ProgramOutput coordinator(std::vector<std::string> words) {
        const fs::path config = running_->parts().coordinator_folder() / "coordinator.toml";
        words.insert(words.end(), {"--config", config.string()});
        return run_program("fedstake-coordinator", std::move(words));
    }
    // The JSON line of a command that must have worked.
    static json printed(const ProgramOutput& output) {
        EXPECT_EQ(output.exit_code, 0) << output.text;
        const std::size_t begin = output.text.find('{');
        json parsed = json::parse(begin == std::string::npos ? "" : output.text.substr(begin),
                                  nullptr, false);
        EXPECT_TRUE(parsed.is_object()) << output.text;
        return parsed.is_object() ? parsed : json::object();
    }
    static void expect_code(const ProgramOutput& output, ExitCode code, const std::string& words) {
        EXPECT_EQ(output.exit_code, exit_code(code)) << output.text;
        EXPECT_NE(output.text.find(words), std::string::npos) << output.text;
    }
    void advance(std::uint64_t seconds) {
        const auto rpc = evm::JsonRpc::open("http://127.0.0.1:" +
                                            std::to_string(running_->parts().ports().chain));
        FS_ASSERT_OK(rpc);
        FS_ASSERT_OK((*rpc)->call("evm_increaseTime", json::array({seconds})));
        FS_ASSERT_OK((*rpc)->call("evm_mine", json::array()));
    }

    std::unique_ptr<RunningFederation> running_;
};

TEST_F(ChainVerbs, StatusOfTheChainIsThatOfTheRun) {
    const json status = printed(coordinator({"status", "--chain", "--json"}));
    EXPECT_EQ(status.value("head", 0), 2);
    EXPECT_EQ(status.value("final_round", 0), 2);
    EXPECT_EQ(status.at("epoch").value("threshold", 0), 2);
    EXPECT_EQ(status.at("stakes").size(), 4U);
    EXPECT_EQ(status.at("unposted").at("intents").size(), 0U) << status.dump();
    EXPECT_TRUE(status.at("dispute").is_null());
    EXPECT_NE(status.at("fund").value("earned", "0"), "0");
    const ProgramOutput text = coordinator({"status", "--chain"});
    EXPECT_NE(text.text.find("2 committed, 2 final"), std::string::npos) << text.text;
    EXPECT_NE(text.text.find(name(0)), std::string::npos) << text.text;
}

TEST_F(ChainVerbs, ModelsArePublishedShownAndVerified) {
    const std::string released = (data() / "model.safetensors").string();
    expect_code(client(0, {"model", "verify", released}), ExitCode::kSuccess, "good: this file is");
    const json judged = printed(coordinator({"model", "verify", released, "--json"}));
    EXPECT_EQ(judged.value("verdict", ""), "released");
    EXPECT_EQ(judged.at("model").value("round", 0), 2);

    std::string bytes = read_text(released);
    bytes.back() = static_cast<char>(bytes.back() ^ 1);
    write_text(scratch("altered.safetensors"), bytes);
    expect_code(client(0, {"model", "verify", scratch("altered.safetensors").string()}),
                ExitCode::kVerifyFailed, "NOT good");
    write_text(scratch("text"), "no model at all");
    expect_code(client(0, {"model", "verify", scratch("text").string()}), ExitCode::kBadInput,
                "no safetensors file");

    std::vector<std::string> publish{"model",  "publish",       "--round",           "1",
                                     "--json", "--code-commit", std::string(40, 'c')};
    for (std::size_t i : {0U, 1U}) {
        const std::string file = scratch("print" + std::to_string(i)).string();
        EXPECT_EQ(client(i, {"fingerprint", "--out", file, "--light"}).exit_code, 0);
        publish.insert(publish.end(), {"--datasets", file});
    }
    write_text(scratch("evaluation.txt"), "accuracy 0.8\n");
    publish.insert(publish.end(), {"--evaluation", scratch("evaluation.txt").string()});
    std::vector<std::string> dry = publish;
    dry.emplace_back("--dry-run");
    EXPECT_EQ(printed(coordinator(dry)).value("version", 0), 2);
    EXPECT_EQ(printed(coordinator({"model", "show", "--json"})).at("models").size(), 1U);
    const json made = printed(coordinator(publish));
    EXPECT_EQ(made.value("version", 0), 2);
    EXPECT_EQ(made.value("round", 0), 1);
    EXPECT_EQ(made.value("code_commit", "").substr(26), std::string(40, 'c'));
    for (const char* field : {"eval_hash", "datasets_root", "config_hash", "parent"}) {
        EXPECT_NE(made.value(field, "").find_first_not_of("0x"), std::string::npos) << field;
    }
    EXPECT_TRUE(printed(coordinator(publish)).value("already", false)) << "twice is once";
    EXPECT_EQ(printed(coordinator({"model", "show", "--json"})).at("models").size(), 2U);
    const std::string first = (data() / "releases" / "round-1.safetensors").string();
    expect_code(client(3, {"model", "verify", first}), ExitCode::kSuccess, "version 2 (round 1)");
    expect_code(
        coordinator({"model", "publish", "--round", "9", "--code-commit", std::string(40, 'c')}),
        ExitCode::kNotNow, "the newest final one is 2");
    expect_code(coordinator({"model", "publish", "--code-commit", "abc"}), ExitCode::kBadInput,
                "git rev-parse HEAD");
}

TEST_F(ChainVerbs, AReleasedModelIsDeprecatedAndThenRevokedForGood) {
    const std::string released = (data() / "model.safetensors").string();
    const auto mark = [&](const char* verb, std::vector<std::string> words) {
        words.insert(words.begin(), {"model", verb});
        return coordinator(std::move(words));
    };
    const std::vector<std::string> because{"--version", "1", "--reason", "superseded by another"};
    std::vector<std::string> dry = because;
    dry.emplace_back("--dry-run");
    expect_code(mark("deprecate", dry), ExitCode::kSuccess, "would mark version 1 as deprecated");
    EXPECT_EQ(printed(coordinator({"model", "verify", released, "--json"})).value("verdict", ""),
              "released");
    expect_code(mark("deprecate", because), ExitCode::kSuccess, "superseded by another");
    EXPECT_EQ(printed(coordinator({"model", "verify", released, "--json"})).value("verdict", ""),
              "deprecated");
    EXPECT_EQ(mark("deprecate", because).exit_code, 0) << "already done";
    expect_code(mark("revoke", {"--version", "1", "--reason", ""}), ExitCode::kBadInput,
                "--reason");
    expect_code(mark("revoke", {"--version", "7", "--reason", "x"}), ExitCode::kNotFound,
                "no version 7");
    expect_code(mark("revoke", {"--version", "1", "--reason", "wrong on women"}),
                ExitCode::kSuccess, "wrong on women");
    expect_code(client(0, {"model", "verify", released}), ExitCode::kVerifyFailed, "NOT good");
    expect_code(mark("deprecate", because), ExitCode::kNotNow, "(AlreadyRevoked)");
}

TEST_F(ChainVerbs, TheCoordinatorStakesWhatItsAccountHas) {
    expect_code(coordinator({"stake", "--amount", "5"}), ExitCode::kBadInput, "wants to stake 5");
    expect_code(coordinator({"stake", "--amount", "all"}), ExitCode::kBadInput, "--amount");
}

TEST_F(ChainVerbs, AuditorsAccuseAfterARound) {
    std::vector<std::string> accuse{"accuse", "--round",   "1",     "--site", name(kAccused),
                                    "--kind", "poisoning", "--bps", "100"};
    const auto sign = [&](std::size_t auditor, const std::string& bps) {
        const std::string file = scratch("accusation" + std::to_string(auditor)).string();
        const ProgramOutput output =
            client(auditor, {"sign-accusation", "--round", "1", "--site", name(kAccused), "--kind",
                             "poisoning", "--bps", bps, "--out", file});
        return std::pair(output, file);
    };
    const auto [signed_by_first, first] = sign(0, "100");
    ASSERT_EQ(signed_by_first.exit_code, 0) << signed_by_first.text;
    expect_code(sign(kAccused, "100").first, ExitCode::kUnauthorized, "is not an auditor");
    expect_code(sign(1, "9999").first, ExitCode::kBadInput, "must be 1 to 2000");
    accuse.push_back(first);
    expect_code(coordinator(accuse), ExitCode::kNotNow, "1 auditors have signed, 2 are needed");
    const auto [other_words, second] = sign(1, "200");
    ASSERT_EQ(other_words.exit_code, 0) << other_words.text;
    accuse.push_back(second);
    expect_code(coordinator(accuse), ExitCode::kBadInput, "which is not what the command says");
    ASSERT_EQ(sign(1, "100").first.exit_code, 0);
    const ProgramOutput opened = coordinator(accuse);
    expect_code(opened, ExitCode::kSuccess, "opened case 0x");
    expect_code(coordinator(accuse), ExitCode::kNotNow, "was opened before");

    const json cases = printed(client(kAccused, {"appeal", "--json"}));
    ASSERT_EQ(cases.at("cases").size(), 1U) << cases.dump();
    const std::string id = cases.at("cases")[0].value("case", "");
    EXPECT_NE(opened.text.find(id), std::string::npos);
    EXPECT_EQ(printed(client(0, {"appeal", "--json"})).at("cases").size(), 0U);
    expect_code(client(kAccused, {"appeal", "--case", id.substr(0, 10)}), ExitCode::kBadInput,
                "wants to pay a bond of");
    expect_code(client(kAccused, {"appeal", "--case", "0x12"}), ExitCode::kNotFound,
                "at least four digits");
    expect_code(client(0, {"appeal", "--case", id}), ExitCode::kNotFound, "of this site's 0 cases");
    const json status = printed(coordinator({"status", "--chain", "--json"}));
    EXPECT_EQ(status.at("cases").size(), 1U);
}

TEST_F(ChainVerbs, StakeLeavesAfterTheDelay) {
    expect_code(client(kLeaver, {"withdraw"}), ExitCode::kNotNow, "`fedstake-client exit` comes");
    const json trial = printed(client(kLeaver, {"exit", "--amount", "5", "--dry-run", "--json"}));
    EXPECT_EQ(trial.at("steps").size(), 1U);
    EXPECT_EQ(trial.value("exiting", ""), "5");
    const json left = printed(client(kLeaver, {"exit", "--json"}));
    EXPECT_EQ(left.value("stake", ""), "0");
    EXPECT_NE(left.value("exiting", ""), "5") << "a dry run sends nothing";
    expect_code(client(kLeaver, {"exit"}), ExitCode::kBadInput, "nothing is left to exit");
    expect_code(client(kLeaver, {"withdraw"}), ExitCode::kNotNow, "may be withdrawn at");
    advance(86'401);
    EXPECT_TRUE(
        printed(client(kLeaver, {"withdraw", "--dry-run", "--json"})).value("dry_run", false));
    const json paid = printed(client(kLeaver, {"withdraw", "--json"}));
    EXPECT_EQ(paid.value("paid", ""), left.value("exiting", ""));
    EXPECT_EQ(paid.value("held", ""), "0");
    expect_code(client(kLeaver, {"withdraw"}), ExitCode::kNotNow, "no stake on its way out");
    // And comes back.
    const json staked =
        printed(client(kLeaver, {"stake", "--amount", paid.value("paid", ""), "--json"}));
    EXPECT_EQ(staked.value("stake", ""), paid.value("paid", ""));
}

TEST_F(ChainVerbs, ASignerKeyIsReplaced) {
    const std::string request = scratch("rotated.json").string();
    expect_code(client(0, {"rotate-key", "--out", request, "--light"}), ExitCode::kConflict,
                "of the contracts lists its key");
    EXPECT_TRUE(printed(client(kAccused, {"rotate-key", "--out", request, "--dry-run", "--json"}))
                    .value("dry_run", false));
    EXPECT_FALSE(fs::exists(request));
    const json rotated =
        printed(client(kAccused, {"rotate-key", "--out", request, "--light", "--json"}));
    const std::string signer = rotated.value("signer", "");
    EXPECT_NE(signer, rotated.value("previous", ""));
    expect_code(client(kAccused, {"appeal"}), ExitCode::kUnauthorized, "lists other keys");
    expect_code(coordinator({"admit", request}), ExitCode::kBadInput, "");
    EXPECT_EQ(coordinator({"admit", "--replace", request}).exit_code, 0);
    const auto manifest =
        manifest::load_manifest(running_->parts().coordinator_folder() / "federation.toml");
    FS_ASSERT_OK(manifest);
    const auto entry =
        std::ranges::find(manifest->sites, name(kAccused), &manifest::SiteEntry::name);
    ASSERT_NE(entry, manifest->sites.end());
    EXPECT_EQ(entry->signer.hex(), signer);
    EXPECT_TRUE(entry->trains);
    const json status = printed(coordinator({"status", "--chain", "--json"}));
    const auto& stakes = status.at("stakes");
    EXPECT_TRUE(std::ranges::any_of(
        stakes, [&](const json& line) { return line.value("signer", "") == signer; }));
}

TEST_F(ChainVerbs, ClaimSaysFirstWhatItWouldPay) {
    FS_ASSERT_OK(running_->parts().start_coordinator(demo::Federation::CoordinatorMode::kServe));
    const json would = printed(client(0, {"claim", "--dry-run", "--json"}));
    EXPECT_TRUE(would.value("dry_run", false));
    const json paid = printed(client(0, {"claim", "--json"}));
    EXPECT_EQ(paid.value("paid", ""), would.value("paid", "-"));
    EXPECT_NE(paid.value("paid", "0"), "0");
    expect_code(coordinator({"model", "publish", "--code-commit", std::string(40, 'c')}),
                ExitCode::kConflict, "needs the coordinator stopped");
    running_->parts().coordinator().stop();
}

}  // namespace
}  // namespace fedstake::testing
