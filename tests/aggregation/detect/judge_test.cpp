#include "aggregation/detect/judge.hpp"

#include <limits>
#include <set>
#include <string>

#include <gtest/gtest.h>

#include "proto/base/rng.hpp"

namespace fedstake::aggregation::detect {
namespace {

SiteFigures figures_with(std::initializer_list<std::pair<Signal, double>> values) {
    SiteFigures figures;
    for (const auto& [signal, value] : values) figures[static_cast<std::size_t>(signal)] = value;
    return figures;
}

TEST(Signals, HaveUniqueNamesInTheOrderOfTheirNumbers) {
    std::set<std::string_view> names;
    for (std::size_t i = 0; i < all_signals().size(); ++i) {
        const SignalInfo& info = all_signals()[i];
        EXPECT_EQ(static_cast<std::size_t>(info.signal), i);
        EXPECT_TRUE(names.insert(info.name).second) << info.name;
        EXPECT_EQ(signal_named(info.name), info.signal);
        EXPECT_FALSE(info.what.empty() || info.threshold.empty() || info.lies.empty() ||
                     info.source.empty());
    }
    EXPECT_EQ(signal_named("no such signal"), std::nullopt);
}

TEST(Signals, FireOnTheirSideOnlyAndNotAtTheLimit) {
    const Limits limits = limits_for(4);
    EXPECT_EQ(fired(figures_with({{Signal::kNorm, 3.1}, {Signal::kCosine, -0.6}}), limits),
              bit(Signal::kNorm) | bit(Signal::kCosine));
    EXPECT_EQ(fired(figures_with({{Signal::kNorm, 3.0}, {Signal::kCosine, -0.5}}), limits), 0U);
    EXPECT_EQ(fired(SiteFigures{}, limits), 0U);
}

TEST(Limits, GrowWithTheNumberOfSites) {
    EXPECT_DOUBLE_EQ(limits_for(4)[0], 3.0);
    EXPECT_NEAR(limits_for(10)[0], 3.0902323, 1e-6);
    EXPECT_GT(limits_for(512)[0], 4.0);
    EXPECT_EQ(limits_for(4)[static_cast<std::size_t>(Signal::kLikeness)],
              std::numeric_limits<double>::infinity());
}

TEST(Limits, AreTheFederationsOwnWhereItSetsThem) {
    rules::AnomalyRules rules;
    EXPECT_EQ(limits_for(20, rules), limits_for(20)) << "by default they follow from n";
    rules.norm_limit = 5.0;
    rules.cosine_limit = -0.25;
    rules.distance_limit = 7.0;
    Limits expected = limits_for(20);
    expected[0] = 5.0;
    expected[1] = -0.25;
    expected[2] = 7.0;
    EXPECT_EQ(limits_for(20, rules), expected);
}

TEST(Judge, ImmediatePolicyCountsNormCosineAndDistance) {
    Rng rng(1);
    for (int trial = 0; trial < 2000; ++trial) {
        rules::AnomalyRules rules;
        rules.policy = rules::AnomalyPolicy::kImmediate;
        rules.norm_limit = 0.1 + 4.0 * rng.uniform();
        rules.cosine_limit = -rng.uniform();
        rules.distance_limit = 0.1 + 4.0 * rng.uniform();
        rules.signals_to_strike = static_cast<std::uint32_t>(rng.below(5));
        const double norm = 8.0 * rng.uniform() - 2.0;
        const double cosine = 2.0 * rng.uniform() - 1.0;
        const double distance = 8.0 * rng.uniform() - 2.0;
        const auto count = static_cast<std::uint32_t>(norm > rules.norm_limit) +
                           static_cast<std::uint32_t>(cosine < rules.cosine_limit) +
                           static_cast<std::uint32_t>(distance > rules.distance_limit);
        const SiteFigures figures = figures_with({{Signal::kNorm, norm},
                                                  {Signal::kCosine, cosine},
                                                  {Signal::kDistance, distance},
                                                  {Signal::kSpectral, 1e6},
                                                  {Signal::kResend, 1e6}});
        const Verdict verdict = judge(figures, limits_for(7, rules), policy_of(rules), 3);
        const bool strike = rules.signals_to_strike > 0 && count >= rules.signals_to_strike;
        EXPECT_EQ(verdict.outcome, strike ? Outcome::kStrike : Outcome::kAccepted);
    }
}

TEST(Judge, NoPolicyDoesAnythingWithVerdictsOff) {
    SiteFigures figures;
    figures.fill(1e6);
    Limits limits = limits_for(7);
    limits.fill(1.0);
    rules::AnomalyRules rules;
    rules.signals_to_strike = 0;
    for (const auto policy : {rules::AnomalyPolicy::kImmediate, rules::AnomalyPolicy::kCautious}) {
        rules.policy = policy;
        EXPECT_EQ(judge(figures, limits, policy_of(rules), 3).outcome, Outcome::kAccepted);
    }
}

TEST(Judge, DoesNotStrikeOnSignalsThatNeverStandAlone) {
    Policy policy;
    policy.never_alone = bit(Signal::kNorm) | bit(Signal::kCosine);
    const Limits limits = limits_for(5);
    SiteFigures figures = figures_with({{Signal::kNorm, 9.0}, {Signal::kCosine, -0.9}});
    EXPECT_EQ(judge(figures, limits, policy).clause, Clause::kOnlyWithOthers);
    EXPECT_EQ(judge(figures, limits, policy).outcome, Outcome::kAccepted);
    figures[static_cast<std::size_t>(Signal::kDistance)] = 9.0;
    EXPECT_EQ(judge(figures, limits, policy).outcome, Outcome::kStrike);
}

TEST(Judge, CautiousPolicyStrikesOnlyWithAConfirmation) {
    const Limits limits = limits_for(5);
    SiteFigures figures = figures_with({{Signal::kNorm, 9.0}, {Signal::kDistance, 9.0}});
    const Verdict alone = judge(figures, limits, cautious_policy());
    EXPECT_EQ(alone.outcome, Outcome::kExcluded);
    EXPECT_EQ(alone.clause, Clause::kNotConfirmed);
    figures[static_cast<std::size_t>(Signal::kJump)] = 9.0;
    EXPECT_EQ(judge(figures, limits, cautious_policy()).outcome, Outcome::kStrike);
}

TEST(Judge, CautiousPolicyNeverStrikesMoreThanTheDefault) {
    Rng rng(2);
    for (int trial = 0; trial < 5000; ++trial) {
        SiteFigures figures;
        for (std::optional<double>& figure : figures) {
            if (rng.below(4) > 0) figure = 8.0 * rng.uniform() - 2.0;
        }
        Limits limits = limits_for(5);
        for (const Signal signal : {Signal::kPrediction, Signal::kLikeness}) {
            limits[static_cast<std::size_t>(signal)] = 0.5;
        }
        const Verdict cautious = judge(figures, limits, cautious_policy(), 2);
        if (cautious.outcome == Outcome::kStrike) {
            EXPECT_EQ(judge(figures, limits, Policy{}).outcome, Outcome::kStrike);
        }
    }
}

TEST(Judge, CoalitionsShareWeightAndNeverStrike) {
    Limits limits = limits_for(8);
    for (const Signal signal : {Signal::kLikeness, Signal::kHiddenLikeness, Signal::kTurns}) {
        limits[static_cast<std::size_t>(signal)] = 0.5;
    }
    const SiteFigures figures = figures_with(
        {{Signal::kLikeness, 1.0}, {Signal::kHiddenLikeness, 1.0}, {Signal::kTurns, 2.0}});
    const Verdict verdict = judge(figures, limits, cautious_policy(), 3);
    EXPECT_EQ(verdict.outcome, Outcome::kDownWeighted);
    EXPECT_EQ(verdict.shared_between, 3U);
    EXPECT_EQ(judge(figures, limits, cautious_policy(), 1).outcome, Outcome::kAccepted);
    EXPECT_EQ(judge(figures, limits, Policy{}, 3).outcome, Outcome::kAccepted);
}

TEST(Judge, StrikesNobodyWithVerdictsOff) {
    Policy policy;
    policy.signals_to_strike = 0;
    const SiteFigures figures =
        figures_with({{Signal::kNorm, 1e6}, {Signal::kCosine, -1.0}, {Signal::kDistance, 1e6}});
    EXPECT_EQ(judge(figures, limits_for(5), policy).outcome, Outcome::kAccepted);
}

TEST(Judge, ExplainsItselfWithFiguresAndLimits) {
    const SiteFigures figures = figures_with({{Signal::kNorm, 5.125}, {Signal::kDistance, 4.5}});
    const Limits limits = limits_for(4);
    EXPECT_EQ(explain(judge(figures, limits, Policy{}), figures, limits, Policy{}),
              "strike (2 of 2 reasons): norm 5.125 > 3, distance 4.5 > 3");
    EXPECT_EQ(explain(judge({}, limits, Policy{}), {}, limits, Policy{}),
              "accepted (nothing fired)");
}

}  // namespace
}  // namespace fedstake::aggregation::detect
