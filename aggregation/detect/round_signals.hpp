// Signals of one round by itself: norm, cosine, distance, nearest neighbours, top direction, signs.
//
// Each function takes the first n rows of a geometry, in fixed-point steps, and returns one figure
// for each. With fewer than four rows every deviation is 0.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "aggregation/geometry.hpp"

namespace fedstake::aggregation::detect {

// Deviations of |x_i|. O(n^2 log n), as all deviations here.
[[nodiscard]] std::vector<double> norm_deviations(const Geometry& geometry);

// Deviations of |x_i - centre|. REQUIRES the centre anchor.
[[nodiscard]] std::vector<double> distance_deviations(const Geometry& geometry);

// cos(x_i, centre), 0 where one of them is zero. REQUIRES the centre anchor. O(n).
[[nodiscard]] std::vector<double> cosines_to_centre(const Geometry& geometry);

// Deviations of the distance to the k-th nearest other row, k = f within [1, n - f - 1]. f hostile
// rows have f - 1 near ones of their own making, so k = f reaches an honest one; an honest row has
// n - f - 1 others, so k is at most that.
[[nodiscard]] std::vector<double> neighbour_deviations(const Geometry& geometry, std::size_t f);

struct TopDirection {
    // Largest eigenvalue of the centred Gram matrix over its trace: how much of all spread lies in
    // one direction. 0 where all rows are equal.
    double share = 0.0;
    // |q_i - m| over 1.4826 MAD + a quarter of the root mean square, of the projections q of the
    // other rows on the direction in which they spread most (about their own mean). 0 with fewer
    // than four rows, and for f < 2: a lone attacker has nobody to follow. A lone row of R times
    // the others' spread leaks R / sqrt(d) of it by chance.
    std::vector<double> deviations;
};
// Each leave-one-out direction is eight power steps on the others' Gram matrix, from the top
// direction of all rows. O(n^3).
[[nodiscard]] TopDirection top_direction(const Geometry& geometry, std::size_t f);

// Counted in the gate's pass over the coordinates.
struct SignCounts {
    std::uint64_t positive = 0;
    std::uint64_t zero = 0;
    std::uint64_t negative = 0;
};

// Deviations of the total variation distance between a row's shares and the median shares of the
// other rows. REQUIRES the same, positive number of coordinates in each row.
[[nodiscard]] std::vector<double> sign_deviations(std::span<const SignCounts> counts);

}  // namespace fedstake::aggregation::detect
