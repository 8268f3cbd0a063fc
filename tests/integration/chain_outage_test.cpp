// The chain node goes away for some rounds and comes back.
#include <gtest/gtest.h>

#include "contracts/cpp/evm/anvil_process.hpp"
#include "tests/integration/running_federation.hpp"

namespace fedstake::testing {
namespace {

using namespace std::chrono_literals;

TEST(ChainNodeStopped, TrainingGoesOnAndSettlementsPostAfterwardsOnceEach) {
    if (!evm::find_anvil()) GTEST_SKIP() << "needs anvil: run npm ci in contracts/";
    demo::Options options = small_options();
    options.rounds = 5;
    options.chain = true;
    options.chain_remembers = true;
    RunningFederation running(options);
    FS_ASSERT_OK(running.parts().found());
    FS_ASSERT_OK(running.start_rounds());
    ASSERT_TRUE(running.wait_for_event("round_attested", in_round(1))) << running.log();
    running.parts().stop_chain();
    const std::size_t posted_before =
        running
            .events("intent_changed",
                    [](const auto& event) { return event.value("state", "") == "done"; })
            .size();
    ASSERT_TRUE(running.wait_for_event("round_attested", in_round(5)))
        << "training waits for the chain\n"
        << running.log();
    ASSERT_LE(posted_before, 2U) << "the node was stopped too late for this test";

    FS_ASSERT_OK(running.parts().start_chain());
    ASSERT_TRUE(
        wait_until([&] { return running.events("round_final").size() >= options.rounds; }, 50s))
        << running.log();
    const auto ledger = running.parts().read_ledger();
    FS_ASSERT_OK(ledger);
    EXPECT_EQ((*ledger)->committed_head().value_or(0), options.rounds);
    for (RoundNumber round = 1; round <= options.rounds; ++round) {
        const std::string key = "commit/" + std::to_string(round);
        EXPECT_EQ(running
                      .events("intent_changed",
                              [&](const auto& event) {
                                  return event.value("key", "") == key &&
                                         event.value("state", "") == "done";
                              })
                      .size(),
                  1U)
            << key;
    }
}

}  // namespace
}  // namespace fedstake::testing
