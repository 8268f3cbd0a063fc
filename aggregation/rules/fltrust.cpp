// Trust scores as weights.
#include "aggregation/rules/fltrust.hpp"

#include <algorithm>

#include "proto/base/check.hpp"

namespace fedstake::aggregation {
namespace {

constexpr std::size_t kTrusted = 0;

}  // namespace

std::vector<double> fltrust_weights(const Geometry& geometry, std::size_t n, std::size_t trusted) {
    FS_CHECK(trusted < n);
    std::vector<double> weights(n, 0.0);
    double sum = 0.0;
    for (std::size_t i = 0; i < n; ++i) {
        if (i != trusted) {
            weights[i] = std::max(0.0, geometry.cosine(i, trusted));
            sum += weights[i];
        }
    }
    if (sum == 0.0) {
        weights[trusted] = 1.0;
        return weights;
    }
    const double length = geometry.norm(trusted);
    for (std::size_t i = 0; i < n; ++i) {
        if (weights[i] > 0.0) {  // then neither row is zero
            weights[i] *= std::min(length / geometry.norm(i), kTrustScaleMax) / sum;
        }
    }
    return weights;
}

bool fltrust_supports(const Arguments& arguments) {
    return arguments.n > arguments.f && arguments.count(kTrusted, 0) < arguments.n;
}

Result<RuleAnswer> fltrust(const RuleInput& input) {
    RuleAnswer answer;
    answer.combination = weighted_sum(
        fltrust_weights(*input.geometry, input.arguments.n, input.arguments.count(kTrusted, 0)));
    return answer;
}

}  // namespace fedstake::aggregation
