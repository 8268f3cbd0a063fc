// From trained parameters to the int32 fixed-point update that is signed and sent.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "client/training/parameter_layout.hpp"
#include "proto/base/result.hpp"
#include "proto/rules/round_rules.hpp"

namespace fedstake::training {

// update_j = llround((trained_j - base_j) * 2^scale_bits), in double.
// RETURNS kInvalidInput, naming parameter and position, when a value is not finite or the update
// would exceed coordinate_max: nothing is ever clamped, since a clamped update would be a lie.
[[nodiscard]] Result<std::vector<std::int32_t>> to_update(std::span<const float> base,
                                                          std::span<const float> trained,
                                                          const rules::AggregationRules& rules,
                                                          const ParameterLayout& layout);

}  // namespace fedstake::training
