// The pre-aggregations: norm clipping, ARC, nearest-neighbour mixing, bucketing.
#pragma once

#include <span>

#include "aggregation/rule.hpp"

namespace fedstake::aggregation {

// In the order of their ids.
[[nodiscard]] std::span<const PreInfo> pre_aggregations() noexcept;

}  // namespace fedstake::aggregation
