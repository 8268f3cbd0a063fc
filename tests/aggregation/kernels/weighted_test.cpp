// Weighted sums against 128-bit arithmetic.
#include "aggregation/kernels/weighted.hpp"

#include <algorithm>
#include <limits>

#include <gtest/gtest.h>

#include "tests/aggregation/kernels/kernel_support.hpp"

namespace fedstake::aggregation::kernels {
namespace {

using namespace testing;

constexpr std::uint32_t kWhole = 1U << 31U;
constexpr std::uint32_t kDenominatorMax = 1U << 30U;

Values schoolbook_mean(const Matrix& rows, const std::vector<std::uint32_t>& weights,
                       std::uint32_t denominator) {
    Values result;
    for (std::size_t j = 0; j < rows.front().size(); ++j) {
        SignedWide sum = 0;
        for (std::size_t i = 0; i < rows.size(); ++i) {
            sum += SignedWide{weights[i]} * rows[i][j];
        }
        result.push_back(limited_mean(sum, denominator));
    }
    return result;
}

Values kernel_mean(const Matrix& rows, const std::vector<std::uint32_t>& weights,
                   std::uint32_t denominator) {
    Values out(rows.front().size());
    weighted_mean(pointers(rows), weights, denominator, out.size(), out.data());
    return out;
}

// Weights that sum to at most 2^31, of several shapes.
std::vector<std::uint32_t> any_weights(Rng& rng, std::size_t rows) {
    std::vector<std::uint32_t> weights(rows, 0);
    std::uint64_t left = kWhole;
    const std::uint64_t shape = rng.below(3);
    for (std::uint32_t& weight : weights) {
        const std::uint64_t bound = shape == 0 ? left : std::min<std::uint64_t>(left, 3);
        weight = static_cast<std::uint32_t>(rng.below(bound + 1));
        left -= weight;
    }
    if (shape == 2) {
        weights[rng.below(rows)] += static_cast<std::uint32_t>(left);
    }
    return weights;
}

std::uint32_t any_denominator(Rng& rng) {
    return rng.below(3) == 0
               ? kDenominatorMax
               : static_cast<std::uint32_t>(1 + (rng.below(kDenominatorMax) >> rng.below(30)));
}

TEST(WeightedMean, EqualsSchoolbookForHostileRows) {
    for_each_target([] {
        Rng rng(1);
        for (int trial = 0; trial < 200; ++trial) {
            const Matrix rows = hostile_rows(rng, 1 + rng.below(8), 1 + rng.below(100));
            const auto weights = any_weights(rng, rows.size());
            const std::uint32_t denominator = any_denominator(rng);
            ASSERT_EQ(kernel_mean(rows, weights, denominator),
                      schoolbook_mean(rows, weights, denominator))
                << "trial " << trial << ", denominator " << denominator;
        }
    });
}

TEST(WeightedMean, EqualsSchoolbookForEveryNumberOfColumns) {
    for_each_target([] {
        Rng rng(2);
        for (std::size_t columns = 1; columns <= 200; ++columns) {
            const Matrix rows = hostile_rows(rng, 1 + columns % 40, columns);
            const auto weights = any_weights(rng, rows.size());
            ASSERT_EQ(kernel_mean(rows, weights, 12345), schoolbook_mean(rows, weights, 12345));
        }
    });
}

TEST(WeightedMean, IsExactBesideHalves) {
    for_each_target([] {
        for (const std::uint32_t denominator :
             {3U, 7U, 715'827'883U, kDenominatorMax - 13, kDenominatorMax - 1, kDenominatorMax}) {
            for (const std::int32_t middle :
                 {1 << 10, 1 << 22, 7 << 20, 1 << 23, 1 << 24, 1 << 29}) {
                const Matrix rows = rows_beside_halves(denominator, middle, 400);
                const std::vector<std::uint32_t> weights{denominator - 1, 1};
                ASSERT_EQ(kernel_mean(rows, weights, denominator),
                          schoolbook_mean(rows, weights, denominator))
                    << denominator << ", values around " << middle;
            }
        }
    });
}

TEST(WeightedMean, RoundsHalvesUpwards) {
    const Matrix rows{{5, -5, 3, -3, 1, -1, 0, 7}, {0, 0, 0, 0, 0, 0, 0, 0}};
    for_each_target([&] {
        EXPECT_EQ(kernel_mean(rows, {1, 1}, 2), (Values{3, -2, 2, -1, 1, 0, 0, 4}));
    });
}

TEST(WeightedMean, IsLimitedAndNeverTheLeastValue) {
    constexpr std::int32_t kMost = std::numeric_limits<std::int32_t>::max();
    const Matrix rows(1, Values(70, std::numeric_limits<std::int32_t>::min()));
    for_each_target([&] {
        EXPECT_EQ(kernel_mean(rows, {kWhole}, 1), Values(70, -kMost));
        EXPECT_EQ(kernel_mean(rows, {1}, 1), Values(70, -kMost));
        EXPECT_EQ(kernel_mean({Values(70, kMost)}, {kWhole}, kDenominatorMax), Values(70, kMost));
    });
}

TEST(WeightedMean, NoWeightsGiveZeros) {
    for_each_target([] {
        EXPECT_EQ(kernel_mean({Values(40, 7), Values(40, -9)}, {0, 0}, 5), Values(40, 0));
    });
}

TEST(WeightedMean, MayWriteOverARow) {
    for_each_target([] {
        Rng rng(3);
        Matrix rows = hostile_rows(rng, 1, 133);
        const Values expected = schoolbook_mean(rows, {123456789}, kDenominatorMax);
        const std::int32_t* const row = rows[0].data();
        const std::uint32_t weight = 123456789;
        weighted_mean({&row, 1}, {&weight, 1}, kDenominatorMax, 133, rows[0].data());
        EXPECT_EQ(rows[0], expected);
    });
}

}  // namespace
}  // namespace fedstake::aggregation::kernels
