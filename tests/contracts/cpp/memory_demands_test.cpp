// Demands for the leaves of a round in the reference model.
#include "contracts/cpp/memory_demands.hpp"

#include <gtest/gtest.h>

#include "proto/crypto/keccak_tree.hpp"
#include "proto/crypto/sha256.hpp"
#include "tests/contracts/cpp/memory_world.hpp"

namespace fedstake::chain {
namespace {

using testing::label;
using testing::MemoryWorld;
using testing::refusal;

constexpr Amount kAny = ~Amount{0};

// Three rounds with documents; site 0 demands.
class Demanded : public ::testing::Test {
protected:
    Demanded() {
        for (RoundNumber number = 1; number <= 3; ++number) {
            LeafAnswer made{world.commitment(number, 0).commitment,
                            {label("a leaf"), label("another leaf")},
                            Bytes{1, 2, 3},
                            Bytes{4, 5}};
            made.commitment.updates_root = crypto::keccak_root(made.leaves);
            made.commitment.report_digest = crypto::sha256(made.report);
            made.commitment.context_digest = crypto::sha256(made.context);
            EXPECT_TRUE(world.chain->commit_round(
                world.coordinator(),
                {made.commitment, world.audit(made.commitment.struct_hash())}));
            rounds.push_back(made);
        }
        EXPECT_TRUE(world.chain->token().mint(world.coordinator(), 10'000));
        EXPECT_TRUE(world.chain->vault().stake(world.coordinator(), 10'000));
    }
    const LeafAnswer& round(RoundNumber number) const { return rounds[number - 1]; }
    const crypto::RoundCommitment& commitment(RoundNumber number) const {
        return round(number).commitment;
    }
    MemoryDemands::Demand demand_of(RoundNumber number) {
        return demands.demand_of(commitment(number).struct_hash());
    }
    Amount tokens(const Address& who) { return world.chain->token().balance_of(who); }
    std::uint64_t window_end(RoundNumber number) {
        return world.chain->rounds().slot_of(number).window_end;
    }

    MemoryWorld world;
    MemoryDemands& demands = world.chain->demands();
    const Address site = world.site(0);
    const Amount bond = demands.terms().bond;
    const std::uint64_t answer_time = demands.terms().answer_time;
    std::vector<LeafAnswer> rounds;
};

TEST_F(Demanded, WhatIsDemandedAndWhatFollowsDoesNotBecomeFinal) {
    ASSERT_TRUE(demands.demand_leaves(site, commitment(2), bond));
    EXPECT_EQ(tokens(site), 100'000 - bond);
    EXPECT_EQ(world.chain->rounds().demanded_round(), 2U);
    EXPECT_EQ(demand_of(2).demander, site);
    EXPECT_EQ(demand_of(2).deadline, world.chain->now() + answer_time);
    world.chain->set_time(window_end(3));
    EXPECT_TRUE(world.chain->is_final(1));
    EXPECT_FALSE(world.chain->is_final(2));
    EXPECT_FALSE(world.chain->is_final(3));
    EXPECT_TRUE(world.commit(4, 0)) << "a demand stops nothing but finality";
}

TEST_F(Demanded, AnAnswerPaysTheCoordinatorAndLeavesTimeForProofs) {
    ASSERT_TRUE(demands.demand_leaves(site, commitment(2), bond));
    world.chain->advance(answer_time);
    ASSERT_TRUE(demands.answer_demand(round(2)));
    EXPECT_EQ(demand_of(2).state, DemandState::kAnswered);
    EXPECT_EQ(tokens(world.coordinator()), bond);
    EXPECT_EQ(world.chain->rounds().demanded_round(), 0U);
    const std::uint64_t final_at = world.chain->now() + answer_time;
    EXPECT_EQ(world.chain->rounds().slot_of(2).final_at, final_at);
    EXPECT_EQ(world.chain->rounds().slot_of(3).final_at, final_at) << "it follows";
    EXPECT_EQ(world.chain->rounds().slot_of(1).final_at, window_end(1)) << "it does not";
    world.chain->set_time(final_at - 1);
    EXPECT_FALSE(world.chain->is_final(2));
    world.chain->advance(1);
    EXPECT_TRUE(world.chain->is_final(3));
    EXPECT_TRUE(demands.unanswered().empty());
    EXPECT_EQ(refusal(demands.answer_demand(round(2))), "NoOpenDemand");
    EXPECT_EQ(refusal(demands.demand_leaves(site, commitment(2), bond)), "DemandedBefore");
}

TEST_F(Demanded, AnAnswerHasToBeWholeAndInTime) {
    EXPECT_EQ(refusal(demands.answer_demand(round(2))), "NoOpenDemand");
    ASSERT_TRUE(demands.demand_leaves(site, commitment(2), bond));
    LeafAnswer bad = round(2);
    bad.leaves.pop_back();
    EXPECT_EQ(refusal(demands.answer_demand(bad)), "NotTheUpdates");
    bad = round(2);
    bad.report.push_back(0);
    EXPECT_EQ(refusal(demands.answer_demand(bad)), "DigestMismatch");
    bad = round(2);
    bad.context.clear();
    EXPECT_EQ(refusal(demands.answer_demand(bad)), "DigestMismatch");
    world.chain->advance(answer_time + 1);
    EXPECT_EQ(refusal(demands.answer_demand(round(2))), "DeadlinePassed");
}

TEST_F(Demanded, WhereNobodyAnswersTheCoordinatorIsSlashedAndTheBondComesBack) {
    ASSERT_TRUE(demands.demand_leaves(site, commitment(2), bond));
    world.chain->advance(answer_time);
    EXPECT_EQ(refusal(demands.expire_demand(commitment(2))), "DeadlineNotPassed");
    world.chain->advance(1);
    EXPECT_EQ(refusal(demands.expire_demand(commitment(1))), "NoOpenDemand");
    ASSERT_TRUE(demands.expire_demand(commitment(2)));
    EXPECT_EQ(demand_of(2).state, DemandState::kExpired);
    EXPECT_EQ(world.chain->head(), 1U);
    EXPECT_EQ(world.chain->vault().account(world.coordinator()).stake, Amount{5'000});
    EXPECT_EQ(world.chain->vault().slash_pool_balance(), Amount{5'000}) << "nobody has a share";
    EXPECT_EQ(tokens(site), Amount{100'000});
    EXPECT_FALSE(world.chain->vault().account(world.coordinator()).jailed);
}

TEST_F(Demanded, TheOwnerOfTheCoordinatorsKeyAnswers) {
    const auto key = *crypto::SigningKey::from_secret(label("a coordinator").bytes);
    ASSERT_TRUE(world.chain->rounds().open_epoch(
        world.governor(), {key.address(), 2, 100, Digest{}, world.chain->options().auditors}));
    ASSERT_TRUE(world.chain->vault().set_signer(world.site(2), key.address()));
    ASSERT_TRUE(world.chain->vault().stake(world.site(2), 1'000));
    const CommitRound fourth = world.commitment(4, 0);
    ASSERT_TRUE(world.chain->commit_round(key.address(), fourth));
    ASSERT_TRUE(demands.demand_leaves(site, fourth.commitment, bond));
    ASSERT_TRUE(world.chain->rounds().open_epoch(
        world.governor(),
        {world.coordinator(), 2, 100, Digest{}, world.chain->options().auditors}));
    world.chain->advance(answer_time + 1);
    ASSERT_TRUE(demands.expire_demand(fourth.commitment));
    EXPECT_EQ(world.chain->vault().account(world.site(2)).stake, Amount{500});
}

TEST_F(Demanded, AVoidOverridesADemand) {
    ASSERT_TRUE(demands.demand_leaves(site, commitment(2), bond));
    ASSERT_TRUE(demands.demand_leaves(site, commitment(3), bond));
    const Digest third = commitment(3).struct_hash();
    EXPECT_EQ(refusal(demands.settle_voided(third)), "RoundNotVoided");
    ASSERT_TRUE(world.chain->void_round(world.council(), commitment(3)));
    EXPECT_EQ(world.chain->rounds().demanded_round(), 2U) << "the other one stays";
    EXPECT_EQ(demands.unanswered(),
              (std::map<RoundNumber, Digest>{{2, commitment(2).struct_hash()}}));
    EXPECT_EQ(refusal(demands.answer_demand(round(3))), "RoundIsVoided");
    world.chain->advance(answer_time + 1);
    EXPECT_EQ(refusal(demands.expire_demand(commitment(3))), "EarlierDemandOpen");
    ASSERT_TRUE(demands.settle_voided(third)) << "that waits for no other demand";
    EXPECT_EQ(demands.demand_of(third).state, DemandState::kOverridden);
    EXPECT_EQ(tokens(site), 100'000 - bond);
    EXPECT_EQ(refusal(demands.settle_voided(third)), "NoOpenDemand") << "once";
    ASSERT_TRUE(world.chain->void_round(world.council(), commitment(2))) << "it cannot be final";
    EXPECT_EQ(world.chain->rounds().demanded_round(), 0U);
}

TEST_F(Demanded, TheEarliestOfSeveralHoldsBack) {
    ASSERT_TRUE(demands.demand_leaves(site, commitment(3), bond));
    ASSERT_TRUE(demands.demand_leaves(site, commitment(1), bond));
    EXPECT_EQ(world.chain->rounds().demanded_round(), 1U);
    ASSERT_TRUE(demands.answer_demand(round(1)));
    EXPECT_EQ(world.chain->rounds().demanded_round(), 3U);
    ASSERT_TRUE(demands.answer_demand(round(3)));
    EXPECT_EQ(world.chain->rounds().demanded_round(), 0U);
}

TEST_F(Demanded, OfSeveralThatRanOutTheEarliestExpiresFirst) {
    ASSERT_TRUE(demands.demand_leaves(site, commitment(3), bond));
    ASSERT_TRUE(demands.demand_leaves(site, commitment(2), bond));
    EXPECT_EQ(refusal(demands.expire_demand(commitment(3))), "DeadlineNotPassed");
    world.chain->advance(answer_time + 1);
    const auto refused = demands.expire_demand(commitment(3));
    EXPECT_EQ(refusal(refused), "EarlierDemandOpen");
    EXPECT_EQ(refusal_values(refused.error()), "3, 2");
    EXPECT_EQ(demand_of(3).state, DemandState::kOpen);
    ASSERT_TRUE(demands.expire_demand(commitment(2)));
    const Amount left = world.chain->vault().account(world.coordinator()).stake;
    EXPECT_LT(left, Amount{10'000});
    EXPECT_EQ(refusal(demands.expire_demand(commitment(3))), "CommitmentMismatch");
    ASSERT_TRUE(demands.settle_voided(commitment(3).struct_hash()));
    EXPECT_EQ(world.chain->vault().account(world.coordinator()).stake, left) << "one outage";
}

TEST_F(Demanded, AnAnswerLeavesTheTimeOfItsOwnTerms) {
    ASSERT_TRUE(demands.demand_leaves(site, commitment(3), kAny));
    EXPECT_EQ(demand_of(3).answer_time, answer_time);
    ASSERT_TRUE(demands.set_terms(world.governor(), {bond, 1, 1}));
    world.chain->set_time(window_end(3) - 1);
    ASSERT_TRUE(demands.answer_demand(round(3)));
    EXPECT_EQ(world.chain->rounds().slot_of(3).final_at, world.chain->now() + answer_time);
}

TEST_F(Demanded, ADemandNeedsABondATimeAndAnOpenWindow) {
    EXPECT_EQ(refusal(demands.demand_leaves(site, commitment(2), bond - 1)), "BondTooHigh");
    EXPECT_EQ(refusal(demands.demand_leaves(testing::label_address("pauper"), commitment(2), kAny)),
              "ERC20InsufficientBalance");
    EXPECT_EQ(world.chain->rounds().demanded_round(), 0U);
    EXPECT_EQ(refusal(demands.demand_leaves(site, world.commitment(2, 7).commitment, kAny)),
              "CommitmentMismatch");
    // A quarter of what unbonding leaves.
    const VaultWindows& w = world.chain->vault().windows();
    const std::uint64_t most = (w.unbonding - w.challenge - w.resolution) / 4;
    ASSERT_TRUE(demands.set_terms(world.governor(), {bond, most + 1, 1}));
    EXPECT_EQ(refusal(demands.demand_leaves(site, commitment(2), kAny)), "AnswerTooLong");
    ASSERT_TRUE(demands.set_terms(world.governor(), {bond, most, 1}));
    world.chain->set_time(window_end(2) - 1);
    EXPECT_TRUE(demands.demand_leaves(site, commitment(2), kAny));
    world.chain->advance(1);
    EXPECT_EQ(refusal(demands.demand_leaves(site, commitment(3), kAny)), "WindowPassed");
}

TEST_F(Demanded, TermsAreSetByWhoSetsParameters) {
    const DemandTerms good{1, 1, 10'000};
    EXPECT_EQ(refusal(demands.set_terms(world.council(), good)), "AccessManagedUnauthorized");
    EXPECT_EQ(refusal(demands.set_terms(world.governor(), {0, 1, 1})), "ZeroField");
    EXPECT_EQ(refusal(demands.set_terms(world.governor(), {1, 0, 1})), "ZeroField");
    EXPECT_EQ(refusal(demands.set_terms(world.governor(), {1, 1, 0})), "BadBps");
    EXPECT_EQ(refusal(demands.set_terms(world.governor(), {1, 1, 10'001})), "BadBps");
    constexpr std::uint64_t kLongest = 90 * 86'400;
    const auto refused = demands.set_terms(world.governor(), {1, kLongest + 1, 0});
    EXPECT_EQ(refusal(refused), "AnswerTooLong") << "before the share is looked at";
    EXPECT_EQ(refusal_values(refused.error()), "7776001, 7776000");
    EXPECT_TRUE(demands.set_terms(world.governor(), {bond, kLongest, 1}));
    EXPECT_EQ(refusal(demands.demand_leaves(site, commitment(2), kAny)), "AnswerTooLong");
    ASSERT_TRUE(demands.set_terms(world.governor(), {bond, answer_time, 1}));
    ASSERT_TRUE(demands.demand_leaves(site, commitment(2), kAny));
    const MemoryDemands::Demand before = demand_of(2);
    ASSERT_TRUE(demands.set_terms(world.governor(), good));
    EXPECT_EQ(demands.terms(), good);
    EXPECT_EQ(demand_of(2).deadline, before.deadline) << "open demands keep theirs";
    EXPECT_EQ(demand_of(2).bond, before.bond);
}

TEST_F(Demanded, ABondThatTheTokenRefusesWaits) {
    ASSERT_TRUE(demands.demand_leaves(site, commitment(2), kAny));
    world.chain->token().set_refused(world.coordinator(), true);
    ASSERT_TRUE(demands.answer_demand(round(2)));
    EXPECT_EQ(demands.credit_of(world.coordinator()), bond);
    EXPECT_EQ(refusal(demands.withdraw_bond(world.coordinator())), "ERC20InvalidReceiver");
    world.chain->token().set_refused(world.coordinator(), false);
    ASSERT_TRUE(demands.withdraw_bond(world.coordinator()));
    EXPECT_EQ(tokens(world.coordinator()), bond);
    EXPECT_EQ(refusal(demands.withdraw_bond(world.coordinator())), "NothingCredited");
}

}  // namespace
}  // namespace fedstake::chain
