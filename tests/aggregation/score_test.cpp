// What the contribution scores promise.
#include "aggregation/score.hpp"

#include <algorithm>
#include <numeric>

#include <gtest/gtest.h>

#include "proto/base/limits.hpp"
#include "tests/aggregation/reference.hpp"
#include "tests/aggregation/round_builder.hpp"

namespace fedstake::aggregation {
namespace {

using reference::Matrix;
using reference::Values;

std::vector<std::uint64_t> scores_of(const Matrix& rows) {
    return contribution_scores(Geometry(reference::library_distances(rows)));
}

Values scaled(const Values& row, double factor) {
    Values result;
    for (const std::int32_t value : row) {
        result.push_back(static_cast<std::int32_t>(static_cast<double>(value) * factor));
    }
    return result;
}

// Rows without neighbours: random directions in many dimensions have cosines near zero.
Matrix unlike_rows(Rng& rng, std::size_t n) {
    Matrix rows(n, Values(256));
    for (Values& row : rows) {
        const double norm = 1e6 * (0.3 + rng.uniform());
        for (std::int32_t& value : row) {
            value = static_cast<std::int32_t>(norm * rng.normal());
        }
    }
    return rows;
}

TEST(Scores, OneSiteAloneGetsAll) {
    EXPECT_EQ(scores_of({{1, 2, 3}}), (std::vector<std::uint64_t>{limits::kScoreMax}));
}

TEST(Scores, AnEmptyUpdateGetsNothing) {
    const auto scores = scores_of({{100, 0}, {0, 100}, {0, 0}});
    EXPECT_EQ(scores[2], 0U);
    EXPECT_GT(scores[0], 0U);
}

TEST(Scores, ATinyUpdateGetsLittle) {
    const auto scores = scores_of({{1000, 0}, {0, 1000}, {500, 500}, {1, 0}});
    EXPECT_LT(scores[3] * 100, scores[0]);
}

TEST(Scores, TheMinorityKeepsAPositiveScore) {
    const auto scores = scores_of({{100, 10}, {100, -5}, {90, 3}, {-30, 60}});
    EXPECT_GT(scores[3], 0U);
    EXPECT_EQ(scores_of({{100, 90}, {100, -90}, {-90, 0}})[2], 0U) << "exactly opposite";
}

TEST(Scores, DoublesDivideOneScore) {
    Rng rng(3);
    const Matrix rows = unlike_rows(rng, 6);
    Matrix doubled = rows;
    doubled.push_back(rows[2]);
    const auto before = scores_of(rows);
    const auto after = scores_of(doubled);
    EXPECT_NEAR(static_cast<double>(after[2] + after[6]), static_cast<double>(before[2]), 3.0);
    EXPECT_NEAR(static_cast<double>(after[0]), static_cast<double>(before[0]), 3.0);
}

// k sites with the same direction and any smaller sizes instead of one: never a larger sum.
TEST(Scores, SplittingASiteNeverPays) {
    Rng rng(4);
    for (int trial = 0; trial < 300; ++trial) {
        Matrix rows = unlike_rows(rng, 2 + rng.below(7));
        const Values whole = rows.back();
        const std::uint64_t before = scores_of(rows).back();
        rows.pop_back();
        const std::size_t parts = 2 + rng.below(5);
        for (std::size_t k = 0; k < parts; ++k) {
            rows.push_back(scaled(whole, trial % 3 == 0 ? 1.0 : rng.uniform()));
        }
        const auto scores = scores_of(rows);
        const std::uint64_t sum = std::accumulate(scores.end() - static_cast<std::ptrdiff_t>(parts),
                                                  scores.end(), std::uint64_t{0});
        ASSERT_LE(sum, before + before / 1000 + parts) << "trial " << trial;
    }
}

TEST(Scores, DoNotDependOnScaleOrThreads) {
    Rng rng(5);
    Matrix rows = unlike_rows(rng, 7);
    const auto before = scores_of(rows);
    EXPECT_EQ(contribution_scores(Geometry(reference::library_distances(rows, 4, 20'000))), before);
    for (Values& row : rows) {
        for (std::int32_t& value : row) {
            value *= 4;
        }
    }
    EXPECT_EQ(scores_of(rows), before);
}

TEST(Scores, AnUndetectedSignFlipEarnsLessThanEverybodyElse) {
    int lowest = 0;
    for (std::uint64_t seed = 0; seed < 100; ++seed) {
        Matrix rows;
        for (const auto& row : testing::hospitals_and_attacker(seed, 40, 0.5)) {
            rows.push_back(testing::fixed_point(row));
        }
        const auto scores = scores_of(rows);
        lowest += std::min_element(scores.begin(), scores.end()) == scores.end() - 1 ? 1 : 0;
        for (const std::uint64_t score : scores) {
            EXPECT_LE(score, limits::kScoreMax);
        }
    }
    EXPECT_GE(lowest, 95);
}

}  // namespace
}  // namespace fedstake::aggregation
