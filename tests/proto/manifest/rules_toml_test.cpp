#include "proto/manifest/rules_toml.hpp"

#include <filesystem>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace fedstake::manifest {
namespace {

using ::testing::HasSubstr;

rules::RoundRules heart() {
    return *load_rules(std::filesystem::path(FEDSTAKE_SOURCE_DIR) / "configs/rules/heart.toml");
}

Result<rules::RoundRules> read(std::string text) {
    auto table = TomlTable::parse(text, "rules.toml");
    if (!table) return tl::unexpected(table.error());
    return read_rules(*table);
}

TEST(RulesToml, EveryFileOfTheRepositoryLoads) {
    std::size_t files = 0;
    for (const auto& entry : std::filesystem::directory_iterator(
             std::filesystem::path(FEDSTAKE_SOURCE_DIR) / "configs/rules")) {
        const auto rules = load_rules(entry.path());
        EXPECT_TRUE(rules) << rules.error().message;
        ++files;
    }
    EXPECT_GE(files, 2U);
}

TEST(RulesToml, WritingAndReadingGivesTheSameRules) {
    rules::RoundRules rules = heart();
    rules.aggregation.rule = {.name = "multi-krum", .parameters = {{.name = "m", .value = 3.0}}};
    rules.aggregation.pre = {{.name = "norm-clip", .parameters = {{.name = "norm", .value = 0.1}}}};
    rules.anomaly.norm_limit = 1.0 / 3.0;
    rules.model.kind = "mlp";
    rules.model.hidden = {16, 8};
    rules.settlement.round_budget = static_cast<Amount>(7) * 1'000'000'000'000'000'000ULL;
    const auto again = read(rules_to_toml(rules));
    ASSERT_TRUE(again) << again.error().message;
    EXPECT_EQ(*again, rules);
    EXPECT_EQ(again->digest(), rules.digest());
}

TEST(RulesToml, UnknownKeysNameTheLine) {
    const auto rules = read("[rules]\ncoordinates = 1\n[rules.training]\nlearning_rat = 0.1\n");
    ASSERT_FALSE(rules);
    EXPECT_THAT(rules.error().message, HasSubstr("rules.toml:4"));
    EXPECT_THAT(rules.error().message, HasSubstr("learning_rate"));
}

TEST(RulesToml, AmountsMustBeDecimalText) {
    const auto rules = read("[rules]\ncoordinates = 1\n[rules.settlement]\nmin_stake = \"1e18\"\n");
    ASSERT_FALSE(rules);
    EXPECT_THAT(rules.error().message, HasSubstr("min_stake"));
}

TEST(RulesToml, RangesOfTheRulesAreChecked) {
    const auto rules = read("[rules]\ncoordinates = 1\n[rules.aggregation]\nscale_bits = 40\n");
    ASSERT_FALSE(rules);
    EXPECT_THAT(rules.error().message, HasSubstr("scale_bits"));
}

}  // namespace
}  // namespace fedstake::manifest
