// The chain node hangs, dies and comes back with an older state, or takes blocks back. Training
// goes on, and every round is committed once.
#include <csignal>
#include <filesystem>

#include <gtest/gtest.h>

#include "contracts/cpp/evm/anvil_process.hpp"
#include "tests/integration/chain_view.hpp"
#include "tests/integration/program_output.hpp"
#include "tests/integration/running_federation.hpp"

namespace fedstake::testing {
namespace {

using namespace std::chrono_literals;

constexpr std::uint64_t kConfirmations = 12;  // what programs wait for on public chains

class ChainFault : public ::testing::Test {
protected:
    void found(std::uint32_t rounds, std::uint64_t confirmations) {
        if (!evm::find_anvil()) GTEST_SKIP() << "needs anvil: run npm ci in contracts/";
        demo::Options options = small_options();
        options.rounds = rounds_ = rounds;
        options.chain = true;
        options.chain_remembers = true;
        running_ = std::make_unique<RunningFederation>(options);
        FS_ASSERT_OK(parts().found());
        const auto config = parts().coordinator_folder() / "coordinator.toml";
        std::string text = read_text(config);
        const auto poll = text.find("poll_ms");
        ASSERT_NE(poll, std::string::npos) << text;
        write_text(config,
                   text.insert(poll, "confirmations = " + std::to_string(confirmations) + "\n"));
        auto chain = ChainView::open(parts());
        FS_ASSERT_OK(chain);
        chain_ = *std::move(chain);
    }

    demo::Federation& parts() { return running_->parts(); }

    static std::string commit_key(RoundNumber round) { return "commit/" + std::to_string(round); }

    std::vector<RunningFederation::Event> commits(RoundNumber round, const std::string& state) {
        return running_->events("intent_changed", [&](const auto& event) {
            return event.value("key", "") == commit_key(round) && event.value("state", "") == state;
        });
    }
    bool wait_for_commit(RoundNumber round, const std::string& state) {
        return wait_until([&] { return !commits(round, state).empty(); });
    }

    // Blocks are cheap here: confirmations should not cost the test seconds.
    bool mine_until_final() {
        return wait_until(
            [&] {
                if (!chain_->mine(1)) return false;
                return running_->events("round_final").size() >= rounds_;
            },
            60s);
    }

    // The chain has each round once, in the coordinator's words and in its own.
    void expect_each_round_once() {
        EXPECT_EQ(chain_->head(), rounds_);
        for (RoundNumber round = 1; round <= rounds_; ++round) {
            const auto attested = running_->events("round_attested", in_round(round));
            ASSERT_EQ(attested.size(), 1U);
            EXPECT_EQ(attested.front().at("commitment"), chain_->committed(round).hex());
            ASSERT_EQ(commits(round, "done").size(), 1U) << commit_key(round);
        }
        EXPECT_EQ(chain_->count_events(chain_->at().round_manager, chain_->abis().round_manager,
                                       "RoundCommitted"),
                  rounds_);
        const auto sent = running_->events("intent_changed", [](const auto& event) {
            return event.value("state", "") == "done" && event.value("tx", "") != "";
        });
        EXPECT_EQ(chain_->transactions_of(parts().manifest().coordinator), sent.size());
    }

    // The coordinator saw that a transaction which it had seen mined was there no more.
    void expect_taken_back(RoundNumber round) {
        const std::string log = read_text(running_->folder() / "coordinator.log");
        const std::string words = "transaction left the chain key=" + commit_key(round) + " ";
        EXPECT_NE(log.find(words), std::string::npos) << log;
    }

    std::uint32_t rounds_ = 0;
    std::unique_ptr<RunningFederation> running_;
    std::unique_ptr<ChainView> chain_;
};

TEST_F(ChainFault, AHangingNodeDelaysSettlementsOnly) {
    ASSERT_NO_FATAL_FAILURE(found(5, 1));
    if (IsSkipped()) return;
    FS_ASSERT_OK(running_->start_rounds());
    ASSERT_TRUE(wait_for_commit(1, "done")) << running_->log();
    ::kill(parts().chain().pid(), SIGSTOP);
    const bool trained = running_->wait_for_event("round_attested", in_round(5));
    ::kill(parts().chain().pid(), SIGCONT);
    ASSERT_TRUE(trained) << "training waits for the chain\n" << running_->log();
    ASSERT_TRUE(mine_until_final()) << running_->log();
    EXPECT_EQ(running_->wait_for_end(), 0) << running_->log();
    expect_each_round_once();
}

// What the node keeps of all that has happened so far; it writes it every second.
std::string state_from_now(const std::filesystem::path& file) {
    const auto now = std::filesystem::file_time_type::clock::now() + 1s;
    std::string text;
    (void)wait_until([&] {
        std::error_code missing;
        if (std::filesystem::last_write_time(file, missing) < now) return false;
        text = read_text(file);
        return nlohmann::json::accept(text);
    });
    return text;
}

TEST_F(ChainFault, ANodeThatDiesAndComesBackWithAnOlderStateGetsTheLostRoundsAgain) {
    ASSERT_NO_FATAL_FAILURE(found(4, kConfirmations));
    if (IsSkipped()) return;
    const auto state_file = running_->folder() / "chain.json";
    const std::string before = state_from_now(state_file);
    ASSERT_FALSE(before.empty());
    FS_ASSERT_OK(running_->start_rounds());
    ASSERT_TRUE(wait_for_commit(2, "mined")) << running_->log();
    ::kill(parts().chain().pid(), SIGKILL);
    parts().stop_chain();
    write_text(state_file, before);  // what it had before the first round
    FS_ASSERT_OK(parts().start_chain());
    ASSERT_TRUE(mine_until_final()) << running_->log();
    EXPECT_EQ(running_->wait_for_end(), 0) << running_->log();
    expect_each_round_once();
    expect_taken_back(1);
}

TEST_F(ChainFault, AReorganisationTakesCommitmentsBackAndTheyAreSentAgain) {
    ASSERT_NO_FATAL_FAILURE(found(4, kConfirmations));
    if (IsSkipped()) return;
    const auto snapshot = chain_->node().raw("evm_snapshot", evm::Json::array());
    FS_ASSERT_OK(snapshot);
    FS_ASSERT_OK(running_->start_rounds());
    ASSERT_TRUE(wait_for_commit(2, "mined")) << running_->log();
    const auto reverted = chain_->node().raw("evm_revert", evm::Json::array({*snapshot}));
    FS_ASSERT_OK(reverted);
    ASSERT_TRUE(mine_until_final()) << running_->log();
    EXPECT_EQ(running_->wait_for_end(), 0) << running_->log();
    expect_each_round_once();
    expect_taken_back(1);
    expect_taken_back(2);
}

}  // namespace
}  // namespace fedstake::testing
