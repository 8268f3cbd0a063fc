// The reference model's rules and rounding. That they are the contracts' is shown by replaying
// scripts on both (evm/replay_test.cpp).
#include "contracts/cpp/memory_chain.hpp"

#include <gtest/gtest.h>

#include "contracts/cpp/case_id.hpp"
#include "proto/crypto/keccak256.hpp"
#include "proto/crypto/keccak_tree.hpp"
#include "tests/contracts/cpp/memory_world.hpp"

namespace fedstake::chain {
namespace {

using testing::label;
using testing::MemoryWorld;

std::string refusal(const Status& status) {
    return status ? "accepted" : std::string(refusal_name(status.error()));
}

TEST(ShareOf, RoundsUpAndDownWithoutOverflow) {
    EXPECT_EQ(share_up(10'001, 200), Amount{201});
    EXPECT_EQ(share_down(10'001, 200), Amount{200});
    EXPECT_EQ(share_up(10'000, 200), Amount{200});
    EXPECT_EQ(share_up(1, 1), Amount{1});
    EXPECT_EQ(share_down(1, 9'999), Amount{0});
    EXPECT_EQ(share_up(~Amount{0}, 10'000), ~Amount{0});
    EXPECT_EQ(share_down(~Amount{0}, 10'000), ~Amount{0});
}

TEST(MemoryVault, StakesExitsAndWithdraws) {
    MemoryWorld world;
    const Address site = world.site(0);
    EXPECT_EQ(refusal(world.chain->vault().stake(site, 0)), "ZeroAmount");
    EXPECT_EQ(refusal(world.chain->vault().stake(site, 100'001)), "ERC20InsufficientBalance");
    ASSERT_TRUE(world.chain->vault().stake(site, 1'000));
    EXPECT_EQ(refusal(world.chain->request_exit(site, 1'001)), "InsufficientStake");
    ASSERT_TRUE(world.chain->request_exit(site, 400));
    EXPECT_EQ(refusal(world.chain->withdraw(site)), "ExitNotReady");
    world.chain->advance(world.chain->options().unbonding_delay);
    ASSERT_TRUE(world.chain->withdraw(site));
    EXPECT_EQ(refusal(world.chain->withdraw(site)), "NothingToWithdraw");
    EXPECT_EQ(world.chain->token().balance_of(site), Amount{99'400});
    EXPECT_EQ(world.chain->vault().total_bonded(), Amount{600});
}

TEST(MemoryVault, ASignerBelongsToItsFirstOwnerForEver) {
    MemoryWorld world;
    const Address first = world.signer(0).address();
    EXPECT_EQ(refusal(world.chain->vault().set_signer(world.site(1), first)), "SignerTaken");
    ASSERT_TRUE(
        world.chain->vault().set_signer(world.site(0), testing::label_address("new signer")));
    EXPECT_EQ(refusal(world.chain->vault().set_signer(world.site(1), first)), "SignerTaken");
    EXPECT_EQ(world.chain->vault().owner_of_signer(first), world.site(0));
}

TEST(MemoryChain, AttestedSlashTakesExitsToo) {
    MemoryWorld world;
    const Address site = world.site(0);
    ASSERT_TRUE(world.chain->vault().stake(site, 1'000));
    ASSERT_TRUE(world.commit(1, 0));
    ASSERT_TRUE(world.chain->request_exit(site, 990));
    ASSERT_TRUE(world.chain->accuse(world.accusation(1, site, 200)));
    EXPECT_EQ(refusal(world.chain->accuse(world.accusation(1, site, 200))), "AlreadyAccused");
    world.chain->advance(world.chain->options().unbonding_delay);
    // What the case may take stays, the rest may leave.
    ASSERT_TRUE(world.chain->withdraw(site));
    EXPECT_EQ(world.chain->vault().account(site).exit, Amount{10});
    EXPECT_EQ(refusal(world.chain->withdraw(site)), "WithdrawalsFrozen");
    const std::uint64_t id = world.chain->vault().cases().at(0).id;
    ASSERT_TRUE(world.chain->execute_slash(id));
    EXPECT_EQ(refusal(world.chain->execute_slash(id)), "CaseNotPending");
    EXPECT_EQ(world.chain->vault().account(site).stake, Amount{0});
    EXPECT_EQ(world.chain->vault().account(site).exit, Amount{0});
    EXPECT_EQ(refusal(world.chain->withdraw(site)), "NothingToWithdraw");
    ASSERT_TRUE(world.chain->vault().sweep_slash_pool());
    EXPECT_EQ(world.chain->token().balance_of(world.chain->options().slash_pool), Amount{20});
}

TEST(MemoryChain, AVetoedSlashNeverHappens) {
    MemoryWorld world;
    const Address site = world.site(0);
    ASSERT_TRUE(world.chain->vault().stake(site, 1'000));
    ASSERT_TRUE(world.commit(1, 0));
    ASSERT_TRUE(world.chain->accuse(world.accusation(1, site, 200)));
    const SlashCase open = world.chain->vault().cases().at(0);
    EXPECT_EQ(refusal(world.chain->vault().veto_slash(site, open.digest)),
              "AccessManagedUnauthorized");
    ASSERT_TRUE(world.chain->vault().veto_slash(world.council(), open.digest));
    world.chain->advance(world.chain->options().slash_delay);
    EXPECT_EQ(refusal(world.chain->execute_slash(open.id)), "CaseNotPending");
    EXPECT_EQ(world.chain->vault().account(site).stake, Amount{1'000});
}

TEST(MemoryChain, AttestedSlashingIsCappedWithinAWindow) {
    MemoryWorld world;
    const Address site = world.site(0);
    ASSERT_TRUE(world.chain->vault().stake(site, 1'000));
    for (RoundNumber round = 1; round <= 3; ++round) ASSERT_TRUE(world.commit(round, 0));
    ASSERT_TRUE(world.chain->accuse(world.accusation(1, site, 1'500)));
    EXPECT_EQ(refusal(world.chain->accuse(world.accusation(2, site, 501))), "CapExceeded");
    ASSERT_TRUE(world.chain->accuse(world.accusation(2, site, 500)));
    world.chain->advance(90 * 86'400 - 1);
    EXPECT_EQ(refusal(world.chain->accuse(world.accusation(3, site, 1))), "EvidenceTooOld");
    ASSERT_TRUE(world.commit(4, 0));
    EXPECT_EQ(refusal(world.chain->accuse(world.accusation(4, site, 1))), "CapExceeded");
    world.chain->advance(1);
    EXPECT_TRUE(world.chain->accuse(world.accusation(4, site, 2'000)));
}

TEST(MemoryChain, TheVetoOfAnOldCaseLeavesTheNewWindowAlone) {
    MemoryWorld world;
    const Address site = world.site(0);
    ASSERT_TRUE(world.chain->vault().stake(site, 1'000));
    ASSERT_TRUE(world.commit(1, 0));
    ASSERT_TRUE(world.chain->accuse(world.accusation(1, site, 500)));
    world.chain->advance(91 * 86'400);
    for (RoundNumber round = 2; round <= 4; ++round) ASSERT_TRUE(world.commit(round, 0));
    ASSERT_TRUE(world.chain->accuse(world.accusation(2, site, 700)));
    const Digest old_case = world.chain->vault().cases().at(0).digest;
    const Digest new_case = world.chain->vault().cases().at(1).digest;
    ASSERT_TRUE(world.chain->vault().veto_slash(world.council(), old_case));
    EXPECT_EQ(world.chain->vault().account(site).attested_bps, 700);
    EXPECT_EQ(refusal(world.chain->accuse(world.accusation(3, site, 1'500))), "CapExceeded");
    ASSERT_TRUE(world.chain->vault().veto_slash(world.council(), new_case));
    EXPECT_EQ(world.chain->vault().account(site).attested_bps, 0);
    EXPECT_TRUE(world.chain->accuse(world.accusation(4, site, 2'000)));
}

TEST(MemoryChain, AccusationsNeedARoundAQuorumAndTime) {
    MemoryWorld world;
    const Address site = world.site(0);
    ASSERT_TRUE(world.chain->vault().stake(site, 1'000));
    EXPECT_EQ(refusal(world.chain->accuse(world.accusation(1, site, 200))), "UnknownRound");
    ASSERT_TRUE(world.commit(1, 0));
    Accuse lone = world.accusation(1, site, 200);
    lone.signatures.resize(1);
    EXPECT_EQ(refusal(world.chain->accuse(lone)), "QuorumTooSmall");
    Accuse twice = world.accusation(1, site, 200);
    twice.signatures[1] = twice.signatures[0];
    EXPECT_EQ(refusal(world.chain->accuse(twice)), "AuditorsNotIncreasing");
    Accuse forged = world.accusation(1, site, 200);
    forged.fault.bps = 300;
    EXPECT_EQ(refusal(world.chain->accuse(forged)), "NotSignedByAuditor");
    Accuse late = world.accusation(1, site, 200);
    world.chain->set_time(late.fault.deadline + 1);
    EXPECT_EQ(refusal(world.chain->accuse(late)), "AccusationExpired");
}

TEST(MemoryChain, AnAccusationDiesWithItsRound) {
    MemoryWorld world;
    const Address site = world.site(0);
    ASSERT_TRUE(world.chain->vault().stake(site, 1'000));
    ASSERT_TRUE(world.commit(1, 5));
    const Accuse old = world.accusation(1, site, 200);
    ASSERT_TRUE(world.chain->void_round(world.council(), world.commitment(1, 5).commitment));
    EXPECT_EQ(refusal(world.chain->accuse(old)), "UnknownRound");
    ASSERT_TRUE(world.commit(1, 6));
    EXPECT_EQ(refusal(world.chain->accuse(old)), "EvidenceMismatch");
    const Accuse right = world.accusation(1, site, 200);
    ASSERT_TRUE(world.chain->accuse(right));
    EXPECT_EQ(refusal(world.chain->accuse(right)), "AlreadyAccused");
    EXPECT_EQ(refusal(world.chain->accuse(old)), "EvidenceMismatch");
    for (RoundNumber round = 2; round <= 65; ++round) {
        ASSERT_TRUE(world.commit(round, 6));
        world.chain->advance(world.chain->options().challenge_window);
    }
    EXPECT_EQ(refusal(world.chain->accuse(world.accusation(1, world.site(1), 200))),
              "EvidenceMismatch")
        << "the ring holds 64 rounds";
}

TEST(MemoryChain, RoundsGoInOrderOnOneLineage) {
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

TEST(MemoryChain, AVoidedCommitmentStaysVoidedWhenAnotherTookItsSlot) {
    MemoryWorld world;
    ASSERT_TRUE(world.commit(1, 1));
    ASSERT_TRUE(world.chain->void_round(world.council(), world.commitment(1, 1).commitment));
    ASSERT_TRUE(world.commit(1, 2));
    ASSERT_TRUE(world.chain->void_round(world.council(), world.commitment(1, 2).commitment));
    EXPECT_EQ(refusal(world.commit(1, 1)), "CommitmentVoided");
    EXPECT_EQ(refusal(world.commit(1, 2)), "CommitmentVoided");
    EXPECT_TRUE(world.commit(1, 3));
}

TEST(MemoryChain, AVoidedRoundTakesItsDescendantsAlong) {
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

TEST(MemoryChain, TheRingRefusesToForgetWhatIsNotFinal) {
    MemoryWorld world;
    for (RoundNumber round = 1; round <= 64; ++round) ASSERT_TRUE(world.commit(round, 0));
    EXPECT_EQ(refusal(world.commit(65, 0)), "RingFull");
    world.chain->advance(world.chain->options().challenge_window);
    ASSERT_TRUE(world.commit(65, 0));
    EXPECT_FALSE(world.chain->committed(1)) << "its slot was used again";
    EXPECT_TRUE(world.chain->is_final(1));
}

TEST(MemoryChain, PaysCumulativeRewardsOnce) {
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

TEST(MemoryChain, ClaimsNeverExceedTheRewardsOfTheRound) {
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

TEST(MemoryChain, EquivocationIsSlashedOnceAndJails) {
    MemoryWorld world;
    const Address site = world.site(0);
    ASSERT_TRUE(world.chain->vault().stake(site, 1'001));
    const ProveEquivocation proof = world.equivocation(0);
    ProveEquivocation same = proof;
    same.second = same.first;
    EXPECT_EQ(refusal(world.chain->prove_equivocation(world.site(1), same)), "NoContradiction");
    ProveEquivocation forged = proof;
    forged.second.update_root = label("forged");
    EXPECT_EQ(refusal(world.chain->prove_equivocation(world.site(1), forged)), "NotSignedBySite");
    ASSERT_TRUE(world.chain->prove_equivocation(world.site(1), proof));
    EXPECT_EQ(refusal(world.chain->prove_equivocation(world.site(1), proof)), "AlreadyProven");
    EXPECT_TRUE(world.chain->vault().account(site).jailed);
    EXPECT_EQ(world.chain->vault().account(site).stake, Amount{900}) << "10 %, rounded up";
    EXPECT_EQ(world.chain->vault().bounty_of(world.site(1)), Amount{25}) << "a quarter, down";
    EXPECT_EQ(world.chain->vault().slash_pool_balance(), Amount{76});
}

TEST(MemoryChain, ReportingOneselfEarnsNothing) {
    MemoryWorld world;
    ASSERT_TRUE(world.chain->vault().stake(world.site(0), 1'000));
    // By the owner, and by its own signer.
    ASSERT_TRUE(world.chain->prove_equivocation(world.signer(0).address(), world.equivocation(0)));
    EXPECT_EQ(world.chain->vault().bounty_of(world.signer(0).address()), Amount{0});
    EXPECT_EQ(world.chain->vault().slash_pool_balance(), Amount{100});
}

TEST(MemoryChain, ReleasesModelsInOrder) {
    MemoryWorld world;
    ASSERT_TRUE(world.commit(1, 0));
    PublishModel release = world.release(1);
    EXPECT_EQ(refusal(world.chain->publish(world.coordinator(), release)), "RoundNotFinal");
    world.chain->advance(world.chain->options().challenge_window);
    EXPECT_EQ(refusal(world.chain->publish(world.site(0), release)), "NotAuthorized");
    release.version = 2;
    EXPECT_EQ(refusal(world.chain->publish(world.coordinator(), release)), "VersionOutOfOrder");
    release.version = 1;
    ASSERT_TRUE(world.chain->publish(world.coordinator(), release));
    release.version = 2;
    EXPECT_EQ(refusal(world.chain->publish(world.coordinator(), release)), "ParentMismatch");
    release.parent = world.chain->record_of(release.model_id, 1);
    ASSERT_TRUE(world.chain->publish(world.coordinator(), release));
    EXPECT_EQ(world.chain->record_of(release.model_id, 2), provenance_hash(release));
}

TEST(CaseNumber, IsTheFrontOfTheDigest) {
    EXPECT_EQ(case_number(*Digest::parse("0102030405060708" + std::string(48, 'f'))),
              0x0102030405060708U);
}

}  // namespace
}  // namespace fedstake::chain
