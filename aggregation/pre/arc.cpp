// The limit from the sorted norms.
#include "aggregation/pre/arc.hpp"

#include <algorithm>
#include <functional>
#include <vector>

#include "aggregation/pre/clipping.hpp"

namespace fedstake::aggregation {

bool arc_supports(const Arguments& a) {
    return a.n > 2 * std::size_t{a.f};
}

Result<RowMap> arc(const PreInput& input) {
    const std::size_t n = input.arguments.n;
    const std::size_t f = input.arguments.f;
    std::vector<double> squares;
    for (std::size_t i = 0; i < n; ++i) {
        squares.push_back(input.geometry->norm_square(i));
    }
    std::sort(squares.begin(), squares.end(), std::greater<>());
    const std::size_t cut = 2 * f * (n - f) / n;
    return clipped_to(*input.geometry, fine_square(squares[cut]));
}

}  // namespace fedstake::aggregation
