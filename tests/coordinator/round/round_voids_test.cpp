// Rounds that the ledger voids begin again, from the round before and with attempts never used.
#include <algorithm>
#include <map>
#include <set>
#include <utility>

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

// A machine that remembers what it attested, as the host's store does.
class VoidsTest : public ::testing::Test {
protected:
    explicit VoidsTest(FederationOptions options = {.rounds_max = 10}) : test(options) {}

    Actions run_round(std::vector<SiteId> accused = {}) {
        test.send_all();
        test.aggregate(std::move(accused));
        Actions actions = test.attest_all();
        for (const RecordResult& record : all_of_kind<RecordResult>(actions)) {
            records[record.commitment.round] = {.context = record.context,
                                                .settlement = record.settlement,
                                                .commitment = record.commitment,
                                                .state = record.report.state};
        }
        return actions;
    }

    RoundVoided voided(RoundNumber round) const {
        RoundVoided event{
            .round = round, .commitment = records.at(round).commitment.struct_hash(), .before = {}};
        if (round > 1) {
            event.before = records.at(round - 1);
        }
        return event;
    }

    MachineTest test;
    std::map<RoundNumber, Standing> records;
};

std::vector<std::string> dropped(const Actions& actions) {
    std::vector<std::string> keys;
    for (const DropIntent& action : all_of_kind<DropIntent>(actions)) {
        keys.push_back(action.key);
    }
    return keys;
}

std::vector<std::string> posted(const Actions& actions) {
    std::vector<std::string> keys;
    for (const PostIntent& action : all_of_kind<PostIntent>(actions)) {
        keys.push_back(action.intent.key);
    }
    return keys;
}

TEST_F(VoidsTest, BeginsAgainFromTheRoundBeforeWithAHigherAttempt) {
    test.start_collecting();
    for (int round = 0; round < 3; ++round) {
        run_round();
    }
    ASSERT_EQ(test.state().context.round, 4U);
    const auto actions = test.step(voided(2));

    const auto back = all_of_kind<TakeBack>(actions);
    ASSERT_THAT(back, SizeIs(1));
    EXPECT_TRUE(std::holds_alternative<TakeBack>(actions.front())) << "evidence first";
    EXPECT_EQ(back[0].round, 2U);
    EXPECT_EQ(back[0].last, 3U);
    EXPECT_EQ(back[0].attempt, 1U);
    EXPECT_THAT(dropped(actions), ElementsAre("commit/2", "commit/3"));
    const auto aborted = all_of_kind<AnnounceAbort>(actions);
    ASSERT_THAT(aborted, SizeIs(1));
    EXPECT_EQ(aborted[0].round, 4U);
    EXPECT_THAT(aborted[0].reason, HasSubstr("round 2 was voided"));

    const auto opened = all_of_kind<AnnounceRound>(actions);
    ASSERT_THAT(opened, SizeIs(1));
    const rules::RoundContext& context = opened[0].context;
    EXPECT_EQ(context.round, 2U);
    EXPECT_EQ(context.attempt, 1U);
    EXPECT_EQ(context.base_model, records.at(1).commitment.model);
    EXPECT_EQ(context.previous_rewards_root, records.at(1).commitment.rewards_root);
    EXPECT_EQ(context.previous_aggregate, records.at(1).commitment.aggregate_root);
    EXPECT_EQ(context.previous_state, records.at(1).state);
    EXPECT_EQ(context.cohort[0].cumulative_reward, 250U) << "of round 1 alone";
    EXPECT_NE(context.salt, records.at(2).context.salt);
    EXPECT_THAT(test.state().ledger, SizeIs(1)) << "round 1 waits for its finality";
}

TEST_F(VoidsTest, TheRunGoesOnToItsEnd) {
    test.start_collecting();
    run_round();
    run_round();
    test.step(voided(1));
    for (RoundNumber round = 1; round <= 10; ++round) {
        ASSERT_EQ(test.state().context.round, round);
        EXPECT_THAT(posted(run_round()), ElementsAre("commit/" + std::to_string(round) + "/1"));
    }
    EXPECT_EQ(test.phase(), Phase::kSettling);
    EXPECT_THAT(all_of_kind<ReleaseModel>(test.step(RoundFinal{10})), SizeIs(1));
    EXPECT_EQ(test.phase(), Phase::kFinished);
}

TEST_F(VoidsTest, TheFirstRoundBeginsAgainFromTheInitialModel) {
    test.start_collecting();
    run_round();
    const auto actions = test.step(voided(1));
    const auto opened = all_of_kind<AnnounceRound>(actions);
    ASSERT_THAT(opened, SizeIs(1));
    EXPECT_EQ(opened[0].context.base_model, test.state().initial_model);
    EXPECT_TRUE(opened[0].context.previous_rewards_root.is_zero());
    EXPECT_TRUE(opened[0].context.previous_state.is_zero());
    EXPECT_EQ(opened[0].context.cohort[0].cumulative_reward, 0U);
    EXPECT_FALSE(test.state().last.has_value());
    EXPECT_THAT(test.state().ledger, IsEmpty());
}

