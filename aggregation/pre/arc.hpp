// Adaptive robust clipping (ARC): the longest rows are scaled down to the longest of the others.
//
// k = floor(2 (f / n) (n - f)) rows may be cut; the limit is the norm of the (k + 1)-th longest.
// No parameter to choose, and an attacker gains nothing by being long. Source: Allouah, Guerraoui,
// Gupta, Jellouli, Rizk, Stephan, "Adaptive Gradient Clipping for Robust Federated Learning",
// ICLR 2025, section 3.
#pragma once

#include "aggregation/rule.hpp"

namespace fedstake::aggregation {

[[nodiscard]] bool arc_supports(const Arguments& arguments);  // n > 2f
// O(n log n) behind the norms.
[[nodiscard]] Result<RowMap> arc(const PreInput& input);

}  // namespace fedstake::aggregation
