// The rows nearest to one of them: what MoNNA and nearest-neighbour mixing average.
#pragma once

#include <cstddef>
#include <vector>

#include "aggregation/geometry.hpp"

namespace fedstake::aggregation {

// Row i first, then the others by their distance to it; equal distances: lowest row first. The
// first `count` of these. REQUIRES 1 <= count <= rows and i < rows. O(n log n).
[[nodiscard]] std::vector<std::size_t> nearest_rows(const Geometry& geometry, std::size_t i,
                                                    std::size_t count);

}  // namespace fedstake::aggregation
