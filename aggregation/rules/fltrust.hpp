// FLTrust: rows weighed by how well they point along a trusted row, at that row's length.
//
// Cao, Fang, Liu, Gong, "FLTrust: Byzantine-robust Federated Learning via Trust Bootstrapping",
// NDSS 2021, algorithm 2. With g the trusted row and t_i = max(0, cos(x_i, g)) for the others: (1 /
// sum t_i) sum over i of t_i |g| / |x_i| x_i.
#pragma once

#include <cstddef>
#include <vector>

#include "aggregation/geometry.hpp"
#include "aggregation/rule.hpp"

namespace fedstake::aggregation {

// No row is lengthened by more than this. A site that sends next to nothing would otherwise take
// the precision of everybody's weights.
inline constexpr double kTrustScaleMax = 1024.0;

// Weights of the first n rows. Where no row is trusted at all, 1 for the trusted row itself, so
// that the aggregate keeps its direction; otherwise its weight is 0. REQUIRES trusted < n. O(n).
[[nodiscard]] std::vector<double> fltrust_weights(const Geometry& geometry, std::size_t n,
                                                  std::size_t trusted);

// Parameter: trusted, the place of the root update among the rows.
[[nodiscard]] bool fltrust_supports(const Arguments& arguments);
[[nodiscard]] Result<RuleAnswer> fltrust(const RuleInput& input);

}  // namespace fedstake::aggregation
