// Mean shift with a flat kernel on three figures of each row, as its definition reads.
#pragma once

#include <array>
#include <cstddef>
#include <vector>

#include "tests/aggregation/reference/scene.hpp"

namespace fedstake::aggregation::slow {

using Feature = std::array<Real, 3>;

// The largest cluster, ascending; the bandwidth is the mean distance to the furthest of the nearer
// half of the points. doubtful: a point lies at an edge, or two resting places are nearly
// equally near. tied: two clusters are equally large.
[[nodiscard]] std::vector<std::size_t> largest_cluster(const std::vector<Feature>& points,
                                                       bool& doubtful, bool& tied);

}  // namespace fedstake::aggregation::slow
