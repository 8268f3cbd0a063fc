// The mean of rows whose norms are limited.
//
// Sun, Kairouz, Suresh, McMahan, "Can You Really Backdoor Federated Learning?", 2019:
// the mean of x min(1, C / |x|).
#pragma once

#include "aggregation/rule.hpp"

namespace fedstake::aggregation {

// Parameter: norm, in model units. O(n).
[[nodiscard]] bool norm_difference_supports(const Arguments& arguments);
[[nodiscard]] Result<RuleAnswer> norm_difference_clipping(const RuleInput& input);

}  // namespace fedstake::aggregation
