// The networks by the 0-1 principle, and what plans leave out.
#include <algorithm>
#include <bit>
#include <utility>

#include <gtest/gtest.h>

#include "aggregation/column_program.hpp"
#include "aggregation/kernels/columns.hpp"
#include "proto/base/rng.hpp"

namespace fedstake::aggregation::kernels {
namespace {

using Kind = ColumnStep::Kind;

// Zeros and ones on wires 0, 1, ... as bits.
std::uint32_t apply(const SmallNetwork& network, std::uint32_t wires) {
    for (std::size_t i = 0; i < network.size; ++i) {
        const auto [low, high] = network.exchanges[i];
        const std::uint32_t swap = (wires >> low) & ~(wires >> high) & 1U;
        wires ^= swap << low | swap << high;
    }
    return wires;
}

// `ones` ones on the highest of `count` wires.
std::uint32_t ascending(std::size_t count, std::size_t ones) {
    const std::uint64_t all = (std::uint64_t{1} << ones) - 1;
    return static_cast<std::uint32_t>(all << (count - ones));
}

std::uint32_t ascending_like(std::size_t count, std::uint32_t wires) {
    return ascending(count, static_cast<std::size_t>(std::popcount(wires)));
}

TEST(ColumnNetworks, SortEveryZeroOneInput) {
    for (std::size_t count = 1; count <= 14; ++count) {
        const SmallNetwork network = sort_network(count);
        for (std::uint32_t wires = 0; wires < (1U << count); ++wires) {
            ASSERT_EQ(apply(network, wires), ascending_like(count, wires)) << count;
        }
    }
}

TEST(ColumnNetworks, SortManyZeroOneInputs) {
    Rng rng(1);
    for (std::size_t count = 15; count <= kSortRowsMax; ++count) {
        const SmallNetwork network = sort_network(count);
        for (int trial = 0; trial < 500; ++trial) {
            const auto wires = static_cast<std::uint32_t>(rng.next() >> (64U - count));
            ASSERT_EQ(apply(network, wires), ascending_like(count, wires)) << count;
        }
    }
}

TEST(ColumnNetworks, MergeEveryPairOfAscendingZeroOneRuns) {
    for (std::size_t count = kMergeRun + 1; count <= 2 * kMergeRun; ++count) {
        const std::size_t second = count - kMergeRun;
        for (std::size_t a = 0; a <= kMergeRun; ++a) {
            for (std::size_t b = 0; b <= second; ++b) {
                const std::uint32_t wires = ascending(kMergeRun, a) | ascending(second, b)
                                                                          << kMergeRun;
                ASSERT_EQ(apply(merge_network(count), wires), ascending(count, a + b));
            }
        }
    }
}

// Green's 60 exchanges for 16 wires, and the sums of the best splits.
TEST(ColumnNetworks, AreAsSmallAsTheirSourcesSay) {
    const std::pair<std::size_t, std::size_t> sizes[] = {{1, 0},   {2, 1},   {8, 19},   {12, 40},
                                                         {16, 60}, {20, 96}, {24, 124}, {32, 185}};
    for (const auto& [count, exchanges] : sizes) {
        EXPECT_EQ(sort_network(count).size, exchanges);
    }
    EXPECT_EQ(merge_network(16).size, 25U);
}

std::size_t exchanges(const ColumnPlan& plan) {
    std::size_t result = 0;
    for (const ColumnStep& step : plan.steps) {
        if (step.kind == Kind::kExchange) {
            result += step.count;
        } else if (step.kind != Kind::kCopy) {
            result += exchanges_of(step).size() * step.times;
        }
    }
    return result;
}

ColumnPlan window(std::size_t rows, std::size_t first, std::size_t last) {
    Combination combination;
    combination.columns = ColumnRule::kWindowMean;
    combination.first = first;
    combination.last = last;
    return make_column_plan(combination, rows);
}

TEST(ColumnPlan, LoadsEachRowOnceAndStaysOnItsWires) {
    for (const std::size_t rows : {1U, 32U, 33U, 64U, 100U, 255U, 512U, 1024U}) {
        const ColumnPlan plan = window(rows, rows / 2, rows / 2 + 1);
        EXPECT_LT(plan.wires, rows + 8);
        std::size_t loaded = 0;
        for (const ColumnStep& step : plan.steps) {
            if (step.kind == Kind::kSort || step.kind == Kind::kCopy) {
                EXPECT_EQ(step.base, loaded);
                loaded += step.count;
            } else if (step.kind != Kind::kExchange) {
                for (const Exchange& pair : exchanges_of(step)) {
                    EXPECT_LT(pair.low, pair.high);
                    EXPECT_LT(pair.high + step.times - 1U, plan.wires);
                }
            }
        }
        EXPECT_EQ(loaded, rows == 1 ? 0U : rows);
        for (const Exchange& pair : plan.exchanges) {
            EXPECT_LT(pair.low, pair.high);
            EXPECT_LT(pair.high, plan.wires);
        }
    }
}

TEST(ColumnPlan, DropsWhatNoResultNeeds) {
    EXPECT_TRUE(window(20, 0, 20).steps.empty());
    const std::size_t all = [] {
        Combination combination;
        combination.columns = ColumnRule::kNearestRow;
        combination.count = 50;
        return exchanges(make_column_plan(combination, 100));
    }();
    EXPECT_LT(exchanges(window(100, 49, 51)), all);
    EXPECT_LT(exchanges(window(100, 1, 99)), all * 4 / 5);
    EXPECT_LT(exchanges(window(100, 0, 1)), 200U);
    EXPECT_LT(exchanges(window(32, 1, 31)), 100U);
}

TEST(ColumnPlan, ScratchGrowsWithTheRowsOnly) {
    EXPECT_LE(column_scratch(window(512, 1, 2)) * sizeof(std::int32_t),
              std::size_t{64} * (2 * 512 + 10));
}

}  // namespace
}  // namespace fedstake::aggregation::kernels
