// Rules by columns: worked cases, windows, bounds.
#include <cmath>
#include <fstream>
#include <map>
#include <string>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "aggregation/rules/column_rules.hpp"
#include "tests/aggregation/rules/weighting_support.hpp"
#include "tests/support/shared_data.hpp"

namespace fedstake::aggregation::weighting {
namespace {

using nlohmann::json;

bool supports(std::string_view rule, std::size_t n, std::uint32_t f,
              std::vector<std::optional<double>> parameters = {}) {
    const RuleInfo& info = rule_named(rule);
    parameters.resize(info.parameters.size());
    return info.supports({.n = n, .f = f, .parameters = parameters});
}

// The library's question for a worked case; an empty rule where it has none.
Question question_of(const json& entry) {
    static const std::map<std::string, std::string_view> names{
        {"average", "mean"},
        {"coordinate_median", "median"},
        {"trimmed_mean", "trimmed-mean"},
        {"trimmed_mean_fraction", "trimmed-mean-fraction"},
        {"winsorized_mean_fraction", "winsorized-mean"},
        {"meamed", "meamed"}};
    const auto name = names.find(entry.at("name"));
    if (name == names.end() || !entry.at("expected").is_array()) {
        return {.rule = "", .rows = {}};
    }
    const json params = entry.value("params", json::object());
    Question question{.rule = name->second, .rows = entry.at("input")};
    if (question.rule == "trimmed-mean" || question.rule == "meamed") {
        question.f = params.at("f");
    } else if (question.rule == "trimmed-mean-fraction") {
        question.parameters = {params.at("beta").get<double>()};
    } else if (question.rule == "winsorized-mean") {
        question.f = static_cast<std::uint32_t>(params.at("beta").get<double>() *
                                                static_cast<double>(question.rows.size()));
    }
    return question;
}

TEST(ColumnRules, GiveThePublishedResults) {
    FEDSTAKE_NEED_SHARED(path, "vectors/aggregation.json");
    std::ifstream file(path);
    std::map<std::string_view, int> tried;
    for (const json& entry : json::parse(file)) {
        const Question question = question_of(entry);
        if (question.rule.empty()) {
            continue;
        }
        SCOPED_TRACE(entry.dump());
        expect_near(aggregate(question), entry.at("expected"), entry.value("tol", 1e-6));
        ++tried[question.rule];
    }
    EXPECT_EQ(tried["mean"], 2);
    EXPECT_GE(tried["median"], 14);
    EXPECT_EQ(tried["trimmed-mean"], 3);
    EXPECT_EQ(tried["trimmed-mean-fraction"], 8);
    EXPECT_EQ(tried["winsorized-mean"], 1);
    EXPECT_EQ(tried["meamed"], 2);
}

// Worked cases give the reference from outside; here it is a row of its own without a weight.
TEST(NClosestMean, GivesThePublishedResults) {
    FEDSTAKE_NEED_SHARED(path, "vectors/aggregation.json");
    std::ifstream file(path);
    int tried = 0;
    for (const json& entry : json::parse(file)) {
        if (entry.at("name") != "n_closest_mean_per_coordinate") {
            continue;
        }
        SCOPED_TRACE(entry.dump());
        Matrix rows = entry.at("input");
        rows.push_back(entry.at("params").at("reference"));
        Combination combination = ask({.rule = "n-closest-mean",
                                       .rows = rows,
                                       .parameters = {static_cast<double>(rows.size() - 1),
                                                      entry.at("params").at("beta")}})
                                      .combination;
        combination.weights.back() = 0;
        expect_near(combined(combination, rows), entry.at("expected"), entry.at("tol"));
        ++tried;
    }
    EXPECT_EQ(tried, 6);
}

TEST(NClosestMean, AveragesTheTrustedRowToo) {
    const Matrix rows{{0, 10}, {100, 12}, {4, 60}};
    EXPECT_EQ(aggregate({.rule = "n-closest-mean", .rows = rows, .f = 1, .parameters = {0.0, 2.0}}),
              (Values{2, 11}));
    // n - f values unless told otherwise.
    EXPECT_EQ(ask({.rule = "n-closest-mean", .rows = rows, .f = 1, .parameters = {0.0}})
                  .combination.count,
              2U);
    EXPECT_EQ(aggregate({.rule = "n-closest-mean", .rows = rows, .f = 1, .parameters = {1.0, 1.0}}),
              rows[1]);
}

TEST(WinsorizedMean, CountsExtremeValuesAsTheNearestThatStays) {
    const Matrix rows{{1}, {2}, {3}, {4}, {1000}};
    EXPECT_EQ(aggregate({.rule = "winsorized-mean", .rows = rows, .f = 1}), (Values{3}));
    EXPECT_EQ(aggregate({.rule = "winsorized-mean", .rows = rows, .f = 2}), (Values{3}));
    EXPECT_EQ(aggregate({.rule = "winsorized-mean", .rows = rows}), (Values{202}));
}

TEST(MeaMed, WithoutHostileRowsIsTheMean) {
    Rng rng(51);
    for (int trial = 0; trial < 20; ++trial) {
        const Matrix rows = random_rows(rng, 1 + rng.below(9), 4);
        expect_near(aggregate({.rule = "meamed", .rows = rows}),
                    aggregate({.rule = "mean", .rows = rows}), 1e-5);
    }
}

TEST(RobustLearningRate, TurnsCoordinatesWithoutAgreementRound) {
    const Matrix rows{{3, 3, 0}, {3, -1, 6}, {6, -5, 0}};
    EXPECT_EQ(aggregate({.rule = "robust-learning-rate", .rows = rows, .parameters = {3.0}}),
              (Values{4, 1, -2}));
    EXPECT_EQ(aggregate({.rule = "robust-learning-rate", .rows = rows, .parameters = {1.0}}),
              (Values{4, -1, 2}));
}

TEST(Slsgd, TakesAShareOfTheTrimmedMean) {
    const Matrix rows{{1, -400}, {4, 8}, {7, 16}, {900, 24}};
    EXPECT_EQ(aggregate({.rule = "slsgd", .rows = rows, .f = 1, .parameters = {0.25}}),
              (Values{5.5 / 4, 3}));
    EXPECT_EQ(ask({.rule = "slsgd", .rows = rows, .f = 1, .parameters = {1.0}}).combination.scale,
              kWeightOne);
}

TEST(TrimmedMean, WithoutHostileRowsIsTheMean) {
    Rng rng(52);
    const Matrix rows = random_rows(rng, 8, 5);
    expect_near(aggregate({.rule = "trimmed-mean", .rows = rows}),
                aggregate({.rule = "mean", .rows = rows}), 1e-5);
}

TEST(TrimmedMeanFraction, TakesDecimalsAsPeopleWriteThem) {
    for (std::size_t n = 1; n <= 100; ++n) {
        for (std::size_t percent = 0; percent < 50; ++percent) {
            const Arguments arguments{
                .n = n, .f = 0, .parameters = {static_cast<double>(percent) / 100.0}};
            EXPECT_EQ(trimmed_at_each_end(arguments), percent * n / 100);
        }
    }
}

TEST(ColumnRules, RefuseWhatTheirBoundsForbid) {
    for (const char* rule : {"median", "trimmed-mean", "winsorized-mean", "meamed", "slsgd"}) {
        EXPECT_FALSE(supports(rule, 4, 2)) << rule;
        EXPECT_TRUE(supports(rule, 5, 2)) << rule;
        EXPECT_FALSE(supports(rule, 0, 0)) << rule;
    }
    EXPECT_TRUE(supports("mean", 1, 9));
    EXPECT_FALSE(supports("mean", 0, 0));
    EXPECT_FALSE(supports("trimmed-mean-fraction", 10, 2, {0.1}));
    EXPECT_TRUE(supports("trimmed-mean-fraction", 10, 2, {0.2}));
    EXPECT_FALSE(supports("n-closest-mean", 4, 1, {4.0}));
    EXPECT_TRUE(supports("n-closest-mean", 4, 1, {3.0, 5.0}));
    EXPECT_TRUE(supports("n-closest-mean", 4, 1, {3.0, 4.0}));
    EXPECT_FALSE(supports("n-closest-mean", 4, 4, {0.0}));
    EXPECT_TRUE(supports("robust-learning-rate", 4, 1, {5.0}));
    EXPECT_TRUE(supports("robust-learning-rate", 4, 1, {4.0}));
}

}  // namespace
}  // namespace fedstake::aggregation::weighting
