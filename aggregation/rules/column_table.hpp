// The rules that go by columns, as entries of the registry.
#pragma once

#include <span>

#include "aggregation/rule.hpp"

namespace fedstake::aggregation {

[[nodiscard]] std::span<const RuleInfo> column_rules() noexcept;

}  // namespace fedstake::aggregation
