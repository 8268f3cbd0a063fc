// Robust deviations in a fixed order of operations.
#include "aggregation/anomaly.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

namespace fedstake::aggregation {
namespace {

constexpr double kMadToSigma = 1.4826;  // of a normal distribution
constexpr double kFloorShare = 0.25;
constexpr double kDeviationMax = 1e6;

double median_of(std::vector<double> values) {
    std::sort(values.begin(), values.end());
    const std::size_t n = values.size();
    return 0.5 * (values[(n - 1) / 2] + values[n / 2]);
}

double deviation(const std::vector<double>& values, std::size_t index) {
    if (values.size() < kOthersToCompare + 1) {
        return 0.0;
    }
    std::vector<double> others;
    for (std::size_t j = 0; j < values.size(); ++j) {
        if (j != index) {
            others.push_back(values[j]);
        }
    }
    const double middle = median_of(others);
    for (double& value : others) {
        value = std::fabs(value - middle);
    }
    const double scale = kMadToSigma * median_of(others) + kFloorShare * middle;
    const double excess = values[index] - middle;
    if (std::fabs(excess) >= kDeviationMax * scale) {
        return excess == 0.0 ? 0.0 : std::copysign(kDeviationMax, excess);
    }
    return excess / scale;
}

double cosine_to_centre(const Distances& distances, std::size_t row) {
    const double lengths =
        std::sqrt(to_double(distances.norm(row))) * std::sqrt(to_double(distances.centre_norm()));
    if (lengths == 0.0) {
        return 0.0;
    }
    return std::clamp(to_double(distances.inner_with_centre(row)) / lengths, -1.0, 1.0);
}

}  // namespace

std::vector<Figures> anomaly_figures(const Distances& distances, const rules::AnomalyRules& limits,
                                     std::uint8_t scale_bits) {
    const double unit = std::ldexp(1.0, -static_cast<int>(scale_bits));
    std::vector<double> norms;
    std::vector<double> to_centre;
    for (std::size_t i = 0; i < distances.rows(); ++i) {
        norms.push_back(std::sqrt(to_double(distances.norm(i))) * unit);
        to_centre.push_back(std::sqrt(to_double(distances.to_centre(i))) * unit);
    }
    std::vector<Figures> result(distances.rows());
    for (std::size_t i = 0; i < result.size(); ++i) {
        Figures& figures = result[i];
        figures.norm = norms[i];
        figures.norm_deviation = deviation(norms, i);
        figures.cosine = cosine_to_centre(distances, i);
        figures.distance = to_centre[i];
        figures.distance_deviation = deviation(to_centre, i);
        figures.signals =
            (figures.norm_deviation > limits.norm_limit ? kSignalNorm : 0U) |
            (figures.cosine < limits.cosine_limit ? kSignalCosine : 0U) |
            (figures.distance_deviation > limits.distance_limit ? kSignalDistance : 0U);
    }
    return result;
}

bool is_anomalous(const Figures& figures, const rules::AnomalyRules& limits) noexcept {
    return limits.signals_to_strike > 0 &&
           static_cast<std::uint32_t>(std::popcount(figures.signals)) >= limits.signals_to_strike;
}

}  // namespace fedstake::aggregation
