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

std::string refusal(const std::string& text) {
    const auto rules = read(text);
    return rules ? "accepted" : rules.error().message;
}

// The text of the heart rules with one line exchanged.
std::string heart_with(const std::string& from, const std::string& to) {
    std::string text = rules_to_toml(heart());
    const auto at = text.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    return text.replace(at, from.size(), to);
}

TEST(RulesToml, UnknownKeysNameTheLine) {
    EXPECT_EQ(refusal("[rules]\ncoordinates = 1\n[rules.training]\nlearning_rat = 0.1\n"),
              "rules.toml:4: unknown key \"learning_rat\" in [rules.training]: did you mean "
              "\"learning_rate\"?");
    EXPECT_EQ(refusal("[rules]\n[rules.agregation]\nf = 1\n"),
              "rules.toml:2: unknown key \"agregation\" in [rules]: did you mean "
              "\"aggregation\"?");
    EXPECT_EQ(refusal("a = 1\n"), "rules.toml: section [rules] is missing: add it");
}

TEST(RulesToml, AmountsMustBeDecimalText) {
    EXPECT_EQ(refusal("[rules]\n[rules.settlement]\nmin_stake = \"1e18\"\n"),
              "rules.toml:3: min_stake: amount '1e18' is not a decimal number; write an amount in "
              "wei as digits in quotes, e.g. \"1000000\"");
    EXPECT_EQ(refusal("[rules]\n[rules.settlement]\nmin_stake = 5\n"),
              "rules.toml:3: \"min_stake\" must be a string, found an integer; write an amount in "
              "wei as digits in quotes, e.g. \"1000000\"");
}

TEST(RulesToml, RangesAreReportedAtTheLineOfTheirKey) {
    EXPECT_EQ(refusal("[rules]\ncoordinates = 1\n\n[rules.aggregation]\nscale_bits = 40\n"),
              "rules.toml:5: aggregation.scale_bits is 40, must be 8 to 30");
    EXPECT_EQ(refusal("[rules]\n\ncoordinates = 0\n"),
              "rules.toml:3: coordinates is 0, must be 1 to 2147483648");
    EXPECT_EQ(
        refusal("[rules]\ncoordinates = 1\n[rules.model]\ninputs = 1\n[rules.schedule]\n"
                "collect_deadline_ms = 9000000000\n"),
        "rules.toml:6: schedule.collect_deadline (ms) is 9000000000, must be 1 to 2592000000");
    EXPECT_EQ(refusal("[rules]\ncoordinates = 1\n[rules.model]\ninputs = 1\nhidden = [1, 0]\n"),
              "rules.toml:5: model.hidden has a layer of 0, must be at least 1");
    EXPECT_EQ(refusal("[rules]\ncoordinates = 1\n[rules.aggregation]\n"
                      "pre = [\n{name = \"a\"},\n{name = \"A B\"}]\n"),
              "rules.toml:4: aggregation.pre[1] is \"A B\", must be 1 to 32 characters of a-z, "
              "0-9, '-' and '_'");
}

TEST(RulesToml, CoordinatesMustFitTheModel) {
    EXPECT_EQ(refusal(heart_with("coordinates = 13", "coordinates = 14")),
              "rules.toml:3: coordinates is 14, must be below 14: the logistic model has 14 "
              "parameters and model.site_local keeps some at the site");
}

TEST(RulesToml, ParametersMustBeNumbers) {
    EXPECT_EQ(refusal("[rules]\n[rules.aggregation]\npre = [{name = \"clip\", norm = \"1\"}]\n"),
              "rules.toml:3: \"norm\" must be a number, found a string");
    EXPECT_EQ(refusal("[rules]\n[rules.aggregation]\npre = [{norm = 1}]\n"),
              "rules.toml:3: [rules.aggregation.pre[0]] has no \"name\": add it (a string)");
    EXPECT_FALSE(read("[rules]\n[rules.aggregation]\nparameters = {m = nan}\n"));
}

TEST(RulesToml, UnknownFilesAndStrayTablesAreRefused) {
    EXPECT_EQ(load_rules("/nonexistent/rules.toml").error().message,
              "/nonexistent/rules.toml: no such file");
}

}  // namespace
}  // namespace fedstake::manifest
