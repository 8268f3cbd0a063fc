// One list of neighbours for each row.
#include "aggregation/pre/nnm.hpp"

#include "aggregation/rules/nearest.hpp"

namespace fedstake::aggregation {

bool nnm_supports(const Arguments& a) {
    return a.n > 2 * std::size_t{a.f};
}

Result<RowMap> nnm(const PreInput& input) {
    const std::size_t n = input.arguments.n;
    const std::size_t kept = n - input.arguments.f;
    RowMap map(n, n, static_cast<std::uint32_t>(kept));
    for (std::size_t i = 0; i < n; ++i) {
        for (const std::size_t j : nearest_rows(*input.geometry, i, kept)) {
            map.set(i, j, 1);
        }
    }
    return map;
}

}  // namespace fedstake::aggregation
