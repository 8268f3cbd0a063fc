#include "aggregation/detect/prediction.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include <gtest/gtest.h>

#include "tests/aggregation/detect/federation.hpp"

namespace fedstake::aggregation::detect {
namespace {

using testing::geometry_of;
using testing::random_row;
using testing::Row;
using testing::scaled;
using testing::sum_of;

std::vector<std::size_t> positions(std::size_t first, std::size_t count) {
    std::vector<std::size_t> result(count);
    std::iota(result.begin(), result.end(), first);
    return result;
}

double dot(const Row& a, const Row& b) {
    double sum = 0.0;
    for (std::size_t k = 0; k < a.size(); ++k) sum += a[k] * b[k];
    return sum;
}

// B by the BFGS formula itself, on a full matrix: B + y y' / y's - B s s' B / s'B s, from sigma I.
struct FullBfgs {
    std::size_t d;
    std::vector<Row> matrix;

    FullBfgs(const std::vector<Row>& s, const std::vector<Row>& y) : d(s[0].size()) {
        const double sigma = dot(s.back(), y.back()) / dot(s.back(), s.back());
        matrix.assign(d, Row(d, 0.0));
        for (std::size_t k = 0; k < d; ++k) matrix[k][k] = sigma;
        for (std::size_t p = 0; p < s.size(); ++p) {
            const Row bs = times(s[p]);
            const double curvature = dot(y[p], s[p]);
            const double own = dot(s[p], bs);
            for (std::size_t a = 0; a < d; ++a) {
                for (std::size_t b = 0; b < d; ++b) {
                    matrix[a][b] += y[p][a] * y[p][b] / curvature - bs[a] * bs[b] / own;
                }
            }
        }
    }
    [[nodiscard]] Row times(const Row& v) const {
        Row result;
        for (const Row& row : matrix) result.push_back(dot(row, v));
        return result;
    }
};

TEST(Prediction, EqualsTheFullBfgsMatrix) {
    for (const double sign : {1.0, -1.0}) {  // updates are negative gradients
        Rng rng(11);
        constexpr std::size_t kDimension = 12;
        constexpr std::size_t kPairs = 4;
        std::vector<Row> s;
        std::vector<Row> means = {random_row(rng, kDimension)};
        std::vector<Row> y;
        for (std::size_t p = 0; p <= kPairs; ++p) s.push_back(random_row(rng, kDimension));
        for (std::size_t p = 0; p < kPairs; ++p) {
            Row change = s[p];
            for (std::size_t k = 0; k < kDimension; ++k) {
                change[k] *= sign * (0.5 + static_cast<double>(k) / 4.0);
            }
            y.push_back(change);
            means.push_back(sum_of(means.back(), change));
        }
        const Row step = FullBfgs({s.begin(), s.end() - 1}, y).times(s.back());
        std::vector<Row> rows;
        std::vector<double> expected;
        double sum = 0.0;
        for (std::size_t i = 0; i < 3; ++i) rows.push_back(random_row(rng, kDimension));
        for (std::size_t i = 0; i < 3; ++i) rows.push_back(random_row(rng, kDimension));
        for (std::size_t i = 0; i < 3; ++i) {
            const Row error = sum_of(rows[i], scaled(sum_of(rows[3 + i], step), -1.0));
            expected.push_back(testing::norm_of(error));
            sum += expected.back();
        }
        rows.insert(rows.end(), s.begin(), s.end());
        rows.insert(rows.end(), means.begin(), means.end());
        const std::vector<std::size_t> now = positions(0, 3);
        const std::vector<std::size_t> before = positions(3, 3);
        const auto errors =
            prediction_errors(geometry_of(rows), {.own = {.now = now, .before = before},
                                                  .changes = positions(6, kPairs + 1),
                                                  .means = positions(6 + kPairs + 1, kPairs + 1)});
        for (std::size_t i = 0; i < 3; ++i) {
            ASSERT_TRUE(errors[i]);
            EXPECT_NEAR(*errors[i], expected[i] / sum, 1e-8);
        }
    }
}

TEST(Prediction, IsTheLastUpdateWithoutPairs) {
    const std::vector<Row> rows = {{1.0, 0.0}, {5.0, 0.0}, {1.0, 1.0}, {1.0, 3.0}, {9.0, 9.0}};
    const std::vector<std::size_t> now = {0, 1};
    const std::vector<std::size_t> before = {2, 3};
    const std::vector<std::size_t> change = {4};
    const auto errors = prediction_errors(
        geometry_of(rows),
        {.own = {.now = now, .before = before}, .changes = change, .means = change});
    EXPECT_DOUBLE_EQ(*errors[0], 1.0 / 6.0);
    EXPECT_DOUBLE_EQ(*errors[1], 5.0 / 6.0);
}

TEST(Prediction, LeavesOutNewSites) {
    const std::vector<Row> rows = {{1.0}, {2.0}, {3.0}, {1.0}};
    const std::vector<std::size_t> now = {0, 1};
    const std::vector<std::size_t> before = {kNoRow, 2};
    const std::vector<std::size_t> change = {3};
    const auto errors = prediction_errors(
        geometry_of(rows),
        {.own = {.now = now, .before = before}, .changes = change, .means = change});
    EXPECT_FALSE(errors[0]);
    EXPECT_DOUBLE_EQ(*errors[1], 1.0);
}

TEST(Prediction, FallsBackWhereThePairsAreSingularOrZero) {
    const std::vector<Row> rows = {{1.0, 0.0}, {4.0, 0.0}, {2.0, 0.0}, {0.0, 0.0}, {1.0, 1.0}};
    const std::vector<std::size_t> now = {0};
    const std::vector<std::size_t> before = {1};
    for (const std::vector<std::size_t>& history :
         {std::vector<std::size_t>{3, 3, 3}, std::vector<std::size_t>{2, 2, 2, 2, 4},
          std::vector<std::size_t>(30, 2)}) {
        const auto errors = prediction_errors(
            geometry_of(rows),
            {.own = {.now = now, .before = before}, .changes = history, .means = history});
        ASSERT_TRUE(errors[0]);
        EXPECT_TRUE(std::isfinite(*errors[0]));
        EXPECT_DOUBLE_EQ(*errors[0], 1.0);
    }
}

TEST(Prediction, GivesZeroWhereAllArePredictedExactly) {
    const std::vector<Row> rows = {{1.0}, {1.0}, {0.0}};
    const std::vector<std::size_t> now = {0, 1};
    const std::vector<std::size_t> before = {1, 0};
    const std::vector<std::size_t> change = {2};
    const auto errors = prediction_errors(
        geometry_of(rows),
        {.own = {.now = now, .before = before}, .changes = change, .means = change});
    EXPECT_EQ(*errors[0], 0.0);
    EXPECT_EQ(*errors[1], 0.0);
}

TEST(TwoGroups, FindsAFarMinority) {
    const std::vector<double> scores = {0.9, 1.0, 1.1, 0.95, 1.05, 1.02, 3.0, 3.1};
    const TwoGroups groups = two_groups(scores, 7);
    EXPECT_TRUE(groups.found);
    EXPECT_GT(groups.boundary, 1.1);
    EXPECT_LT(groups.boundary, 3.0);
}

TEST(TwoGroups, NeverAccusesHalfOrMore) {
    EXPECT_FALSE(two_groups(std::vector<double>{1.0, 1.0, 3.0, 3.0}, 7).found);
    EXPECT_FALSE(two_groups(std::vector<double>{1.0, 3.0, 3.0, 3.0, 3.1}, 7).found);
}

TEST(TwoGroups, IsOneGroupForFewEqualOrNoValues) {
    EXPECT_FALSE(two_groups(std::vector<double>{}, 1).found);
    EXPECT_FALSE(two_groups(std::vector<double>{1.0, 1.0, 9.0}, 1).found);
    EXPECT_FALSE(two_groups(std::vector<double>(10, 0.1), 1).found);
}

TEST(TwoGroups, FindsAnExactSplit) {
    const TwoGroups groups = two_groups(std::vector<double>{0.0, 1.0, 0.0, 0.0, 0.0}, 1);
    EXPECT_TRUE(groups.found);
    EXPECT_DOUBLE_EQ(groups.boundary, 0.5);
}

TEST(TwoGroups, SeldomFindsTwoAmongUniformValues) {
    Rng rng(13);
    std::size_t found = 0;
    for (std::uint64_t trial = 0; trial < 200; ++trial) {
        std::vector<double> values(12);
        for (double& value : values) value = rng.uniform();
        found += two_groups(values, trial).found ? 1U : 0U;
    }
    EXPECT_LT(found, 30U);
}

}  // namespace
}  // namespace fedstake::aggregation::detect
