// fedstake-demo as a user runs it.
#include <csignal>

#include <gtest/gtest.h>

#include "contracts/cpp/evm/anvil_process.hpp"
#include "proto/base/exit_code.hpp"
#include "tests/integration/program_output.hpp"
#include "tests/integration/running_federation.hpp"
#include "tests/support/shared_data.hpp"

namespace fedstake::testing {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

// Processes whose command line has this word: the kept folder names every child of a demo.
std::vector<pid_t> processes_that_name(const std::string& word) {
    std::vector<pid_t> found;
    std::error_code ignored;
    for (const auto& entry : fs::directory_iterator("/proc", ignored)) {
        const std::string name = entry.path().filename();
        if (name.find_first_not_of("0123456789") != std::string::npos) continue;
        if (read_text(entry.path() / "cmdline").find(word) != std::string::npos) {
            found.push_back(std::stoi(name));
        }
    }
    return found;
}

// Direct children of a process, by /proc.
std::vector<pid_t> children_of(pid_t parent) {
    std::vector<pid_t> found;
    std::error_code ignored;
    for (const auto& entry : fs::directory_iterator("/proc", ignored)) {
        const std::string name = entry.path().filename();
        if (name.find_first_not_of("0123456789") != std::string::npos) continue;
        const std::string status = read_text(entry.path() / "status");
        if (status.find("\nPPid:\t" + std::to_string(parent) + "\n") != std::string::npos) {
            found.push_back(std::stoi(name));
        }
    }
    return found;
}

Result<demo::Process> start_demo(const TempDir& folder, std::vector<std::string> arguments) {
    for (const std::string& word :
         {std::string("--rules-file"), small_options().rules_file.string(), std::string("--keep"),
          (folder / "run").string(), std::string("--json"), (folder / "result.json").string()}) {
        arguments.push_back(word);
    }
    return demo::Process::start({.name = "demo",
                                 .program = bin_dir() / "fedstake-demo",
                                 .arguments = std::move(arguments),
                                 .log = folder / "output"});
}

// Ctrl-C, and a terminal or connection that goes away.
class DemoProgramSignal : public ::testing::TestWithParam<int> {};

TEST_P(DemoProgramSignal, EndsEveryChild) {
    if (!evm::find_anvil()) GTEST_SKIP() << "needs anvil: run npm ci in contracts/";
    const TempDir folder;
    auto demo = start_demo(folder, {"--rounds", "500"});
    FS_ASSERT_OK(demo);
    const fs::path events = folder / "run" / "events.jsonl";
    ASSERT_TRUE(wait_until(
        [&] { return read_text(events).find("\"round_attested\"") != std::string::npos; }, 60s))
        << read_text(folder / "output");
    const std::vector<pid_t> children = children_of(demo->pid());
    EXPECT_GE(children.size(), 7U) << "chain node, coordinator, four sites, one attacker";
    demo->signal(GetParam());
    const auto code = demo->wait_for(20s);
    EXPECT_EQ(code.value_or(-1), exit_code(ExitCode::kInterrupted)) << read_text(folder / "output");
    for (const pid_t child : children) {
        EXPECT_FALSE(fs::exists("/proc/" + std::to_string(child)))
            << read_text("/proc/" + std::to_string(child) + "/cmdline");
    }
    EXPECT_TRUE(processes_that_name((folder / "run").string()).empty());
}

INSTANTIATE_TEST_SUITE_P(Signals, DemoProgramSignal, ::testing::Values(SIGINT, SIGHUP),
                         [](const auto& signal) {
                             return signal.param == SIGINT ? "Interrupt" : "HangUp";
                         });

// "fedstake-demo | head -n 1": the reader leaves at once, the demo ends what it started.
TEST(DemoProgram, LeavesNothingBehindWhenNobodyReads) {
    if (!evm::find_anvil()) GTEST_SKIP() << "needs anvil: run npm ci in contracts/";
    const TempDir folder;
    const std::string kept = (folder / "run").string();
    auto shell = demo::Process::start(
        {.name = "demo | head",
         .program = "/bin/bash",
         .arguments = {"-c",
                       "set -o pipefail; \"$0\" --rounds 1 --rules-file \"$1\" --keep \"$2\" "
                       "--json \"$3\" | head -n 1",
                       (bin_dir() / "fedstake-demo").string(), small_options().rules_file.string(),
                       kept, (folder / "result.json").string()},
         .log = folder / "output"});
    FS_ASSERT_OK(shell);
    EXPECT_EQ(shell->wait_for(100s).value_or(-1), 0) << read_text(folder / "output");
    EXPECT_TRUE(processes_that_name(kept).empty());
    EXPECT_EQ(nlohmann::json::parse(read_text(folder / "result.json")).at("rounds").size(), 1U);
}

TEST(DemoProgram, ThreeSitesWithoutAnAttackerFinishTheirRound) {
    demo::Options options = small_options();
    options.rounds = 1;
    options.sites = 3;
    RunningFederation running(options);
    FS_ASSERT_OK(running.parts().found());
    FS_ASSERT_OK(running.start_rounds());
    EXPECT_EQ(running.wait_for_end(), 0) << running.log();
}

class HeartDemo : public ::testing::Test {
protected:
    void run(std::vector<std::string> arguments) {
        if (!evm::find_anvil()) GTEST_SKIP() << "needs anvil: run npm ci in contracts/";
        FEDSTAKE_NEED_SHARED(heart, "data/heart");
        arguments.insert(arguments.end(), {"--data", "heart:" + heart.string()});
        auto demo = start_demo(folder_, std::move(arguments));
        FS_ASSERT_OK(demo);
        const auto code = demo->wait_for(100s);
        ASSERT_EQ(code.value_or(-1), 0) << read_text(folder_ / "output");
        result_ = nlohmann::json::parse(read_text(folder_ / "result.json"));
        RecordProperty("pooled_accuracy", std::to_string(accuracy()));
    }
    [[nodiscard]] double accuracy() const { return result_.at("pooled_accuracy").get<double>(); }

    TempDir folder_;
    nlohmann::json result_;
};

TEST_F(HeartDemo, LearnsUnderAttackAndSettles) {
    ASSERT_NO_FATAL_FAILURE(run({"--attack", "sign_flip"}));
    if (IsSkipped()) return;
    EXPECT_EQ(result_.at("rounds").size(), 15U);
    EXPECT_TRUE(result_.at("verified").get<bool>());
    EXPECT_GE(accuracy(), 0.77);
    for (const auto& site : result_.at("sites")) {
        const auto slashed = parse_amount(site.at("slashed").get<std::string>());
        FS_ASSERT_OK(slashed);
        if (site.at("attacker").get<bool>()) {
            EXPECT_GT(*slashed, 0) << site;
            EXPECT_EQ(site.at("reward"), "0") << site;
        } else {
            EXPECT_EQ(*slashed, 0) << site;
            EXPECT_NE(site.at("reward"), "0") << site;
        }
    }
}

TEST_F(HeartDemo, ThePlainMeanDoesNotLearnUnderAttack) {
    ASSERT_NO_FATAL_FAILURE(run({"--rule", "mean", "--no-exclusion"}));
    if (IsSkipped()) return;
    EXPECT_LE(accuracy(), 0.72);
}

}  // namespace
}  // namespace fedstake::testing