TEST_F(VoidsTest, NoAttemptOfAnyRoundIsEverOpenedTwice) {
    std::set<std::pair<RoundNumber, std::uint32_t>> opened;
    const auto note = [&](const Actions& actions) {
        for (const AnnounceRound& action : all_of_kind<AnnounceRound>(actions)) {
            EXPECT_TRUE(opened.emplace(action.context.round, action.context.attempt).second)
                << action.context.round << "/" << action.context.attempt;
        }
    };
    note(test.start_collecting());
    // Round 1 needs three attempts, so every void begins above them.
    for (std::uint32_t attempt = 0; attempt < 2; ++attempt) {
        test.send_all();
        note(test.step(AggregationFailed{.round = 1, .attempt = attempt, .reason = "disk"}));
    }
    note(run_round());
    note(run_round());
    note(run_round());
    ASSERT_EQ(test.state().attempt_highest, 2U);
    note(test.step(voided(2)));
    EXPECT_EQ(test.state().context.attempt, 3U) << "above round 1's, which stands";
    note(run_round());
    EXPECT_EQ(test.state().context.attempt, 3U) << "round 3 does not go back to attempt 0";
    note(run_round());
    note(run_round());
    note(test.step(voided(3)));
    EXPECT_EQ(test.state().context.attempt, 4U);
    note(run_round());
    note(test.step(voided(2)));
    EXPECT_EQ(test.state().context.round, 2U);
    EXPECT_EQ(test.state().context.attempt, 5U);
    note(run_round());
    note(run_round());
}

TEST_F(VoidsTest, AVoidedRoundHasAsManyAttemptsAsAnyOther) {
    test.start_collecting();
    run_round();
    test.step(voided(1));
    Actions last;
    for (std::uint32_t attempt = 1; attempt <= 3; ++attempt) {
        EXPECT_EQ(test.state().context.attempt, attempt);
        test.send_all();
        last = test.step(AggregationFailed{.round = 1, .attempt = attempt, .reason = "disk"});
    }
    EXPECT_EQ(test.phase(), Phase::kStopped);
    ASSERT_THAT(all_of_kind<Stop>(last), SizeIs(1));
    EXPECT_THAT(all_of_kind<Stop>(last)[0].reason, HasSubstr("aborted 3 times"));
}

TEST_F(VoidsTest, DropsAccusationsOfVoidedRoundsAndNamesNewOnesByAttempt) {
    test.start_collecting();
    const SiteId accused = test.federation.site(3);
    const std::string key = "accuse/1/" + accused.hex() + "/2";
    EXPECT_THAT(posted(run_round({accused})), ElementsAre("commit/1", key));
    EXPECT_THAT(dropped(test.step(voided(1))), ElementsAre("commit/1", key));
    EXPECT_THAT(posted(run_round({accused})), ElementsAre("commit/1/1", key + "/1"));
}

TEST_F(VoidsTest, WhatIsNotTheStandingCommitmentChangesNothing) {
    test.start_collecting();
    run_round();
    run_round();
    RoundVoided other = voided(2);
    other.commitment.bytes[0] ^= 1;
    RoundVoided orphan = voided(2);
    orphan.before.reset();
    RoundVoided wrong_parent = voided(2);
    wrong_parent.before->commitment.round = 7;
    RoundVoided unknown = voided(2);
    unknown.round = 9;
    const RoundVoided first = voided(1);
    const State before = test.state();
    for (const RoundVoided& event : {other, orphan, wrong_parent, unknown}) {
        EXPECT_FALSE(test.machine.changes_state(event));
        EXPECT_THAT(test.step(event), IsEmpty());
        EXPECT_EQ(test.state(), before);
    }
    test.step(voided(2));
    const State again = test.state();
    EXPECT_THAT(test.step(voided(2)), IsEmpty()) << "said twice";
    EXPECT_EQ(test.state(), again);
    EXPECT_TRUE(test.machine.changes_state(first));
}

TEST_F(VoidsTest, AFinalRoundStays) {
    test.start_collecting();
    run_round();
    run_round();
    test.step(RoundFinal{1});
    EXPECT_THAT(test.step(voided(1)), IsEmpty());
    EXPECT_EQ(test.state().context.round, 3U);
}

TEST_F(VoidsTest, EveryPhaseGoesBack) {
    const auto expect_back = [&](const char* when) {
        SCOPED_TRACE(when);
        const RoundNumber round = test.state().last->commitment.round;
        const auto actions = test.step(voided(round));
        EXPECT_THAT(all_of_kind<AnnounceRound>(actions), SizeIs(1));
        EXPECT_EQ(test.state().context.round, round);
        EXPECT_FALSE(test.state().proposal.has_value());
        EXPECT_EQ(test.phase(), Phase::kCollecting);
    };
    test.start_collecting();
    run_round();
    test.send(0);
    expect_back("collecting");
    run_round();
    test.send_all();
    expect_back("closed");
    run_round();
    test.send_all();
    const auto late = test.federation.outcome(test.machine);
    test.aggregate();
    expect_back("aggregated");
    EXPECT_THAT(test.step(late), IsEmpty()) << "a result of the dead attempt";
    for (RoundNumber round = 1; round <= 10; ++round) {
        run_round();
    }
    ASSERT_EQ(test.phase(), Phase::kSettling);
    expect_back("settling");
}

TEST_F(VoidsTest, WaitsForSitesWhereTheCoordinatorHasJustStarted) {
    test.start_collecting();
    run_round();
    test.step(test.federation.started());
    const auto actions = test.step(voided(1));
    EXPECT_THAT(all_of_kind<AnnounceRound>(actions), IsEmpty());
    EXPECT_THAT(all_of_kind<WaitForSites>(actions), SizeIs(1));
    EXPECT_EQ(test.phase(), Phase::kOpen);
    EXPECT_EQ(test.state().context.attempt, 1U);
}

class ChainlessVoidsTest : public VoidsTest {
protected:
    ChainlessVoidsTest() : VoidsTest({.rounds_max = 4, .chain_enabled = false}) {}
};

TEST_F(ChainlessVoidsTest, WithoutAChainNothingIsVoided) {
    test.start_collecting();
    run_round();
    const State before = test.state();
    EXPECT_THAT(test.step(voided(1)), IsEmpty());
    EXPECT_EQ(test.state(), before);
    EXPECT_EQ(before.context.attempt, 0U);
}

}  // namespace
}  // namespace fedstake::round::testing
