// Proven faults in the reference model.
#include "contracts/cpp/memory_convictions.hpp"

#include <algorithm>
#include <utility>

#include <gtest/gtest.h>

#include "tests/contracts/cpp/memory_world.hpp"

namespace fedstake::chain {
namespace {

using testing::label;
using testing::MemoryWorld;
using testing::refusal;

// Site 0 contradicts itself, by these keys.
ProveEquivocation equivocation_of(const MemoryWorld& world, RoundNumber round,
                                  const crypto::SigningKey& first, const crypto::SigningKey& second,
                                  std::uint32_t attempt = 0) {
    ProveEquivocation made = world.equivocation(0);
    for (crypto::UpdateStatement* statement : {&made.first, &made.second}) {
        statement->round = round;
        statement->attempt = attempt;
    }
    made.first_signature = crypto::sign_statement(world.domain(), made.first, first);
    made.second_signature = crypto::sign_statement(world.domain(), made.second, second);
    return made;
}

TEST(MemoryConvictions, EquivocationIsSlashedOnceAndJails) {
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

TEST(MemoryConvictions, ReportingOneselfEarnsNothing) {
    MemoryWorld world;
    ASSERT_TRUE(world.chain->vault().stake(world.site(0), 1'000));
    // By the owner, and by its own signer.
    ASSERT_TRUE(world.chain->prove_equivocation(world.signer(0).address(), world.equivocation(0)));
    EXPECT_EQ(world.chain->vault().bounty_of(world.signer(0).address()), Amount{0});
    EXPECT_EQ(world.chain->vault().slash_pool_balance(), Amount{100});
}

TEST(MemoryConvictions, AFalseRoundCostsItsCoordinatorAndItsSigners) {
    MemoryWorld world;
    MemoryVault& vault = world.chain->vault();
    for (std::size_t i = 0; i < 3; ++i) ASSERT_TRUE(vault.stake(world.site(i), 1'000));
    ASSERT_TRUE(world.chain->token().mint(world.coordinator(), 1'000));
    ASSERT_TRUE(vault.stake(world.coordinator(), 1'000));
    ASSERT_TRUE(world.commit(1, 0));
    ASSERT_TRUE(world.commit(2, 0));
    const Address prover = testing::label_address("prover");
    const auto first = world.commitment(1, 0).commitment;
    ASSERT_TRUE(world.chain->convictions().convict(prover, RoundFault::kBadAggregate, first));
    EXPECT_EQ(world.chain->head(), 0U);
    EXPECT_EQ(vault.account(world.coordinator()).stake, Amount{500});
    EXPECT_EQ(vault.account(world.site(0)).stake, Amount{800});
    EXPECT_EQ(vault.account(world.site(1)).stake, Amount{1'000}) << "auditor 1 did not sign";
    EXPECT_EQ(vault.account(world.site(2)).stake, Amount{800});
    EXPECT_EQ(vault.bounty_of(prover), Amount{225});
    EXPECT_EQ(vault.slash_pool_balance(), Amount{675});
    EXPECT_EQ(refusal(world.chain->convictions().convict(prover, RoundFault::kBadAggregate, first)),
              "AlreadyConvicted");
    const auto second = world.commitment(2, 0).commitment;
    ASSERT_TRUE(world.chain->convictions().convict(prover, RoundFault::kBadAggregate, second))
        << "voided with the first, but a lie of its own";
    EXPECT_EQ(vault.account(world.coordinator()).stake, Amount{250});
}

TEST(MemoryConvictions, VoidedIsNotPardoned) {
    MemoryWorld world;
    ASSERT_TRUE(world.chain->vault().stake(world.site(0), 1'000));
    for (RoundNumber round = 1; round <= 3; ++round) ASSERT_TRUE(world.commit(round, 0));
    const auto second = world.commitment(2, 0).commitment;
    const auto third = world.commitment(3, 0).commitment;
    ASSERT_TRUE(world.chain->void_round(world.council(), second));
    ASSERT_TRUE(world.commit(2, 1));
    const auto record = world.chain->rounds().record_of(2, second.struct_hash());
    ASSERT_TRUE(record);
    EXPECT_TRUE(record->voided);
    EXPECT_FALSE(record->convicted);
    EXPECT_EQ(record->signers, 5U);
    Digest parent = world.commitment(1, 0).commitment.struct_hash();
    std::fill(parent.bytes.begin() + 18, parent.bytes.end(), std::uint8_t{0});
    EXPECT_EQ(record->parent, parent);
    MemoryConvictions& convictions = world.chain->convictions();
    world.chain->set_time(record->window_end + world.chain->options().evidence_age);
    ASSERT_TRUE(convictions.convict(world.site(1), RoundFault::kBadModel, second));
    EXPECT_EQ(world.chain->vault().account(world.site(0)).stake, Amount{800});
    EXPECT_EQ(world.chain->head(), 2U) << "the next attempt stands";
    EXPECT_EQ(refusal(convictions.convict(world.site(1), RoundFault::kBadModel, second)),
              "AlreadyConvicted");
    world.chain->advance(1);
    EXPECT_EQ(refusal(convictions.convict(world.site(1), RoundFault::kBadModel, third)),
              "ConvictionTooLate");
}

TEST(MemoryConvictions, AKnownLossOfAKeyCostsOneSlash) {
    MemoryWorld world;
    const Address site = world.site(0);
    ASSERT_TRUE(world.chain->vault().stake(site, 1'000));
    ASSERT_TRUE(world.chain->prove_equivocation(world.site(1), world.equivocation(0)));
    ProveEquivocation second = equivocation_of(world, 2, world.signer(0), world.signer(0));
    ProveEquivocation forged = second;
    forged.second_signature = world.signer(1).sign(testing::label("something else"));
    EXPECT_EQ(refusal(world.chain->prove_equivocation(world.site(1), forged)), "NotSignedBySite");
    EXPECT_FALSE(world.chain->convictions().is_proven(site, 2, 0)) << "jail makes nobody guilty";
    ASSERT_TRUE(world.chain->prove_equivocation(world.site(1), second));
    EXPECT_TRUE(world.chain->convictions().is_proven(site, 2, 0)) << "its receipts oblige nobody";
    EXPECT_EQ(world.chain->vault().account(site).stake, Amount{900}) << "noted only";
    EXPECT_EQ(world.chain->vault().bounty_of(world.site(1)), Amount{25}) << "of the first slash";
    ASSERT_TRUE(world.chain->vault().unjail(world.council(), site));
    for (const ProveEquivocation& again : {world.equivocation(0), second}) {
        EXPECT_EQ(refusal(world.chain->prove_equivocation(world.site(1), again)), "AlreadyProven");
    }
    EXPECT_TRUE(world.chain->prove_equivocation(
        world.site(1), equivocation_of(world, 3, world.signer(0), world.signer(0))));
    EXPECT_EQ(world.chain->vault().account(site).stake, Amount{810}) << "the key was not replaced";
}

TEST(MemoryConvictions, WhatALostKeySignsIsNobodysFault) {
    MemoryWorld world;
    MemoryVault& vault = world.chain->vault();
    const Address site = world.site(0);
    ASSERT_TRUE(vault.stake(site, 1'000));
    const auto next = crypto::SigningKey::from_secret(testing::label("the next key").bytes);
    ASSERT_TRUE(next);
    ASSERT_TRUE(world.chain->prove_equivocation(world.site(1), world.equivocation(0)));
    ASSERT_TRUE(vault.set_signer(site, next->address()));
    EXPECT_TRUE(vault.is_lost(world.signer(0).address()));
    ASSERT_TRUE(vault.unjail(world.council(), site));
    const auto prove = [&](RoundNumber round, const crypto::SigningKey& first,
                           const crypto::SigningKey& second) {
        return world.chain->prove_equivocation(world.site(1),
                                               equivocation_of(world, round, first, second));
    };
    // Either key is enough.
    ASSERT_TRUE(prove(2, world.signer(0), world.signer(0)));
    ASSERT_TRUE(prove(3, world.signer(0), *next));
    ASSERT_TRUE(prove(4, *next, world.signer(0)));
    EXPECT_EQ(vault.account(site).stake, Amount{900});
    EXPECT_FALSE(vault.account(site).jailed);
    EXPECT_TRUE(world.chain->convictions().is_proven(site, 4, 0));
    ASSERT_TRUE(prove(5, *next, *next));
    EXPECT_EQ(vault.account(site).stake, Amount{810});
    EXPECT_TRUE(vault.account(site).jailed);
}

TEST(MemoryConvictions, AJailedSitesReceiptConvictsNobody) {
    MemoryWorld world;
    MemoryConvictions& convictions = world.chain->convictions();
    ASSERT_TRUE(world.chain->vault().stake(world.site(0), 1'000));
    ASSERT_TRUE(world.commit(1, 0));
    const auto c = world.commitment(1, 0).commitment;
    ASSERT_TRUE(world.chain->prove_equivocation(
        world.site(1), equivocation_of(world, 999, world.signer(0), world.signer(0))));
    ASSERT_TRUE(world.chain->prove_equivocation(
        world.site(1),
        equivocation_of(world, c.round, world.signer(0), world.signer(0), c.attempt)));
    crypto::UpdateReceipt receipt;
    receipt.federation = c.federation;
    receipt.round = c.round;
    receipt.attempt = c.attempt;
    receipt.site = world.site(0);
    const auto refused = convictions.prove_omission(world.site(1), c, receipt, {});
    EXPECT_EQ(refusal(refused), "SiteEquivocated");
    EXPECT_EQ(refusal_values(refused.error()),
              world.site(0).hex() + ", 1, " + std::to_string(c.attempt));
}

TEST(MemoryConvictions, AProverAmongTheAccusedEarnsNothing) {
    MemoryWorld world;
    MemoryVault& vault = world.chain->vault();
    for (std::size_t i = 0; i < 3; ++i) ASSERT_TRUE(vault.stake(world.site(i), 1'000));
    ASSERT_TRUE(world.commit(1, 0));
    const auto first = world.commitment(1, 0).commitment;
    // By the key of an auditor that signed it.
    ASSERT_TRUE(world.chain->convictions().convict(world.signer(2).address(), RoundFault::kOmission,
                                                   first));
    EXPECT_EQ(vault.bounty_of(world.signer(2).address()), Amount{0});
    EXPECT_EQ(vault.slash_pool_balance(), Amount{400});
}

TEST(MemoryConvictions, AFinalRoundIsNotConvicted) {
    MemoryWorld world;
    ASSERT_TRUE(world.chain->vault().stake(world.site(0), 1'000));
    ASSERT_TRUE(world.commit(1, 0));
    world.chain->advance(world.chain->options().challenge_window);
    EXPECT_EQ(refusal(world.chain->convictions().convict(world.site(1), RoundFault::kBadReport,
                                                         world.commitment(1, 0).commitment)),
              "RoundIsFinal");
    EXPECT_EQ(world.chain->vault().account(world.site(0)).stake, Amount{1'000});
}

TEST(MemoryConvictions, ThoseWhoSignedAnswerAlsoAfterANewEpoch) {
    MemoryWorld world;
    MemoryVault& vault = world.chain->vault();
    ASSERT_TRUE(vault.stake(world.site(0), 1'000));
    ASSERT_TRUE(world.commit(1, 0));
    ASSERT_TRUE(world.chain->rounds().open_epoch(
        world.governor(), {world.site(1), 1, 10, Digest{}, {world.signer(1).address()}}));
    ASSERT_TRUE(world.chain->convictions().convict(world.site(2), RoundFault::kBadContext,
                                                   world.commitment(1, 0).commitment));
    EXPECT_EQ(vault.account(world.site(0)).stake, Amount{800});
}

TEST(MemoryConvictions, EachProverHasSharesOfItsOwn) {
    MemoryWorld world;
    MemoryConvictions& convictions = world.chain->convictions();
    ASSERT_TRUE(world.chain->vault().stake(world.site(0), 1'000));
    EXPECT_EQ(refusal(convictions.set_shares(world.council(), Prover::kResult, {1, 1, 1})),
              "AccessManagedUnauthorized");
    EXPECT_EQ(refusal(convictions.set_shares(world.governor(), Prover::kResult, {1, 0, 1})),
              "BadBps");
    EXPECT_EQ(refusal(convictions.set_shares(world.governor(), Prover::kResult, {1, 1, 10'001})),
              "BadBps");
    ASSERT_TRUE(convictions.set_shares(world.governor(), Prover::kResult, {1, 1, 10'000}));
    EXPECT_EQ(convictions.shares(Prover::kFault).signer, 2'000);
    ASSERT_TRUE(world.commit(1, 0));
    ASSERT_TRUE(convictions.convict(world.site(1), RoundFault::kBadReport,
                                    world.commitment(1, 0).commitment));
    EXPECT_EQ(world.chain->vault().account(world.site(0)).stake, Amount{0});
}

TEST(MemoryConvictions, AnOmissionNeedsAReceiptByTheRoundsCoordinator) {
    MemoryWorld world;
    const auto coordinator = *crypto::SigningKey::from_secret(label("coordinator").bytes);
    ASSERT_TRUE(world.chain->rounds().open_epoch(
        world.governor(),
        {coordinator.address(), 2, 100, Digest{}, world.chain->options().auditors}));
    const CommitRound call = world.commitment(1, 0);
    ASSERT_TRUE(world.chain->commit_round(coordinator.address(), call));
    crypto::UpdateReceipt receipt;
    receipt.federation = call.commitment.federation;
    receipt.round = 1;
    receipt.site = world.site(0);
    const auto prove = [&](const crypto::UpdateReceipt& given, const crypto::SigningKey& key) {
        return refusal(world.chain->convictions().prove_omission(
            world.site(1), call.commitment, given,
            crypto::sign_statement(world.domain(), given, key)));
    };
    EXPECT_EQ(prove(receipt, world.signer(0)), "NotSignedByCoordinator");
    crypto::UpdateReceipt other = receipt;
    other.attempt = 1;
    EXPECT_EQ(prove(other, coordinator), "StatementsNotComparable");
    EXPECT_EQ(prove(receipt, coordinator), "accepted");
    EXPECT_EQ(prove(receipt, coordinator), "AlreadyConvicted");
}

TEST(MemoryConvictions, AnEquivocatorsReceiptsProveNoOmission) {
    MemoryWorld world;
    const auto coordinator = *crypto::SigningKey::from_secret(label("coordinator").bytes);
    ASSERT_TRUE(world.chain->rounds().open_epoch(
        world.governor(),
        {coordinator.address(), 2, 100, Digest{}, world.chain->options().auditors}));
    ASSERT_TRUE(world.chain->vault().stake(world.site(0), 1'000));
    ASSERT_TRUE(world.chain->prove_equivocation(world.site(1), world.equivocation(0)));
    for (const std::uint32_t attempt : {0U, 1U}) {
        CommitRound call = world.commitment(1, 0);
        call.commitment.attempt = attempt;
        call.signatures = world.audit(call.commitment.struct_hash());
        ASSERT_TRUE(world.chain->commit_round(coordinator.address(), call));
        crypto::UpdateReceipt receipt;
        receipt.federation = call.commitment.federation;
        receipt.round = 1;
        receipt.attempt = attempt;
        receipt.site = world.site(0);
        EXPECT_EQ(refusal(world.chain->convictions().prove_omission(
                      world.site(1), call.commitment, receipt,
                      crypto::sign_statement(world.domain(), receipt, coordinator))),
                  attempt == 0 ? "SiteEquivocated" : "accepted");
        if (attempt == 0) {
            ASSERT_TRUE(world.chain->void_round(world.council(), call.commitment));
        }
    }
}

TEST(MemoryConvictions, ACoordinatorIsSlashedOnceForARound) {
    MemoryWorld world;
    const auto coordinator = *crypto::SigningKey::from_secret(label("coordinator").bytes);
    ASSERT_TRUE(world.chain->rounds().open_epoch(
        world.governor(),
        {coordinator.address(), 2, 100, Digest{}, world.chain->options().auditors}));
    // Its key is bound to an owner, who answers for it.
    ASSERT_TRUE(world.chain->vault().set_signer(world.site(2), coordinator.address()));
    ASSERT_TRUE(world.chain->vault().stake(world.site(2), 1'000));
    ProveCoordinatorEquivocation call;
    call.epoch = 1;
    call.first.federation = world.chain->options().federation;
    call.first.round = 1;
    call.first.site = world.site(0);
    call.second = call.first;
    const auto prove = [&](const crypto::SigningKey& key) {
        call.first_signature = crypto::sign_statement(world.domain(), call.first, key);
        call.second_signature = crypto::sign_statement(world.domain(), call.second, key);
        return refusal(
            world.chain->convictions().prove_coordinator_equivocation(world.site(1), call));
    };
    EXPECT_EQ(prove(coordinator), "NoContradiction");
    call.second.update_root = label("another update");
    EXPECT_EQ(prove(world.signer(0)), "NotSignedByCoordinator");
    call.epoch = 2;
    EXPECT_EQ(prove(coordinator), "NoSuchEpoch");
    call.epoch = 1;
    EXPECT_EQ(prove(coordinator), "accepted");
    EXPECT_EQ(world.chain->vault().account(world.site(2)).stake, Amount{500});
    EXPECT_FALSE(world.chain->vault().account(world.site(2)).jailed);
    call.first.site = call.second.site = world.site(1);
    EXPECT_EQ(prove(coordinator), "AlreadyProven") << "another site of the same round";
    call.first.attempt = call.second.attempt = 1;
    EXPECT_EQ(prove(coordinator), "AlreadyProven") << "another attempt";
    call.first.round = call.second.round = 2;
    EXPECT_EQ(prove(coordinator), "accepted");
}

}  // namespace
}  // namespace fedstake::chain
