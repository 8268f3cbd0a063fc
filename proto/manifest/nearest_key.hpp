// The known word closest to a mistyped one, for "did you mean".
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace fedstake::manifest {

// Insertions, deletions and substitutions between two texts (Levenshtein 1966). O(|a| * |b|).
[[nodiscard]] std::size_t edit_distance(std::string_view a, std::string_view b);

// The known key within a third of the mistyped key's length (at least 2), the first of equals;
// nothing when all are further away.
[[nodiscard]] std::optional<std::string> nearest_key(std::string_view mistyped,
                                                     const std::vector<std::string>& known);

}  // namespace fedstake::manifest
