// MoNNA: the mean of the n - f rows nearest to one row that is trusted, itself included.
//
// Source: Farhadkhani, Guerraoui, Gupta, Hoang, Pinot, Stephan, "Robust Collaborative Learning with
// Linear Gradient Overhead", ICML 2023, section 3 (there every site trusts itself).
#pragma once

#include "aggregation/rule.hpp"

namespace fedstake::aggregation {

// n > 2f and the row of parameter `trusted` exists.
[[nodiscard]] bool monna_supports(const Arguments& arguments);
// Equal distances: lowest row first. O(n log n) behind the distances.
[[nodiscard]] Result<RuleAnswer> monna(const RuleInput& input);

}  // namespace fedstake::aggregation
