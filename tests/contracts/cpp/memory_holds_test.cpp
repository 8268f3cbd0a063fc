// What keeps rounds from becoming final, in the reference model: windows that the council extends,
// and the roles of those who hold rounds back.
#include <gtest/gtest.h>

#include "contracts/cpp/memory_rounds.hpp"
#include "tests/contracts/cpp/memory_world.hpp"

namespace fedstake::chain {
namespace {

using testing::MemoryWorld;
using testing::refusal;

// Rounds 1 to 3, an hour apart.
class Held : public ::testing::Test {
protected:
    Held() {
        for (RoundNumber round = 1; round <= 3; ++round) {
            EXPECT_TRUE(world.commit(round, 0));
            world.chain->advance(3'600);
        }
    }
    MemoryRounds::Slot slot(RoundNumber round) { return rounds.slot_of(round); }
    crypto::RoundCommitment round(RoundNumber number) {
        return world.commitment(number, 0).commitment;
    }
    Status extend(RoundNumber number, std::uint64_t until) {
        return rounds.extend_window(world.council(), number, until);
    }

    MemoryWorld world;
    MemoryRounds& rounds = world.chain->rounds();
    const Address demands = world.chain->demands().address();
};

TEST_F(Held, AnExtensionMovesTheWindowsThatWouldEndBefore) {
    const std::uint64_t third = slot(3).window_end;
    const std::uint64_t until = slot(2).window_end + 1'800;
    ASSERT_TRUE(extend(1, until));
    EXPECT_EQ(slot(1).window_end, until);
    EXPECT_EQ(slot(2).window_end, until);
    EXPECT_EQ(slot(3).window_end, third) << "it ends later anyway";
    EXPECT_EQ(slot(2).final_at, until);
    world.chain->set_time(until - 1);
    EXPECT_FALSE(rounds.is_final(1));
    world.chain->advance(1);
    EXPECT_TRUE(rounds.is_final(2));
}

TEST_F(Held, AnExtensionIsGivenOnce) {
    const std::uint64_t until = slot(1).window_end + 2 * 3'600;
    ASSERT_TRUE(extend(1, until));
    EXPECT_EQ(refusal(extend(1, until + 1)), "AlreadyExtended");
    EXPECT_EQ(refusal(extend(2, until + 1)), "AlreadyExtended") << "it was moved along";
    EXPECT_EQ(slot(3).window_end, until) << "it ended just then";
    ASSERT_TRUE(extend(3, until + 1)) << "but had not been moved";
    // A round that takes its parent's window takes over that it was extended.
    ASSERT_TRUE(rounds.open_epoch(
        world.governor(), {world.coordinator(), 2, 10, Digest{}, world.chain->options().auditors}));
    ASSERT_TRUE(world.commit(4, 0));
    EXPECT_EQ(slot(4).window_end, until + 1);
    EXPECT_EQ(refusal(extend(4, until + 2)), "AlreadyExtended");
}

TEST_F(Held, AnExtensionHasALatestDay) {
    const std::uint64_t end = slot(3).window_end;
    // Here the windows of the vault leave less than 72 hours.
    const VaultWindows& w = world.chain->vault().windows();
    const std::uint64_t most = w.unbonding - w.challenge - w.evidence_age * 11 / 10;
    ASSERT_LT(most, 72ULL * 3'600 + 1);
    EXPECT_EQ(refusal(extend(3, end)), "ExtensionOutOfRange");
    EXPECT_EQ(refusal(extend(3, end + most + 1)), "ExtensionOutOfRange");
    EXPECT_EQ(refusal(rounds.extend_window(world.governor(), 3, end + most)),
              "AccessManagedUnauthorized");
    EXPECT_EQ(refusal(extend(0, end + most)), "CommitmentMismatch");
    EXPECT_EQ(refusal(extend(4, end + most)), "CommitmentMismatch");
    ASSERT_TRUE(extend(3, end + most));
    world.chain->set_time(slot(2).window_end);
    EXPECT_EQ(refusal(extend(2, end)), "WindowPassed");
}

TEST_F(Held, AnExtensionIsAtMostThreeDays) {
    VaultWindows w = world.chain->vault().windows();
    w.unbonding *= 3;
    ASSERT_TRUE(world.chain->vault().set_windows(world.governor(), w));
    const std::uint64_t end = slot(3).window_end;
    EXPECT_EQ(refusal(extend(3, end + 72 * 3'600 + 1)), "ExtensionOutOfRange");
    EXPECT_TRUE(extend(3, end + 72 * 3'600));
}

TEST_F(Held, GraceRunsOnWhereItReachesBeyondAnExtension) {
    ASSERT_TRUE(rounds.demand_round(demands, round(1)));
    const std::uint64_t end = slot(1).window_end;
    ASSERT_TRUE(rounds.settle_demand(demands, 1, end + 50'000));
    ASSERT_TRUE(extend(1, end + 20'000));
    EXPECT_EQ(slot(1).window_end, end + 20'000);
    EXPECT_EQ(slot(1).final_at, end + 50'000);
    ASSERT_TRUE(world.commit(4, 0));
    EXPECT_EQ(slot(4).final_at, end + 50'000) << "never before its parent";
    EXPECT_LT(slot(4).window_end, slot(4).final_at);
}

TEST_F(Held, DemandsAreOfRoundsInsideTheirWindow) {
    EXPECT_EQ(refusal(rounds.demand_round(world.council(), round(1))), "AccessManagedUnauthorized");
    ASSERT_TRUE(rounds.demand_round(demands, round(2)));
    EXPECT_EQ(refusal(rounds.demand_round(demands, round(2))), "RoundDemanded");
    EXPECT_EQ(refusal(rounds.settle_demand(demands, 1, 0)), "NothingDemanded");
    EXPECT_EQ(refusal(rounds.settle_demand(demands, 0, 0)), "NothingDemanded");
    EXPECT_EQ(refusal(rounds.settle_demand(world.council(), 2, 0)), "AccessManagedUnauthorized");
    const std::uint64_t end = slot(2).window_end;
    EXPECT_EQ(refusal(rounds.settle_demand(demands, 2, end + (1ULL << 24U))),
              "SafeCastOverflowedUintDowncast");
    EXPECT_EQ(rounds.demanded_round(), 2U) << "a refused call changes nothing";
    ASSERT_TRUE(rounds.settle_demand(demands, 2, end));
    EXPECT_EQ(slot(2).final_at, end) << "an early answer costs no time";
}

TEST_F(Held, ADemandKeepsTheRingFromGoingOn) {
    ASSERT_TRUE(rounds.demand_round(demands, round(2)));
    world.chain->set_time(slot(3).window_end);
    for (RoundNumber number = 4; number <= 64; ++number) ASSERT_TRUE(world.commit(number, 0));
    EXPECT_EQ(refusal(world.commit(65, 0)), "RingFull");
    ASSERT_TRUE(rounds.settle_demand(demands, 2, 0));
    EXPECT_TRUE(world.commit(65, 0));
}

TEST_F(Held, DisputesAndDemandsHoldBackSideBySide) {
    ASSERT_TRUE(rounds.demand_round(demands, round(3)));
    ASSERT_TRUE(rounds.hold_round(world.chain->disputes().address(), round(2)));
    world.chain->set_time(slot(3).window_end);
    EXPECT_TRUE(rounds.is_final(1));
    ASSERT_TRUE(rounds.release_round(world.chain->disputes().address()));
    EXPECT_TRUE(rounds.is_final(2));
    EXPECT_FALSE(rounds.is_final(3)) << "the demand is open";
    ASSERT_EQ(rounds.open_rounds().size(), 1U);
    EXPECT_EQ(rounds.open_rounds()[0].round, 3U);
}

}  // namespace
}  // namespace fedstake::chain
