// The rules that weigh or cluster rows by where they lie, as entries of the registry.
#pragma once

#include <span>

#include "aggregation/rule.hpp"

namespace fedstake::aggregation {

[[nodiscard]] std::span<const RuleInfo> weighting_rules() noexcept;

}  // namespace fedstake::aggregation
