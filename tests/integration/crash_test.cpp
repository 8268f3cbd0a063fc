// Processes killed without warning in the middle of a round.
#include <csignal>

#include <gtest/gtest.h>

#include "contracts/cpp/evm/anvil_process.hpp"
#include "tests/integration/program_output.hpp"
#include "tests/integration/running_federation.hpp"

namespace fedstake::testing {
namespace {

using namespace std::chrono_literals;
using Mode = demo::Federation::CoordinatorMode;

constexpr RoundNumber kHeldRound = 2;

std::size_t count_of(const std::string& text, const std::string& word) {
    std::size_t count = 0;
    for (auto at = text.find(word); at != std::string::npos; at = text.find(word, at + 1)) ++count;
    return count;
}

// Stops the last site's process as soon as round 1 is closed, so that round 2 stays open for it.
::testing::AssertionResult hold_round_open(RunningFederation& running) {
    demo::Process& last = running.parts().clients().back();
    if (!running.wait_for_event("round_closed", in_round(1))) {
        return ::testing::AssertionFailure() << "round 1 was not closed\n" << running.log();
    }
    last.signal(SIGSTOP);
    const std::size_t others = running.parts().sites().size() - 1;
    if (!wait_until([&] {
            return running.events("update_accepted", in_round(kHeldRound)).size() >= others;
        })) {
        return ::testing::AssertionFailure() << "no updates in round 2\n" << running.log();
    }
    return ::testing::AssertionSuccess();
}

TEST(CoordinatorKilledDuringCollection, SameRoundGoesOnAndEveryRoundIsCommittedOnce) {
    if (!evm::find_anvil()) GTEST_SKIP() << "needs anvil: run npm ci in contracts/";
    demo::Options options = small_options();
    options.chain = true;
    RunningFederation running(options);
    FS_ASSERT_OK(running.parts().found());
    FS_ASSERT_OK(running.start_rounds());
    ASSERT_TRUE(hold_round_open(running));
    if (!running.events("round_closed", in_round(kHeldRound)).empty()) {
        GTEST_SKIP() << "the last site was too fast to be held back";
    }

    running.parts().coordinator().signal(SIGKILL);
    ASSERT_EQ(running.parts().coordinator().wait_for(5s), 128 + SIGKILL);
    FS_ASSERT_OK(running.parts().start_coordinator(Mode::kRounds));
    ASSERT_TRUE(wait_until([&] { return running.events("started").size() == 2; })) << running.log();
    running.parts().clients().back().signal(SIGCONT);
    // The release of the model has tests of its own: here all rounds have to reach the chain.
    ASSERT_TRUE(
        wait_until([&] { return running.events("round_final").size() >= options.rounds; }, 60s))
        << running.log();

    EXPECT_TRUE(running.events("round_aborted").empty()) << "the same attempt has to go on";
    for (const demo::DemoSite& site : running.parts().sites()) {
        EXPECT_EQ(running.events("update_accepted", in_round_of(kHeldRound, site.name)).size(), 1U)
            << site.name << " was asked again for an update that it had a receipt for";
        const std::string log = read_text(running.parts().site_folder(site) / "run.log");
        EXPECT_EQ(count_of(log, "training for round 2"), 1U) << log;
    }
    const auto ledger = running.parts().read_ledger();
    FS_ASSERT_OK(ledger);
    const auto head = (*ledger)->committed_head();
    FS_ASSERT_OK(head);
    EXPECT_EQ(*head, options.rounds);
    for (RoundNumber round = 1; round <= options.rounds; ++round) {
        const std::string key = "commit/" + std::to_string(round);
        const auto done = running.events("intent_changed", [&](const auto& event) {
            return event.value("key", "") == key && event.value("state", "") == "done";
        });
        ASSERT_GE(done.size(), 1U) << key;
        for (const auto& event : done) EXPECT_EQ(event.at("tx"), done.front().at("tx")) << key;
        const auto on_chain = (*ledger)->committed(round);
        FS_ASSERT_OK(on_chain);
        const auto attested = running.events("round_attested", in_round(round));
        ASSERT_EQ(attested.size(), 1U);
        EXPECT_EQ(attested.front().at("commitment"), on_chain->hex());
    }
}

TEST(SiteKilledMidRound, QuorumAndDeadlineCloseTheRoundWithoutIt) {
    demo::Options options = small_options();
    options.collect_deadline_ms = 2'000;
    RunningFederation running(options);
    FS_ASSERT_OK(running.parts().found());
    FS_ASSERT_OK(running.start_rounds());
    ASSERT_TRUE(running.wait_for_event("round_attested", in_round(1))) << running.log();
    running.parts().clients().back().signal(SIGKILL);
    ASSERT_EQ(running.wait_for_end(60s), 0) << running.log();

    EXPECT_EQ(running.events("round_attested").size(), options.rounds);
    EXPECT_TRUE(running.events("round_aborted").empty());
    const auto last = running.events("round_closed", in_round(options.rounds));
    ASSERT_EQ(last.size(), 1U);
    EXPECT_EQ(last.front().at("why"), "deadline");
    ASSERT_EQ(last.front().at("missing").size(), 1U);
    EXPECT_EQ(last.front().at("missing").at(0).at("name"), running.parts().sites().back().name);
}

}  // namespace
}  // namespace fedstake::testing
