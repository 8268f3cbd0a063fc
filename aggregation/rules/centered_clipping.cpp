// The steps of centered clipping as weights.
#include "aggregation/rules/centered_clipping.hpp"

#include <algorithm>
#include <cmath>

#include "aggregation/rules/row_figures.hpp"
#include "proto/base/check.hpp"

namespace fedstake::aggregation {
namespace {

constexpr std::size_t kTau = 0;
constexpr std::size_t kIterations = 1;

Combination rest_on(std::size_t start, const std::vector<double>& weights) {
    Combination result{.weights = std::vector<std::uint32_t>(weights.size(), 0),
                       .denominator = kWeightOne};
    std::uint32_t rest = kWeightOne;
    for (std::size_t i = 0; i < weights.size(); ++i) {
        if (i != start) {
            const auto share = static_cast<std::uint32_t>(
                std::floor(weights[i] * static_cast<double>(kWeightOne)));
            result.weights[i] = std::min(share, rest);
            rest -= result.weights[i];
        }
    }
    result.weights[start] = rest;
    return result;
}

}  // namespace

CenteredWeights centered_clipping_weights(const Geometry& geometry, std::size_t n,
                                          std::size_t start, double tau, std::size_t iterations) {
    FS_CHECK(n >= 1 && start < geometry.rows());
    CenteredWeights result{.weights = std::vector<double>(geometry.rows(), 0.0)};
    result.weights[start] = 1.0;
    std::vector<double> added(n);
    for (std::size_t iteration = 0; iteration < iterations; ++iteration) {
        const std::vector<double> squares = geometry.squares_to(result.weights);
        result.clipped = false;
        double sum = 0.0;
        for (std::size_t i = 0; i < n; ++i) {
            const double distance = std::sqrt(squares[i]);
            const bool clipped = distance > tau;
            added[i] = (clipped ? tau / distance : 1.0) / static_cast<double>(n);
            result.clipped = result.clipped || clipped;
            sum += added[i];
        }
        const double kept = result.clipped ? std::max(0.0, 1.0 - sum) : 0.0;
        for (double& weight : result.weights) {
            weight *= kept;
        }
        for (std::size_t i = 0; i < n; ++i) {
            result.weights[i] += added[i];
        }
    }
    return result;
}

bool centered_clipping_supports(const Arguments& arguments) {
    return has_honest_majority(arguments);
}

Result<RuleAnswer> centered_clipping(const RuleInput& input) {
    const std::size_t n = input.arguments.n;
    FS_CHECK(input.geometry->rows() == n + 1);
    const double tau = input.arguments.parameter(kTau, 0.0) / input.unit;
    const CenteredWeights centered = centered_clipping_weights(
        *input.geometry, n, n, tau, input.arguments.count(kIterations, 1));
    RuleAnswer answer;
    answer.combination =
        centered.clipped ? rest_on(n, centered.weights) : mean_of(n + 1, first_rows(n));
    answer.memory_rows = {answer.combination};
    return answer;
}

}  // namespace fedstake::aggregation
