// FLAME: the largest group of rows that point the same way, clipped to the median norm.
//
// Nguyen et al., "FLAME: Taming Backdoors in Federated Learning", USENIX Security 2022, algorithm
// 1. With the paper's least cluster size of floor(n / 2) + 1, HDBSCAN can find one cluster at
// most: the first single-linkage component of that size.
#pragma once

#include "aggregation/rule.hpp"

namespace fedstake::aggregation {

// Clips to the median norm of all rows, averages the kept ones, and adds Gaussian noise of `noise`
// times the median norm to each coordinate (noise.hpp; none by default). O(n^2 log n).
// Parameter: noise.
[[nodiscard]] bool flame_supports(const Arguments& arguments);
[[nodiscard]] Result<RuleAnswer> flame(const RuleInput& input);

}  // namespace fedstake::aggregation
