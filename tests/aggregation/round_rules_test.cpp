// Which rules rounds of a federation can run, and what a struck site may still do to them.
#include <cmath>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "aggregation/pipeline.hpp"
#include "tests/aggregation/reference.hpp"
#include "tests/aggregation/round_builder.hpp"

namespace fedstake::aggregation {
namespace {

using reference::Matrix;
using reference::rule;
using reference::Values;
using rules::Standing;
using ::testing::HasSubstr;
using testing::RoundBuilder;

RoundBuilder hospitals(const rules::AggregationRules& aggregation) {
    RoundBuilder round(5, 700);
    const auto rows = testing::hospitals_and_attacker(1, 700, 20.0);
    for (std::size_t i = 0; i < rows.size(); ++i) {
        round.values[i] = testing::fixed_point(rows[i]);
    }
    round.rules.aggregation = aggregation;
    round.sign();
    return round;
}

TEST(RoundRules, EveryRuleRunsARound) {
    for (const RuleInfo* info : all_rules()) {
        auto chain = rule(std::string(info->name), 1);
        for (const ParameterInfo& parameter : info->parameters) {
            if (parameter.required) {
                chain.rule.parameters.push_back({.name = std::string(parameter.name),
                                                 .value = parameter.name == "trusted" ? 0.0
                                                          : parameter.integer         ? 2.0
                                                                                      : 0.25});
            }
        }
        if (!check_aggregation(chain, 4)) {
            EXPECT_TRUE(info->name == "bulyan" || info->name.ends_with("-paper"))
                << check_aggregation(chain, 4).error().message;
            continue;
        }
        const auto outcome = hospitals(chain).evaluate();
        ASSERT_TRUE(outcome) << info->name << ": " << outcome.error().message;
        EXPECT_EQ(outcome->report.sites[4].standing, Standing::kStrike) << info->name;
        EXPECT_GE(outcome->report.weight_denominator, 1U);
    }
}

TEST(RoundRules, AStruckSiteDoesNotMoveTheCentreThatTheRuleStartsFrom) {
    auto chain = rule("geometric-median", 1, {{.name = "iterations_max", .value = 1.0}});
    RoundBuilder round = hospitals(chain);
    Bytes bytes;
    const auto outcome = round.evaluate({.aggregate_sink = reference::collect(bytes)});
    ASSERT_TRUE(outcome) << outcome.error().message;
    ASSERT_EQ(outcome->report.sites[4].standing, Standing::kStrike);
    const Matrix honest(round.values.begin(), round.values.begin() + 4);
    chain.f = outcome->report.f;
    EXPECT_EQ(reference::to_values(bytes), reference::library_result(honest, {.rules = chain}));
}

TEST(RoundRules, CountsAboveWhatIsLeftAreLowered) {
    const std::vector<rules::AggregationRules> chains{
        rule("robust-learning-rate", 1, {{.name = "threshold", .value = 5.0}}),
        rule("n-closest-mean", 1,
             {{.name = "trusted", .value = 0.0}, {.name = "count", .value = 5.0}})};
    for (const rules::AggregationRules& chain : chains) {
        const auto outcome = hospitals(chain).evaluate();
        ASSERT_TRUE(outcome) << chain.rule.name << ": " << outcome.error().message;
    }
}

TEST(RoundRules, ATrustedSiteIsNamedByItsPlaceInTheCohort) {
    const auto chain = rule("monna", 1, {{.name = "trusted", .value = 3.0}});
    RoundBuilder round = hospitals(chain);
    round.values[0].clear();
    round.sign();
    Bytes bytes;
    const auto outcome = round.evaluate({.aggregate_sink = reference::collect(bytes)});
    ASSERT_TRUE(outcome) << outcome.error().message;
    const Matrix left{round.values[1], round.values[2], round.values[3]};
    auto same = rule("monna", outcome->report.f, {{.name = "trusted", .value = 2.0}});
    EXPECT_EQ(reference::to_values(bytes), reference::library_result(left, {.rules = same}));

    round.values[3].clear();
    round.sign();
    const auto without = round.evaluate();
    ASSERT_FALSE(without);
    EXPECT_EQ(without.error().code, Errc::kNotNow);
    EXPECT_THAT(without.error().message, HasSubstr("needs the update of the trusted site"));

    EXPECT_TRUE(check_aggregation(rule("monna", 1, {{.name = "trusted", .value = 5.0}}),
                                  {.updates_least = 4, .updates_most = 6, .cohort = 8}));
    EXPECT_THAT(check_aggregation(rule("monna", 1, {{.name = "trusted", .value = 8.0}}),
                                  {.updates_least = 4, .updates_most = 6, .cohort = 8})
                    .error()
                    .message,
                HasSubstr("must be below 8"));
}

// More updates can be too many: smea tries all subsets.
TEST(RoundRules, AreCheckedForTheFewestAndForTheMostUpdates) {
    const auto chain = rule("smea", 5);
    EXPECT_TRUE(check_aggregation(chain, 15));
    EXPECT_FALSE(check_aggregation(chain, 29));
    EXPECT_FALSE(check_aggregation(chain, {.updates_least = 15, .updates_most = 29, .cohort = 29}));
}

TEST(RoundRules, RulesOfSingleRowsDoNotStandBehindMixing) {
    for (const char* pre : {"nnm", "bucketing"}) {
        for (const char* name : {"weighted-mean", "foolsgold"}) {
            auto chain = rule(name, 1);
            chain.pre = {{.name = pre, .parameters = {}}};
            const auto found = find_chain(chain);
            ASSERT_FALSE(found) << pre << " + " << name;
            EXPECT_THAT(found.error().message, HasSubstr("mixes the rows of several sites"));
        }
    }
}

}  // namespace
}  // namespace fedstake::aggregation
