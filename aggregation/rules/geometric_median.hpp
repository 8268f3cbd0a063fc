// The geometric median of the rows: the point with the least sum of distances to them.
//
// Weiszfeld's iteration with smoothed distances in n-space: every iterate is a convex combination
// of the rows, so its distances to them follow from the distances between rows. Pillutla, Kakade,
// Harchaoui, "Robust Aggregation for Federated Learning", IEEE Transactions on Signal Processing
// 2022, the smoothed Weiszfeld algorithm.
#pragma once

#include <cstddef>
#include <vector>

#include "aggregation/geometry.hpp"
#include "aggregation/rule.hpp"

namespace fedstake::aggregation {

struct WeiszfeldLimits {
    double smoothing = 0.0;  // distances below it count as it; in steps, > 0
    double rest = 0.0;       // ends when an iterate moves by at most this; in steps
    std::size_t iterations_max = 1;
};

// Weights of the last iterate, which sum to 1. start_squares: |x_i - z|^2 of the point z to start
// from. REQUIRES n >= 1 squares. O(n^2) for each iteration.
[[nodiscard]] std::vector<double> weiszfeld_weights(const Geometry& geometry,
                                                    std::vector<double> start_squares,
                                                    const WeiszfeldLimits& limits);

// Starts at the coordinate median; the scale is the median distance to it, distances below 1e-6 of
// the scale are smoothed. When the scale is 0, most rows are one point, which is the median.
// Parameters: tolerance, iterations_max.
[[nodiscard]] bool geometric_median_supports(const Arguments& arguments);
[[nodiscard]] Result<RuleAnswer> geometric_median(const RuleInput& input);

}  // namespace fedstake::aggregation
