// Weights of combinations.
#include "aggregation/combination.hpp"

#include <cmath>
#include <numeric>

#include "aggregation/integer_math.hpp"
#include "proto/base/check.hpp"

namespace fedstake::aggregation {

Combination mean_of(std::size_t n, std::span<const std::size_t> rows) {
    FS_CHECK(!rows.empty());
    Combination result{.weights = std::vector<std::uint32_t>(n, 0),
                       .denominator = static_cast<std::uint32_t>(rows.size())};
    for (const std::size_t row : rows) {
        FS_CHECK(result.weights[row] == 0);
        result.weights[row] = 1;
    }
    return result;
}

Combination weighted_sum(std::span<const double> weights) {
    const double sum = std::accumulate(weights.begin(), weights.end(), 0.0);
    FS_CHECK(sum >= 0.0 && sum < static_cast<double>(kWeightOne));
    std::uint32_t denominator = kWeightOne;
    // Weights that sum to 1 may do so up to rounding.
    while (sum * static_cast<double>(denominator) > 1.0001 * static_cast<double>(kWeightOne)) {
        denominator /= 2;
    }
    Combination result{.weights = {}, .denominator = denominator};
    for (const double weight : weights) {
        result.weights.push_back(static_cast<std::uint32_t>(
            std::floor(weight * static_cast<double>(denominator) + 0.5)));
    }
    return result;
}

Combination through(const Combination& combination, const RowMap& map) {
    FS_CHECK(combination.columns == ColumnRule::kWeightedMean);
    FS_CHECK(combination.weights.size() == map.rows_out());
    if (map.is_identity()) {
        return combination;
    }
    const std::uint64_t product = std::uint64_t{combination.denominator} * map.denominator();
    std::vector<Wide> sums(map.rows_in(), 0);
    Wide total = 0;
    for (std::size_t i = 0; i < map.rows_out(); ++i) {
        for (std::size_t a = 0; a < map.rows_in(); ++a) {
            const Wide weight = Wide{combination.weights[i]} * map.weight(i, a);
            sums[a] += weight;
            total += weight;
        }
    }
    std::uint64_t denominator = product;
    // As weighted_sum(): a power of two where the exact one is too large.
    if (product > kWeightOne || total > kWeightOne) {
        denominator = kWeightOne;
        while (denominator > 1 && total * denominator > Wide{product} * kWeightOne) {
            denominator /= 2;
        }
    }
    Combination result{.weights = {}, .denominator = static_cast<std::uint32_t>(denominator)};
    for (const Wide sum : sums) {
        result.weights.push_back(
            static_cast<std::uint32_t>((2 * sum * denominator + product) / (Wide{2} * product)));
    }
    return result;
}

}  // namespace fedstake::aggregation
