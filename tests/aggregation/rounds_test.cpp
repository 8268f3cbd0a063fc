// Rounds that follow each other: what a rule keeps, copies of earlier updates, signals that look
// back, coalitions that count as one.
#include <algorithm>
#include <cmath>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "aggregation/aggregate.hpp"
#include "aggregation/pipeline.hpp"
#include "tests/aggregation/hospitals.hpp"
#include "tests/aggregation/reference.hpp"
#include "tests/aggregation/round_builder.hpp"

namespace fedstake::aggregation {
namespace {

using reference::rule;
using rules::AnomalyPolicy;
using rules::Standing;
using ::testing::HasSubstr;
using testing::Hospitals;
using testing::RoundBuilder;

constexpr std::size_t kCoordinates = 300;

std::vector<double> times(std::vector<double> row, double factor) {
    for (double& value : row) {
        value *= factor;
    }
    return row;
}

RoundBuilder federation(std::size_t sites, const rules::AggregationRules& aggregation,
                        AnomalyPolicy policy = AnomalyPolicy::kCautious) {
    RoundBuilder round(sites, kCoordinates);
    round.rules.aggregation = aggregation;
    round.rules.anomaly.policy = policy;
    round.context.round = 1;
    return round;
}

void set_all(RoundBuilder& round, Hospitals& hospitals) {
    for (std::size_t i = 0; i < round.values.size(); ++i) {
        round.values[i] = testing::fixed_point(hospitals.update(i));
    }
    round.sign();
}

RoundOutcome next(RoundBuilder& round, unsigned threads = 1) {
    auto outcome = round.evaluate_and_go_on(threads);
    EXPECT_TRUE(outcome) << outcome.error().message;
    return outcome ? *std::move(outcome) : RoundOutcome{};
}

TEST(Rounds, CarryTheVectorOfCenteredClipping) {
    auto chain = rule("centered-clipping", 1, {{.name = "tau", .value = 0.5}});
    RoundBuilder round = federation(4, chain, AnomalyPolicy::kImmediate);
    round.rules.anomaly.signals_to_strike = 0;
    Hospitals hospitals(4, kCoordinates);
    std::vector<std::int32_t> carried(kCoordinates, 0);
    for (int k = 0; k < 4; ++k) {
        set_all(round, hospitals);
        std::vector<std::unique_ptr<VectorSource>> sources;
        std::vector<const VectorSource*> rows;
        for (const auto& row : round.values) {
            sources.push_back(memory_source(std::span<const std::int32_t>(row)));
            rows.push_back(sources.back().get());
        }
        const auto kept = memory_source(std::span<const std::int32_t>(carried));
        const VectorSource* const memory[] = {kept.get()};
        Bytes bytes;
        const ByteSink sinks[] = {reference::collect(bytes)};
        const auto expected = aggregate_matrix(
            {.rows = rows, .unit = 0x1p-24, .rules = chain, .seed = {}, .memory_rows = memory},
            {.roots = true, .memory_sinks = sinks});
        ASSERT_TRUE(expected) << expected.error().message;
        const RoundOutcome outcome = next(round);
        EXPECT_EQ(outcome.report.aggregate_root, expected->aggregate_root) << k;
        ASSERT_EQ(outcome.state.vectors.size(), 1U);
        EXPECT_EQ(outcome.state.vectors[0].root, expected->memory_roots[0]);
        carried = reference::to_values(bytes);
    }
}

TEST(Rounds, CarryAVectorOfEachSiteForFoolsgoldAlsoThroughItsAbsence) {
    RoundBuilder round = federation(5, rule("foolsgold", 1), AnomalyPolicy::kImmediate);
    round.rules.anomaly.signals_to_strike = 0;
    Hospitals hospitals(5, kCoordinates);
    set_all(round, hospitals);
    const RoundOutcome first = next(round);
    ASSERT_EQ(first.state.vectors.size(), 5U);

    set_all(round, hospitals);
    round.values[2].clear();
    round.sign();
    const RoundOutcome second = next(round);
    ASSERT_EQ(second.state.vectors.size(), 5U);
    EXPECT_EQ(second.state.vectors[2], first.state.vectors[2]) << "absent: as it was";
    EXPECT_NE(second.state.vectors[3], first.state.vectors[3]);

    set_all(round, hospitals);
    round.values[2].clear();
    round.sign();
    round.context.cohort.erase(round.context.cohort.begin() + 2);
    const auto third = round.evaluate();
    ASSERT_TRUE(third) << third.error().message;
    EXPECT_EQ(third->state.vectors.size(), 4U) << "who left the federation is forgotten";
}

TEST(Rounds, CarryTheNormsOfClippedClustering) {
    RoundBuilder round = federation(4, rule("clipped-clustering", 1));
    Hospitals hospitals(4, kCoordinates);
    for (std::size_t k = 1; k <= 3; ++k) {
        set_all(round, hospitals);
        EXPECT_EQ(next(round).state.rule.figures.size(), 4 * k);
    }
}

TEST(Rounds, WeightedMeanGoesByTheRowsThatSitesState) {
    RoundBuilder round = federation(4, rule("weighted-mean", 1, {{.name = "cap", .value = 10.0}}));
    Hospitals hospitals(4, kCoordinates);
    set_all(round, hospitals);
    const RoundOutcome outcome = next(round);
    const auto& sites = outcome.report.sites;
    for (std::size_t i = 0; i < 4; ++i) {
        EXPECT_NEAR(static_cast<double>(sites[i].weight) / outcome.report.weight_denominator,
                    (100.0 + static_cast<double>(i)) / 406.0, 1e-8);
    }
}

TEST(Rounds, AClaimRaisesNoScore) {
    RoundBuilder round = federation(4, rule("weighted-mean", 1, {{.name = "cap", .value = 10.0}}));
    Hospitals hospitals(4, kCoordinates);
    set_all(round, hospitals);
    const auto honest = round.evaluate();
    round.rules.aggregation.rule.name = "mean";
    round.rules.aggregation.rule.parameters.clear();
    round.sign();
    const auto plain = round.evaluate();
    ASSERT_TRUE(honest && plain);
    for (std::size_t i = 0; i < 4; ++i) {
        EXPECT_EQ(honest->report.sites[i].score, plain->report.sites[i].score) << i;
    }
}

TEST(Rounds, ACopyOfAnEarlierUpdateIsRefusedUnlessTheModelIsTheSame) {
    RoundBuilder round = federation(4, rule("mean", 0));
    Hospitals hospitals(4, kCoordinates);
    set_all(round, hospitals);
    const auto stolen = round.values[1];
    (void)next(round);
    set_all(round, hospitals);
    (void)next(round);
    set_all(round, hospitals);
    round.values[3] = stolen;
    round.sign();
    const RoundOutcome outcome = next(round);
    EXPECT_EQ(outcome.report.sites[3].reason, Reason::kEarlierCopy);
    EXPECT_EQ(outcome.report.sites[3].standing, Standing::kExcluded);
    EXPECT_EQ(outcome.report.sites[3].score, 0U);
    EXPECT_EQ(outcome.report.sites[1].reason, Reason::kNone);
}

TEST(Rounds, TrainingAgainOnTheSameModelIsNoCopy) {
    RoundBuilder round = federation(4, rule("mean", 0));
    Hospitals hospitals(4, kCoordinates);
    set_all(round, hospitals);
    const auto model = round.base;
    (void)next(round);
    round.base = model;  // as after an aggregate of zeros
    round.sign();
    const RoundOutcome outcome = next(round);
    for (const SiteReport& site : outcome.report.sites) {
        EXPECT_EQ(site.reason, Reason::kNone);
    }
}

TEST(Rounds, AnotherSitesUpdateIsACopyAlsoOnTheSameModel) {
    RoundBuilder round = federation(4, rule("mean", 0));
    Hospitals hospitals(4, kCoordinates);
    set_all(round, hospitals);
    const auto model = round.base;
    const auto stolen = round.values[1];
    (void)next(round);
    set_all(round, hospitals);
    round.base = model;
    round.values[3] = stolen;
    round.sign();
    EXPECT_EQ(next(round).report.sites[3].reason, Reason::kEarlierCopy);
}

TEST(Rounds, ATrustedSiteIsNotJudged) {
    RoundBuilder round = federation(7, rule("fltrust", 1, {{.name = "trusted", .value = 2.0}}));
    Hospitals hospitals(7, kCoordinates);
    for (int k = 0; k < 3; ++k) {
        set_all(round, hospitals);
        for (const std::size_t i : {3U, 4U, 5U, 6U}) {  // a majority sends next to nothing
            round.values[i] = testing::fixed_point(times(hospitals.update(i), 0.01));
        }
        round.sign();
        const RoundOutcome outcome = next(round);
        const SiteReport& trusted = outcome.report.sites[2];
        EXPECT_NE(trusted.verdict.fired & bit(detect::Signal::kNorm), 0U) << "figures stay";
        EXPECT_EQ(trusted.reason, Reason::kNotSelected) << "its row measures, it has no weight";
        EXPECT_EQ(trusted.verdict.outcome, detect::Outcome::kAccepted);
    }
}

TEST(Rounds, ThePoisonerIsLeftOutAtOnceAndStruckOnceItIsConfirmed) {
    RoundBuilder round = federation(5, rule("trimmed-mean", 1));
    Hospitals hospitals(5, kCoordinates);
    for (int k = 1; k <= 6; ++k) {
        set_all(round, hospitals);
        round.values[4] = testing::fixed_point(times(hospitals.update(4), -4.0));
        round.sign();
        const RoundOutcome outcome = next(round);
        const SiteReport& site = outcome.report.sites[4];
        EXPECT_NE(site.standing, Standing::kAccepted) << k;
        if (k == 1) {
            EXPECT_EQ(site.reason, Reason::kUnconfirmed);
            EXPECT_EQ(site.verdict.clause, detect::Clause::kNotConfirmed);
        } else {
            EXPECT_EQ(site.standing, Standing::kStrike) << k;
            EXPECT_EQ(site.reason, Reason::kAnomalous);
        }
        for (std::size_t i = 0; i < 4; ++i) {
            EXPECT_EQ(outcome.report.sites[i].standing, Standing::kAccepted) << k << " " << i;
        }
    }
}

// Two identities of one owner send the same update with fresh noise.
RoundOutcome with_sybils(RoundBuilder& round, Hospitals& hospitals) {
    set_all(round, hospitals);
    const auto rows = hospitals.updates_of_one_owner(5, 2);
    for (std::size_t i = 0; i < rows.size(); ++i) {
        round.values[5 + i] = testing::fixed_point(rows[i]);
    }
    round.sign();
    return next(round);
}

// The last of as many rounds as it takes to find them.
RoundOutcome after_sybils(RoundBuilder& round) {
    Hospitals hospitals(7, kCoordinates);
    RoundOutcome outcome;
    for (int k = 0; k < 4; ++k) {
        outcome = with_sybils(round, hospitals);
    }
    return outcome;
}

TEST(Rounds, ACoalitionSharesOneWeightAndOneScore) {
    RoundBuilder round = federation(7, rule("mean", 0));
    const RoundOutcome outcome = after_sybils(round);
    const auto& sites = outcome.report.sites;
    for (const std::size_t i : {5U, 6U}) {
        EXPECT_EQ(sites[i].standing, Standing::kAccepted);
        EXPECT_EQ(sites[i].reason, Reason::kSharesWeight);
        EXPECT_EQ(sites[i].verdict.shared_between, 2U);
        EXPECT_EQ(2 * sites[i].weight, sites[0].weight);
    }
    EXPECT_EQ(outcome.report.weight_denominator, 12U);
    EXPECT_EQ(sites[5].score, sites[6].score);
    std::uint64_t largest = 0;
    for (std::size_t i = 0; i < 5; ++i) {
        largest = std::max(largest, sites[i].score);
    }
    EXPECT_LE(sites[5].score + sites[6].score, largest + largest / 4);
}

TEST(Rounds, ACoalitionIsOneRowForRulesByColumns) {
    RoundBuilder round = federation(7, rule("median", 0));
    const RoundOutcome outcome = after_sybils(round);
    const auto& sites = outcome.report.sites;
    EXPECT_EQ(sites[6].reason, Reason::kSharesWeight);
    EXPECT_EQ(sites[6].weight, 1U);
    EXPECT_LT(sites[5].score + sites[6].score, 2 * sites[0].score);
}

TEST(Rounds, SharingNeverCostsTolerance) {
    RoundBuilder round = federation(7, rule("trimmed-mean", 3));
    const RoundOutcome outcome = after_sybils(round);
    EXPECT_EQ(outcome.report.f, 3U);
    EXPECT_EQ(outcome.report.sites[6].reason, Reason::kNone) << "six rows support no f of 3";
    EXPECT_EQ(outcome.report.sites[6].verdict.outcome, detect::Outcome::kAccepted);
}

TEST(Rounds, RulesOfSingleRowsShareNothing) {
    RoundBuilder round = federation(7, rule("foolsgold", 0));
    const RoundOutcome outcome = after_sybils(round);
    const SiteReport& site = outcome.report.sites[6];
    EXPECT_NE(site.verdict.fired & bit(detect::Signal::kLikeness), 0U);
    EXPECT_NE(site.reason, Reason::kSharesWeight);
    EXPECT_EQ(site.verdict.shared_between, 1U);
}

TEST(Rounds, AreTheSameForAnyThreadsAndMemory) {
    RoundBuilder round =
        federation(7, rule("centered-clipping", 1, {{.name = "tau", .value = 0.5}}));
    Hospitals hospitals(7, kCoordinates);
    for (int k = 0; k < 3; ++k) {
        set_all(round, hospitals);
        const auto expected = round.evaluate();
        ASSERT_TRUE(expected) << expected.error().message;
        for (unsigned threads = 2; threads <= 8; ++threads) {
            const auto outcome =
                round.evaluate({.threads = threads, .memory_bytes_max = std::size_t{1} << 20U});
            ASSERT_TRUE(outcome) << outcome.error().message;
            EXPECT_EQ(outcome->report, expected->report);
            EXPECT_EQ(outcome->state, expected->state);
        }
        (void)next(round, 3);
    }
}

// On every machine: integers, and doubles in a fixed order.
TEST(Rounds, ReportAndStateOfFixedRoundsNeverChange) {
    RoundBuilder round = federation(7, rule("geometric-median", 2));
    Rng rng(20261121);
    RoundOutcome outcome;
    for (int k = 0; k < 5; ++k) {
        for (auto& row : round.values) {
            row.clear();
            for (std::size_t j = 0; j < kCoordinates; ++j) {
                row.push_back(static_cast<std::int32_t>(rng.below(1U << 20U)) - (1 << 18));
            }
        }
        for (std::size_t j = 0; j < kCoordinates; ++j) {
            round.values[6][j] = round.values[5][j] + static_cast<std::int32_t>(rng.below(64));
        }
        round.sign();
        outcome = next(round);
    }
    EXPECT_EQ(outcome.report.sites[6].reason, Reason::kSharesWeight);
    EXPECT_EQ(outcome.report.digest().hex(),
              "0x2810a4077ba990a3bab9b792fdaaa6971f111f30481f9849b9f040429086d05c");
    EXPECT_EQ(outcome.state.root().hex(),
              "0xd5d59f4033083373b0b207727ebf3fa16fc8da6272848d7e7fff74a575271d48");
}

TEST(Rounds, RefuseAStateThatIsNotTheContexts) {
    RoundBuilder round = federation(4, rule("mean", 0));
    Hospitals hospitals(4, kCoordinates);
    set_all(round, hospitals);
    (void)next(round);
    set_all(round, hospitals);
    const auto error_of = [](const RoundBuilder& changed) {
        const auto outcome = changed.evaluate();
        EXPECT_FALSE(outcome);
        return outcome ? Error{} : outcome.error();
    };
    RoundBuilder without = federation(4, rule("mean", 0));
    without.context.previous_state = round.context.previous_state;
    set_all(without, hospitals);
    EXPECT_EQ(error_of(without).code, Errc::kInvalidInput);
    EXPECT_THAT(error_of(without).message, HasSubstr("but none is given"));

    round.state->rule.figures.push_back(1.0);
    EXPECT_EQ(error_of(round).code, Errc::kCorrupt);
    EXPECT_THAT(error_of(round).message, HasSubstr("state of the round before"));
    round.state->rule.figures.clear();

    auto& kept = round.kept.begin()->second;
    kept[0] ^= 1;
    EXPECT_EQ(error_of(round).code, Errc::kCorrupt);
    EXPECT_THAT(error_of(round).message, HasSubstr("of an earlier round"));
    kept[0] ^= 1;
    kept.push_back(0);
    EXPECT_THAT(error_of(round).message, HasSubstr("it has 301 values, the rules say 300"));
    round.kept.clear();
    EXPECT_EQ(error_of(round).code, Errc::kNotFound);

    round.context.round = 1;
    round.sign();
    EXPECT_EQ(error_of(round).code, Errc::kInvalidInput);
    EXPECT_THAT(error_of(round).message, HasSubstr("starts from a state of round 1"));
}

TEST(Rounds, WithoutLookingBackNothingIsReadAgain) {
    RoundBuilder round = federation(4, rule("mean", 0), AnomalyPolicy::kImmediate);
    round.rules.anomaly.look_back = false;
    Hospitals hospitals(4, kCoordinates);
    for (int k = 0; k < 4; ++k) {
        set_all(round, hospitals);
        const RoundOutcome outcome = next(round);
        round.kept.clear();
        const auto& signals = outcome.report.sites[0].figures.signals;
        EXPECT_FALSE(signals[static_cast<std::size_t>(detect::Signal::kJump)]);
        EXPECT_TRUE(signals[static_cast<std::size_t>(detect::Signal::kSigns)]);
    }
}

}  // namespace
}  // namespace fedstake::aggregation
