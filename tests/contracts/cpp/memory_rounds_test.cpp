// Commitments, voids and claims of the reference model.
#include "contracts/cpp/memory_rounds.hpp"

#include <gtest/gtest.h>

#include "proto/crypto/keccak256.hpp"
#include "tests/contracts/cpp/memory_world.hpp"

namespace fedstake::chain {
namespace {

using testing::label;
using testing::MemoryWorld;
using testing::refusal;

TEST(MemoryRounds, RoundsGoInOrderOnOneLineage) {
    MemoryWorld world;
    EXPECT_EQ(refusal(world.commit(2, 0)), "RoundOutOfOrder");
    EXPECT_EQ(refusal(world.commit(0, 0)), "RoundOutOfOrder");
    ASSERT_TRUE(world.commit(1, 100));
    EXPECT_EQ(refusal(world.commit(1, 100)), "AlreadyCommitted");
    EXPECT_EQ(refusal(world.commit(1, 101)), "RoundTaken");
    EXPECT_EQ(refusal(world.commit(2, 99)), "RewardTotalFell");
    EXPECT_EQ(refusal(world.commit(2, 1'000'001)), "RewardTotalNotFunded");
    CommitRound orphan = world.commitment(2, 100);
    orphan.commitment.parent_model = label("other");
    orphan.signatures = world.audit(orphan.commitment.struct_hash());
    EXPECT_EQ(refusal(world.chain->commit_round(world.coordinator(), orphan)),
              "ParentModelMismatch");
    EXPECT_EQ(refusal(world.chain->commit_round(world.site(0), world.commitment(2, 100))),
              "NotAuthorized");
    EXPECT_TRUE(world.commit(2, 100));
}

TEST(MemoryRounds, AVoidedCommitmentStaysVoidedWhenAnotherTookItsSlot) {
    MemoryWorld world;
    ASSERT_TRUE(world.commit(1, 1));
    ASSERT_TRUE(world.chain->void_round(world.council(), world.commitment(1, 1).commitment));
    ASSERT_TRUE(world.commit(1, 2));
    ASSERT_TRUE(world.chain->void_round(world.council(), world.commitment(1, 2).commitment));
    EXPECT_EQ(refusal(world.commit(1, 1)), "CommitmentVoided");
    EXPECT_EQ(refusal(world.commit(1, 2)), "CommitmentVoided");
    EXPECT_TRUE(world.commit(1, 3));
}

TEST(MemoryRounds, AVoidedRoundTakesItsDescendantsAlong) {
    MemoryWorld world;
    for (RoundNumber round = 1; round <= 3; ++round) ASSERT_TRUE(world.commit(round, round));
    const auto second = world.commitment(2, 2).commitment;
    EXPECT_EQ(refusal(world.chain->void_round(world.site(0), second)), "AccessManagedUnauthorized");
    ASSERT_TRUE(world.chain->void_round(world.council(), second));
    EXPECT_EQ(world.chain->head(), 1U);
    EXPECT_FALSE(world.chain->committed(2));
    EXPECT_FALSE(world.chain->committed(3));
    EXPECT_EQ(refusal(world.commit(2, 2)), "CommitmentVoided");
    EXPECT_EQ(refusal(world.commit(3, 3)), "CommitmentVoided") << "also out of order";
    EXPECT_TRUE(world.commit(2, 3)) << "a new attempt";
    EXPECT_EQ(refusal(world.commit(3, 3)), "CommitmentVoided") << "its parent model is there again";
    EXPECT_EQ(refusal(world.commit(2, 2)), "CommitmentVoided") << "not RoundTaken";
    EXPECT_TRUE(world.commit(3, 4));
    world.chain->advance(world.chain->options().challenge_window);
    EXPECT_EQ(refusal(world.chain->void_round(world.council(), world.commitment(2, 3).commitment)),
              "RoundIsFinal");
}

TEST(MemoryRounds, TheRingRefusesToForgetWhatIsNotFinal) {
    MemoryWorld world;
    for (RoundNumber round = 1; round <= 64; ++round) ASSERT_TRUE(world.commit(round, 0));
    EXPECT_EQ(refusal(world.commit(65, 0)), "RingFull");
    world.chain->advance(world.chain->options().challenge_window);
    ASSERT_TRUE(world.commit(65, 0));
    EXPECT_FALSE(world.chain->committed(1)) << "its slot was used again";
    EXPECT_TRUE(world.chain->is_final(1));
}

TEST(MemoryRounds, PaysCumulativeRewardsOnce) {
    MemoryWorld world;
    const ClaimReward first = world.reward(1, {30, 50});
    ASSERT_TRUE(world.commit_with(first));
    EXPECT_EQ(refusal(world.chain->claim(first)), "RoundNotFinal");
    const ClaimReward second = world.reward(2, {40, 60});
    ASSERT_TRUE(world.commit_with(second));
    world.chain->advance(world.chain->options().challenge_window);
    ASSERT_TRUE(world.chain->claim(first));
    EXPECT_EQ(refusal(world.chain->claim(first)), "NothingToClaim");
    ASSERT_TRUE(world.chain->claim(second));
    EXPECT_EQ(world.chain->claimed(world.site(0)), Amount{40});
    EXPECT_EQ(world.chain->token().balance_of(world.site(0)), Amount{100'040});
    ClaimReward forged = second;
    forged.claim.cumulative += 1;
    EXPECT_EQ(refusal(world.chain->claim(forged)), "NotInRewardsTree");
}

TEST(MemoryRounds, AClaimNamesItsRoundOnly) {
    MemoryWorld world;
    const ClaimReward first = world.reward(1, {30, 50});
    ASSERT_TRUE(world.commit_with(first));
    ClaimReward call = first;
    call.commitment = {};
    EXPECT_EQ(refusal(world.chain->claim(call)), "CommitmentMismatch") << "round 0";
    call.commitment.round = 2;
    EXPECT_EQ(refusal(world.chain->claim(call)), "CommitmentMismatch");
    world.chain->advance(world.chain->options().challenge_window);
    call.commitment.round = 1;
    EXPECT_TRUE(world.chain->claim(call)) << "the chain has its rewards root";
}

TEST(MemoryRounds, ClaimsNeverExceedTheRewardsOfTheRound) {
    MemoryWorld world;
    // The leaves add up to 80, the commitment says 40: auditors lied, the loss is bounded.
    ClaimReward lie = world.reward(1, {30, 50});
    lie.commitment.reward_total = 40;
    ASSERT_TRUE(world.commit_with(lie));
    world.chain->advance(world.chain->options().challenge_window);
    ASSERT_TRUE(world.chain->claim(lie));
    lie.claim = world.reward(1, {30, 50}, 1).claim;
    EXPECT_EQ(refusal(world.chain->claim(lie)), "ClaimsExceedRewards");
}

TEST(MemoryRounds, AClaimNeedsItsPlaceInTheTree) {
    MemoryWorld world;
    const ClaimReward good = world.reward(1, {30, 50});
    ASSERT_TRUE(world.commit_with(good));
    world.chain->advance(world.chain->options().challenge_window);
    ClaimReward bad = good;
    bad.claim.index = 2;
    EXPECT_EQ(refusal(world.chain->claim(bad)), "LeafOutOfRange");
    bad = good;
    bad.claim.proof.clear();
    EXPECT_EQ(refusal(world.chain->claim(bad)), "WrongProofLength");
    bad = good;
    bad.claim.leaf_count = ~std::uint64_t{0};
    EXPECT_EQ(refusal(world.chain->claim(bad)), "WrongProofLength");
    EXPECT_TRUE(world.chain->claim(good));
}

TEST(MemoryRounds, StatesAreThoseOfTheContract) {
    MemoryWorld world;
    MemoryRounds& rounds = world.chain->rounds();
    EXPECT_EQ(rounds.state(0), RoundState::kNone);
    ASSERT_TRUE(world.commit(1, 0));
    ASSERT_TRUE(world.commit(2, 0));
    EXPECT_EQ(rounds.state(1), RoundState::kCommitted);
    ASSERT_TRUE(world.chain->void_round(world.council(), world.commitment(1, 0).commitment));
    EXPECT_EQ(rounds.state(1), RoundState::kVoided);
    EXPECT_EQ(rounds.state(2), RoundState::kNone) << "dead, not voided itself";
    EXPECT_TRUE(rounds.is_voided(world.commitment(2, 0).commitment.struct_hash()));
    EXPECT_TRUE(rounds.slot_of(1).voided);
    ASSERT_TRUE(world.commit(1, 1));
    world.chain->advance(world.chain->options().challenge_window);
    EXPECT_EQ(rounds.state(1), RoundState::kFinal);
    for (RoundNumber round = 2; round <= 65; ++round) {
        ASSERT_TRUE(world.commit(round, 1));
        world.chain->advance(world.chain->options().challenge_window);
    }
    EXPECT_EQ(rounds.state(1), RoundState::kArchived);
    EXPECT_EQ(rounds.slot_of(1), MemoryRounds::Slot{});
    EXPECT_FALSE(rounds.record_of(1, world.commitment(1, 1).commitment.struct_hash()));
    const auto oldest = rounds.record_of(2, world.commitment(2, 1).commitment.struct_hash());
    ASSERT_TRUE(oldest);
    EXPECT_TRUE(oldest->parent.is_zero()) << "its parent lost its slot";
    EXPECT_FALSE(rounds.record_of(3, world.commitment(2, 1).commitment.struct_hash()));
}

TEST(MemoryRounds, HistoryHashesCommitmentsAndVoidsInTheirOrder) {
    MemoryWorld world;
    const Digest commitment = world.commitment(1, 0).commitment.struct_hash();
    const auto next = [&](const Digest& before, std::uint64_t voided) {
        ByteWriter words;
        words.raw(before.view()).raw(commitment.view()).u128(0).u64(0).u64(voided);
        return crypto::keccak256(words.bytes());
    };
    ASSERT_TRUE(world.commit(1, 0));
    EXPECT_EQ(world.chain->rounds().history(), next(Digest{}, 0));
    ASSERT_TRUE(world.chain->void_round(world.council(), world.commitment(1, 0).commitment));
    EXPECT_EQ(world.chain->rounds().history(), next(next(Digest{}, 0), 1));
}

TEST(MemoryRounds, TheFundHas96Bits) {
    MemoryWorld world;
    const Address whale = testing::label_address("whale");
    ASSERT_TRUE(world.chain->token().mint(whale, Amount{1} << 99U));
    EXPECT_EQ(refusal(world.chain->fund(whale, 0)), "ZeroAmount");
    EXPECT_EQ(refusal(world.chain->fund(world.site(0), 100'001)), "ERC20InsufficientBalance");
    EXPECT_EQ(refusal(world.chain->fund(whale, kAmount96Max)), "SafeCastOverflowedUintDowncast");
    ASSERT_TRUE(world.chain->fund(whale, kAmount96Max - 1'000'000));
    EXPECT_EQ(world.chain->funded(), kAmount96Max);
}

}  // namespace
}  // namespace fedstake::chain
