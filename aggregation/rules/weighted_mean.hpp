// The mean of the rows by the weights that sites claim for themselves, such as numbers of examples.
//
// McMahan et al., "Communication-Efficient Learning of Deep Networks from Decentralized Data",
// AISTATS 2017, algorithm 1. Nobody can check a claim, so none counts for more than `cap` times the
// median claim: f < n / 2 hostile sites can neither move that far nor outweigh the others by claims
// alone.
#pragma once

#include <span>
#include <vector>

#include "aggregation/rule.hpp"

namespace fedstake::aggregation {

// min(claim, cap * median of the claims) for each row; a claim that is negative or not finite
// counts as 0. All 1 where every capped claim is 0. REQUIRES at least one claim, cap >= 1. O(n log
// n).
[[nodiscard]] std::vector<double> capped_claims(std::span<const double> claims, double cap);

// Parameter: cap. REQUIRES n claims.
[[nodiscard]] bool weighted_mean_supports(const Arguments& arguments);
[[nodiscard]] Result<RuleAnswer> weighted_mean(const RuleInput& input);

}  // namespace fedstake::aggregation
