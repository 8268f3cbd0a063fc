// FoolsGold: the more a site's history resembles another site's, the less it counts.
//
// Fung, Yoon, Beschastnikh, "The Limitations of Federated Learning in Sybil Settings", RAID 2020,
// algorithm 1. Against many identities of one attacker; it does not limit what one row can do.
#pragma once

#include <cstddef>
#include <vector>

#include "aggregation/geometry.hpp"
#include "aggregation/rule.hpp"
#include "aggregation/rules/clusters.hpp"

namespace fedstake::aggregation {

// Cosines between h_i = x_i + (sum of the updates of the same site in earlier rounds), which is row
// n + i. 0 where h_i is zero up to rounding. O(n^2).
[[nodiscard]] PairMatrix history_cosines(const Geometry& geometry, std::size_t n);

// The weights of the paper, each in [0, 1], the largest 1. With v_i = the largest cosine of i, or
// 0: cosines with a site of larger v are pardoned by v_i / v_j; a_i = 1 - the largest pardoned
// cosine, over the largest a; weight = ln(a / (1 - a)) + 1/2 within [0, 1]. Where every site has a
// twin (all a below 1e-9) all weights are 1. REQUIRES n >= 1. O(n^2).
[[nodiscard]] std::vector<double> foolsgold_weights(const PairMatrix& cosines);

// Memory: one row for each site, the sum of its updates. Parameter: unnormalised.
[[nodiscard]] bool foolsgold_supports(const Arguments& arguments);
[[nodiscard]] Result<RuleAnswer> foolsgold(const RuleInput& input);

}  // namespace fedstake::aggregation
