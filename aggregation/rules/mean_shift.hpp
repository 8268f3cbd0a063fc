// Clusters of a few figures for each row by mean shift with a flat kernel.
//
// Comaniciu and Meer, "Mean Shift: A Robust Approach Toward Feature Space Analysis", 2002. Every
// point climbs to the mean of the points within one bandwidth until it rests; resting places within
// one bandwidth of each other are one cluster. Bandwidth and clean-up as in scikit-learn, without
// its binning of the start points.
#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <vector>

namespace fedstake::aggregation {

using Feature = std::array<double, 3>;

// Mean over the points of the distance to the furthest of the floor(n / 2) nearest points, counting
// the point itself, but of no fewer than two. 0 for fewer than two points. O(n^2 log n).
[[nodiscard]] double mean_shift_bandwidth(std::span<const Feature> points);

// The cluster with the most points, ascending. A point belongs to the nearest resting place if that
// is within the bandwidth. Ties go to the denser resting place, then to the one reached from the
// lowest point. REQUIRES finite features and at least one point. O(n^2) for each step, at most 300.
[[nodiscard]] std::vector<std::size_t> largest_mean_shift_cluster(std::span<const Feature> points,
                                                                  double bandwidth);

}  // namespace fedstake::aggregation
