// FLAME: the largest group of rows that point the same way, clipped to the median norm.
//
// Nguyen et al., "FLAME: Taming Backdoors in Federated Learning", USENIX Security 2022, without its
// noise. With the paper's least cluster size of floor(n / 2) + 1, HDBSCAN can find one cluster at
// most: the first single-linkage component of that size.
#pragma once

#include "aggregation/rule.hpp"

namespace fedstake::aggregation {

// Clips to the median norm of all rows and averages the kept ones. O(n^2 log n).
[[nodiscard]] bool flame_supports(const Arguments& arguments);
[[nodiscard]] Result<RuleAnswer> flame(const RuleInput& input);

}  // namespace fedstake::aggregation
