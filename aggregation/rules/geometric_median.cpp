// Weiszfeld's iteration in n-space.
#include "aggregation/rules/geometric_median.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "aggregation/rules/row_figures.hpp"
#include "proto/base/check.hpp"

namespace fedstake::aggregation {
namespace {

constexpr double kSmoothingShare = 1e-6;  // of the scale
constexpr double kToleranceDefault = 1e-6;
constexpr std::size_t kIterationsDefault = 1000;
constexpr std::size_t kTolerance = 0;
constexpr std::size_t kIterations = 1;

std::vector<double> reweighted(const std::vector<double>& squares, double smoothing) {
    std::vector<double> weights;
    double sum = 0.0;
    for (const double square : squares) {
        weights.push_back(1.0 / std::max(smoothing, std::sqrt(square)));
        sum += weights.back();
    }
    for (double& weight : weights) {
        weight /= sum;
    }
    return weights;
}

// |z - z'|^2 from the difference of their weights, which sums to 0:
// minus half of the weighted sum of all squares.
double square_moved(const Geometry& geometry, const std::vector<double>& from,
                    const std::vector<double>& to) {
    double sum = 0.0;
    for (std::size_t i = 0; i < from.size(); ++i) {
        double inner = 0.0;
        for (std::size_t j = 0; j < from.size(); ++j) {
            inner += (to[j] - from[j]) * geometry.square(i, j);
        }
        sum += (to[i] - from[i]) * inner;
    }
    return std::max(0.0, -0.5 * sum);
}

}  // namespace

std::vector<double> weiszfeld_weights(const Geometry& geometry, std::vector<double> start_squares,
                                      const WeiszfeldLimits& limits) {
    FS_CHECK(start_squares.size() == geometry.rows() && !start_squares.empty());
    FS_CHECK(limits.smoothing > 0.0);
    std::vector<double> weights = reweighted(start_squares, limits.smoothing);
    for (std::size_t iteration = 1; iteration < limits.iterations_max; ++iteration) {
        std::vector<double> next = reweighted(geometry.squares_to(weights), limits.smoothing);
        const double moved = std::sqrt(square_moved(geometry, weights, next));
        weights = std::move(next);
        if (moved <= limits.rest) {
            break;
        }
    }
    return weights;
}

bool geometric_median_supports(const Arguments& arguments) {
    return has_honest_majority(arguments);
}

Result<RuleAnswer> geometric_median(const RuleInput& input) {
    const Geometry& geometry = *input.geometry;
    const std::size_t n = geometry.rows();
    FS_CHECK(n == input.arguments.n);
    std::vector<double> squares(n);
    std::vector<double> distances(n);
    for (std::size_t i = 0; i < n; ++i) {
        squares[i] = geometry.square(i, Anchor::kCentre);
        distances[i] = std::sqrt(squares[i]);
    }
    const double scale = middle_of(distances);
    if (scale == 0.0) {
        std::vector<std::size_t> there;
        for (std::size_t i = 0; i < n; ++i) {
            if (squares[i] == 0.0) {
                there.push_back(i);
            }
        }
        return RuleAnswer{.combination = mean_of(n, there), .memory = {}, .memory_rows = {}};
    }
    const WeiszfeldLimits limits{
        .smoothing = kSmoothingShare * scale,
        .rest = input.arguments.parameter(kTolerance, kToleranceDefault) * scale,
        .iterations_max = input.arguments.count(kIterations, kIterationsDefault)};
    return RuleAnswer{
        .combination = convex_combination(weiszfeld_weights(geometry, std::move(squares), limits)),
        .memory = {},
        .memory_rows = {}};
}

}  // namespace fedstake::aggregation
