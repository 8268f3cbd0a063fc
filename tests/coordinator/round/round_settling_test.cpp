// Aggregation, attestation, ledger intents and the end of a run.
#include <algorithm>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "coordinator/round/round_machine.hpp"
#include "tests/coordinator/round/federation_fixture.hpp"

namespace fedstake::round::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

std::vector<std::string> intent_keys(const Actions& actions) {
    std::vector<std::string> keys;
    for (const PostIntent& action : all_of_kind<PostIntent>(actions)) {
        keys.push_back(action.intent.key);
    }
    return keys;
}

TEST(RoundMachineAttest, AsksAuditorsOnceAggregated) {
    MachineTest test;
    test.start_collecting();
    test.send_all();
    const auto asked = all_of_kind<RequestAttestation>(test.aggregate());
    ASSERT_THAT(asked, SizeIs(1));
    EXPECT_EQ(asked[0].commitment.round, 1U);
    EXPECT_EQ(test.phase(), Phase::kAggregated);
    EXPECT_EQ(test.machine.next_deadline(), test.now + Duration{60'000});
}

TEST(RoundMachineAttest, OpensTheNextRoundWithEnoughSignatures) {
    MachineTest test;
    test.start_collecting();
    test.send_all();
    test.aggregate();
    EXPECT_THAT(test.step(test.federation.attestation(test.state(), 1)), IsEmpty());
    const auto actions = test.step(test.federation.attestation(test.state(), 0));
    const auto records = all_of_kind<RecordResult>(actions);
    ASSERT_THAT(records, SizeIs(1));
    EXPECT_THAT(intent_keys(actions), ElementsAre("commit/1"));
    ASSERT_THAT(all_of_kind<AnnounceRound>(actions), SizeIs(1));
    EXPECT_EQ(test.state().context.round, 2U);
    EXPECT_EQ(test.state().context.base_model, records[0].commitment.model);
    EXPECT_EQ(test.state().context.previous_rewards_root, records[0].commitment.rewards_root);
    EXPECT_EQ(test.state().context.cohort[0].cumulative_reward, 250U) << "1000 over four sites";

    const auto intents = all_of_kind<PostIntent>(actions);
    const auto& commit = std::get<chain::CommitRound>(intents.at(0).intent.operation);
    ASSERT_THAT(commit.signatures, SizeIs(2));
    EXPECT_EQ(commit.signatures[0].index, 0U) << "by auditor index, not by arrival";
    EXPECT_EQ(commit.signatures[1].index, 1U);
}

TEST(RoundMachineAttest, AccusationsCarryADeadlineThatAuditorsSign) {
    MachineTest test;
    test.start_collecting();
    test.send_all();
    const auto asked = all_of_kind<RequestAttestation>(test.aggregate({test.federation.site(3)}));
    ASSERT_THAT(asked.at(0).faults, SizeIs(1));
    const auto expected = static_cast<std::uint64_t>(test.now.ms / 1000) + 7 * 24 * 3600;
    EXPECT_EQ(asked[0].faults[0].deadline, expected);
    const auto actions = test.attest_all();
    EXPECT_THAT(intent_keys(actions),
                ElementsAre("commit/1", "accuse/1/" + test.federation.site(3).hex() + "/2"));
}

TEST(RoundMachineAttest, BadSignatureCountsAsARefusal) {
    MachineTest test({.auditors = 2, .auditors_needed = 2});
    test.start_collecting();
    test.send_all();
    test.aggregate();
    auto forged = test.federation.attestation(test.state(), 0);
    forged.commitment.bytes[3] ^= 1;
    const auto actions = test.step(forged);
    const auto aborted = all_of_kind<AnnounceAbort>(actions);
    ASSERT_THAT(aborted, SizeIs(1)) << "two of two are needed: there is nothing left to wait for";
    EXPECT_THAT(aborted[0].reason, HasSubstr("site-0 refused: bad signature"));
    EXPECT_EQ(test.state().context.attempt, 1U);
}

TEST(RoundMachineAttest, MissingFaultSignatureIsNotEnough) {
    MachineTest test({.auditors = 3, .auditors_needed = 2});
    test.start_collecting();
    test.send_all();
    test.aggregate({test.federation.site(3)});
    auto partial = test.federation.attestation(test.state(), 0);
    partial.faults.clear();
    EXPECT_THAT(test.step(partial), IsEmpty());
    EXPECT_THAT(test.state().proposal->signatures, IsEmpty());
    test.step(test.federation.attestation(test.state(), 0));
    EXPECT_THAT(test.state().proposal->signatures, SizeIs(1)) << "an auditor may correct itself";
}

TEST(RoundMachineAttest, SignatureStandsWhateverItsAuditorSaysLater) {
    MachineTest test({.auditors = 2, .auditors_needed = 2});
    test.start_collecting();
    test.send_all();
    test.aggregate();
    const auto good = test.federation.attestation(test.state(), 0);
    test.step(good);
    auto forged = good;
    forged.commitment.bytes[3] ^= 1;
    EXPECT_THAT(test.step(forged), IsEmpty());
    EXPECT_THAT(test.step(AuditorRefused{
                    .round = 1, .attempt = 0, .auditor = test.federation.site(0), .reason = "no"}),
                IsEmpty());
    EXPECT_THAT(test.state().proposal->refusals, IsEmpty());
    EXPECT_EQ(test.state().proposal->signatures.at(test.federation.site(0)), good);
}

TEST(RoundMachineAttest, OnlyAuditorsCount) {
    MachineTest test({.auditors = 1, .auditors_needed = 1});
    test.start_collecting();
    test.send_all();
    test.aggregate();
    EXPECT_THAT(test.step(test.federation.attestation(test.state(), 2)), IsEmpty());
    EXPECT_EQ(test.phase(), Phase::kAggregated);
}

TEST(RoundMachineAttest, SignaturesOfAnotherAttemptAreIgnored) {
    MachineTest test;
    test.start_collecting();
    test.send_all();
    test.aggregate();
    auto old = test.federation.attestation(test.state(), 0);
    old.attempt += 1;
    EXPECT_THAT(test.step(old), IsEmpty());
    EXPECT_THAT(test.state().proposal->signatures, IsEmpty());
}

TEST(RoundMachineAttest, DeadlineAbortsAndNamesWhoIsMissing) {
    MachineTest test({.auditors = 3, .auditors_needed = 2});
    test.start_collecting();
    test.send_all();
    test.aggregate();
    test.step(test.federation.attestation(test.state(), 0));
    test.step(AuditorRefused{.round = 1,
                             .attempt = 0,
                             .auditor = test.federation.site(1),
                             .reason = "aggregate differs"});
    const auto aborted =
        all_of_kind<AnnounceAbort>(test.at(test.state().deadline.ms, DeadlinePassed{}));
    ASSERT_THAT(aborted, SizeIs(1));
    EXPECT_THAT(aborted[0].reason, HasSubstr("1 of 2"));
    EXPECT_THAT(aborted[0].reason, HasSubstr("site-1 refused: aggregate differs"));
    EXPECT_THAT(aborted[0].reason, HasSubstr("site-2 did not answer"));
}

TEST(RoundMachineCollect, LateVerdictNamesItsOwnUpdate) {
    MachineTest test;
    test.start_collecting();
    const auto old = test.federation.update(test.state(), 0);
    test.step(UpdateSigned{old});
    test.at(test.state().deadline.ms, DeadlinePassed{});
    ASSERT_EQ(test.state().context.attempt, 1U);
    test.step(UpdateSigned{test.federation.update(test.state(), 0, 1)});
    const auto refused =
        all_of_kind<RefuseUpdate>(test.step(UpdateStored{.round = 1,
                                                         .attempt = 0,
                                                         .site = test.federation.site(0),
                                                         .update_root = old.statement.update_root,
                                                         .verdict = Refusal::kNone}));
    ASSERT_THAT(refused, SizeIs(1));
    EXPECT_EQ(refused[0].refusal, Refusal::kLate);
    EXPECT_EQ(refused[0].attempt, 0U);
    EXPECT_EQ(refused[0].update_root, old.statement.update_root);
}

TEST(RoundMachineAttest, WithoutRequiredAuditorsTheRoundStandsAtOnce) {
    MachineTest test({.auditors = 0, .auditors_needed = 0});
    test.start_collecting();
    test.send_all();
    const auto actions = test.aggregate();
    EXPECT_THAT(all_of_kind<RequestAttestation>(actions), IsEmpty());
    EXPECT_THAT(all_of_kind<RecordResult>(actions), SizeIs(1));
}

TEST(RoundMachineAttest, FailedAggregationAbortsTheAttempt) {
    MachineTest test;
    test.start_collecting();
    test.send_all();
    const auto actions = test.step(
        AggregationFailed{.round = 1, .attempt = 0, .reason = "krum needs n >= 2f+3, n is 4"});
    ASSERT_THAT(all_of_kind<AnnounceAbort>(actions), SizeIs(1));
    EXPECT_THAT(all_of_kind<AnnounceAbort>(actions)[0].reason, HasSubstr("krum needs"));
}

TEST(RoundMachineAttest, ResultOfAnAbortedAttemptIsIgnored) {
    MachineTest test;
    test.start_collecting();
    test.send_all();
    const auto late = test.federation.outcome(test.machine);
    test.step(AggregationFailed{.round = 1, .attempt = 0, .reason = "disk"});
    const State before = test.state();
    EXPECT_THAT(test.step(late), IsEmpty());
    EXPECT_EQ(test.state(), before);
}

TEST(RoundMachineFinish, WaitsForTheLedgerThenReleasesTheModel) {
    MachineTest test({.rounds_max = 2});
    test.start_collecting();
    for (int round = 0; round < 2; ++round) {
        test.send_all();
        test.aggregate();
        test.attest_all();
    }
    EXPECT_EQ(test.phase(), Phase::kSettling);
    test.step(RoundPosted{1});
    test.step(RoundFinal{1});
    test.step(RoundPosted{2});
    EXPECT_EQ(test.phase(), Phase::kSettling);
    const auto actions = test.step(RoundFinal{2});
    ASSERT_THAT(all_of_kind<ReleaseModel>(actions), SizeIs(1));
    EXPECT_EQ(all_of_kind<ReleaseModel>(actions)[0].commitment.round, 2U);
    EXPECT_THAT(all_of_kind<Finish>(actions), SizeIs(1));
    EXPECT_EQ(test.phase(), Phase::kFinished);
}

TEST(RoundMachineFinish, WithoutAChainAnAttestedRoundIsFinal) {
    MachineTest test({.rounds_max = 1, .chain_enabled = false});
    test.start_collecting();
    test.send_all();
    test.aggregate();
    const auto actions = test.attest_all();
    EXPECT_THAT(intent_keys(actions), IsEmpty());
    EXPECT_THAT(all_of_kind<ReleaseModel>(actions), SizeIs(1));
    EXPECT_EQ(test.phase(), Phase::kFinished);
}

TEST(RoundMachineFinish, MoreRoundsAfterARestartGoOnWhereItEnded) {
    MachineTest test({.rounds_max = 1, .chain_enabled = false});
    test.start_collecting();
    test.send_all();
    test.aggregate();
    test.attest_all();
    auto more = test.federation.started();
    more.rounds_max = 2;
    test.step(more);
    EXPECT_EQ(test.state().context.round, 2U);
    EXPECT_EQ(test.phase(), Phase::kOpen);
    for (std::size_t i = 0; i < 3; ++i) {
        test.step(SiteSeen{test.federation.site(i)});
    }
    EXPECT_EQ(test.phase(), Phase::kCollecting);
}

TEST(RoundMachineFinish, TrainingDoesNotWaitForTheLedger) {
    MachineTest test({.rounds_max = 10});
    test.start_collecting();
    for (int round = 0; round < 5; ++round) {
        test.send_all();
        test.aggregate();
        test.attest_all();
    }
    EXPECT_EQ(test.state().context.round, 6U);
    EXPECT_THAT(test.state().ledger, SizeIs(5));
    test.step(RoundFinal{3});
    EXPECT_THAT(test.state().ledger, SizeIs(2)) << "finality of a round covers the earlier ones";
}

TEST(RoundMachineActions, KeysAreUniqueWithinARun) {
    MachineTest test({.rounds_max = 3});
    std::vector<std::string> keys;
    const auto note = [&](const Actions& actions) {
        for (const Action& action : actions) {
            if (is_durable(action)) {
                keys.push_back(action_key(action));
            }
        }
    };
    note(test.start_collecting());
    for (int round = 0; round < 3; ++round) {
        note(test.send_all());
        note(test.aggregate({test.federation.site(3)}));
        note(test.attest_all());
    }
    const std::size_t all = keys.size();
    std::sort(keys.begin(), keys.end());
    keys.erase(std::unique(keys.begin(), keys.end()), keys.end());
    EXPECT_EQ(keys.size(), all);
    EXPECT_GE(all, 9U);
}

}  // namespace
}  // namespace fedstake::round::testing
