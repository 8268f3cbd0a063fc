// Norm clipping and ARC: ratios exact to the last unit, limits, guards.
#include <cmath>

#include <gtest/gtest.h>

#include "aggregation/pre/clipping.hpp"
#include "aggregation/pre/pre_table.hpp"
#include "tests/aggregation/rules/selection_support.hpp"

namespace fedstake::aggregation {
namespace {

using testing::geometry_of;
using testing::map_of;
using testing::Matrix;
using testing::Vector;

TEST(ClipRatio, IsTheLargestThatFits) {
    Rng rng(10);
    for (int trial = 0; trial < 2000; ++trial) {
        const std::uint64_t limit = 1 + rng.below(std::uint64_t{1} << (1 + rng.below(28)));
        const Wide square = Wide{rng.next()} >> rng.below(64);
        const std::uint64_t ratio = clip_ratio(square, Wide{limit} * limit);
        const Wide bound = (Wide{limit} * limit) << 60U;
        ASSERT_LE(ratio, std::uint64_t{kWeightOne});
        if (ratio == kWeightOne) {
            ASSERT_TRUE(square <= Wide{limit} * limit);
        } else {
            // Both products stay below 2^128 here.
            ASSERT_TRUE(Wide{ratio * ratio} * square <= bound);
            ASSERT_TRUE(Wide{(ratio + 1) * (ratio + 1)} * square > bound);
        }
    }
    EXPECT_EQ(clip_ratio(Wide{1} << 95U, 1), 0U);
    EXPECT_EQ(clip_ratio(0, 0), kWeightOne);
    EXPECT_EQ(clip_ratio(1, 0), 0U);
    EXPECT_EQ(clip_ratio(Wide{1} << 116U, Wide{1} << 114U), kWeightOne / 2);
}

TEST(ClipRatio, DependsOnTheQuotientOfTheSquaresOnly) {
    Rng rng(11);
    for (int trial = 0; trial < 500; ++trial) {
        const Wide square = 1 + (rng.next() >> (1 + rng.below(40)));
        const Wide limit_square = 1 + (rng.next() >> (1 + rng.below(40)));
        for (const unsigned shift : {1U, 7U, 20U, 50U}) {
            ASSERT_EQ(clip_ratio(square << shift, limit_square << shift),
                      clip_ratio(square, limit_square));
        }
    }
}

TEST(FineSquare, IsExactForWholeStepsAndRoundsFractionsUp) {
    EXPECT_TRUE(fine_square(0.0) == 0);
    EXPECT_TRUE(fine_square(1.0) == Wide{1} << 20U);
    EXPECT_TRUE(fine_square(0x1p-21) == 1);
    EXPECT_TRUE(fine_square(1e-300) == 1);
    EXPECT_TRUE(fine_square(0x1p95) == Wide{1} << 115U);
    EXPECT_TRUE(fine_square(0x1p95 - 0x1p43) == (Wide{1} << 115U) - (Wide{1} << 63U));
    EXPECT_TRUE(fine_square(1e300) == Wide{1} << 116U) << "no row is that long";
    Rng rng(12);
    for (int trial = 0; trial < 500; ++trial) {
        const std::uint64_t whole = rng.next() >> 11U;  // 53 bits
        ASSERT_TRUE(fine_square(static_cast<double>(whole)) == Wide{whole} << 20U);
    }
}

TEST(NormLimit, RoundsToTheNearestStep) {
    EXPECT_EQ(norm_limit(2.5, 0x1p-24), std::uint64_t{5} << 23U);
    EXPECT_EQ(norm_limit(1.0, 1.0), 1U);
    EXPECT_EQ(norm_limit(1.49, 1.0), 1U);
    EXPECT_EQ(norm_limit(1.5, 1.0), 2U);
    EXPECT_EQ(norm_limit(kClipNormMax, 0x1p-30), std::uint64_t{1} << 46U);
    EXPECT_GT(norm_limit(kClipNormMin, 0x1p-16), 0U);
}

TEST(NormClip, BoundsTheNormAndKeepsSmallRows) {
    const Matrix rows{{0x3p24, 0x4p24}, {0x1p20, 0}, {0, 0}};
    const RowMap map = map_of("norm-clip", geometry_of(rows), 0, {2.5}, {}, 0x1p-24);
    EXPECT_EQ(map.denominator(), kWeightOne);
    EXPECT_EQ(map.weight(0, 0), kWeightOne / 2);
    EXPECT_EQ(map.weight(1, 1), kWeightOne);
    EXPECT_EQ(map.weight(2, 2), kWeightOne);
    EXPECT_EQ(map.weight(0, 1), 0U);
}

TEST(NormClip, IsTheIdentityWhereNothingIsLong) {
    const Matrix rows{{3, 4}, {0, 5}};
    const RowMap map = map_of("norm-clip", geometry_of(rows), 0, {5.0});
    EXPECT_TRUE(map.is_identity());
    EXPECT_EQ(map.denominator(), 1U) << "a chain of maps stays exact";
    EXPECT_FALSE(map_of("norm-clip", geometry_of(rows), 0, {4.0}).is_identity());
}

TEST(NormClip, NeverLeavesANormAboveTheLimit) {
    Rng rng(13);
    for (int trial = 0; trial < 300; ++trial) {
        const Matrix rows = testing::random_rows(rng, 6, 4);
        const double limit = 1.0 + static_cast<double>(rng.below(200));
        const RowMap map = map_of("norm-clip", geometry_of(rows), 0, {limit});
        const Matrix clipped = testing::mapped(map, rows);
        for (std::size_t i = 0; i < rows.size(); ++i) {
            const double before = std::sqrt(testing::square_between(rows[i], Vector(4, 0.0)));
            const double after = std::sqrt(testing::square_between(clipped[i], Vector(4, 0.0)));
            ASSERT_LE(after, limit * (1.0 + 1e-15));
            ASSERT_GE(after, std::min(before, limit) - 1e-9 * before);
        }
    }
}

// n = 10, f = 2: k = floor(2 * 0.2 * 8) = 3 rows come down to the fourth longest.
TEST(Arc, CutsTheLongestRowsToTheNext) {
    Matrix rows;
    for (int i = 0; i < 10; ++i) {
        rows.push_back({0.0, static_cast<double>((i * 7) % 10 + 1)});  // norms 1 to 10
    }
    const Matrix clipped = testing::mapped(map_of("arc", geometry_of(rows), 2), rows);
    for (std::size_t i = 0; i < rows.size(); ++i) {
        EXPECT_NEAR(clipped[i][1], std::min(rows[i][1], 7.0), 1e-8);
    }
}

TEST(Arc, CutsNoneWithoutHostileSites) {
    const Matrix rows{{1, 2}, {300, 4}, {5, 6}};
    EXPECT_TRUE(map_of("arc", geometry_of(rows), 0).is_identity());
}

TEST(Arc, MakesLongRowsZeroWhereMostAreZero) {
    const Matrix rows{{0, 0}, {0, 0}, {9, 9}};
    const Matrix clipped = testing::mapped(map_of("arc", geometry_of(rows), 1), rows);
    EXPECT_EQ(clipped[2], (Vector{0, 0}));
}

TEST(Arc, BoundsHostileRowsByHonestOnes) {
    Rng rng(14);
    for (int trial = 0; trial < 200; ++trial) {
        const std::size_t f = 1 + rng.below(4);
        const std::size_t n = 2 * f + 1 + rng.below(5);
        Matrix rows = testing::random_rows(rng, n, 3);
        double honest = 0.0;
        for (std::size_t i = 0; i < n; ++i) {
            if (i < f) {
                rows[i] = Vector(3, 1e9);
            } else {
                honest = std::max(honest, testing::square_between(rows[i], Vector(3, 0.0)));
            }
        }
        const RowMap map = map_of("arc", geometry_of(rows), static_cast<std::uint32_t>(f));
        for (const Vector& row : testing::mapped(map, rows)) {
            ASSERT_LE(testing::square_between(row, Vector(3, 0.0)), honest * (1.0 + 1e-14));
        }
    }
}

TEST(Arc, KeepsExactlyTheLimitItTakesFromARow) {
    // Squares that are no whole numbers: as behind a mean.
    const Matrix rows{{0.1, 0.2}, {0.3, 0.7}, {0.9, 0.4}, {4.1, 0.3}, {0.2, 0.2}};
    const RowMap map = map_of("arc", geometry_of(rows), 1);
    EXPECT_EQ(map.weight(2, 2), kWeightOne) << "the row that gives the limit";
    EXPECT_LT(map.weight(3, 3), kWeightOne);
}

TEST(PreTable, StatesEverythingOnce) {
    std::uint16_t last = 0;
    for (const PreInfo& info : pre_aggregations()) {
        EXPECT_GT(info.id, last) << "ids ascend";
        last = info.id;
        for (const std::string_view text :
             {info.summary, info.breaks, info.cost, info.requirement, info.source}) {
            EXPECT_FALSE(text.empty()) << info.name;
        }
        EXPECT_FALSE(info.supports(testing::arguments_of(0, 0, info.parameters.size(), {})));
        EXPECT_NE(info.apply, nullptr);
    }
    EXPECT_EQ(testing::pre_aggregation("norm-clip").id, 1);
}

}  // namespace
}  // namespace fedstake::aggregation
