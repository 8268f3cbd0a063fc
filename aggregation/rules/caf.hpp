// Covariance-bound agnostic filter (CAF): rows lose weight as far as they lie out along the
// direction of the largest variance.
//
// All weights c_i start at 1. While their sum exceeds n - 2f: m is the weighted mean, (lambda, v)
// the top eigenpair of the weighted covariance about it; the m with the least lambda is kept; with
// t_i = <x_i - m, v>^2, c_i falls by the factor 1 - t_i / max t, the maximum over rows that still
// have weight. So each round takes one row out at least, and there are at most 2f + 1 of them.
// The result is the m that was kept, the earliest of equals. Where max t is 0 the rows with weight
// coincide with m, and nothing is left to filter.
// Source: Allouah, Guerraoui, Stephan, "Towards Trustworthy Federated Learning with Untrusted
// Participants", ICML 2025, algorithm 2. Known code starts one power step from a random vector;
// here the eigenpair is computed.
#pragma once

#include <vector>

#include "aggregation/rule.hpp"

namespace fedstake::aggregation {

// The weights of the rows, not negative, with sum 1 up to rounding. REQUIRES n > 2f.
// O((f + 1) n^3): a top eigenpair for each round, of the rows that have weight.
[[nodiscard]] std::vector<double> covariance_filter(const Geometry& geometry, std::size_t f);

[[nodiscard]] bool caf_supports(const Arguments& arguments);  // n > 2f
[[nodiscard]] Result<RuleAnswer> caf(const RuleInput& input);

}  // namespace fedstake::aggregation
