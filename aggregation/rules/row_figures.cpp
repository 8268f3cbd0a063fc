// Weights as integers, and the figures that they come from.
#include "aggregation/rules/row_figures.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "proto/base/check.hpp"

namespace fedstake::aggregation {
namespace {

constexpr double kOne = kWeightOne;
constexpr std::size_t kConvexMax = std::size_t{1} << 20U;

}  // namespace

std::vector<std::size_t> first_rows(std::size_t n) {
    std::vector<std::size_t> rows(n);
    std::iota(rows.begin(), rows.end(), std::size_t{0});
    return rows;
}

std::vector<double> norms_of(const Geometry& geometry, std::size_t n) {
    std::vector<double> norms(n);
    for (std::size_t i = 0; i < n; ++i) {
        norms[i] = geometry.norm(i);
    }
    return norms;
}

double middle_of(std::vector<double> values) {
    FS_CHECK(!values.empty());
    std::sort(values.begin(), values.end());
    const std::size_t n = values.size();
    return 0.5 * (values[(n - 1) / 2] + values[n / 2]);
}

Combination convex_combination(std::span<const double> weights) {
    FS_CHECK(weights.size() <= kConvexMax);
    const double sum = std::accumulate(weights.begin(), weights.end(), 0.0);
    FS_CHECK(sum > 0.0);
    // Each weight is rounded by at most one half: the sum stays at most 2^30.
    const double whole = kOne - static_cast<double>(weights.size());
    Combination result{.weights = {}, .denominator = 0};
    for (const double weight : weights) {
        const auto share = static_cast<std::uint32_t>(std::floor(weight / sum * whole + 0.5));
        result.weights.push_back(share);
        result.denominator += share;
    }
    return result;
}

Combination clipped_mean(const Geometry& geometry, std::span<const std::size_t> rows,
                         double limit) {
    FS_CHECK(!rows.empty());
    FS_CHECK(limit >= 0.0);
    std::vector<double> weights(geometry.rows(), 0.0);
    const auto count = static_cast<double>(rows.size());
    bool any_clipped = false;
    for (const std::size_t row : rows) {
        const double norm = geometry.norm(row);
        weights[row] = 1.0 / count;
        if (norm > limit) {
            weights[row] = std::floor(limit / norm / count * kOne) / kOne;
            any_clipped = true;
        }
    }
    return any_clipped ? weighted_sum(weights) : mean_of(geometry.rows(), rows);
}

Rng rule_generator(const Digest& seed, std::uint16_t rule_id) {
    std::uint64_t start = 0;
    for (std::size_t i = 0; i < sizeof(start); ++i) {
        start = (start << 8U) | seed.bytes[i];
    }
    return Rng(start).fork(rule_id);
}

bool has_honest_majority(const Arguments& arguments) {
    return arguments.n > 2 * std::size_t{arguments.f};
}

}  // namespace fedstake::aggregation
