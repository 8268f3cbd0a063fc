// Sorting networks for coordinate-wise rules: which compare-exchanges leave the rows [first, last)
// of the sorted order in these places, up to their own order.
//
// Batcher's odd-even merge sort (K. Batcher, "Sorting networks and their applications", 1968) for
// any n, then pruned backwards: an exchange whose two results are both dropped, or both only
// summed, is left out. O(n log^2 n) exchanges.
#pragma once

#include <cstddef>
#include <vector>

#include "aggregation/kernels/kernels.hpp"

namespace fedstake::aggregation {

struct ColumnNetwork {
    std::size_t rows = 0;
    std::size_t first = 0;
    std::size_t last = 0;
    std::vector<kernels::Comparator> comparators;
};

// REQUIRES first < last <= rows <= limits::kSitesMax. The mean (0, rows) needs no comparator.
[[nodiscard]] ColumnNetwork column_network(std::size_t rows, std::size_t first, std::size_t last);

// The middle value, or the middle two for an even number of rows.
[[nodiscard]] ColumnNetwork median_network(std::size_t rows);

}  // namespace fedstake::aggregation
