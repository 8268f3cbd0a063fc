// Aggregates of subsets on the rule's weights.
#include "aggregation/contribution/subset_combination.hpp"

#include <numeric>

#include <gtest/gtest.h>

#include "aggregation/row_map.hpp"
#include "proto/base/rng.hpp"

namespace fedstake::aggregation::contribution {
namespace {

using Weights = std::vector<std::uint32_t>;

Subset subset_of(std::initializer_list<std::size_t> rows) {
    Subset subset;
    for (const std::size_t row : rows) {
        subset.insert(row);
    }
    return subset;
}

TEST(SubsetCombination, KeepsTheWeightsOverTheirOwnSum) {
    const Combination rule{.weights = {2, 3, 0, 5}, .denominator = 10};
    const Combination part = subset_combination(rule, 4, subset_of({0, 2, 3})).value();
    EXPECT_EQ(part.columns, ColumnRule::kWeightedMean);
    EXPECT_EQ(part.weights, (Weights{2, 0, 0, 5}));
    EXPECT_EQ(part.denominator, 7U);
    const Combination all = subset_combination(rule, 4, Subset::all(4)).value();
    EXPECT_EQ(all.weights, rule.weights);
    EXPECT_EQ(all.denominator, rule.denominator);
}

TEST(SubsetCombination, OfAMeanIsTheMeanOfTheSubset) {
    const std::vector<std::size_t> rows{0, 1, 2, 3, 4};
    const Combination part = subset_combination(mean_of(5, rows), 5, subset_of({1, 4})).value();
    const std::vector<std::size_t> kept{1, 4};
    EXPECT_EQ(part.weights, mean_of(5, kept).weights);
    EXPECT_EQ(part.denominator, 2U);
}

TEST(SubsetCombination, WithoutAWeightLeavesTheBaseModel) {
    const Combination rule{.weights = {1, 0, 1}, .denominator = 2};
    for (const Subset& subset : {Subset{}, subset_of({1})}) {
        const Combination part = subset_combination(rule, 3, subset).value();
        EXPECT_EQ(part.weights, Weights(3, 0));
        EXPECT_EQ(part.denominator, 1U);
    }
}

TEST(SubsetCombination, LeavesRowsOfMemoryOut) {
    const Combination rule{.weights = {1, 2, 7}, .denominator = 10};
    const Combination part = subset_combination(rule, 2, Subset::all(2)).value();
    EXPECT_EQ(part.weights, (Weights{1, 2, 0}));
    EXPECT_EQ(part.denominator, 3U);
}

TEST(SubsetCombination, RulesByColumnsHaveNoWeights) {
    for (const ColumnRule columns : {ColumnRule::kWindowMean, ColumnRule::kSignVote}) {
        const Combination rule{.columns = columns, .weights = {1, 1}};
        EXPECT_EQ(subset_combination(rule, 2, Subset::all(2)).error().code, Errc::kInvalidInput);
    }
}

// The largest weights that a combination may have: sum 2^31, denominator 2^30.
TEST(SubsetCombination, HalvesWeightsThatAreTooLarge) {
    const Combination rule{.weights = {kWeightOne, kWeightOne - 1, 1}, .denominator = kWeightOne};
    const Combination all = subset_combination(rule, 3, Subset::all(3)).value();
    EXPECT_EQ(all.weights, (Weights{kWeightOne / 2, kWeightOne / 2 - 1, 0}));
    EXPECT_EQ(all.denominator, kWeightOne - 1);
    const Combination one = subset_combination(rule, 3, subset_of({0})).value();
    EXPECT_EQ(one.weights[0], kWeightOne);
    EXPECT_EQ(one.denominator, kWeightOne);
}

TEST(SubsetCombination, WeightsAlwaysSumToTheDenominator) {
    Rng rng(91);
    for (int trial = 0; trial < 300; ++trial) {
        const std::size_t n = 1 + rng.below(20);
        std::vector<double> weights;
        for (std::size_t i = 0; i < n; ++i) {
            weights.push_back(rng.below(3) == 0 ? 0.0 : rng.uniform());
        }
        const Combination rule = weighted_sum(weights);
        Subset subset;
        for (std::size_t i = 0; i < n; ++i) {
            if (rng.below(2) == 0) {
                subset.insert(i);
            }
        }
        const Combination part = subset_combination(rule, n, subset).value();
        std::uint64_t sum = 0;
        for (std::size_t i = 0; i < n; ++i) {
            sum += part.weights[i];
            EXPECT_TRUE(part.weights[i] == 0 || subset.contains(i));
        }
        EXPECT_TRUE(sum == part.denominator || (sum == 0 && part.denominator == 1));
        EXPECT_LE(part.denominator, kWeightOne);
    }
}

// A clipped row stays clipped in front of through(), and would not behind it.
TEST(SubsetCombination, InFrontOfAPreAggregationKeepsItsScaling) {
    RowMap clip(2, 2, 4);
    clip.set(0, 0, 4);
    clip.set(1, 1, 1);  // a quarter of the row
    const Combination rule{.weights = {1, 1}, .denominator = 2};
    const Combination kept = through(subset_combination(rule, 2, subset_of({1})).value(), clip);
    EXPECT_EQ(kept.weights[1] * 4, kept.denominator);
    const Combination undone = subset_combination(through(rule, clip), 2, subset_of({1})).value();
    EXPECT_EQ(undone.weights[1], undone.denominator);
}

}  // namespace
}  // namespace fedstake::aggregation::contribution
