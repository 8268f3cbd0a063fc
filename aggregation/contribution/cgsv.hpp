// Contributions without validation data: how well each row points where the weighted sum of all
// points (cosine gradient Shapley value), with weights that follow from earlier rounds.
//
//   aggregate   = sum over i of r_i x_i / |x_i|
//   cosine_i    = cos(x_i, aggregate), 0 for a row or an aggregate of zero
//   r_i        <- max(floor, memory r_i + (1 - memory) cosine_i), over the sum of all
//
// A cross-check, not a score to pay by: whoever sits near the sum of the rows gets a high cosine,
// whatever the row is worth, and size plays no part. See disagreement.hpp.
// Source: Xu et al., "Gradient Driven Rewards to Guarantee Fairness in Collaborative Machine
// Learning", NeurIPS 2021, section 3. Left out: their rewards, which withhold coordinates of the
// aggregate from low reputations.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "aggregation/geometry.hpp"
#include "proto/base/result.hpp"

namespace fedstake::aggregation::contribution {

struct CgsvOptions {
    double memory = 0.95;  // in [0, 1)
    double floor = 1e-3;   // in (0, 1]
};

struct CgsvRound {
    std::vector<double> cosines;     // within [-1, 1]
    std::vector<double> reputation;  // of the next round: positive, sums to 1 up to rounding
};

// 1 / rows for each.
[[nodiscard]] std::vector<double> first_reputation(std::size_t rows);

// reputation: of the accepted rows, which are the first of the geometry, in its order; the caller
// carries it from round to round by site, and gives a new site the mean of the others. It is
// divided by its sum first. RETURNS kInvalidInput for no rows, more than the geometry has, values
// that are negative or not finite or sum to 0 or overflow, and options out of range. O(n^2).
[[nodiscard]] Result<CgsvRound> cgsv(const Geometry& geometry, std::span<const double> reputation,
                                     const CgsvOptions& options = {});

}  // namespace fedstake::aggregation::contribution
