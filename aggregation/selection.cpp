// Partial sums of sorted rows of the distance matrix.
#include "aggregation/selection.hpp"

#include <algorithm>
#include <numeric>

#include "proto/base/check.hpp"

namespace fedstake::aggregation {

std::vector<Wide> krum_scores(const Distances& distances, std::size_t neighbours) {
    const std::size_t n = distances.rows();
    FS_CHECK(neighbours < n);
    std::vector<Wide> scores(n, 0);
    std::vector<Wide> others;
    for (std::size_t i = 0; i < n; ++i) {
        others.clear();
        for (std::size_t j = 0; j < n; ++j) {
            if (j != i) {
                others.push_back(distances.between(i, j));
            }
        }
        std::sort(others.begin(), others.end());
        for (std::size_t k = 0; k < neighbours; ++k) {
            scores[i] += others[k];
        }
    }
    return scores;
}

std::vector<std::size_t> lowest_krum_scores(const Distances& distances, std::size_t neighbours,
                                            std::size_t count) {
    FS_CHECK(count <= distances.rows());
    const std::vector<Wide> scores = krum_scores(distances, neighbours);
    std::vector<std::size_t> order(scores.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(),
                     [&](std::size_t a, std::size_t b) { return scores[a] < scores[b]; });
    order.resize(count);
    return order;
}

}  // namespace fedstake::aggregation
