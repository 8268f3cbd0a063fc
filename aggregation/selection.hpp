// Krum scores in n-space.
//
// score_i = sum of the k smallest |x_i - x_j|^2 over j != i, exact. Equal scores: lowest row first.
// Source: Blanchard et al., NeurIPS 2017, section 4. O(n^2 log n).
#pragma once

#include <cstddef>
#include <vector>

#include "aggregation/distances.hpp"

namespace fedstake::aggregation {

// REQUIRES neighbours < rows (0 only for a single row).
[[nodiscard]] std::vector<Wide> krum_scores(const Distances& distances, std::size_t neighbours);

// The `count` rows with the least scores, best first. REQUIRES count <= rows.
[[nodiscard]] std::vector<std::size_t> lowest_krum_scores(const Distances& distances,
                                                          std::size_t neighbours,
                                                          std::size_t count);

}  // namespace fedstake::aggregation
