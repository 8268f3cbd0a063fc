// How many columns a rule reads at once, so that it stays within its memory.
#pragma once

#include <cstddef>
#include <string_view>

#include "aggregation/rule.hpp"

namespace fedstake::aggregation {

// The largest number of columns, at most `most`, whose reading fits into what is left of
// memory_bytes behind `fixed` bytes of the rule's own. RETURNS kLimitExceeded, with the rule's name
// and `advice`, where not even 64 columns (or `most`, if that is less) do. REQUIRES most >= 1.
[[nodiscard]] Result<std::size_t> piece_columns(std::string_view rule, const RowColumns& columns,
                                                std::size_t fixed, std::size_t memory_bytes,
                                                std::size_t most, std::string_view advice);

}  // namespace fedstake::aggregation
