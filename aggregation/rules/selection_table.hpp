// The rules that choose or weigh rows by their distances: Krum, Bulyan, MDA, SMEA, CAF, MoNNA.
#pragma once

#include <span>

#include "aggregation/rule.hpp"

namespace fedstake::aggregation {

// In the order of their ids.
[[nodiscard]] std::span<const RuleInfo> selection_rules() noexcept;

}  // namespace fedstake::aggregation
