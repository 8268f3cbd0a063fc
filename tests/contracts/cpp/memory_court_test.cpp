// Accusations, appeals and rulings in the reference model.
#include "contracts/cpp/memory_court.hpp"

#include <gtest/gtest.h>

#include "tests/contracts/cpp/memory_world.hpp"

namespace fedstake::chain {
namespace {

using testing::MemoryWorld;
using testing::refusal;

// A site with a stake of 1000, accused of 20 %, in a committed round.
class Accused : public ::testing::Test {
protected:
    Accused() {
        EXPECT_TRUE(world.chain->vault().stake(site, 1'000));
        EXPECT_TRUE(world.commit(1, 0));
        EXPECT_TRUE(world.chain->accuse(world.accusation(1, site, 2'000)));
        id = world.chain->vault().cases().at(0).digest;
    }
    Amount tokens() { return world.chain->token().balance_of(site); }
    Amount pool() { return world.chain->token().balance_of(world.chain->options().slash_pool); }
    SlashState state() { return world.chain->vault().case_state(id); }
    std::uint64_t execute_after() { return world.chain->vault().find_case(id)->execute_after; }

    MemoryWorld world;
    MemoryCourt& court = world.chain->court();
    const Address site = world.site(0);
    Digest id;
};

TEST(MemoryCourt, AccusationsNeedARoundAQuorumAndTime) {
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

TEST(MemoryCourt, AnAccusationDiesWithItsRound) {
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

TEST_F(Accused, AnAppealHoldsTheSlashBackUntilItLapses) {
    ASSERT_TRUE(court.appeal(site, id));
    EXPECT_EQ(tokens(), Amount{99'000 - 1'001});
    const std::uint64_t deadline = court.trial_of(id).deadline;
    world.chain->set_time(deadline);
    EXPECT_EQ(refusal(world.chain->vault().execute_slash(id)), "CaseNotReady");
    EXPECT_EQ(refusal(court.lapse(id)), "DeadlineNotPassed");
    world.chain->advance(1);
    EXPECT_EQ(refusal(court.rule_by_panel(id, true, world.appeal_ruling(id, true))),
              "RulingTooLate");
    EXPECT_EQ(refusal(court.rule_by_governor(world.governor(), id, true)), "RulingTooLate");
    ASSERT_TRUE(court.lapse(id));
    EXPECT_EQ(state(), SlashState::kDropped);
    EXPECT_EQ(tokens(), Amount{99'000});
    EXPECT_EQ(world.chain->vault().account(site).held, Amount{0});
    EXPECT_EQ(world.chain->vault().counted_bps(site), 0) << "as if it had never been accused";
    EXPECT_EQ(refusal(court.lapse(id)), "WrongStage");
}

TEST_F(Accused, OnlyTheAccusedAppealsAndOnlyInTime) {
    EXPECT_EQ(refusal(court.appeal(world.site(1), id)), "NotTheAccused");
    EXPECT_EQ(refusal(court.escalate(site, id)), "WrongStage") << "nobody confirmed it";
    EXPECT_EQ(refusal(court.appeal(site, testing::label("no such case"))), "WrongStage");
    world.chain->set_time(execute_after());
    EXPECT_EQ(refusal(court.appeal(site, id)), "AppealTooLate");
    EXPECT_EQ(tokens(), Amount{99'000});
    EXPECT_TRUE(world.chain->vault().execute_slash(id));
}

TEST_F(Accused, AnAppealThatCannotBePaidChangesNothing) {
    ASSERT_TRUE(world.chain->token().transfer(site, world.site(1), 98'000));
    EXPECT_EQ(refusal(court.appeal(site, id)), "ERC20InsufficientBalance");
    EXPECT_EQ(court.trial_of(id).stage, TrialStage::kAccused);
    EXPECT_LT(execute_after(), world.chain->now() + 30 * 86'400);
}

TEST_F(Accused, AccusersDoNotJudge) {
    ASSERT_TRUE(court.appeal(site, id));
    EXPECT_EQ(refusal(court.rule_by_panel(id, true, world.appeal_ruling(id, true, 0))),
              "NotOfThePanel");
    EXPECT_EQ(refusal(court.rule_by_panel(id, true, world.appeal_ruling(id, false))),
              "NotSignedByAuditor")
        << "the panel said the opposite";
    EXPECT_EQ(refusal(court.rule_by_panel(id, true, {})), "QuorumTooSmall");
    EXPECT_EQ(refusal(court.rule_by_governor(world.council(), id, true)),
              "AccessManagedUnauthorized");
}

TEST_F(Accused, WhereAllAuditorsAccuseThereIsNoPanel) {
    Accuse all = world.accusation(1, world.site(1), 100);
    const Digest digest = crypto::signing_digest(world.domain(), all.fault);
    all.signatures = {{0, world.signer(0).sign(digest)},
                      {1, world.signer(1).sign(digest)},
                      {2, world.signer(2).sign(digest)}};
    ASSERT_TRUE(world.chain->vault().stake(world.site(1), 10));
    ASSERT_TRUE(world.chain->accuse(all));
    const Digest other = world.chain->vault().cases().at(1).digest;
    ASSERT_TRUE(court.appeal(world.site(1), other));
    EXPECT_EQ(refusal(court.rule_by_panel(other, false, world.appeal_ruling(other, false))),
              "NoPanel");
    EXPECT_TRUE(court.rule_by_governor(world.governor(), other, false));
}

TEST_F(Accused, APanelThatAcquitsGivesTheBondBack) {
    ASSERT_TRUE(court.appeal(site, id));
    ASSERT_TRUE(court.rule_by_panel(id, false, world.appeal_ruling(id, false)));
    EXPECT_EQ(state(), SlashState::kDropped);
    EXPECT_EQ(tokens(), Amount{99'000});
    EXPECT_EQ(court.trial_of(id).stage, TrialStage::kClosed);
    EXPECT_EQ(pool(), Amount{0});
}

TEST_F(Accused, AConfirmationCanBeEscalatedForTwiceTheBond) {
    ASSERT_TRUE(court.appeal(site, id));
    ASSERT_TRUE(court.rule_by_panel(id, true, world.appeal_ruling(id, true)));
    EXPECT_EQ(pool(), Amount{1'001}) << "the first bond is gone";
    EXPECT_EQ(execute_after(), world.chain->now() + world.chain->options().appeal);
    EXPECT_EQ(refusal(court.escalate(world.site(1), id)), "NotTheAccused");
    ASSERT_TRUE(court.escalate(site, id));
    EXPECT_EQ(tokens(), Amount{99'000 - 3 * 1'001});
    EXPECT_EQ(refusal(court.rule_by_panel(id, true, world.appeal_ruling(id, true))), "WrongStage");
    ASSERT_TRUE(court.rule_by_governor(world.governor(), id, false));
    EXPECT_EQ(tokens(), Amount{99'000 - 1'001});
    EXPECT_EQ(state(), SlashState::kDropped);
}

TEST_F(Accused, AnEscalationThatNobodyRulesOnLeavesThePanelsWord) {
    ASSERT_TRUE(court.appeal(site, id));
    ASSERT_TRUE(court.rule_by_panel(id, true, world.appeal_ruling(id, true)));
    ASSERT_TRUE(court.escalate(site, id));
    world.chain->set_time(court.trial_of(id).deadline);
    EXPECT_EQ(refusal(court.lapse(id)), "DeadlineNotPassed");
    world.chain->advance(1);
    ASSERT_TRUE(court.lapse(id));
    EXPECT_EQ(court.trial_of(id).stage, TrialStage::kClosed);
    EXPECT_EQ(pool(), Amount{3 * 1'001}) << "both bonds are gone";
    EXPECT_EQ(execute_after(), world.chain->now());
    ASSERT_TRUE(world.chain->vault().execute_slash(id));
    EXPECT_EQ(world.chain->vault().account(site).stake, Amount{800});
}

TEST_F(Accused, AConfirmedCaseIsDroppedWithItsRoundUntilItIsExecuted) {
    const crypto::AttestedFault fault = world.accusation(1, site, 2'000).fault;
    ASSERT_TRUE(court.appeal(site, id));
    ASSERT_TRUE(court.rule_by_governor(world.governor(), id, true));
    ASSERT_TRUE(world.chain->void_round(world.council(), world.commitment(1, 0).commitment));
    ASSERT_TRUE(court.drop_voided(fault));
    EXPECT_EQ(state(), SlashState::kDropped);
    EXPECT_EQ(tokens(), Amount{99'000 - 1'001}) << "the bond was forfeited before";
    EXPECT_EQ(refusal(court.drop_voided(fault)), "NoOpenCase");
}

TEST_F(Accused, AnExecutedCaseIsNotDropped) {
    const crypto::AttestedFault fault = world.accusation(1, site, 2'000).fault;
    ASSERT_TRUE(court.appeal(site, id));
    ASSERT_TRUE(court.rule_by_governor(world.governor(), id, true));
    ASSERT_TRUE(world.chain->vault().execute_slash(id));
    ASSERT_TRUE(world.chain->void_round(world.council(), world.commitment(1, 0).commitment));
    EXPECT_EQ(refusal(court.drop_voided(fault)), "NoOpenCase");
}

TEST_F(Accused, ABondThatTheTokenRefusesWaitsForItsOwner) {
    ASSERT_TRUE(court.appeal(site, id));
    world.chain->token().set_refused(site, true);
    ASSERT_TRUE(court.rule_by_governor(world.governor(), id, false));
    EXPECT_EQ(state(), SlashState::kDropped) << "the acquittal does not wait";
    EXPECT_EQ(court.trial_of(id).bond, Amount{0});
    EXPECT_EQ(court.credit_of(site), Amount{1'001});
    EXPECT_EQ(refusal(court.withdraw_bond(site)), "ERC20InvalidReceiver");
    world.chain->token().set_refused(site, false);
    const Amount before = tokens();
    ASSERT_TRUE(court.withdraw_bond(site));
    EXPECT_EQ(tokens(), before + 1'001);
    EXPECT_EQ(refusal(court.withdraw_bond(site)), "NothingCredited");
}

TEST_F(Accused, APoolThatTheTokenRefusesSavesNobody) {
    world.chain->token().set_refused(world.chain->vault().slash_pool(), true);
    ASSERT_TRUE(court.appeal(site, id));
    ASSERT_TRUE(court.rule_by_panel(id, true, world.appeal_ruling(id, true)));
    EXPECT_EQ(court.trial_of(id).stage, TrialStage::kConfirmed);
    ASSERT_TRUE(court.escalate(site, id));
    world.chain->set_time(court.trial_of(id).deadline + 1);
    ASSERT_TRUE(court.lapse(id));
    EXPECT_EQ(court.credit_of(world.chain->vault().slash_pool()), Amount{3 * 1'001});
    EXPECT_EQ(pool(), Amount{0});
    EXPECT_TRUE(world.chain->vault().execute_slash(id));
}

TEST_F(Accused, WhatTheGovernorUpholdsIsExecutedAtOnce) {
    ASSERT_TRUE(court.appeal(site, id));
    ASSERT_TRUE(court.rule_by_governor(world.governor(), id, true));
    EXPECT_EQ(refusal(court.escalate(site, id)), "WrongStage");
    ASSERT_TRUE(world.chain->vault().execute_slash(id));
    EXPECT_EQ(world.chain->vault().account(site).stake, Amount{800});
    EXPECT_EQ(pool(), Amount{1'001});
}

TEST_F(Accused, AVetoGivesTheBondBackWithoutARuling) {
    ASSERT_TRUE(court.appeal(site, id));
    EXPECT_EQ(refusal(court.settle_vetoed(id)), "CaseStillOpen");
    ASSERT_TRUE(world.chain->vault().veto_slash(world.council(), id));
    EXPECT_EQ(refusal(court.rule_by_governor(world.governor(), id, true)), "CaseNotPending");
    EXPECT_EQ(refusal(court.rule_by_governor(world.governor(), id, false)), "CaseNotPending");
    ASSERT_TRUE(court.settle_vetoed(id));
    EXPECT_EQ(tokens(), Amount{99'000});
    EXPECT_EQ(refusal(court.settle_vetoed(id)), "WrongStage") << "once";
}

TEST_F(Accused, ACaseAboutAVoidedRoundIsDropped) {
    const crypto::AttestedFault fault = world.accusation(1, site, 2'000).fault;
    EXPECT_EQ(refusal(court.drop_voided(fault)), "RoundNotVoided");
    ASSERT_TRUE(court.appeal(site, id));
    ASSERT_TRUE(world.chain->void_round(world.council(), world.commitment(1, 0).commitment));
    crypto::AttestedFault other = fault;
    other.site = world.site(1);
    EXPECT_EQ(refusal(court.drop_voided(other)), "NoOpenCase");
    ASSERT_TRUE(court.drop_voided(fault));
    EXPECT_EQ(tokens(), Amount{99'000});
    EXPECT_EQ(state(), SlashState::kDropped);
    EXPECT_EQ(refusal(court.drop_voided(fault)), "NoOpenCase");
}

TEST_F(Accused, TheBondIsTheOneOfTheDayOfTheAppeal) {
    EXPECT_EQ(refusal(court.set_appeal_bond(world.council(), 1)), "AccessManagedUnauthorized");
    ASSERT_TRUE(court.set_appeal_bond(world.governor(), 7));
    ASSERT_TRUE(court.appeal(site, id));
    ASSERT_TRUE(court.set_appeal_bond(world.governor(), 900));
    ASSERT_TRUE(court.rule_by_panel(id, false, world.appeal_ruling(id, false)));
    EXPECT_EQ(tokens(), Amount{99'000}) << "seven went, seven came back";
}

}  // namespace
}  // namespace fedstake::chain
