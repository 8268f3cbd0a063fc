// Similarity of histories as weights.
#include "aggregation/rules/foolsgold.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "aggregation/rules/real_math.hpp"
#include "aggregation/rules/row_figures.hpp"
#include "proto/base/check.hpp"

namespace fedstake::aggregation {
namespace {

constexpr std::size_t kUnnormalised = 0;
constexpr double kTwins = 1e-9;  // dissimilarities below it are rounding
constexpr double kConfidenceMax = 0.999999;
// A history whose square is below this share of its parts' squares has cancelled out.
constexpr double kCancelled = 1e-12;

std::vector<double> largest_cosines(const PairMatrix& cosines) {
    std::vector<double> largest(cosines.size(), 0.0);
    for (std::size_t i = 0; i < largest.size(); ++i) {
        for (std::size_t j = 0; j < largest.size(); ++j) {
            largest[i] = std::max(largest[i], cosines.at(i, j));
        }
    }
    return largest;
}

// 1 - the largest pardoned cosine of each site.
std::vector<double> dissimilarities(const PairMatrix& cosines) {
    const std::vector<double> largest = largest_cosines(cosines);
    std::vector<double> result(largest.size(), 1.0);
    for (std::size_t i = 0; i < result.size(); ++i) {
        double pardoned_largest = 0.0;
        for (std::size_t j = 0; j < result.size(); ++j) {
            double pardoned = cosines.at(i, j);
            if (largest[i] < largest[j]) {
                pardoned *= largest[i] / largest[j];
            }
            pardoned_largest = std::max(pardoned_largest, pardoned);
        }
        result[i] = std::clamp(1.0 - pardoned_largest, 0.0, 1.0);
    }
    return result;
}

}  // namespace

PairMatrix history_cosines(const Geometry& geometry, std::size_t n) {
    FS_CHECK(geometry.rows() == 2 * n);
    const auto inner = [&](std::size_t i, std::size_t j) {
        return (geometry.inner(i, j) + geometry.inner(n + i, n + j)) +
               (geometry.inner(i, n + j) + geometry.inner(n + i, j));
    };
    std::vector<double> lengths(n, 0.0);
    for (std::size_t i = 0; i < n; ++i) {
        const double parts = geometry.norm_square(i) + geometry.norm_square(n + i);
        const double square = parts + 2.0 * geometry.inner(i, n + i);
        if (square > kCancelled * parts) {
            lengths[i] = std::sqrt(square);
        }
    }
    PairMatrix cosines(n);
    for (std::size_t i = 0; i < n; ++i) {
        for (std::size_t j = i + 1; j < n; ++j) {
            if (lengths[i] > 0.0 && lengths[j] > 0.0) {
                cosines.set(i, j, std::clamp(inner(i, j) / (lengths[i] * lengths[j]), -1.0, 1.0));
            }
        }
    }
    return cosines;
}

std::vector<double> foolsgold_weights(const PairMatrix& cosines) {
    FS_CHECK(cosines.size() >= 1);
    std::vector<double> weights = dissimilarities(cosines);
    const double most = *std::max_element(weights.begin(), weights.end());
    for (double& weight : weights) {
        if (most < kTwins) {
            weight = 1.0;
            continue;
        }
        const double share = std::min(weight / most, kConfidenceMax);
        weight = share > 0.0 ? std::clamp(natural_log(share / (1.0 - share)) + 0.5, 0.0, 1.0) : 0.0;
    }
    return weights;
}

bool foolsgold_supports(const Arguments& arguments) {
    return arguments.n > arguments.f;
}

Result<RuleAnswer> foolsgold(const RuleInput& input) {
    const std::size_t n = input.arguments.n;
    std::vector<double> weights = foolsgold_weights(history_cosines(*input.geometry, n));
    weights.resize(2 * n, 0.0);
    RuleAnswer answer;
    answer.combination = input.arguments.count(kUnnormalised, 0) == 1 ? weighted_sum(weights)
                                                                      : convex_combination(weights);
    for (std::size_t i = 0; i < n; ++i) {
        Combination sum{.weights = std::vector<std::uint32_t>(2 * n, 0)};
        sum.weights[i] = 1;
        sum.weights[n + i] = 1;
        answer.memory_rows.push_back(std::move(sum));
    }
    return answer;
}

}  // namespace fedstake::aggregation
