// Clipped clustering: rows clipped to the median norm of the whole history, the larger of two
// clusters kept.
//
// Li, Ngai, Voigt, "An Experimental Study of Byzantine-Robust Aggregation Schemes in Federated
// Learning", IEEE Transactions on Big Data 2023.
#pragma once

#include <cstddef>

#include "aggregation/rule.hpp"

namespace fedstake::aggregation {

// Norms that are remembered, the newest last; older ones are forgotten.
inline constexpr std::size_t kNormHistoryMax = std::size_t{1} << 16U;

// Memory: the norms of all rows of earlier rounds in model units. O(n^3 + h log h) for h norms.
[[nodiscard]] bool clipped_clustering_supports(const Arguments& arguments);
[[nodiscard]] Result<RuleAnswer> clipped_clustering(const RuleInput& input);

}  // namespace fedstake::aggregation
