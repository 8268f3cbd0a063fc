// Leave-one-out deviations, and the normal distribution without a C library's functions.
#include "aggregation/detect/deviation.hpp"

#include <cmath>

#include "aggregation/rules/real_math.hpp"
#include "aggregation/rules/row_figures.hpp"
#include "proto/base/check.hpp"

namespace fedstake::aggregation::detect {
namespace {

constexpr double kFloorShare = 0.25;
constexpr double kInverseRootTwoPi = 0.3989422804014327;
constexpr double kSeriesBelow = 3.0;
constexpr int kSeriesTerms = 80;
constexpr int kFractionTerms = 80;
constexpr double kTailMax = 38.0;
constexpr int kBisections = 60;

}  // namespace

std::vector<double> without(std::span<const double> values, std::size_t index) {
    std::vector<double> others;
    others.reserve(values.size());
    for (std::size_t j = 0; j < values.size(); ++j) {
        if (j != index) {
            others.push_back(values[j]);
        }
    }
    return others;
}

double deviation_from_others(std::span<const double> values, std::size_t index, double floor) {
    FS_CHECK(index < values.size());
    if (values.size() < kOthersToCompare + 1) {
        return 0.0;
    }
    std::vector<double> others = without(values, index);
    const double middle = middle_of(others);
    for (double& value : others) {
        value = std::fabs(value - middle);
    }
    const double scale = kMadToSigma * middle_of(others) + kFloorShare * middle + floor;
    const double excess = values[index] - middle;
    if (std::fabs(excess) >= kDeviationMax * scale) {
        return excess == 0.0 ? 0.0 : std::copysign(kDeviationMax, excess);
    }
    return excess / scale;
}

std::vector<double> deviations(std::span<const double> values, double floor) {
    std::vector<double> result;
    result.reserve(values.size());
    for (std::size_t i = 0; i < values.size(); ++i) {
        result.push_back(deviation_from_others(values, i, floor));
    }
    return result;
}

double normal_tail(double z) {
    FS_CHECK(z >= 0.0 && z <= kTailMax);
    const double density = kInverseRootTwoPi * exponential(-0.5 * z * z);
    if (z < kSeriesBelow) {
        // 1/2 - density * (z + z^3 / 3 + z^5 / 15 + ...)
        double term = z;
        double sum = z;
        for (int k = 1; k < kSeriesTerms; ++k) {
            term *= z * z / static_cast<double>(2 * k + 1);
            sum += term;
        }
        return 0.5 - density * sum;
    }
    // density / (z + 1 / (z + 2 / (z + 3 / (z + ...))))
    double fraction = z;
    for (int k = kFractionTerms; k >= 1; --k) {
        fraction = z + static_cast<double>(k) / fraction;
    }
    return density / fraction;
}

double normal_quantile_above(double share) {
    FS_CHECK(share > 0.0 && share <= 0.5);
    double low = 0.0;
    double high = kTailMax;
    for (int step = 0; step < kBisections; ++step) {
        const double middle = 0.5 * (low + high);
        (normal_tail(middle) > share ? low : high) = middle;
    }
    return 0.5 * (low + high);
}

}  // namespace fedstake::aggregation::detect
