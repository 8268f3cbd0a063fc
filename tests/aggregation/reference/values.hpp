// Rules by columns on values of the grid that are known, or known up to a step: lowest and highest
// results that the definition allows.
#pragma once

#include <cstdint>
#include <vector>

#include "tests/aggregation/reference/scene.hpp"

namespace fedstake::aggregation::slow {

// Every whole number from low to high is right.
struct Range {
    std::int64_t low = 0;
    std::int64_t high = 0;
};
using Ranges = std::vector<Range>;

// The nearest whole number to sum / count, halves upwards. REQUIRES count > 0.
[[nodiscard]] std::int64_t rounded_mean(std::int64_t sum, std::int64_t count);

// Coordinate j of a point on the grid, as the library may round it.
[[nodiscard]] Range on_grid(const Scene& scene, std::size_t row, std::size_t j);

// Mean of sorted places [first, last) of each coordinate.
[[nodiscard]] Ranges window_mean(const Scene& scene, std::size_t first, std::size_t last);
// The same with the values outside the window set to its ends.
[[nodiscard]] Ranges winsorized_mean(const Scene& scene, std::size_t first, std::size_t last);
// Mean of the `count` values, of these rows, that are nearest to their median.
[[nodiscard]] Ranges mean_around_median(const Scene& scene, const std::vector<std::size_t>& rows,
                                        std::size_t count);
// Mean of the `count` values nearest to those of one row.
[[nodiscard]] Ranges mean_around_row(const Scene& scene, std::size_t row, std::size_t count);
// Mean of all, negated where |sum of signs| < threshold.
[[nodiscard]] Ranges sign_vote(const Scene& scene, std::size_t threshold);
// value * share, rounded as a mean is, for a share in units of 2^-30.
[[nodiscard]] Ranges shortened(const Ranges& ranges, std::int64_t share);

}  // namespace fedstake::aggregation::slow
