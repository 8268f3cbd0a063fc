// Krum, Bulyan and MoNNA against slow versions and by hand.
#include <algorithm>
#include <numeric>

#include <gtest/gtest.h>

#include "aggregation/rules/bulyan.hpp"
#include "aggregation/rules/krum.hpp"
#include "aggregation/rules/nearest.hpp"
#include "tests/aggregation/rules/selection_support.hpp"

namespace fedstake::aggregation {
namespace {

using testing::aggregate;
using testing::combination_of;
using testing::geometry_of;
using testing::Matrix;
using testing::rows_with_weight;
using testing::Vector;
using Rows = std::vector<std::size_t>;

TEST(Krum, AddsTheLeastSquaresOfOtherRows) {
    const Geometry geometry = geometry_of({{0.0}, {1.0}, {3.0}, {7.0}});
    EXPECT_EQ(krum_scores(geometry, 0), (Vector{0, 0, 0, 0}));
    EXPECT_EQ(krum_scores(geometry, 1), (Vector{1, 1, 4, 16}));
    EXPECT_EQ(krum_scores(geometry, 2), (Vector{10, 5, 13, 52}));
    EXPECT_EQ(krum_scores(geometry, 3), (Vector{59, 41, 29, 101}));
}

TEST(Krum, GivesTiesToTheLowestRow) {
    const Matrix corners{{1, 1}, {-1, 1}, {1, -1}, {-1, -1}, {1, 1}};
    EXPECT_EQ(rows_with_weight(combination_of("krum", geometry_of(corners), 2)), Rows{0});
    EXPECT_EQ(lowest_krum_scores(geometry_of(Matrix(4, {2.0})), 2, 3), (Rows{0, 1, 2}));
}

TEST(Krum, PaperAndLibraryAreTwoFunctions) {
    const Matrix rows{{-8, -9}, {6, 8}, {5, 9}, {-6, 6}, {-8, 8}, {0, -6}, {8, 7}, {-9, -2}};
    const Vector shorter = aggregate("krum-paper", rows, 2);
    const Vector longer = aggregate("krum", rows, 2);
    EXPECT_NE(shorter, longer);
    EXPECT_NE(shorter, (Vector{-9, -2})) << "that is the 4th-power variant";
    EXPECT_NE(longer, (Vector{6, 8})) << "that is the unsquared variant";
}

TEST(Krum, NeedsNoNeighbourForASingleRow) {
    EXPECT_EQ(aggregate("krum", {{3.0, 4.0}}, 0), (Vector{3, 4}));
    EXPECT_EQ(aggregate("multi-krum", {{3.0, 4.0}}, 0), (Vector{3, 4}));
}

TEST(Krum, RefusesWhatTheBoundForbids) {
    for (std::uint32_t f = 0; f < 6; ++f) {
        const Arguments arguments{.n = 2 * f, .f = f, .parameters = {}};
        EXPECT_FALSE(krum_supports(arguments));
        EXPECT_TRUE(krum_supports({.n = 2 * f + 1, .f = f, .parameters = {}}));
        EXPECT_FALSE(krum_paper_supports({.n = 2 * f + 2, .f = f, .parameters = {}}));
        EXPECT_TRUE(krum_paper_supports({.n = 2 * f + 3, .f = f, .parameters = {}}));
        EXPECT_FALSE(bulyan_supports({.n = 4 * f + 2, .f = f, .parameters = {}}));
        EXPECT_TRUE(bulyan_supports({.n = 4 * f + 3, .f = f, .parameters = {}}));
    }
}

TEST(MultiKrum, AveragesTheRowsThatItIsAskedFor) {
    const Matrix line{{0}, {1}, {2}, {3}, {100}};
    EXPECT_EQ(aggregate("multi-krum-paper", line, 1), Vector{1.5});
    EXPECT_EQ(aggregate("multi-krum-paper", line, 1, {1.0}), Vector{1});
    EXPECT_EQ(aggregate("multi-krum", line, 1), Vector{1.5});
    EXPECT_EQ(aggregate("multi-krum", line, 1, {2.0}), Vector{1.5});
    EXPECT_EQ(testing::selection_rule("multi-krum").selectable({.n = 9, .f = 3, .parameters = {}}),
              6U);
    EXPECT_EQ(
        testing::selection_rule("multi-krum-paper").selectable({.n = 9, .f = 3, .parameters = {}}),
        4U);
}

TEST(MultiKrum, MatchesScoresBySorting) {
    Rng rng(11);
    for (int trial = 0; trial < 300; ++trial) {
        const auto f = static_cast<std::uint32_t>(rng.below(4));
        const std::size_t n = 2 * f + 3 + rng.below(6);
        const Geometry geometry = geometry_of(testing::random_rows(rng, n, 1 + rng.below(4)));
        std::vector<std::pair<double, std::size_t>> scores;
        for (std::size_t i = 0; i < n; ++i) {
            Vector squares;
            for (std::size_t j = 0; j < n; ++j) {
                squares.push_back(i == j ? -1.0 : geometry.square(i, j));
            }
            std::sort(squares.begin(), squares.end());
            scores.emplace_back(
                std::accumulate(squares.begin() + 1,
                                squares.begin() + 1 + static_cast<long>(n - f - 1), 0.0),
                i);
        }
        std::sort(scores.begin(), scores.end());
        Rows wanted;
        for (std::size_t k = 0; k < n - f; ++k) {
            wanted.push_back(scores[k].second);
        }
        std::sort(wanted.begin(), wanted.end());
        ASSERT_EQ(rows_with_weight(combination_of("multi-krum", geometry, f)), wanted);
        ASSERT_EQ(rows_with_weight(combination_of("krum", geometry, f)), Rows{scores[0].second});
    }
}

// Krum on what remains, computed from nothing each time.
Rows slow_picks(const Geometry& geometry, std::size_t f) {
    Rows remaining(geometry.rows());
    std::iota(remaining.begin(), remaining.end(), std::size_t{0});
    Rows picks;
    while (picks.size() < geometry.rows() - 2 * f) {
        const std::size_t wanted = remaining.size() > f + 2 ? remaining.size() - f - 2 : 1;
        const std::size_t best = lowest_krum_scores(testing::restricted(geometry, remaining),
                                                    std::min(wanted, remaining.size() - 1), 1)
                                     .front();
        picks.push_back(remaining[best]);
        remaining.erase(remaining.begin() + static_cast<long>(best));
    }
    return picks;
}

TEST(Bulyan, PicksAsKrumOnWhatRemains) {
    Rng rng(12);
    for (int trial = 0; trial < 400; ++trial) {
        const std::size_t f = rng.below(4);
        const std::size_t n = 4 * f + 3 + rng.below(5);
        const Geometry geometry = geometry_of(testing::attacked_rows(rng, n, 1 + rng.below(4), f));
        ASSERT_EQ(bulyan_picks(geometry, f), slow_picks(geometry, f)) << "n " << n << " f " << f;
    }
}

TEST(Bulyan, AveragesThePicksNearTheirMedian) {
    Rng rng(13);
    for (std::uint32_t f = 0; f < 4; ++f) {
        const std::size_t n = 4 * f + 3 + rng.below(4);
        const Geometry geometry = geometry_of(testing::random_rows(rng, n, 3));
        const Combination combination = combination_of("bulyan", geometry, f);
        EXPECT_EQ(combination.columns, ColumnRule::kNearestMedian);
        EXPECT_EQ(combination.count, n - 4 * f);
        Rows picks = slow_picks(geometry, f);
        std::sort(picks.begin(), picks.end());
        EXPECT_EQ(rows_with_weight(combination), picks);
    }
}

TEST(Bulyan, StaysAmongHonestValues) {
    Rng rng(14);
    for (int trial = 0; trial < 100; ++trial) {
        const std::size_t f = 1 + rng.below(2);
        const std::size_t n = 4 * f + 3;
        Matrix rows = testing::random_rows(rng, n - f, 3);
        const Matrix honest = rows;
        for (std::size_t k = 0; k < f; ++k) {
            rows.push_back(Vector(3, rng.below(2) == 0 ? 1e9 : -1e9));
        }
        const Vector result = aggregate("bulyan", rows, static_cast<std::uint32_t>(f));
        for (std::size_t j = 0; j < result.size(); ++j) {
            double low = honest[0][j];
            double high = low;
            for (const Vector& row : honest) {
                low = std::min(low, row[j]);
                high = std::max(high, row[j]);
            }
            ASSERT_GE(result[j], low - 1e-9);
            ASSERT_LE(result[j], high + 1e-9);
        }
    }
}

TEST(Monna, AveragesTheNeighboursOfTheTrustedRow) {
    const Matrix line{{0}, {10}, {11}, {12}, {50}};
    EXPECT_EQ(aggregate("monna", line, 2, {2.0}), Vector{11});
    EXPECT_EQ(aggregate("monna", line, 2, {4.0}), (Vector{(50.0 + 12.0 + 11.0) / 3.0}));
    EXPECT_EQ(aggregate("monna", line, 1, {0.0}), (Vector{33.0 / 4.0}));
}

TEST(Monna, RefusesARowThatIsNotThere) {
    const RuleInfo& info = testing::selection_rule("monna");
    EXPECT_TRUE(info.supports({.n = 5, .f = 2, .parameters = {4.0}}));
    EXPECT_FALSE(info.supports({.n = 5, .f = 2, .parameters = {5.0}}));
    EXPECT_FALSE(info.supports({.n = 4, .f = 2, .parameters = {0.0}}));
    EXPECT_FALSE(info.supports({.n = 5, .f = 2, .parameters = {std::nullopt}}));
}

TEST(NearestRows, PutTheRowItselfFirstAndTiesInOrder) {
    const Geometry geometry = geometry_of({{1}, {0}, {1}, {2}, {1}});
    EXPECT_EQ(nearest_rows(geometry, 2, 5), (Rows{2, 0, 4, 1, 3}));
    EXPECT_EQ(nearest_rows(geometry, 3, 3), (Rows{3, 0, 2}));
    EXPECT_EQ(nearest_rows(geometry, 4, 1), (Rows{4}));
}

}  // namespace
}  // namespace fedstake::aggregation
