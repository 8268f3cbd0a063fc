// Krum and Multi-Krum: the rows with the nearest neighbours.
//
// score_i = sum of the k smallest |x_i - x_j|^2 over j != i, added in ascending order. Equal
// scores: lowest row first. Source: Blanchard et al., NeurIPS 2017, section 4 (k = n - f - 2, for
// n >= 2f + 3); with k = n - f - 1 for every n > 2f: Farhadkhani et al., ICML 2022.
// All: O(n^2 log n) behind the distances.
#pragma once

#include <cstddef>
#include <vector>

#include "aggregation/rule.hpp"

namespace fedstake::aggregation {

// REQUIRES neighbours < rows (0 only for a single row).
[[nodiscard]] std::vector<double> krum_scores(const Geometry& geometry, std::size_t neighbours);

// The `count` rows with the least scores, best first. REQUIRES count <= rows.
[[nodiscard]] std::vector<std::size_t> lowest_krum_scores(const Geometry& geometry,
                                                          std::size_t neighbours,
                                                          std::size_t count);

[[nodiscard]] bool krum_supports(const Arguments& arguments);        // n > 2f
[[nodiscard]] bool krum_paper_supports(const Arguments& arguments);  // n >= 2f + 3

// The row with the least score of n - f - 1 (paper: n - f - 2) neighbours.
[[nodiscard]] Result<RuleAnswer> krum(const RuleInput& input);
[[nodiscard]] Result<RuleAnswer> krum_paper(const RuleInput& input);

// The mean of the m rows with the least scores. Parameter m: default and largest value n - f
// (paper: n - f - 2), which multi_krum_most (multi_krum_paper_most) returns.
[[nodiscard]] std::size_t multi_krum_most(const Arguments& arguments);
[[nodiscard]] std::size_t multi_krum_paper_most(const Arguments& arguments);
[[nodiscard]] Result<RuleAnswer> multi_krum(const RuleInput& input);
[[nodiscard]] Result<RuleAnswer> multi_krum_paper(const RuleInput& input);

}  // namespace fedstake::aggregation
