// FLTrust, FoolsGold and norm-difference clipping: closed forms, worked cases, slow versions.
#include <algorithm>
#include <cmath>
#include <fstream>
#include <limits>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "aggregation/rules/fltrust.hpp"
#include "aggregation/rules/foolsgold.hpp"
#include "aggregation/rules/weighted_mean.hpp"
#include "tests/aggregation/rules/weighting_support.hpp"
#include "tests/support/shared_data.hpp"

namespace fedstake::aggregation::weighting {
namespace {

using nlohmann::json;

double cosine(const Values& a, const Values& b) {
    const double lengths = length(a) * length(b);
    return lengths > 0.0 ? std::clamp(dot(a, b) / lengths, -1.0, 1.0) : 0.0;
}

// The formula of the paper, in coordinates.
Values slow_fltrust(const Matrix& rows, std::size_t trusted) {
    const Values& root = rows[trusted];
    Values sum(root.size(), 0.0);
    double trust = 0.0;
    for (std::size_t i = 0; i < rows.size(); ++i) {
        const double t = i == trusted ? 0.0 : std::max(0.0, cosine(rows[i], root));
        if (t > 0.0) {
            sum = sum_of(sum, scaled(rows[i], t * length(root) / length(rows[i])));
            trust += t;
        }
    }
    return trust > 0.0 ? scaled(sum, 1.0 / trust) : root;
}

// The authors' steps, with the C library's logarithm.
Values slow_foolsgold(const Matrix& histories) {
    const std::size_t n = histories.size();
    Matrix similar(n, Values(n, 0.0));
    Values most(n, 0.0);
    for (std::size_t i = 0; i < n; ++i) {
        for (std::size_t j = 0; j < n; ++j) {
            similar[i][j] = i == j ? 0.0 : cosine(histories[i], histories[j]);
            most[i] = std::max(most[i], similar[i][j]);
        }
    }
    Values weights;
    for (std::size_t i = 0; i < n; ++i) {
        double largest = 0.0;
        for (std::size_t j = 0; j < n; ++j) {
            const double pardon = most[i] < most[j] ? most[i] / most[j] : 1.0;
            largest = std::max(largest, similar[i][j] * pardon);
        }
        weights.push_back(std::clamp(1.0 - largest, 0.0, 1.0));
    }
    const double top = *std::max_element(weights.begin(), weights.end());
    for (double& weight : weights) {
        weight /= top;
        weight = weight >= 1.0   ? 1.0
                 : weight <= 0.0 ? 0.0
                                 : std::clamp(std::log(weight / (1.0 - weight)) + 0.5, 0.0, 1.0);
    }
    return weights;
}

TEST(FlTrust, LeavesOutOrthogonalAndOppositeRows) {
    // At the root's length 3: the second row is (3, 0), the third is not trusted, nor the fourth.
    const Matrix rows{{3, 0}, {6, 0}, {0, 100}, {-50, 0}};
    expect_near(aggregate({.rule = "fltrust", .rows = rows, .f = 2, .parameters = {0.0}}), {3, 0},
                1e-6);
}

TEST(FlTrust, DoesNotAverageTheRootUpdate) {
    const Matrix rows{{10, 0}, {3, 4}};
    expect_near(aggregate({.rule = "fltrust", .rows = rows, .parameters = {0.0}}), {6, 8}, 1e-6);
}

TEST(FlTrust, KeepsTheRootUpdateWhereNobodyIsTrusted) {
    const Matrix rows{{-3, 0}, {5, 1}, {0, 100}, {0, 0}};
    EXPECT_EQ(
        aggregate({.rule = "fltrust", .rows = {{0, 100}, {5, 0}, {-5, 0}}, .parameters = {1.0}}),
        (Values{5, 0}));
    EXPECT_EQ(aggregate({.rule = "fltrust", .rows = rows, .parameters = {3.0}}), (Values{0, 0}));
    EXPECT_EQ(aggregate({.rule = "fltrust", .rows = {{4, 2}}, .parameters = {0.0}}),
              (Values{4, 2}));
}

TEST(FlTrust, IsWhatItsFormulaGivesInCoordinates) {
    Rng rng(21);
    for (int trial = 0; trial < 80; ++trial) {
        const Matrix rows = random_rows(rng, 2 + rng.below(8), 5);
        const std::size_t trusted = rng.below(rows.size());
        const double root = length(rows[trusted]);
        const bool beyond_limit = std::any_of(rows.begin(), rows.end(), [&](const Values& row) {
            return length(row) > 0.0 && root > kTrustScaleMax * length(row);
        });
        if (beyond_limit) {
            continue;
        }
        const Values weights = fltrust_weights(geometry_of(rows), rows.size(), trusted);
        expect_near(combined(weights, rows), slow_fltrust(rows, trusted), 1e-6 * (1.0 + root));
        EXPECT_LE(length(combined(weights, rows)), root * (1.0 + 1e-9));
    }
}

TEST(FlTrust, ATinyRowCannotTakeTheOthersPrecision) {
    Matrix rows(10, Values{3e8, 1e8});
    rows[9] = {1, 0};
    const Values actual = aggregate({.rule = "fltrust", .rows = rows, .f = 1, .parameters = {0.0}});
    // Eight of nine trusted rows are the root update; the last adds at most 1024 steps.
    expect_near(actual, {3e8 * 8.0 / 9.0, 1e8 * 8.0 / 9.0}, 5e6);
    EXPECT_LT(length(actual), length(rows[0]));
}

TEST(FlTrust, RefusesAPlaceWithoutARow) {
    const RuleInfo& info = rule_named("fltrust");
    EXPECT_FALSE(info.supports({.n = 3, .f = 0, .parameters = {3.0}}));
    EXPECT_TRUE(info.supports({.n = 3, .f = 2, .parameters = {2.0}}));
    EXPECT_FALSE(info.supports({.n = 3, .f = 3, .parameters = {2.0}}));
}

TEST(FoolsGold, GivesThePublishedWeights) {
    FEDSTAKE_NEED_SHARED(path, "vectors/aggregation.json");
    std::ifstream file(path);
    int tried = 0;
    for (const json& entry : json::parse(file)) {
        if (entry.at("name") != "foolsgold_weights") {
            continue;
        }
        const Matrix rows = entry.at("input");
        const Matrix nothing(rows.size(), Values(rows.front().size(), 0.0));
        expect_near(foolsgold_weights(history_cosines(geometry_of(rows, nothing), rows.size())),
                    entry.at("expected"), entry.at("tol"));
        ++tried;
    }
    EXPECT_EQ(tried, 1);
}

TEST(FoolsGold, IsWhatItsFormulaGivesOnHistories) {
    Rng rng(22);
    for (int trial = 0; trial < 60; ++trial) {
        const std::size_t n = 2 + rng.below(6);
        Matrix rows;
        Matrix memory;
        Matrix histories;
        for (std::size_t i = 0; i < n; ++i) {
            Values row;
            Values past;
            for (int k = 0; k < 4; ++k) {
                row.push_back(std::floor((rng.uniform() - 0.4) * 200.0));
                past.push_back(std::floor((rng.uniform() - 0.4) * 900.0));
            }
            rows.push_back(row);
            memory.push_back(past);
            histories.push_back(sum_of(row, past));
        }
        expect_near(foolsgold_weights(history_cosines(geometry_of(rows, memory), n)),
                    slow_foolsgold(histories), 1e-7);
    }
}

TEST(FoolsGold, SilencesOneAttackersManyIdentities) {
    const Matrix rows{{10, 1, 0, 0}, {0, 12, 1, 0}, {0, 0, 9, -2},
                      {5, 5, 5, 40}, {5, 5, 5, 40}, {5, 5, 5, 40}};
    const RuleAnswer answer = ask({.rule = "foolsgold", .rows = rows, .f = 3});
    for (std::size_t i = 3; i < 6; ++i) {
        EXPECT_EQ(answer.combination.weights[i], 0U);
    }
    for (std::size_t i = 0; i < 3; ++i) {
        EXPECT_GT(answer.combination.weights[i], 0U);
    }
}

TEST(FoolsGold, RemembersTheSumOfEachSitesUpdates) {
    const Question question{
        .rule = "foolsgold", .rows = {{1, 2}, {30, -4}}, .memory_rows = {{100, 100}, {-7, 0}}};
    const RuleAnswer answer = ask(question);
    ASSERT_EQ(answer.memory_rows.size(), 2U);
    EXPECT_EQ(combined(answer.memory_rows[0], all_rows(question)), (Values{101, 102}));
    EXPECT_EQ(combined(answer.memory_rows[1], all_rows(question)), (Values{23, -4}));
    EXPECT_EQ(answer.combination.weights[2] + answer.combination.weights[3], 0U)
        << "history is compared, not averaged";
}

TEST(FoolsGold, JudgesHistoryAndNotThisRoundAlone) {
    // This round they differ; over all rounds the last two went the same way.
    const Question question{.rule = "foolsgold",
                            .rows = {{0, 5, 0}, {1, 0, 0}, {0, 0, 1}},
                            .memory_rows = {{0, 40, 0}, {4000, 0, 4000}, {4000, 0, 4000}}};
    const RuleAnswer answer = ask(question);
    EXPECT_GT(answer.combination.weights[0], 0U);
    EXPECT_EQ(answer.combination.weights[1], 0U);
    EXPECT_EQ(answer.combination.weights[2], 0U);
}

TEST(FoolsGold, CountsAHistoryThatCancelsAsNone) {
    // What is left of the first two histories is rounding: they resemble nobody.
    Rng rng(23);
    for (int trial = 0; trial < 50; ++trial) {
        Matrix rows = {{}, {}, {3, 1, -2}};
        Matrix memory = {{}, {}, {0, 0, 0}};
        for (std::size_t k = 0; k < 3; ++k) {
            rows[0].push_back(rng.uniform() - 0.5);
            memory[0].push_back(-rows[0][k] + 1e-10 * rng.uniform());
            rows[1].push_back(rows[0][k]);
            memory[1].push_back(-rows[0][k] + 1e-10 * rng.uniform());
        }
        expect_near(foolsgold_weights(history_cosines(geometry_of(rows, memory), 3)), {1, 1, 1},
                    0.0);
    }
}

TEST(FoolsGold, SumsWithoutDividingWhereAskedTo) {
    const Matrix rows{{8, 0, 0}, {0, 8, 0}, {0, 0, 8}};
    EXPECT_EQ(aggregate({.rule = "foolsgold", .rows = rows, .parameters = {1.0}}),
              (Values{8, 8, 8}));
    expect_near(aggregate({.rule = "foolsgold", .rows = rows}), {8.0 / 3, 8.0 / 3, 8.0 / 3}, 1e-7);
}

TEST(WeightedMean, GivesThePublishedResults) {
    FEDSTAKE_NEED_SHARED(path, "vectors/aggregation.json");
    std::ifstream file(path);
    int tried = 0;
    for (const json& entry : json::parse(file)) {
        const bool weighs = entry.at("name") == "fedavg_weighted";
        if (!weighs || !entry.at("expected").is_array() ||
            !entry.at("params").contains("weights")) {
            continue;
        }
        const Matrix rows = entry.at("input");
        expect_near(aggregate({.rule = "weighted-mean",
                               .rows = rows,
                               .parameters = {1024.0},
                               .claims = entry.at("params").at("weights")}),
                    entry.at("expected"), 1e-6);
        ++tried;
    }
    EXPECT_EQ(tried, 5);
}

TEST(WeightedMean, CapsClaimsAtAMultipleOfTheMedian) {
    EXPECT_EQ(capped_claims(Values{1, 2, 4, 8, 1e300}, 2.0), (Values{1, 2, 4, 8, 8}));
    const double huge = std::numeric_limits<double>::max();
    for (const double claim : capped_claims(Values{huge, huge, huge}, 1024.0)) {
        EXPECT_TRUE(std::isfinite(claim));
    }
}

TEST(WeightedMean, TakesBadClaimsForNone) {
    EXPECT_EQ(capped_claims(Values{-3, std::nan(""), 2, 3, 4, 5, 6}, 1.0),
              (Values{0, 0, 2, 3, 3, 3, 3}));
    // Where most claim nothing, the others gain nothing either.
    EXPECT_EQ(capped_claims(Values{0, 9, 0}, 1.0), (Values{1, 1, 1}));
}

TEST(NormDifferenceClipping, ScalesLongRowsDownAndNoOthers) {
    const Matrix rows{{3, 4}, {300, 400}, {0, 0}, {0, -10}};
    expect_near(aggregate({.rule = "norm-difference-clipping", .rows = rows, .parameters = {10.0}}),
                {(3.0 + 6.0) / 4.0, (4.0 + 8.0 - 10.0) / 4.0}, 1e-5);
}

TEST(NormDifferenceClipping, OfShortRowsIsTheMeanExactly) {
    const Matrix rows{{3, 4}, {5, 12}, {1, 2}};
    EXPECT_EQ(aggregate({.rule = "norm-difference-clipping", .rows = rows, .parameters = {13.0}}),
              (Values{3, 6}));
}

TEST(NormDifferenceClipping, TakesTheNormInModelUnits) {
    const Matrix rows{{0, 1024}};
    EXPECT_EQ(aggregate({.rule = "norm-difference-clipping",
                         .rows = rows,
                         .parameters = {2.0},
                         .unit = 0x1p-8}),
              (Values{0, 512}));
}

}  // namespace
}  // namespace fedstake::aggregation::weighting
