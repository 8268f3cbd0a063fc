// Opening, collecting and closing a round.
#include "coordinator/round/round_machine.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/coordinator/round/federation_fixture.hpp"

namespace fedstake::round::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

Refusal only_refusal(const Actions& actions) {
    const auto refusals = all_of_kind<RefuseUpdate>(actions);
    return refusals.size() == 1 ? refusals[0].refusal : Refusal::kNone;
}

UpdateStored stored(const rules::SignedUpdate& update, Refusal verdict = Refusal::kNone) {
    return {.round = update.statement.round,
            .attempt = update.statement.attempt,
            .site = update.statement.site,
            .update_root = update.statement.update_root,
            .verdict = verdict};
}

TEST(RoundMachineOpen, RefusesEventsBeforeTheStart) {
    Federation federation;
    RoundMachine machine(federation.config());
    const auto result = machine.step(Timestamp{1}, SiteSeen{federation.site(0)});
    ASSERT_FALSE(result.has_value());
    EXPECT_EQ(result.error().code, Errc::kNotNow);
}

TEST(RoundMachineOpen, WaitsForAQuorumOfSitesBeforeTheClockStarts) {
    MachineTest test;
    const auto waiting = all_of_kind<WaitForSites>(test.start());
    ASSERT_THAT(waiting, SizeIs(1));
    EXPECT_EQ(waiting[0].online, 0U);
    EXPECT_EQ(waiting[0].needed, 3U);
    EXPECT_EQ(test.phase(), Phase::kOpen);
    EXPECT_FALSE(test.machine.next_deadline().has_value());

    test.step(SiteSeen{test.federation.site(0)});
    test.step(SiteSeen{test.federation.site(1)});
    EXPECT_EQ(test.phase(), Phase::kOpen);
    const auto actions = test.step(SiteSeen{test.federation.site(2)});
    ASSERT_THAT(all_of_kind<AnnounceRound>(actions), SizeIs(1));
    EXPECT_THAT(all_of_kind<AnnounceRound>(actions)[0].asked, SizeIs(4));
    EXPECT_EQ(test.phase(), Phase::kCollecting);
    EXPECT_EQ(test.machine.next_deadline(), test.now + Duration{60'000});
}

TEST(RoundMachineOpen, DoesNotCountStrangersOrTheSameSiteTwice) {
    MachineTest test;
    test.start();
    SiteId stranger;
    stranger.bytes.fill(0xee);
    test.step(SiteSeen{stranger});
    test.step(SiteSeen{test.federation.site(0)});
    test.step(SiteSeen{test.federation.site(0)});
    test.step(SiteSeen{test.federation.site(1)});
    EXPECT_EQ(test.phase(), Phase::kOpen);
}

TEST(RoundMachineOpen, AsksOnlySitesWithStakeThatAreNotBarred) {
    MachineTest test({.sites = 5, .quorum = 3});
    auto stakes = test.federation.stakes();
    stakes.stakes[0].stake = 9;  // minimum is 10
    stakes.stakes[1].barred = true;
    test.step(stakes);
    test.step(test.federation.started());
    for (std::size_t i = 0; i < 5; ++i) {
        test.step(SiteSeen{test.federation.site(i)});
    }
    EXPECT_EQ(test.phase(), Phase::kCollecting);
    EXPECT_THAT(test.machine.asked(), SizeIs(3));
    EXPECT_THAT(test.state().context.cohort, SizeIs(5)) << "the cohort lists every enrolled site";

    EXPECT_EQ(only_refusal(test.step(UpdateSigned{test.federation.update(test.state(), 0)})),
              Refusal::kUnstaked);
    EXPECT_EQ(only_refusal(test.step(UpdateSigned{test.federation.update(test.state(), 1)})),
              Refusal::kBarred);
}

TEST(RoundMachineOpen, TakesNewStakesIntoARoundThatStillWaits) {
    MachineTest test({.sites = 3, .quorum = 3});
    auto stakes = test.federation.stakes();
    stakes.stakes[2].stake = 0;
    test.step(stakes);
    test.step(test.federation.started());
    for (std::size_t i = 0; i < 3; ++i) {
        test.step(SiteSeen{test.federation.site(i)});
    }
    EXPECT_EQ(test.phase(), Phase::kOpen) << "only two sites are eligible";
    const auto actions = test.step(test.federation.stakes());
    EXPECT_THAT(all_of_kind<AnnounceRound>(actions), SizeIs(1));
}

TEST(RoundMachineOpen, SaltsDifferForEveryRoundAndAttempt) {
    MachineTest test;
    test.start_collecting();
    const Digest first = test.state().context.salt;
    test.at(test.state().deadline.ms, DeadlinePassed{});
    EXPECT_EQ(test.state().context.attempt, 1U);
    EXPECT_NE(test.state().context.salt, first);
    EXPECT_FALSE(first.is_zero());
}

TEST(RoundMachineCollect, ReceiptsAnUpdateOnlyOnceItIsStored) {
    MachineTest test;
    test.start_collecting();
    const auto update = test.federation.update(test.state(), 0);
    const auto begun = test.step(UpdateSigned{update});
    EXPECT_THAT(all_of_kind<AllowUpload>(begun), SizeIs(1));
    EXPECT_THAT(all_of_kind<SendReceipt>(begun), IsEmpty());

    const auto done = all_of_kind<SendReceipt>(test.step(stored(update)));
    ASSERT_THAT(done, SizeIs(1));
    EXPECT_EQ(done[0].receipt.update_root, update.statement.update_root);
    EXPECT_EQ(done[0].receipt.statement_digest,
              crypto::signing_digest(test.machine.config().domain, update.statement));
    EXPECT_EQ(done[0].received, 1U);
    EXPECT_EQ(done[0].expected, 4U);
}

TEST(RoundMachineCollect, SameSignedBytesAgainGiveTheSameReceipt) {
    MachineTest test;
    test.start_collecting();
    const auto update = test.federation.update(test.state(), 0);
    test.step(UpdateSigned{update});
    const auto first = all_of_kind<SendReceipt>(test.step(stored(update)));
    const State before = test.state();
    EXPECT_FALSE(test.machine.changes_state(UpdateSigned{update}));
    const auto again = all_of_kind<SendReceipt>(test.step(UpdateSigned{update}));
    ASSERT_THAT(again, SizeIs(1));
    EXPECT_EQ(again[0].receipt, first.at(0).receipt);
    EXPECT_EQ(test.state(), before);
}

TEST(RoundMachineCollect, LetsAnInterruptedUploadGoOn) {
    MachineTest test;
    test.start_collecting();
    const auto update = test.federation.update(test.state(), 0);
    test.step(UpdateSigned{update});
    EXPECT_FALSE(test.machine.changes_state(UpdateSigned{update}));
    EXPECT_THAT(all_of_kind<AllowUpload>(test.step(UpdateSigned{update})), SizeIs(1));
}

TEST(RoundMachineCollect, ClosesWhenEverybodySent) {
    MachineTest test;
    test.start_collecting();
    const auto closed = all_of_kind<StartAggregation>(test.send_all());
    ASSERT_THAT(closed, SizeIs(1));
    EXPECT_THAT(closed[0].updates, SizeIs(4));
    EXPECT_FALSE(closed[0].deadline_passed);
    EXPECT_EQ(test.phase(), Phase::kClosed);
    for (std::size_t i = 1; i < 4; ++i) {
        EXPECT_LT(closed[0].updates[i - 1].statement.site, closed[0].updates[i].statement.site);
    }
}

TEST(RoundMachineCollect, ClosesAtTheDeadlineWithAQuorum) {
    MachineTest test;
    test.start_collecting();
    test.send(0);
    test.send(1);
    test.send(3);
    EXPECT_THAT(test.at(test.state().deadline.ms - 1, DeadlinePassed{}), IsEmpty());
    const auto closed =
        all_of_kind<StartAggregation>(test.at(test.state().deadline.ms, DeadlinePassed{}));
    ASSERT_THAT(closed, SizeIs(1));
    EXPECT_TRUE(closed[0].deadline_passed);
    ASSERT_THAT(closed[0].absent, SizeIs(1));
    EXPECT_EQ(closed[0].absent[0].site, test.federation.site(2));
}

TEST(RoundMachineCollect, RetriesTheRoundBelowTheQuorumAtTheDeadline) {
    MachineTest test;
    test.start_collecting();
    test.send(0);
    test.send(1);
    const auto actions = test.at(test.state().deadline.ms, DeadlinePassed{});
    const auto aborted = all_of_kind<AnnounceAbort>(actions);
    ASSERT_THAT(aborted, SizeIs(1));
    EXPECT_TRUE(aborted[0].retry);
    EXPECT_THAT(aborted[0].reason, HasSubstr("only 2 of 3"));
    EXPECT_EQ(test.state().context.round, 1U);
    EXPECT_EQ(test.state().context.attempt, 1U);
    EXPECT_THAT(all_of_kind<AnnounceRound>(actions), SizeIs(1)) << "at once";
    EXPECT_EQ(test.phase(), Phase::kCollecting);
    EXPECT_THAT(test.machine.stored_updates(), IsEmpty());
}

TEST(RoundMachineCollect, StopsAfterTheLastAttemptAndARestartAllowsMore) {
    MachineTest test({.attempts_max = 2});
    test.start_collecting();
    test.at(test.state().deadline.ms, DeadlinePassed{});
    const auto actions = test.at(test.state().deadline.ms, DeadlinePassed{});
    const auto stop = all_of_kind<Stop>(actions);
    ASSERT_THAT(stop, SizeIs(1));
    EXPECT_THAT(stop[0].reason, HasSubstr("round 1 was aborted 2 times"));
    EXPECT_EQ(test.phase(), Phase::kStopped);
    EXPECT_FALSE(test.machine.next_deadline().has_value());

    test.step(test.federation.started());
    EXPECT_EQ(test.phase(), Phase::kOpen) << "waits for the sites to connect again";
    EXPECT_EQ(test.state().context.round, 1U);
    EXPECT_EQ(test.state().context.attempt, 2U) << "a new attempt, never an old number again";
}

TEST(RoundMachineCollect, GateRefusalTakesOnlyThatSiteOutOfTheRound) {
    MachineTest test;
    test.start_collecting();
    const auto bad = test.federation.update(test.state(), 0);
    test.step(UpdateSigned{bad});
    EXPECT_EQ(only_refusal(test.step(stored(bad, Refusal::kNotANumber))), Refusal::kNotANumber);
    EXPECT_EQ(only_refusal(test.step(UpdateSigned{bad})), Refusal::kNotANumber)
        << "the same answer again";
    test.send(1);
    test.send(2);
    const auto closed = all_of_kind<StartAggregation>(test.send(3));
    ASSERT_THAT(closed, SizeIs(1)) << "nobody is left to wait for";
    ASSERT_THAT(closed[0].absent, SizeIs(1));
    EXPECT_EQ(closed[0].absent[0].refusal, Refusal::kNotANumber);
}

TEST(RoundMachineCollect, GivesUpAtOnceWhenRefusalsLeaveTooFew) {
    MachineTest test({.sites = 3, .quorum = 3});
    test.start_collecting();
    test.send(0);
    test.send(1);
    const auto bad = test.federation.update(test.state(), 2);
    test.step(UpdateSigned{bad});
    const auto actions = test.step(stored(bad, Refusal::kAllZero));
    ASSERT_THAT(all_of_kind<AnnounceAbort>(actions), SizeIs(1));
    EXPECT_THAT(all_of_kind<AnnounceAbort>(actions)[0].reason, HasSubstr("every site answered"));
    EXPECT_EQ(test.phase(), Phase::kCollecting) << "the sites are there: attempt 1 at once";
    EXPECT_EQ(test.state().context.attempt, 1U);
}

TEST(RoundMachineCollect, IgnoresBytesThatNobodyAnnounced) {
    MachineTest test;
    test.start_collecting();
    const auto update = test.federation.update(test.state(), 0);
    EXPECT_THAT(test.step(stored(update)), IsEmpty());
    EXPECT_THAT(test.machine.stored_updates(), IsEmpty());
}

struct BadStatement {
    const char* name;
    void (*change)(crypto::UpdateStatement&);
    Refusal refusal;
};

class RoundMachineRefuses : public ::testing::TestWithParam<BadStatement> {};

TEST_P(RoundMachineRefuses, WithItsReasonAndNoChange) {
    MachineTest test;
    test.start_collecting();
    auto statement = test.federation.update(test.state(), 0).statement;
    GetParam().change(statement);
    const auto update = test.federation.sign(statement, 0);
    const State before = test.state();
    EXPECT_FALSE(test.machine.changes_state(UpdateSigned{update}));
    const auto refusals = all_of_kind<RefuseUpdate>(test.step(UpdateSigned{update}));
    ASSERT_THAT(refusals, SizeIs(1));
    EXPECT_EQ(refusals[0].refusal, GetParam().refusal);
    EXPECT_FALSE(refusals[0].detail.empty());
    EXPECT_EQ(test.state(), before);
}

INSTANTIATE_TEST_SUITE_P(
    Statements, RoundMachineRefuses,
    ::testing::Values(
        BadStatement{"Federation", [](auto& s) { s.federation.bytes[0] ^= 1; },
                     Refusal::kWrongFederation},
        BadStatement{"FutureRound", [](auto& s) { s.round += 1; }, Refusal::kEarly},
        BadStatement{"FutureAttempt", [](auto& s) { s.attempt += 1; }, Refusal::kEarly},
        BadStatement{"RoundZero", [](auto& s) { s.round = 0; }, Refusal::kLate},
        BadStatement{"Stranger", [](auto& s) { s.site.bytes.fill(0xee); }, Refusal::kNotEnrolled},
        BadStatement{"SomebodyElse", [](auto& s) { s.site.bytes.fill(0x11); },
                     Refusal::kBadSignature},
        BadStatement{"BaseModel", [](auto& s) { s.base_model.bytes[0] ^= 1; },
                     Refusal::kWrongBaseModel},
        BadStatement{"Size", [](auto& s) { s.coordinates += 1; }, Refusal::kWrongSize}),
    [](const auto& test) { return std::string(test.param.name); });

TEST(RoundMachineCollect, RefusesDetailsThatWereNotSigned) {
    MachineTest test;
    test.start_collecting();
    auto update = test.federation.update(test.state(), 0);
    update.details.push_back(9);
    EXPECT_EQ(only_refusal(test.step(UpdateSigned{update})), Refusal::kMalformed);
}

TEST(RoundMachineCollect, RefusesASignatureThatDoesNotVerify) {
    MachineTest test;
    test.start_collecting();
    auto update = test.federation.update(test.state(), 0);
    update.signature.bytes[5] ^= 1;
    EXPECT_EQ(only_refusal(test.step(UpdateSigned{update})), Refusal::kBadSignature);
    EXPECT_EQ(test.state().progress.at(test.federation.site(0)).update, std::nullopt);
}

TEST(RoundMachineCollect, RefusesWhatComesAfterTheClose) {
    MachineTest test;
    test.start_collecting();
    test.send(0);
    test.send(1);
    const auto half = test.federation.update(test.state(), 2);
    const auto never = test.federation.update(test.state(), 3);
    test.step(UpdateSigned{half});
    const auto sent = test.send(2);
    test.at(test.state().deadline.ms, DeadlinePassed{});
    ASSERT_EQ(test.phase(), Phase::kClosed);
    EXPECT_EQ(only_refusal(test.step(UpdateSigned{never})), Refusal::kLate);
    EXPECT_EQ(only_refusal(test.step(stored(never))), Refusal::kLate);
    EXPECT_EQ(test.phase(), Phase::kClosed);
}

TEST(RoundMachineCollect, ReplaysOfOldRoundsAreRefusedByAge) {
    MachineTest test({.rounds_max = 5});
    test.start_collecting();
    const auto first_round = test.federation.update(test.state(), 0);
    test.send_all();
    test.aggregate();
    test.attest_all();
    ASSERT_EQ(test.state().context.round, 2U);
    EXPECT_EQ(only_refusal(test.step(UpdateSigned{first_round})), Refusal::kLate);
    test.send_all();
    test.aggregate();
    test.attest_all();
    ASSERT_EQ(test.state().context.round, 3U);
    EXPECT_EQ(only_refusal(test.step(UpdateSigned{first_round})), Refusal::kReplayed);
}

// ---- Equivocation ------------------------------------------------------------------------------

TEST(RoundMachineEquivocation, SecondSignedUpdateIsEvidenceAndTheOneWithAReceiptStays) {
    MachineTest test;
    test.start_collecting();
    const auto first = test.federation.update(test.state(), 0);
    const auto second = test.federation.update(test.state(), 0, 1);
    test.send(0);
    const auto actions = test.step(UpdateSigned{second});
    EXPECT_EQ(only_refusal(actions), Refusal::kEquivocation);
    const auto intents = all_of_kind<PostIntent>(actions);
    ASSERT_THAT(intents, SizeIs(1));
    EXPECT_EQ(intents[0].intent.key, "equivocation/1/0/" + test.federation.site(0).hex());
    const auto& proof = std::get<chain::ProveEquivocation>(intents[0].intent.operation);
    EXPECT_EQ(proof.first, first.statement);
    EXPECT_EQ(proof.second, second.statement);
    EXPECT_EQ(proof.second_signature, second.signature);
    // Whoever has the receipt could void a round without it (FaultProver.proveOmission).
    const auto stored = test.machine.stored_updates();
    ASSERT_THAT(stored, SizeIs(1));
    EXPECT_EQ(stored[0].statement, first.statement);
    EXPECT_THAT(all_of_kind<SendReceipt>(test.step(UpdateSigned{first})), SizeIs(1));
    EXPECT_EQ(only_refusal(test.step(UpdateSigned{second})), Refusal::kEquivocation);
}

TEST(RoundMachineEquivocation, OtherDetailsAloneAreRefusedButAccuseNobody) {
    MachineTest test;
    test.start_collecting();
    const auto first = test.federation.update(test.state(), 0);
    const auto again = test.federation.sign(first.statement, 0, {4, 5, 6});
    test.send(0);
    const auto actions = test.step(UpdateSigned{again});
    EXPECT_EQ(only_refusal(actions), Refusal::kMalformed);
    EXPECT_THAT(all_of_kind<PostIntent>(actions), IsEmpty());
    EXPECT_THAT(test.machine.stored_updates(), SizeIs(1)) << "the first one counts";
}

TEST(RoundMachineEquivocation, IsProvenOnce) {
    MachineTest test;
    test.start_collecting();
    test.send(0);
    test.step(UpdateSigned{test.federation.update(test.state(), 0, 1)});
    const auto third = test.federation.update(test.state(), 0, 2);
    EXPECT_FALSE(test.machine.changes_state(UpdateSigned{third}));
    EXPECT_THAT(all_of_kind<PostIntent>(test.step(UpdateSigned{third})), IsEmpty());
}

TEST(RoundMachineEquivocation, CountsEvenBeforeTheFirstUpdateIsComplete) {
    MachineTest test;
    test.start_collecting();
    test.step(UpdateSigned{test.federation.update(test.state(), 0)});
    const auto actions = test.step(UpdateSigned{test.federation.update(test.state(), 0, 1)});
    EXPECT_THAT(all_of_kind<PostIntent>(actions), SizeIs(1));
    const auto first = test.federation.update(test.state(), 0);
    test.step(UpdateStored{.round = 1,
                           .attempt = 0,
                           .site = test.federation.site(0),
                           .update_root = first.statement.update_root,
                           .verdict = Refusal::kNone});
    EXPECT_THAT(test.machine.stored_updates(), IsEmpty()) << "no receipt was given for either";
}

TEST(RoundMachineEquivocation, AfterTheCloseIsEvidenceButTheSetStaysFrozen) {
    MachineTest test;
    test.start_collecting();
    test.send_all();
    const auto actions = test.step(UpdateSigned{test.federation.update(test.state(), 0, 1)});
    EXPECT_THAT(all_of_kind<PostIntent>(actions), SizeIs(1));
    EXPECT_THAT(test.machine.stored_updates(), SizeIs(4));
    EXPECT_EQ(test.phase(), Phase::kClosed);
}

TEST(RoundMachineEquivocation, SomebodyElsesSignatureProvesNothing) {
    MachineTest test;
    test.start_collecting();
    test.send(0);
    auto forged = test.federation.update(test.state(), 0, 1);
    forged.signature = test.federation.update(test.state(), 1).signature;
    const auto actions = test.step(UpdateSigned{forged});
    EXPECT_THAT(all_of_kind<PostIntent>(actions), IsEmpty());
    EXPECT_EQ(only_refusal(actions), Refusal::kBadSignature);
    EXPECT_THAT(test.machine.stored_updates(), SizeIs(1));
}

TEST(RoundMachineRestart, LostUpdateAbortsTheAttemptInsteadOfShrinkingTheSet) {
    MachineTest test;
    test.start_collecting();
    test.send_all();
    const UpdateLost other{
        .round = 1, .attempt = 7, .site = test.federation.site(1), .reason = "?"};
    EXPECT_THAT(test.step(other), IsEmpty());
    const auto aborted = all_of_kind<AnnounceAbort>(test.step(UpdateLost{
        .round = 1, .attempt = 0, .site = test.federation.site(1), .reason = "blob is missing"}));
    ASSERT_THAT(aborted, SizeIs(1));
    EXPECT_THAT(aborted[0].reason, HasSubstr("blob is missing"));
    EXPECT_EQ(test.state().context.attempt, 1U);
}

TEST(RoundMachineRestart, GivesCollectingItsFullTimeAgainAndKeepsUpdates) {
    MachineTest test;
    test.start_collecting();
    test.send(0);
    test.now = test.now + Duration{50'000};
    test.step(test.federation.started());
    EXPECT_EQ(test.phase(), Phase::kCollecting);
    EXPECT_EQ(test.state().context.attempt, 0U);
    EXPECT_EQ(test.state().deadline, test.now + Duration{60'000});
    EXPECT_THAT(test.machine.stored_updates(), SizeIs(1));
}

// ---- Restart with another roster ---------------------------------------------------------------

struct RosterChange {
    const char* name;
    void (*change)(std::vector<RosterEntry>&);
    const char* words;
};

class RoundMachineRoster : public ::testing::TestWithParam<RosterChange> {
protected:
    // Reaches the phase, restarts with the changed roster, and says what came of it.
    static void restart_in(Phase phase) {
        SCOPED_TRACE(phase_name(phase));
        MachineTest test({.attempts_max = 1});
        test.start_collecting();
        test.send(0);
        if (phase != Phase::kCollecting) {
            test.send_all();
        }
        if (phase == Phase::kAggregated) {
            test.aggregate();
        }
        ASSERT_EQ(test.phase(), phase);
        Started again = test.federation.started();
        GetParam().change(again.roster);
        const auto actions = test.step(again);
        const auto aborted = all_of_kind<AnnounceAbort>(actions);
        ASSERT_THAT(aborted, SizeIs(1));
        EXPECT_THAT(aborted[0].reason, HasSubstr(GetParam().words));
        EXPECT_TRUE(aborted[0].retry) << "the only attempt is not used up";
        EXPECT_EQ(test.phase(), Phase::kOpen);
        EXPECT_EQ(test.state().context.attempt, 1U);
        EXPECT_THAT(test.machine.stored_updates(), IsEmpty());
        for (const RosterEntry& entry : again.roster) {
            ASSERT_NE(test.state().context.find(entry.site), nullptr) << entry.name;
            EXPECT_EQ(test.state().context.find(entry.site)->signer, entry.signer) << entry.name;
        }
        EXPECT_EQ(test.state().context.cohort.size(), again.roster.size());

        EXPECT_THAT(all_of_kind<AnnounceAbort>(test.step(again)), IsEmpty()) << "known by now";
        test.step(test.federation.stakes());
        for (std::size_t i = 0; i < 3; ++i) {
            test.step(SiteSeen{test.federation.site(i)});
        }
        ASSERT_EQ(test.phase(), Phase::kCollecting);
        const auto failed = test.at(test.state().deadline.ms, DeadlinePassed{});
        EXPECT_THAT(all_of_kind<Stop>(failed), SizeIs(1)) << "one attempt, not two";
    }
};

TEST_P(RoundMachineRoster, AbortsAnAttemptUnderWayWithoutCountingIt) {
    restart_in(Phase::kCollecting);
    restart_in(Phase::kClosed);
    restart_in(Phase::kAggregated);
}

INSTANTIATE_TEST_SUITE_P(
    Changes, RoundMachineRoster,
    ::testing::Values(
        RosterChange{"Admitted",
                     [](auto& roster) {
                         roster.push_back(roster.back());
                         roster.back().site.bytes.fill(0x7f);
                         roster.back().name = "newcomer";
                     },
                     "newcomer is new"},
        RosterChange{"Removed", [](auto& roster) { roster.pop_back(); }, "site-3 has left"},
        RosterChange{"Signer", [](auto& roster) { roster[2].signer.bytes.fill(0x44); },
                     "site-2 has another signer"}),
    [](const auto& test) { return std::string(test.param.name); });

}  // namespace
}  // namespace fedstake::round::testing
