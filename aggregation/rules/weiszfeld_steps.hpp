// A fixed number of smoothed Weiszfeld steps from the zero vector, the form in which other
// libraries ship the geometric median (ByzFL: 3 steps, smoothing 0.1). Kept under its own name for
// comparison: f sites that send zeros hold it near zero, which geometric-median does not allow.
#pragma once

#include "aggregation/rule.hpp"

namespace fedstake::aggregation {

// Parameters: nu, the smoothing in model units; steps. O(steps n^2).
[[nodiscard]] bool weiszfeld_steps_supports(const Arguments& arguments);  // n > 2f
[[nodiscard]] Result<RuleAnswer> weiszfeld_steps(const RuleInput& input);

}  // namespace fedstake::aggregation
