// Every kernel set against plain loops, and the sorting networks by the 0-1 principle.
#include "aggregation/kernels/kernels.hpp"

#include <algorithm>
#include <limits>

#include <gtest/gtest.h>

#include "aggregation/column_network.hpp"
#include "aggregation/integer_math.hpp"
#include "tests/aggregation/reference.hpp"

namespace fedstake::aggregation {
namespace {

using reference::Matrix;
using reference::Values;

std::vector<const std::int32_t*> pointers(const Matrix& rows) {
    std::vector<const std::int32_t*> result;
    for (const Values& row : rows) {
        result.push_back(row.data());
    }
    return result;
}

template <class Check>
void for_each_set(const Check& check) {
    const kernels::KernelList list = kernels::available();
    for (std::size_t i = 0; i < list.count; ++i) {
        SCOPED_TRACE(list.items[i]->name);
        check(*list.items[i]);
    }
}

TEST(IntegerMath, RoundsHalvesUpwardsForEverySign) {
    EXPECT_EQ(rounded_div(5, 2), 3);
    EXPECT_EQ(rounded_div(-5, 2), -2);
    EXPECT_EQ(rounded_div(-3, 2), -1);
    EXPECT_EQ(rounded_div(3, 2), 2);
    EXPECT_EQ(rounded_div(-7, 3), -2);
    EXPECT_EQ(rounded_div(0, 9), 0);
    const std::int64_t sum = std::int64_t{1} << 60;
    EXPECT_EQ(rounded_div(sum, (std::int64_t{1} << 31) - 1), 536870912);
}

TEST(IntegerMath, IntegerSqrtIsTheFloor) {
    EXPECT_EQ(integer_sqrt(0), 0U);
    EXPECT_EQ(integer_sqrt(15), 3U);
    EXPECT_EQ(integer_sqrt(16), 4U);
    EXPECT_EQ(integer_sqrt((Wide{1} << 64U) - 1), 0xffffffffU);
    EXPECT_EQ(integer_sqrt(~Wide{0}), ~std::uint64_t{0});
}

TEST(Kernels, MaxMagnitudeCountsTheMarkerAsTwoToThe31) {
    for_each_set([](const kernels::Kernels& kernel) {
        Values values(777, -5);
        EXPECT_EQ(kernel.max_magnitude(values.data(), values.size()), 5U);
        values[700] = std::numeric_limits<std::int32_t>::max();
        EXPECT_EQ(kernel.max_magnitude(values.data(), values.size()), 0x7fffffffU);
        values[3] = std::numeric_limits<std::int32_t>::min();
        EXPECT_EQ(kernel.max_magnitude(values.data(), values.size()), 0x80000000U);
        EXPECT_EQ(kernel.max_magnitude(values.data(), 0), 0U);
    });
}

TEST(Kernels, NarrowDistancesAreExactAtTheirLimits) {
    constexpr auto kMost = static_cast<std::int32_t>(kernels::kNarrowMagnitudeMax);
    const std::size_t columns = kernels::kNarrowColumnsMax;
    const Matrix rows(7, Values(columns, -kMost));
    const Values a(columns, kMost);
    const auto points = pointers(rows);
    const std::uint64_t difference = 2 * std::uint64_t{kernels::kNarrowMagnitudeMax};
    for_each_set([&](const kernels::Kernels& kernel) {
        std::vector<std::uint64_t> out(rows.size());
        kernel.distances_narrow(a.data(), points.data(), rows.size(), columns, out.data());
        for (const std::uint64_t value : out) {
            EXPECT_EQ(value, difference * difference * columns);
        }
    });
}

TEST(Kernels, WideDistancesAreExactForTheWholeRange) {
    const Values a(1000, std::numeric_limits<std::int32_t>::max());
    const Values b(1000, -std::numeric_limits<std::int32_t>::max());
    const Wide difference = 2 * Wide{0x7fffffffU};
    for_each_set([&](const kernels::Kernels& kernel) {
        std::uint64_t low = 0;
        std::uint64_t high = 0;
        kernel.distance_wide(a.data(), b.data(), a.size(), &low, &high);
        EXPECT_TRUE((Wide{high} << 32U) + low == difference * difference * a.size());
    });
}

TEST(Kernels, SortedMeanMatchesSortingEachColumn) {
    Rng rng(11);
    for (int trial = 0; trial < 200; ++trial) {
        const std::size_t n = 1 + rng.below(trial < 180 ? 24 : 120);
        const Matrix rows = reference::random_matrix(rng, n, 1 + rng.below(200));
        const std::size_t first = rng.below(n);
        const std::size_t last = first + 1 + rng.below(n - first);
        const ColumnNetwork network = column_network(n, first, last);
        const Values expected = reference::sorted_mean(rows, first, last);
        for_each_set([&](const kernels::Kernels& kernel) {
            Values scratch(n * kernels::kTileColumns);
            Values out(expected.size());
            kernel.sorted_mean(pointers(rows).data(), n, out.size(), network.comparators.data(),
                               network.comparators.size(), first, last, scratch.data(), out.data());
            ASSERT_EQ(out, expected) << "n=" << n << " first=" << first << " last=" << last;
        });
    }
}

TEST(Kernels, WeightedMeanIsExactUpToItsLargestWeights) {
    Rng rng(12);
    for (int trial = 0; trial < 100; ++trial) {
        const std::size_t n = 1 + rng.below(20);
        const Matrix rows = reference::random_matrix(rng, n, 130);
        Values weights(n);
        std::int32_t total = 0;
        for (std::int32_t& weight : weights) {
            weight = static_cast<std::int32_t>(
                1 + rng.below(static_cast<std::uint64_t>(kernels::kSmallWeightSumMax) / n));
            total += weight;
        }
        Values expected;
        for (std::size_t j = 0; j < 130; ++j) {
            std::int64_t sum = 0;
            for (std::size_t i = 0; i < n; ++i) {
                sum += std::int64_t{weights[i]} * rows[i][j];
            }
            expected.push_back(static_cast<std::int32_t>(reference::rounded(sum, total)));
        }
        for_each_set([&](const kernels::Kernels& kernel) {
            Values out(130);
            kernel.weighted_mean(pointers(rows).data(), weights.data(), n, out.size(), total,
                                 out.data());
            ASSERT_EQ(out, expected);
        });
    }
}

TEST(Kernels, ScaleRoundsLikeRoundedDiv) {
    Rng rng(13);
    const Values values = reference::random_matrix(rng, 1, 500).front();
    for (const std::uint32_t ratio : {0U, 1U, 12345U, 1U << 29U, (1U << 30U) - 1, 1U << 30U}) {
        for_each_set([&](const kernels::Kernels& kernel) {
            Values scaled = values;
            kernel.scale(scaled.data(), scaled.size(), ratio);
            for (std::size_t j = 0; j < values.size(); ++j) {
                ASSERT_EQ(scaled[j],
                          reference::rounded(std::int64_t{values[j]} * ratio, 1LL << 30));
            }
        });
    }
}

// 0-1 principle: a network that orders every sequence of zeros and ones orders everything.
TEST(ColumnNetwork, OrdersEveryZeroOneInput) {
    for (std::size_t n = 1; n <= 11; ++n) {
        for (std::size_t place = 0; place < n; ++place) {
            const ColumnNetwork network = column_network(n, place, place + 1);
            for (std::uint32_t mask = 0; mask < (1U << n); ++mask) {
                std::vector<std::uint32_t> wires(n);
                for (std::size_t i = 0; i < n; ++i) {
                    wires[i] = (mask >> i) & 1U;
                }
                const auto ones =
                    static_cast<std::size_t>(std::count(wires.begin(), wires.end(), 1U));
                for (const auto& [low, high] : network.comparators) {
                    if (wires[high] < wires[low]) {
                        std::swap(wires[low], wires[high]);
                    }
                }
                ASSERT_EQ(wires[place], place >= n - ones ? 1U : 0U) << n << " " << mask;
            }
        }
    }
}

TEST(ColumnNetwork, DropsWhatNoResultNeeds) {
    EXPECT_TRUE(column_network(8, 0, 8).comparators.empty());
    EXPECT_LT(
        column_network(20, 4, 16).comparators.size(),
        column_network(20, 0, 1).comparators.size() + column_network(20, 9, 11).comparators.size());
    EXPECT_LT(median_network(20).comparators.size(), 103U);
}

}  // namespace
}  // namespace fedstake::aggregation
