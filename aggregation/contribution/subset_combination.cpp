// Weights of a subset.
#include "aggregation/contribution/subset_combination.hpp"

#include <algorithm>
#include <cstdint>

#include <fmt/format.h>

#include "proto/base/check.hpp"

namespace fedstake::aggregation::contribution {

Result<Combination> subset_combination(const Combination& combination, std::size_t rows,
                                       const Subset& subset) {
    if (combination.columns != ColumnRule::kWeightedMean) {
        return fail(
            Errc::kInvalidInput,
            fmt::format("column rule {} has no weights of its own: run it on the {} rows of "
                        "the subset",
                        static_cast<unsigned>(combination.columns), subset.size()));
    }
    FS_CHECK(rows <= combination.weights.size() && rows <= limits::kSitesMax);
    std::uint64_t whole = 0;
    for (std::size_t i = 0; i < rows; ++i) {
        whole += subset.contains(i) ? combination.weights[i] : 0U;
    }
    unsigned halvings = 0;
    while ((whole >> halvings) > kWeightOne) {
        ++halvings;
    }
    Combination result{.weights = std::vector<std::uint32_t>(combination.weights.size(), 0)};
    std::uint32_t sum = 0;
    for (std::size_t i = 0; i < rows; ++i) {
        if (subset.contains(i)) {
            result.weights[i] = combination.weights[i] >> halvings;
            sum += result.weights[i];
        }
    }
    result.denominator = std::max(sum, 1U);
    return result;
}

}  // namespace fedstake::aggregation::contribution
