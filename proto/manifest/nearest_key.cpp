// Edit distance with one row of the table at a time.
#include "proto/manifest/nearest_key.hpp"

#include <algorithm>
#include <numeric>

namespace fedstake::manifest {

namespace {

// Longer keys are not typing errors, and the distance is quadratic.
constexpr std::size_t kLengthMax = 64;

}  // namespace

std::size_t edit_distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> row(b.size() + 1);
    std::iota(row.begin(), row.end(), std::size_t{0});
    for (std::size_t i = 1; i <= a.size(); ++i) {
        std::size_t diagonal = row[0];
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t substituted = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
            diagonal = row[j];
            row[j] = std::min({substituted, row[j] + 1, row[j - 1] + 1});
        }
    }
    return row[b.size()];
}

std::optional<std::string> nearest_key(std::string_view mistyped,
                                       const std::vector<std::string>& known) {
    if (mistyped.size() > kLengthMax) return std::nullopt;
    std::size_t best = std::max<std::size_t>(2, mistyped.size() / 3) + 1;
    std::optional<std::string> nearest;
    for (const std::string& key : known) {
        const std::size_t distance = edit_distance(mistyped, key);
        if (distance >= best) continue;
        best = distance;
        nearest = key;
    }
    return nearest;
}

}  // namespace fedstake::manifest
