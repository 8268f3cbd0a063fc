// How an aggregate is made of rows, coordinate by coordinate. What a rule decides in n-space ends
// in one of these; the second pass over the coordinates carries it out.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "aggregation/noise.hpp"
#include "aggregation/row_map.hpp"

namespace fedstake::aggregation {

// s_0 <= ... <= s_(k-1) are the sorted values of one coordinate over the k rows with a weight, and
// round() is rounded_div of integer_math.hpp.
enum class ColumnRule : std::uint8_t {
    // round((sum of weights[i] x_i) / denominator), limited to +-(2^31 - 1)
    kWeightedMean = 0,
    // mean of s_first .. s_(last-1)
    kWindowMean = 1,
    // mean of k values: those before s_first count as s_first, those from s_last on as s_(last-1)
    kWinsorizedMean = 2,
    // mean of the `count` values nearest to the median (mean of the middle two); the smaller of two
    // values that are equally near comes first
    kNearestMedian = 3,
    // the same, nearest to the row `reference`, which need not have a weight
    kNearestRow = 4,
    // round(mean), negated where |sum of sign(x_i)| < threshold
    kSignVote = 5,
};

struct Combination {
    ColumnRule columns = ColumnRule::kWeightedMean;
    // One for each row. Rules by columns take the rows with weight 1. Their sum is at most 2^31.
    std::vector<std::uint32_t> weights;
    std::uint32_t denominator = 1;  // of kWeightedMean, at most kWeightOne
    std::size_t first = 0;
    std::size_t last = 0;
    std::size_t count = 0;
    std::size_t reference = 0;
    std::size_t threshold = 0;
    // The result times scale / 2^30, rounded as a mean is. Of rules by columns; at most kWeightOne.
    std::uint32_t scale = kWeightOne;
    Noise noise{};  // added to the aggregate in the end; weights say nothing of it
};

// The mean of these rows. REQUIRES at least one row, each at most once.
[[nodiscard]] Combination mean_of(std::size_t n, std::span<const std::size_t> rows);

// The sum of weights[i] x_i, with the weights rounded to the nearest of 2^-b for the largest b <=
// 30 that keeps their sum below 2^30 (b = 30 for weights that sum to at most 1). REQUIRES finite,
// non-negative weights that sum to less than 2^30.
[[nodiscard]] Combination weighted_sum(std::span<const double> weights);

// The same combination of the rows that `map` takes as its input. REQUIRES kWeightedMean.
[[nodiscard]] Combination through(const Combination& combination, const RowMap& map);

}  // namespace fedstake::aggregation
