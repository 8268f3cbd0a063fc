// Which rules the demo takes, and what it says about the others.
#include "demo/rules.hpp"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "aggregation/pipeline.hpp"
#include "aggregation/registry.hpp"

namespace fedstake::demo {
namespace {

using ::testing::HasSubstr;

Result<rules::RoundRules> asked(const std::string& rule, std::uint32_t sites) {
    Options options;
    options.rule = rule;
    options.rules_file = FEDSTAKE_HEART_RULES;
    return demo_rules(options, sites);
}

std::string refusal(const std::string& rule, std::uint32_t sites = 5) {
    const auto rules = asked(rule, sites);
    EXPECT_FALSE(rules) << rule;
    return rules ? std::string() : rules.error().message;
}

TEST(DemoRules, TakesEveryRuleOfTheRegistryThatFiveSitesCanRun) {
    std::size_t taken = 0;
    for (const aggregation::RuleInfo* info : aggregation::all_rules()) {
        rules::AggregationRules wanted;
        wanted.rule = {.name = std::string(info->name), .parameters = {}};
        wanted.f = info->name == "mean" ? 0 : 1;
        const bool can_run = static_cast<bool>(aggregation::check_aggregation(
            wanted, {.updates_least = 5, .updates_most = 5, .cohort = 5}));
        const auto rules = asked(std::string(info->name), 5);
        EXPECT_EQ(static_cast<bool>(rules), can_run) << info->name;
        taken += can_run ? 1 : 0;
    }
    EXPECT_GT(taken, 12U);
}

TEST(DemoRules, TakesParameters) {
    const auto rules = asked("multi-krum:m=2", 5);
    ASSERT_TRUE(rules) << rules.error().message;
    EXPECT_EQ(rules->aggregation.rule,
              (rules::Step{.name = "multi-krum", .parameters = {{"m", 2.0}}}));
    EXPECT_EQ(rules->aggregation.f, 1U);
    EXPECT_EQ(asked("mean", 5)->aggregation.f, 0U);
}

TEST(DemoRules, SaysWhyARuleCannotRun) {
    EXPECT_THAT(refusal("medean"), HasSubstr("--rule medean: unknown aggregation rule"));
    EXPECT_THAT(refusal("bulyan"), HasSubstr("needs n >= 4f + 3, which n = 5 sites with f = 1"));
    EXPECT_THAT(refusal("centered-clipping"), HasSubstr("needs the parameter tau"));
    EXPECT_THAT(refusal("monna"), HasSubstr("needs the parameter trusted"));
    EXPECT_THAT(refusal("monna:trusted=5"), HasSubstr("must be below 5"));
    EXPECT_THAT(refusal("multi-krum:m=5"), HasSubstr("must be at most"));
    EXPECT_THAT(refusal("multi-krum:m"), HasSubstr("name=value"));
}

TEST(DemoQuorum, IsAllButOneWhereTheRuleCanRunThen) {
    EXPECT_EQ(asked("trimmed-mean", 5)->schedule.quorum, 4U);
    EXPECT_EQ(asked("trimmed-mean", 4)->schedule.quorum, 3U);
    EXPECT_EQ(asked("mean", 3)->schedule.quorum, 2U);
    EXPECT_EQ(asked("bulyan", 8)->schedule.quorum, 7U);
}

TEST(DemoQuorum, IsNeverBelowWhatTheRuleNeeds) {
    EXPECT_EQ(asked("trimmed-mean", 3)->schedule.quorum, 3U);
    EXPECT_EQ(asked("bulyan", 7)->schedule.quorum, 7U);
}

TEST(DemoRules, CountsTheAttacker) {
    Options options;
    EXPECT_EQ(site_count(options), 5U);
    options.attack = "none";
    EXPECT_EQ(site_count(options), 4U);
}

}  // namespace
}  // namespace fedstake::demo
