// Nearest-neighbour mixing and bucketing.
#include <algorithm>
#include <numeric>
#include <set>

#include <gtest/gtest.h>

#include "aggregation/pre/bucketing.hpp"
#include "tests/aggregation/rules/selection_support.hpp"

namespace fedstake::aggregation {
namespace {

using testing::geometry_of;
using testing::map_of;
using testing::Matrix;
using testing::Vector;

Digest seed_of(std::uint8_t first) {
    Digest seed;
    seed.bytes[0] = first;
    seed.bytes[31] = 7;
    return seed;
}

TEST(Nnm, AveragesTheNearestRowsItselfIncluded) {
    const Matrix line{{0}, {1}, {10}, {12}, {40}};
    EXPECT_EQ(testing::mapped(map_of("nnm", geometry_of(line), 2), line),
              (Matrix{{11.0 / 3.0}, {11.0 / 3.0}, {23.0 / 3.0}, {23.0 / 3.0}, {62.0 / 3.0}}));
}

TEST(Nnm, HasEqualWeightsOfOneForEachNeighbour) {
    Rng rng(21);
    for (int trial = 0; trial < 100; ++trial) {
        const auto f = static_cast<std::uint32_t>(rng.below(4));
        const std::size_t n = 2 * f + 1 + rng.below(5);
        const Geometry geometry = geometry_of(testing::random_rows(rng, n, 2));
        const RowMap map = map_of("nnm", geometry, f);
        ASSERT_EQ(map.denominator(), n - f);
        for (std::size_t i = 0; i < n; ++i) {
            ASSERT_EQ(map.weight(i, i), 1U);
            std::size_t sum = 0;
            double inside = 0.0;
            double outside = -1.0;
            for (std::size_t j = 0; j < n; ++j) {
                sum += map.weight(i, j);
                const double square = geometry.square(i, j);
                if (map.weight(i, j) != 0) {
                    inside = std::max(inside, square);
                } else {
                    outside = outside < 0.0 ? square : std::min(outside, square);
                }
            }
            ASSERT_EQ(sum, n - f);
            ASSERT_TRUE(outside < 0.0 || inside <= outside);
        }
    }
}

TEST(Nnm, WithoutHostileSitesMakesEveryRowTheMean) {
    const Matrix rows{{1, 0}, {2, 6}, {3, 3}};
    for (const Vector& row : testing::mapped(map_of("nnm", geometry_of(rows), 0), rows)) {
        EXPECT_EQ(row, (Vector{2, 3}));
    }
}

TEST(Nnm, FollowsATranslation) {
    Rng rng(22);
    for (int trial = 0; trial < 50; ++trial) {
        Matrix rows(9, Vector(3));
        Matrix moved = rows;
        for (std::size_t i = 0; i < rows.size(); ++i) {
            for (std::size_t j = 0; j < 3; ++j) {
                rows[i][j] = static_cast<double>(rng.below(8));
                moved[i][j] = rows[i][j] + 1024.0;
            }
        }
        const RowMap before = map_of("nnm", geometry_of(rows), 3);
        const RowMap after = map_of("nnm", geometry_of(moved), 3);
        for (std::size_t i = 0; i < rows.size(); ++i) {
            ASSERT_TRUE(std::ranges::equal(before.weights(i), after.weights(i)));
        }
    }
}

TEST(Bucketing, PutsEachRowIntoOneGroup) {
    for (std::size_t n = 1; n < 30; ++n) {
        for (std::size_t s = 1; s <= n + 2; ++s) {
            const RowMap map = map_of("bucketing", Geometry(n), 0, {static_cast<double>(s)},
                                      seed_of(static_cast<std::uint8_t>(n)));
            ASSERT_EQ(map.rows_in(), n);
            ASSERT_EQ(map.rows_out(), (n + s - 1) / s);
            std::vector<int> seen(n, 0);
            for (std::size_t group = 0; group < map.rows_out(); ++group) {
                std::uint64_t sum = 0;
                std::set<std::uint32_t> weights;
                std::size_t members = 0;
                for (std::size_t i = 0; i < n; ++i) {
                    if (map.weight(group, i) != 0) {
                        ++seen[i];
                        ++members;
                        sum += map.weight(group, i);
                        weights.insert(map.weight(group, i));
                    }
                }
                ASSERT_EQ(sum, map.denominator()) << "each group is a mean";
                ASSERT_EQ(weights.size(), 1U);
                const bool last = group + 1 == map.rows_out();
                ASSERT_EQ(members, last ? n - group * s : s);
            }
            ASSERT_EQ(std::count(seen.begin(), seen.end(), 1), static_cast<long>(n));
        }
    }
}

TEST(Bucketing, LeavesRowsAsTheyAreInGroupsOfOne) {
    EXPECT_TRUE(map_of("bucketing", Geometry(5), 2, {1.0}, seed_of(3)).is_identity());
}

TEST(Bucketing, DividesAShortGroupByItsOwnSize) {
    const Matrix rows{{1, 2, 3}, {4, 5, 6}, {7, 8, 9}};
    std::set<Vector> alone;
    for (std::uint8_t k = 0; k < 40; ++k) {
        const Matrix groups =
            testing::mapped(map_of("bucketing", geometry_of(rows), 0, {2.0}, seed_of(k)), rows);
        ASSERT_EQ(groups.size(), 2U);
        const auto left = std::find(rows.begin(), rows.end(), groups[1]);
        ASSERT_NE(left, rows.end());
        alone.insert(groups[1]);
        for (std::size_t j = 0; j < 3; ++j) {
            ASSERT_EQ(2.0 * groups[0][j] + groups[1][j], 12.0 + 3.0 * static_cast<double>(j));
        }
    }
    EXPECT_EQ(alone.size(), 3U) << "each row is the odd one for some seed";
}

TEST(Bucketing, OrderIsAFunctionOfTheSeed) {
    const std::vector<std::size_t> order = bucket_order(100, seed_of(1));
    EXPECT_EQ(order, bucket_order(100, seed_of(1)));
    EXPECT_NE(order, bucket_order(100, seed_of(2)));
    std::vector<std::size_t> sorted = order;
    std::sort(sorted.begin(), sorted.end());
    std::vector<std::size_t> wanted(100);
    std::iota(wanted.begin(), wanted.end(), std::size_t{0});
    EXPECT_EQ(sorted, wanted);
    EXPECT_EQ(bucket_order(8, Digest{}), (std::vector<std::size_t>{5, 7, 1, 4, 2, 0, 6, 3}));
}

TEST(Bucketing, DefaultsToPairs) {
    EXPECT_EQ(map_of("bucketing", Geometry(10), 2).rows_out(), 5U);
}

TEST(Bucketing, RefusesGroupsThatLeaveNoHonestMajority) {
    const auto supported = [](std::size_t n, std::uint32_t f, std::optional<double> s) {
        return bucketing_supports({.n = n, .f = f, .parameters = {s}});
    };
    EXPECT_TRUE(supported(9, 2, 2.0));    // 5 groups
    EXPECT_FALSE(supported(8, 2, 2.0));   // 4 groups
    EXPECT_FALSE(supported(10, 2, 3.0));  // 4 groups
    EXPECT_TRUE(supported(13, 2, 3.0));
    EXPECT_TRUE(supported(5, 2, 1.0));
    EXPECT_FALSE(supported(5, 2, std::nullopt));
    EXPECT_TRUE(supported(1, 0, 512.0));
    EXPECT_FALSE(supported(0, 0, 2.0));
}

}  // namespace
}  // namespace fedstake::aggregation
