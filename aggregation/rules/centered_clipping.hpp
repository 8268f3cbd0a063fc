// Centered clipping: the previous aggregate plus the clipped differences of the rows to it.
//
// Karimireddy, He, Jaggi, "Learning from History for Byzantine Robust Optimization", ICML 2021.
// v <- v + (1/n) sum over i of (x_i - v) min(1, tau / |x_i - v|), L times.
#pragma once

#include <cstddef>
#include <vector>

#include "aggregation/geometry.hpp"
#include "aggregation/rule.hpp"

namespace fedstake::aggregation {

struct CenteredWeights {
    std::vector<double> weights;  // of the rows of the geometry, sum 1
    bool clipped = false;         // some row was clipped in the last step
};

// n rows and, behind them at `start`, the vector to start from. tau in fixed-point steps.
// REQUIRES n >= 1, start < geometry.rows(), tau > 0, iterations >= 1. O(n^2) for each step.
[[nodiscard]] CenteredWeights centered_clipping_weights(const Geometry& geometry, std::size_t n,
                                                        std::size_t start, double tau,
                                                        std::size_t iterations);

// Memory: one row, the previous aggregate. Integer weights of the rows are rounded down and the
// rest lies on the previous aggregate, so that no row moves the aggregate by more than iterations
// tau / n. Parameters: tau, iterations.
[[nodiscard]] bool centered_clipping_supports(const Arguments& arguments);
[[nodiscard]] Result<RuleAnswer> centered_clipping(const RuleInput& input);

}  // namespace fedstake::aggregation
