// A rule that keeps vectors from round to round, signals that look back, and a crash in between:
// what rounds leave for each other is durable, served to auditors, and part of what they sign.
#include <csignal>

#include <gtest/gtest.h>

#include "coordinator/store/blob_store.hpp"
#include "proto/base/exit_code.hpp"
#include "tests/integration/program_output.hpp"
#include "tests/integration/running_federation.hpp"

namespace fedstake::testing {
namespace {

using namespace std::chrono_literals;
using Mode = demo::Federation::CoordinatorMode;

class RuleWithMemory : public ::testing::Test {
protected:
    void SetUp() override {
        demo::Options options = small_options();
        options.rounds = 3;
        options.rule = "foolsgold";
        running_ = std::make_unique<RunningFederation>(options);
        FS_ASSERT_OK(running_->parts().found());
        FS_ASSERT_OK(running_->start_rounds());
        ASSERT_TRUE(running_->wait_for_event("round_attested", in_round(1))) << running_->log();
        running_->parts().coordinator().signal(SIGKILL);
        ASSERT_EQ(running_->parts().coordinator().wait_for(5s), 128 + SIGKILL);
        FS_ASSERT_OK(running_->parts().start_coordinator(Mode::kRounds));
        ASSERT_EQ(running_->wait_for_end(), 0) << running_->log();
    }

    // By an auditor that has only its keys: everything is fetched again.
    ProgramOutput verify(RoundNumber round) {
        demo::Federation& parts = running_->parts();
        const Status started = parts.start_coordinator(Mode::kServe);
        if (!started) return {.exit_code = -1, .text = started.error().message};
        ProgramOutput output = run_program(
            "fedstake-client",
            {"verify", "--config", (parts.site_folder(parts.sites()[0]) / "client.toml").string(),
             "--round", std::to_string(round), "--timeout-s", "20"});
        parts.coordinator().stop();
        return output;
    }

    std::unique_ptr<RunningFederation> running_;
};

TEST_F(RuleWithMemory, SurvivesACrashAndEveryRoundIsVerified) {
    EXPECT_TRUE(running_->events("round_aborted").empty()) << running_->log();
    for (RoundNumber round = 1; round <= 3; ++round) {
        const ProgramOutput output = verify(round);
        EXPECT_EQ(output.exit_code, 0) << output.text;
        EXPECT_NE(output.text.find("ok        previous state"), std::string::npos) << output.text;
    }
}

TEST_F(RuleWithMemory, DamagedStateIsNamed) {
    const auto last = running_->events("round_attested", in_round(2));
    ASSERT_EQ(last.size(), 1U);
    const auto root = Digest::parse(last.front().at("state").get<std::string>());
    ASSERT_TRUE(root);
    const auto blobs = store::BlobStore::open(running_->parts().coordinator_folder() / "data");
    FS_ASSERT_OK(blobs);
    const std::filesystem::path path = (*blobs)->path_of(*root);
    std::string bytes = read_text(path);
    ASSERT_FALSE(bytes.empty()) << path;
    bytes[bytes.size() / 2] = static_cast<char>(bytes[bytes.size() / 2] ^ 1);
    std::filesystem::permissions(path, std::filesystem::perms::owner_write,
                                 std::filesystem::perm_options::add);
    write_text(path, bytes);
    const ProgramOutput output = verify(3);
    EXPECT_EQ(output.exit_code, exit_code(ExitCode::kCorrupt)) << output.text;
    EXPECT_NE(output.text.find(root->hex()), std::string::npos) << output.text;
}

}  // namespace
}  // namespace fedstake::testing
