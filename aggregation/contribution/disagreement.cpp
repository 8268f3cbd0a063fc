// Deviations and ranks of two lists, compared.
#include "aggregation/contribution/disagreement.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <string_view>

#include <fmt/format.h>

namespace fedstake::aggregation::contribution {
namespace {

constexpr std::size_t kRowsMin = 4;
constexpr double kMadToSigma = 1.4826;  // of a normal distribution
constexpr double kFloorShare = 0.25;
constexpr double kDeviationMax = 10.0;

// REQUIRES at least one value.
double median_of(std::vector<double> values) {
    std::sort(values.begin(), values.end());
    // Halved first: the sum of two large values must not overflow.
    return 0.5 * values[(values.size() - 1) / 2] + 0.5 * values[values.size() / 2];
}

double deviation(std::span<const double> values, std::size_t index) {
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
    const double scale = kMadToSigma * median_of(others) + kFloorShare * std::fabs(middle);
    const double excess = values[index] - middle;
    if (std::fabs(excess) >= kDeviationMax * scale) {
        return excess == 0.0 ? 0.0 : std::copysign(kDeviationMax, excess);
    }
    return excess / scale;
}

double rank(std::span<const double> values, std::size_t index) {
    double twice = -1.0;  // of the row itself, which is equal to itself
    for (const double value : values) {
        twice += value < values[index] ? 2.0 : value == values[index] ? 1.0 : 0.0;
    }
    return 0.5 * twice;
}

// REQUIRES n >= kRowsMin. bit_width(n / 8) - 1 is floor(log2(n / 8)) from n = 8 on.
double threshold_for(std::size_t n) {
    const auto doublings =
        static_cast<double>(std::max(1, static_cast<int>(std::bit_width(n / 8))) - 1);
    return 2.5 + 8.0 / static_cast<double>(n - 2) + 0.5 * doublings;
}

Status check_finite(std::span<const double> numbers, std::string_view what) {
    for (std::size_t i = 0; i < numbers.size(); ++i) {
        if (!std::isfinite(numbers[i])) {
            return fail(
                Errc::kInvalidInput,
                fmt::format("row {} has the {} {}: needs a finite number", i, what, numbers[i]));
        }
    }
    return {};
}

}  // namespace

Result<Disagreement> disagreement(std::span<const double> values, std::span<const double> cosines) {
    const std::size_t n = values.size();
    if (cosines.size() != n) {
        return fail(Errc::kInvalidInput,
                    fmt::format("{} contributions and {} cosines: needs one of "
                                "each for every row",
                                n, cosines.size()));
    }
    FS_TRY(check_finite(values, "contribution"));
    FS_TRY(check_finite(cosines, "cosine"));
    Disagreement result;
    result.sizes.assign(n, 0.0);
    result.places.assign(n, 0.0);
    if (n < kRowsMin) {
        return result;
    }
    result.threshold = threshold_for(n);
    for (std::size_t i = 0; i < n; ++i) {
        const double size = deviation(cosines, i) - deviation(values, i);
        const double places = rank(cosines, i) - rank(values, i);
        result.sizes[i] = size;
        result.places[i] = places;
        if ((size > 0.0) == (places > 0.0) && 2.0 * std::fabs(places) >= static_cast<double>(n) &&
            std::fabs(size) > result.threshold) {
            result.named.push_back(i);
        }
    }
    return result;
}

}  // namespace fedstake::aggregation::contribution
