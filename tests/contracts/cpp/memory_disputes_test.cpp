// Disputes in the reference model.
#include "contracts/cpp/memory_disputes.hpp"

#include <gtest/gtest.h>

#include "tests/contracts/cpp/memory_world.hpp"

namespace fedstake::chain {
namespace {

using testing::MemoryWorld;
using testing::refusal;

constexpr Amount kAny = ~Amount{0};

// Three rounds; site 0 challenges.
class Disputed : public ::testing::Test {
protected:
    Disputed() {
        for (RoundNumber round = 1; round <= 3; ++round) EXPECT_TRUE(world.commit(round, 0));
    }
    crypto::RoundCommitment round(RoundNumber number) {
        return world.commitment(number, 0).commitment;
    }
    Amount tokens(const Address& who) { return world.chain->token().balance_of(who); }

    MemoryWorld world;
    MemoryDisputes& disputes = world.chain->disputes();
    const Address site = world.site(0);
};

TEST_F(Disputed, WhatIsHeldAndWhatFollowsDoesNotBecomeFinal) {
    ASSERT_TRUE(disputes.challenge(site, round(2), kAny));
    EXPECT_EQ(world.chain->rounds().held_round(), 2U);
    EXPECT_EQ(refusal(world.commit(4, 0)), "RoundDisputed");
    EXPECT_EQ(refusal(disputes.challenge(site, round(3), kAny)), "RoundDisputed");
    world.chain->advance(world.chain->options().challenge_window);
    EXPECT_TRUE(world.chain->is_final(1)) << "it lies before the disputed one";
    EXPECT_FALSE(world.chain->is_final(2));
    EXPECT_FALSE(world.chain->is_final(3));
    ASSERT_TRUE(disputes.resolve(world.governor(), round(2), false));
    EXPECT_TRUE(world.chain->is_final(3)) << "its window passed meanwhile";
    EXPECT_TRUE(world.commit(4, 0));
}

TEST_F(Disputed, ADismissedChallengePaysCoordinatorAndPool) {
    ASSERT_TRUE(disputes.challenge(site, round(2), kAny));
    EXPECT_EQ(refusal(disputes.resolve_by_panel(round(2), false,
                                                world.dispute_ruling(round(2), false, 0))),
              "NotOfThePanel")
        << "who signed the round does not judge it";
    EXPECT_EQ(refusal(disputes.resolve(world.council(), round(2), false)),
              "AccessManagedUnauthorized");
    ASSERT_TRUE(disputes.resolve_by_panel(round(2), false, world.dispute_ruling(round(2), false)));
    EXPECT_EQ(tokens(world.coordinator()), Amount{500});
    EXPECT_EQ(tokens(world.chain->options().slash_pool), Amount{501}) << "the odd wei";
    EXPECT_EQ(tokens(site), Amount{100'000 - 1'001});
    EXPECT_EQ(refusal(disputes.resolve(world.governor(), round(2), false)), "NotDisputed");
}

TEST_F(Disputed, AnUpheldChallengeVoidsAndIsRepaid) {
    ASSERT_TRUE(disputes.challenge(site, round(2), kAny));
    ASSERT_TRUE(disputes.resolve_by_panel(round(2), true, world.dispute_ruling(round(2), true)));
    EXPECT_EQ(world.chain->head(), 1U);
    EXPECT_EQ(world.chain->rounds().held_round(), 0U);
    EXPECT_EQ(tokens(site), Amount{100'000});
}

TEST_F(Disputed, WhereNobodyDecidesTheRoundIsVoided) {
    ASSERT_TRUE(disputes.challenge(site, round(2), kAny));
    world.chain->advance(world.chain->options().resolution);
    EXPECT_EQ(refusal(disputes.expire(round(2))), "DeadlineNotPassed");
    world.chain->advance(1);
    EXPECT_EQ(refusal(disputes.resolve(world.governor(), round(2), true)), "DeadlinePassed");
    EXPECT_EQ(refusal(disputes.expire(round(3))), "NotDisputed");
    ASSERT_TRUE(disputes.expire(round(2)));
    EXPECT_EQ(world.chain->head(), 1U);
    EXPECT_EQ(tokens(site), Amount{100'000});
}

TEST_F(Disputed, AProofOrTheCouncilOverridesADispute) {
    ASSERT_TRUE(disputes.challenge(site, round(2), kAny));
    const Digest commitment = round(2).struct_hash();
    EXPECT_EQ(refusal(disputes.settle_voided(commitment)), "RoundNotVoided");
    ASSERT_TRUE(world.chain->convictions().convict(world.site(1), RoundFault::kBadModel, round(2)));
    EXPECT_EQ(world.chain->rounds().held_round(), 0U);
    ASSERT_TRUE(world.commit(2, 9)) << "the next attempt need not wait";
    EXPECT_EQ(refusal(disputes.resolve(world.governor(), round(2), true)), "CommitmentMismatch");
    EXPECT_EQ(refusal(disputes.resolve(world.governor(), round(2), false)), "RoundIsVoided");
    world.chain->advance(world.chain->options().resolution + 1);
    EXPECT_EQ(refusal(disputes.expire(round(2))), "CommitmentMismatch");
    ASSERT_TRUE(disputes.settle_voided(commitment));
    EXPECT_EQ(tokens(site), Amount{100'000});
    EXPECT_EQ(refusal(disputes.settle_voided(commitment)), "NotDisputed") << "once";
}

TEST_F(Disputed, AVoidAboveLeavesTheDisputeAlone) {
    ASSERT_TRUE(disputes.challenge(site, round(2), kAny));
    ASSERT_TRUE(world.chain->void_round(world.council(), round(3)));
    EXPECT_EQ(world.chain->rounds().held_round(), 2U);
    EXPECT_EQ(refusal(world.commit(3, 1)), "RoundDisputed");
}

TEST_F(Disputed, TheBondDoublesWithEachChallengeOfARound) {
    for (Amount bond = 1'001; bond <= 4 * 1'001; bond *= 2) {
        EXPECT_EQ(*disputes.bond_for(2), bond);
        EXPECT_EQ(refusal(disputes.challenge(site, round(2), bond - 1)), "BondTooHigh");
        ASSERT_TRUE(disputes.challenge(site, round(2), bond));
        ASSERT_TRUE(disputes.resolve(world.governor(), round(2), false));
    }
    EXPECT_EQ(*disputes.bond_for(3), Amount{1'001});
    EXPECT_EQ(refusal(disputes.set_bond(world.site(0), 5)), "AccessManagedUnauthorized");
    EXPECT_EQ(refusal(disputes.set_bond(world.governor(), 0)), "ZeroBond");
    ASSERT_TRUE(disputes.set_bond(world.governor(), kAny));
    EXPECT_EQ(refusal(disputes.challenge(site, round(2), kAny)), "SafeCastOverflowedUintDowncast");
}

TEST_F(Disputed, ARulingDecidesOneDispute) {
    ASSERT_TRUE(disputes.challenge(site, round(2), kAny));
    EXPECT_EQ(disputes.challenges_of(2), 1U);
    const auto ruling = world.dispute_ruling(round(2), false);
    ASSERT_TRUE(disputes.resolve_by_panel(round(2), false, ruling));
    ASSERT_TRUE(disputes.challenge(site, round(2), kAny));
    EXPECT_EQ(refusal(disputes.resolve_by_panel(round(2), false, ruling)), "NotSignedByAuditor")
        << "it was about the first one";
    EXPECT_TRUE(disputes.resolve_by_panel(round(2), false, world.dispute_ruling(round(2), false)));
}

TEST_F(Disputed, BondsThatTheTokenRefusesWait) {
    ASSERT_TRUE(disputes.challenge(site, round(2), kAny));
    world.chain->token().set_refused(world.coordinator(), true);
    ASSERT_TRUE(disputes.resolve(world.governor(), round(2), false));
    EXPECT_EQ(world.chain->rounds().held_round(), 0U) << "nobody can keep a dispute open";
    EXPECT_EQ(disputes.credit_of(world.coordinator()), Amount{500});
    EXPECT_EQ(disputes.credit_of(world.chain->options().slash_pool), Amount{0});
    world.chain->token().set_refused(world.coordinator(), false);
    ASSERT_TRUE(disputes.withdraw_bond(world.coordinator()));
    EXPECT_EQ(tokens(world.coordinator()), Amount{500});
}

TEST_F(Disputed, ARefusedChallengeHoldsNothingBack) {
    EXPECT_EQ(refusal(disputes.challenge(testing::label_address("pauper"), round(2), kAny)),
              "ERC20InsufficientBalance");
    EXPECT_EQ(world.chain->rounds().held_round(), 0U);
    EXPECT_EQ(*disputes.bond_for(2), Amount{1'001});
    EXPECT_EQ(refusal(disputes.challenge(site, world.commitment(2, 5).commitment, kAny)),
              "CommitmentMismatch");
    world.chain->advance(world.chain->options().challenge_window);
    EXPECT_EQ(refusal(disputes.challenge(site, round(2), kAny)), "RoundIsFinal");
    EXPECT_EQ(tokens(site), Amount{100'000});
}

}  // namespace
}  // namespace fedstake::chain
