// Rules by columns as their definitions read, and rows to try them on.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "aggregation/combination.hpp"
#include "proto/base/rng.hpp"

namespace fedstake::aggregation::columns {

using Values = std::vector<std::int32_t>;
using Matrix = std::vector<Values>;  // one row per update

// The combination on all rows, column by column, with sorts of int64 values. `reference`: the row
// of kNearestRow, which is none of `rows`.
Values by_definition(const Combination& combination, const Matrix& rows, const Values& reference);

enum class Kind : std::uint8_t {
    kModel,    // 24 bits, like updates
    kTies,     // -2 .. 2
    kAll,      // any int32
    kExtreme,  // the ends of the range and around zero
    kRare,     // 28 bits, and a few of any size
};
inline constexpr Kind kKinds[] = {Kind::kModel, Kind::kTies, Kind::kAll, Kind::kExtreme,
                                  Kind::kRare};

Values make_values(Rng& rng, Kind kind, std::size_t columns);
Matrix make_rows(Rng& rng, Kind kind, std::size_t rows, std::size_t columns);

// All rows count; the fields that the rule reads are drawn from what it allows.
Combination make_combination(Rng& rng, ColumnRule rule, std::size_t rows);

}  // namespace fedstake::aggregation::columns
