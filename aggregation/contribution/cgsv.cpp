// Cosines to the weighted sum of unit rows.
#include "aggregation/contribution/cgsv.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

namespace fedstake::aggregation::contribution {
namespace {

Status check(const Geometry& geometry, std::span<const double> reputation,
             const CgsvOptions& options) {
    if (reputation.empty() || reputation.size() > geometry.rows()) {
        return fail(Errc::kInvalidInput,
                    fmt::format("reputations of {} rows: 1 to {} rows are there", reputation.size(),
                                geometry.rows()));
    }
    double sum = 0.0;
    for (std::size_t i = 0; i < reputation.size(); ++i) {
        if (!(reputation[i] >= 0.0 && std::isfinite(reputation[i]))) {
            return fail(Errc::kInvalidInput,
                        fmt::format("row {} has the reputation {}: needs a finite number >= 0", i,
                                    reputation[i]));
        }
        sum += reputation[i];
    }
    if (!(sum > 0.0 && std::isfinite(sum))) {
        return fail(Errc::kInvalidInput,
                    fmt::format("the reputations of {} rows sum to {}: needs a finite number > 0",
                                reputation.size(), sum));
    }
    // Written so that NaN fails too.
    if (!(options.memory >= 0.0 && options.memory < 1.0 && options.floor > 0.0 &&
          options.floor <= 1.0)) {
        return fail(Errc::kInvalidInput,
                    fmt::format("reputation with memory {} and floor {}: needs 0 <= memory < 1 and "
                                "0 < floor <= 1",
                                options.memory, options.floor));
    }
    return {};
}

void normalise(std::vector<double>& values) {
    double sum = 0.0;
    for (const double value : values) {
        sum += value;
    }
    for (double& value : values) {
        value /= sum;
    }
}

// <u_i, aggregate> for the unit rows u, then over the length of the aggregate.
std::vector<double> cosines_to_sum(const Geometry& geometry, const std::vector<double>& weights) {
    std::vector<double> along(weights.size(), 0.0);
    double square = 0.0;
    for (std::size_t i = 0; i < weights.size(); ++i) {
        for (std::size_t j = 0; j < weights.size(); ++j) {
            along[i] += weights[j] * geometry.cosine(i, j);
        }
        square += weights[i] * along[i];
    }
    const double length = square > 0.0 ? std::sqrt(square) : 0.0;
    for (double& value : along) {
        value = length > 0.0 ? std::clamp(value / length, -1.0, 1.0) : 0.0;
    }
    return along;
}

}  // namespace

std::vector<double> first_reputation(std::size_t rows) {
    return std::vector<double>(rows, 1.0 / static_cast<double>(rows));
}

Result<CgsvRound> cgsv(const Geometry& geometry, std::span<const double> reputation,
                       const CgsvOptions& options) {
    FS_TRY(check(geometry, reputation, options));
    std::vector<double> weights(reputation.begin(), reputation.end());
    normalise(weights);
    CgsvRound round{.cosines = cosines_to_sum(geometry, weights), .reputation = weights};
    for (std::size_t i = 0; i < weights.size(); ++i) {
        round.reputation[i] = std::max(
            options.floor, options.memory * weights[i] + (1.0 - options.memory) * round.cosines[i]);
    }
    normalise(round.reputation);
    return round;
}

}  // namespace fedstake::aggregation::contribution
