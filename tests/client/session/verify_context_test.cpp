#include "client/session/verify_context.hpp"

#include <algorithm>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "proto/base/rng.hpp"
#include "tests/aggregation/round_builder.hpp"

namespace fedstake::session {
namespace {

using aggregation::testing::RoundBuilder;

// Round 1 as attested, and the context of round 2 that follows from it.
class VerifyContext : public ::testing::Test {
protected:
    void SetUp() override {
        Rng rng(3);
        for (auto& row : builder_.values) {
            row.resize(64);
            for (auto& value : row) value = static_cast<std::int32_t>(rng.normal() * 100'000.0);
        }
        builder_.context.round = 1;
        builder_.context.previous_aggregate = {};
        builder_.context.previous_rewards_root = {};
        for (auto& member : builder_.context.cohort) {
            member.cumulative_reward = 0;
            member.strikes = 0;
            member.offences = 0;
        }
        builder_.context.rules_digest = builder_.rules.digest();
        std::fill(builder_.values[3].begin(), builder_.values[3].end(), 0);  // gets no score
        builder_.sign();
        const auto outcome = builder_.evaluate();
        ASSERT_TRUE(outcome) << outcome.error().message;
        manifest_.federation = builder_.context.federation;
        manifest_.rules = builder_.rules;
        manifest_.rules.schedule.auditors_needed = 2;
        builder_.context.rules_digest = manifest_.rules.digest();
        for (const auto& member : builder_.context.cohort) {
            manifest_.sites.push_back({.name = "site",
                                       .owner = member.site,
                                       .signer = member.signer,
                                       .curve_key = {},
                                       .trains = true,
                                       .audits = false});
        }
        previous_.context = builder_.context;
        previous_.commitment = outcome->commitment;
        previous_.commitment.context_digest = previous_.context.digest();
        previous_.report = outcome->report.encode();
        previous_.valid_signatures = 2;
        next_ = builder_.context;
        next_.round = 2;
        next_.base_model = previous_.commitment.model;
        next_.previous_aggregate = previous_.commitment.aggregate_root;
        next_.previous_rewards_root = previous_.commitment.rewards_root;
        next_.previous_state = outcome->report.state;
        next_.cohort = rules::next_cohort(builder_.context, outcome->settlement, {});
    }

    // Names of the figures that differ.
    std::vector<std::string> differences(Roster roster = Roster::kOfToday) const {
        const auto checks = verify_context(manifest_, next_, previous_, roster);
        EXPECT_TRUE(checks) << checks.error().message;
        std::vector<std::string> names;
        for (const Check& check : *checks) {
            if (!check.matches) names.push_back(check.figure);
        }
        return names;
    }

    RoundBuilder builder_{4, 64};
    manifest::Manifest manifest_;
    PreviousRound previous_;
    rules::RoundContext next_;
};

TEST_F(VerifyContext, AcceptsWhatFollowsFromTheRoundBefore) {
    EXPECT_TRUE(differences().empty());
}

TEST_F(VerifyContext, NoticesAnInflatedReward) {
    next_.cohort[1].cumulative_reward += 1'000'000;
    EXPECT_EQ(differences(),
              std::vector<std::string>{"standing of " + next_.cohort[1].site.short_hex()});
}

TEST_F(VerifyContext, NoticesAForgottenOrInventedStrike) {
    next_.cohort[0].strikes += 1;
    next_.cohort[2].offences += 1;
    EXPECT_EQ(differences().size(), 2U);
}

TEST_F(VerifyContext, NoticesASignerThatIsNotTheSites) {
    next_.cohort[3].signer.bytes[0] ^= 1;
    EXPECT_EQ(differences(), std::vector<std::string>{"cohort"});
}

TEST_F(VerifyContext, NoticesAnInventedSite) {
    rules::CohortMember invented = next_.cohort.back();
    std::fill(invented.site.bytes.begin(), invented.site.bytes.end(), std::uint8_t{0xff});
    next_.cohort.push_back(invented);
    EXPECT_THAT(differences(), ::testing::Contains("cohort"));
}

TEST_F(VerifyContext, NoticesASiteLeftOut) {
    next_.cohort.erase(next_.cohort.begin());
    EXPECT_EQ(differences(), (std::vector<std::string>{"cohort", "sites of the round before"}));
}

TEST_F(VerifyContext, AFinishedRoundIsNotMeasuredByLaterAdmissionsAndRemovals) {
    manifest::SiteEntry admitted_since = manifest_.sites.front();
    admitted_since.name = "new";
    admitted_since.owner.bytes[0] ^= 1;
    manifest_.sites.erase(manifest_.sites.begin());
    manifest_.sites.push_back(admitted_since);
    EXPECT_EQ(differences(), std::vector<std::string>{"cohort"});
    EXPECT_TRUE(differences(Roster::kOfThen).empty());
    next_.cohort.back().signer.bytes[0] ^= 1;
    EXPECT_EQ(differences(Roster::kOfThen), std::vector<std::string>{"cohort"}) << "a foreign key";
}

TEST_F(VerifyContext, KeepsASiteThatLeftTheFederation) {
    manifest_.sites.erase(manifest_.sites.begin());
    next_.cohort[0].barred = true;
    EXPECT_TRUE(differences().empty());
}

TEST_F(VerifyContext, NoticesThatASiteThatLeftLostItsRewards) {
    manifest_.sites.erase(manifest_.sites.begin());
    next_.cohort.erase(next_.cohort.begin());
    EXPECT_EQ(differences(), std::vector<std::string>{"sites of the round before"});
}

// Scores and rewards stay as signed; only the verdict changes, which makes a strike of nothing.
TEST_F(VerifyContext, NoticesAStrikeForgedThroughTheReport) {
    auto report = *aggregation::RoundReport::decode(previous_.report);
    const auto harmless = std::find_if(report.sites.begin(), report.sites.end(),
                                       [](const auto& site) { return site.score == 0; });
    ASSERT_NE(harmless, report.sites.end()) << "needs a site whose score binds nothing";
    harmless->standing = rules::Standing::kStrike;
    harmless->reason = aggregation::Reason::kAnomalous;
    previous_.report = report.encode();
    const auto member = std::find_if(next_.cohort.begin(), next_.cohort.end(),
                                     [&](const auto& m) { return m.site == harmless->site; });
    ASSERT_NE(member, next_.cohort.end());
    member->strikes = 1;
    EXPECT_EQ(differences(), std::vector<std::string>{"report of the round before"});
}

TEST_F(VerifyContext, WantsTheRoundBeforeOfThisFederation) {
    previous_.commitment.federation.bytes[0] ^= 1;
    EXPECT_EQ(differences(), std::vector<std::string>{"federation of the round before"});
}

TEST_F(VerifyContext, NoticesACraftedBaseModel) {
    next_.base_model.bytes[0] ^= 1;
    EXPECT_EQ(differences(), std::vector<std::string>{"base model"});
}

TEST_F(VerifyContext, NoticesACraftedState) {
    next_.previous_state.bytes[0] ^= 1;
    EXPECT_EQ(differences(), std::vector<std::string>{"previous state"});
    next_.previous_state = {};
    EXPECT_EQ(differences(), std::vector<std::string>{"previous state"});
}

TEST_F(VerifyContext, WantsTheRoundBeforeSignedByEnoughAuditors) {
    previous_.valid_signatures = 1;
    EXPECT_EQ(differences(), std::vector<std::string>{"auditors of the round before"});
}

TEST_F(VerifyContext, NeedsTheRoundBefore) {
    EXPECT_EQ(verify_context(manifest_, next_, std::nullopt, Roster::kOfToday).error().code,
              Errc::kInvalidInput);
}

TEST_F(VerifyContext, RoundOneStartsFromNothing) {
    next_ = builder_.context;
    EXPECT_TRUE(differences().empty());
    next_.cohort[0].cumulative_reward = 5;
    EXPECT_EQ(differences().size(), 1U);
}

}  // namespace
}  // namespace fedstake::session
