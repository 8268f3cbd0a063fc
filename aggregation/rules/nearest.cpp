// One stable sort.
#include "aggregation/rules/nearest.hpp"

#include <algorithm>

#include "proto/base/check.hpp"

namespace fedstake::aggregation {

std::vector<std::size_t> nearest_rows(const Geometry& geometry, std::size_t i, std::size_t count) {
    FS_CHECK(i < geometry.rows() && 1 <= count && count <= geometry.rows());
    std::vector<std::size_t> order{i};
    for (std::size_t j = 0; j < geometry.rows(); ++j) {
        if (j != i) {
            order.push_back(j);
        }
    }
    std::stable_sort(order.begin() + 1, order.end(), [&](std::size_t a, std::size_t b) {
        return geometry.square(i, a) < geometry.square(i, b);
    });
    order.resize(count);
    return order;
}

}  // namespace fedstake::aggregation
