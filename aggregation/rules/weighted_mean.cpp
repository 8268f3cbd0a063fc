// Capped claims as weights.
#include "aggregation/rules/weighted_mean.hpp"

#include <algorithm>
#include <cmath>

#include "aggregation/rules/row_figures.hpp"
#include "proto/base/check.hpp"

namespace fedstake::aggregation {
namespace {

constexpr std::size_t kCap = 0;
constexpr double kCapDefault = 2.0;
// Sums of so many rows' claims stay finite.
constexpr double kClaimMax = 0x1p960;

}  // namespace

std::vector<double> capped_claims(std::span<const double> claims, double cap) {
    FS_CHECK(!claims.empty() && cap >= 1.0);
    std::vector<double> weights;
    for (const double claim : claims) {
        weights.push_back(std::isfinite(claim) ? std::clamp(claim, 0.0, kClaimMax) : 0.0);
    }
    const double most = cap * middle_of(weights);
    if (most == 0.0) {
        return std::vector<double>(claims.size(), 1.0);
    }
    for (double& weight : weights) {
        weight = std::min(weight, most);
    }
    return weights;
}

bool weighted_mean_supports(const Arguments& arguments) {
    return has_honest_majority(arguments);
}

Result<RuleAnswer> weighted_mean(const RuleInput& input) {
    FS_CHECK(input.claims.size() == input.arguments.n);
    RuleAnswer answer;
    answer.combination = convex_combination(
        capped_claims(input.claims, input.arguments.parameter(kCap, kCapDefault)));
    return answer;
}

}  // namespace fedstake::aggregation
