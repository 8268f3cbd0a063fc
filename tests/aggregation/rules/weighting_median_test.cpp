// Geometric median and centered clipping: worked cases, slow versions in coordinates, edges.
#include <algorithm>
#include <cmath>
#include <fstream>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "aggregation/rules/centered_clipping.hpp"
#include "aggregation/rules/geometric_median.hpp"
#include "tests/aggregation/rules/weighting_support.hpp"
#include "tests/support/shared_data.hpp"

namespace fedstake::aggregation::weighting {
namespace {

using nlohmann::json;

// One unit of an integer weight on the largest value, for each row.
double weight_step(const Matrix& rows) {
    double largest = 0.0;
    for (const Values& row : rows) {
        largest = std::max(largest, length(row));
    }
    return largest * static_cast<double>(rows.size()) * 0x1p-29;
}

double sum_of_distances(const Matrix& rows, const Values& z) {
    double sum = 0.0;
    for (const Values& row : rows) {
        sum += distance(row, z);
    }
    return sum;
}

// Smoothed Weiszfeld in coordinates.
Values slow_weiszfeld(const Matrix& rows, Values z, double smoothing, int steps) {
    for (int step = 0; step < steps; ++step) {
        Values next(z.size(), 0.0);
        double sum = 0.0;
        for (const Values& row : rows) {
            const double weight = 1.0 / std::max(smoothing, distance(row, z));
            next = sum_of(next, scaled(row, weight));
            sum += weight;
        }
        z = scaled(next, 1.0 / sum);
    }
    return z;
}

Values slow_centered_clipping(const Matrix& rows, Values v, double tau, std::size_t steps) {
    for (std::size_t step = 0; step < steps; ++step) {
        Values next = v;
        for (const Values& row : rows) {
            const Values apart = sum_of(row, scaled(v, -1.0));
            const double factor = length(apart) > tau ? tau / length(apart) : 1.0;
            next = sum_of(next, scaled(apart, factor / static_cast<double>(rows.size())));
        }
        v = next;
    }
    return v;
}

json load(const std::filesystem::path& path) {
    std::ifstream file(path);
    return json::parse(file);
}

TEST(GeometricMedian, GivesThePublishedResults) {
    FEDSTAKE_NEED_SHARED(path, "vectors/aggregation.json");
    int converged = 0;
    int stepped = 0;
    for (const json& entry : load(path)) {
        const std::string name = entry.at("name");
        if (name == "geometric_median") {
            const Matrix rows = entry.at("input");
            const Question question{
                .rule = "geometric-median", .rows = rows, .parameters = {1e-9, std::nullopt}};
            expect_near(aggregate(question), entry.at("expected"),
                        entry.at("tol").get<double>() + weight_step(rows));
            ++converged;
        } else if (name == "geometric_median_weiszfeld") {
            // So many steps from the zero vector, as the libraries do.
            const Matrix rows = entry.at("input");
            const Geometry geometry = geometry_of(rows);
            Values squares;
            for (std::size_t i = 0; i < rows.size(); ++i) {
                squares.push_back(geometry.norm_square(i));
            }
            const WeiszfeldLimits limits{.smoothing = entry.at("params").at("nu"),
                                         .rest = 0.0,
                                         .iterations_max = entry.at("params").at("T")};
            expect_near(combined(weiszfeld_weights(geometry, squares, limits), rows),
                        entry.at("expected"), entry.at("tol"));
            ++stepped;
        }
    }
    EXPECT_EQ(converged, 5);
    EXPECT_EQ(stepped, 3);
}

TEST(GeometricMedian, IsWhatManyStepsInCoordinatesGive) {
    Rng rng(11);
    for (int trial = 0; trial < 40; ++trial) {
        const Matrix rows = random_rows(rng, 3 + rng.below(8), 4);
        const Values start = coordinate_median(rows);
        Values distances;
        for (const Values& row : rows) {
            distances.push_back(distance(row, start));
        }
        const double scale = median_of(distances);
        if (scale == 0.0) {
            continue;
        }
        const Values wanted = slow_weiszfeld(rows, start, 1e-6 * scale, 1000);
        const Values actual = aggregate({.rule = "geometric-median",
                                         .rows = rows,
                                         .f = 1,
                                         .parameters = {1e-12, std::nullopt}});
        expect_near(actual, wanted, 1e-6 * scale + weight_step(rows));
    }
}

TEST(GeometricMedian, HasTheLeastSumOfDistances) {
    Rng rng(12);
    for (int trial = 0; trial < 40; ++trial) {
        const Matrix rows = random_rows(rng, 5 + rng.below(6), 3);
        const Values z = aggregate({.rule = "geometric-median", .rows = rows, .f = 2});
        const double least = sum_of_distances(rows, z);
        for (int direction = 0; direction < 30; ++direction) {
            Values other = z;
            for (double& value : other) {
                value += std::ldexp(rng.uniform() - 0.5, 3 + direction / 2);
            }
            EXPECT_GE(sum_of_distances(rows, other), least * (1.0 - 1e-6));
        }
    }
}

TEST(GeometricMedian, OfMostlyOnePointIsThatPointExactly) {
    const Matrix rows{{7, -3}, {1e9, 4}, {7, -3}, {7, -3}, {-2e9, 1e9}};
    EXPECT_EQ(aggregate({.rule = "geometric-median", .rows = rows, .f = 2}), (Values{7, -3}));
}

TEST(GeometricMedian, StaysWithSilentRowsInTheMinority) {
    // Three of ten send nothing: steps from the zero vector would stay near it.
    Matrix rows;
    for (int i = 0; i < 7; ++i) {
        rows.push_back({500.0 + i, 20.0 - i, 3.0 * i});
    }
    rows.insert(rows.end(), 3, Values{0, 0, 0});
    const Values z = aggregate({.rule = "geometric-median", .rows = rows, .f = 3});
    EXPECT_GT(length(z), 0.98 * length(rows[3]));
}

TEST(GeometricMedian, HoldsAgainstRowsAtTheEndOfTheRange) {
    Matrix rows{{10, 20}, {12, 21}, {11, 19}, {1e14, -1e14}, {-1e14, -1e14}};
    const Values z = aggregate({.rule = "geometric-median", .rows = rows, .f = 2});
    // Weights are integers over 2^30: far rows count for a whole step of them or not at all.
    EXPECT_LT(distance(z, {11, 20}), 1e14 * 0x1p-29);
}

TEST(GeometricMedian, StopsWhereItIsTold) {
    const Matrix rows{{0, 0}, {10, 1}, {3, 9}, {4, 4}, {-7, 2}};
    const Values once = aggregate(
        {.rule = "geometric-median", .rows = rows, .f = 2, .parameters = {std::nullopt, 1.0}});
    const Values start = coordinate_median(rows);
    Values distances;
    for (const Values& row : rows) {
        distances.push_back(distance(row, start));
    }
    expect_near(once, slow_weiszfeld(rows, start, 1e-6 * median_of(distances), 1), 1e-6);
}

TEST(CenteredClipping, GivesThePublishedResults) {
    FEDSTAKE_NEED_SHARED(path, "vectors/aggregation.json");
    int tried = 0;
    for (const json& entry : load(path)) {
        if (entry.at("name") != "centered_clipping") {
            continue;
        }
        const Matrix rows = entry.at("input");
        const Matrix zero{Values(rows.front().size(), 0.0)};
        const json& params = entry.at("params");
        const CenteredWeights centered = centered_clipping_weights(
            geometry_of(rows, zero), rows.size(), rows.size(), params.at("tau"), params.at("L"));
        Matrix all = rows;
        all.push_back(zero.front());
        expect_near(combined(centered.weights, all), entry.at("expected"), entry.at("tol"));
        expect_near(aggregate({.rule = "centered-clipping",
                               .rows = rows,
                               .parameters = {params.at("tau"), params.at("L")}}),
                    entry.at("expected"), entry.at("tol").get<double>() + weight_step(rows));
        ++tried;
    }
    EXPECT_EQ(tried, 2);
}

TEST(CenteredClipping, StartsFromItsLastAggregate) {
    FEDSTAKE_NEED_SHARED(path, "vectors/aggregation.json");
    for (const json& entry : load(path)) {
        if (entry.at("name") != "centered_clipping_stateful") {
            continue;
        }
        const json& params = entry.at("params");
        Question question{.rule = "centered-clipping",
                          .rows = entry.at("input").at("call1"),
                          .f = 2,
                          .parameters = {params.at("tau"), params.at("n_iter")}};
        const RuleAnswer first = ask(question);
        const Values v = combined(first.combination, all_rows(question));
        expect_near(v, entry.at("expected").at("call1"), 1e-7);
        ASSERT_EQ(first.memory_rows.size(), 1U);
        question.memory_rows = {combined(first.memory_rows[0], all_rows(question))};
        question.rows = entry.at("input").at("call2").get<Matrix>();
        expect_near(aggregate(question), entry.at("expected").at("call2"), 1e-7);
    }
}

TEST(CenteredClipping, IsWhatItsFormulaGivesInCoordinates) {
    Rng rng(13);
    for (int trial = 0; trial < 60; ++trial) {
        const Matrix rows = random_rows(rng, 1 + rng.below(9), 4);
        const Values start = random_rows(rng, 1, 4).front();
        const double tau = std::ldexp(1.0 + rng.uniform(), static_cast<int>(rng.below(12)));
        const std::size_t steps = 1 + rng.below(5);
        Matrix all = rows;
        all.push_back(start);
        const CenteredWeights centered = centered_clipping_weights(
            geometry_of(rows, {start}), rows.size(), rows.size(), tau, steps);
        double largest = 1.0;
        for (const Values& row : all) {
            largest = std::max(largest, length(row));
        }
        expect_near(combined(centered.weights, all),
                    slow_centered_clipping(rows, start, tau, steps), 1e-6 + 1e-7 * largest);
    }
}

TEST(CenteredClipping, NoRowMovesTheAggregateFurtherThanItsShare) {
    Rng rng(14);
    for (int trial = 0; trial < 40; ++trial) {
        Question question{.rule = "centered-clipping",
                          .rows = random_rows(rng, 6, 3),
                          .parameters = {64.0, std::nullopt},
                          .memory_rows = {{5, 6, 7}}};
        question.rows[2] = {2e9, -2e9, 2e9};
        const Values aggregated = aggregate(question);
        EXPECT_LE(distance(aggregated, {5, 6, 7}), 64.0 * (1.0 + 1e-12));
    }
}

TEST(CenteredClipping, WithWideTauIsTheMeanExactly) {
    const Matrix rows{{1, 2}, {4, 8}, {-2, 2}};
    const Question question{.rule = "centered-clipping",
                            .rows = rows,
                            .parameters = {65536.0, 3.0},
                            .memory_rows = {{-9, 77}}};
    EXPECT_EQ(aggregate(question), (Values{1, 4}));
    EXPECT_EQ(ask(question).combination.weights, (std::vector<std::uint32_t>{1, 1, 1, 0}));
}

TEST(CenteredClipping, TakesTauInModelUnits) {
    const Matrix rows{{512, 0}};
    EXPECT_EQ(aggregate({.rule = "centered-clipping",
                         .rows = rows,
                         .parameters = {1.0, std::nullopt},
                         .unit = 0x1p-8}),
              (Values{256, 0}));
}

}  // namespace
}  // namespace fedstake::aggregation::weighting
