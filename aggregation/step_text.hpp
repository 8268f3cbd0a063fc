// Rules and pre-aggregations as words of a command line.
#pragma once

#include <string_view>

#include "proto/base/result.hpp"
#include "proto/rules/round_rules.hpp"

namespace fedstake::aggregation {

// "m=3". RETURNS kInvalidInput unless it is a name, "=" and a finite number.
[[nodiscard]] Result<rules::Parameter> parse_parameter(std::string_view text);

// "norm-clip:norm=5" or "nnm"; several parameters stand between commas. Names are not looked up.
[[nodiscard]] Result<rules::Step> parse_step(std::string_view text);

}  // namespace fedstake::aggregation
