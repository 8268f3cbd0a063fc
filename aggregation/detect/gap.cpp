// One cluster or two, in one dimension: exact clusters, and the gap statistic.
#include <algorithm>
#include <cmath>
#include <vector>

#include "aggregation/detect/deviation.hpp"
#include "aggregation/detect/prediction.hpp"
#include "aggregation/rules/real_math.hpp"
#include "proto/base/rng.hpp"

namespace fedstake::aggregation::detect {
namespace {

constexpr std::size_t kReferences = 20;
// Sums of squares of values in [0, 1] that are rounding.
constexpr double kRounding = 1e-20;

struct Squares {
    double one = 0.0;     // within the whole
    double two = 0.0;     // within the best two clusters
    std::size_t low = 0;  // members of the lower one
};

// Sum of squares of sorted[first .. last) about their mean.
double within(std::span<const double> sorted, std::size_t first, std::size_t last) {
    double sum = 0.0;
    for (std::size_t i = first; i < last; ++i) {
        sum += sorted[i];
    }
    const double mean = sum / static_cast<double>(last - first);
    double squares = 0.0;
    for (std::size_t i = first; i < last; ++i) {
        squares += (sorted[i] - mean) * (sorted[i] - mean);
    }
    return squares;
}

// k-means in one dimension cuts the sorted values: the best of all cuts.
Squares best_cut(std::span<const double> sorted) {
    const std::size_t n = sorted.size();
    Squares result{.one = within(sorted, 0, n), .two = 0.0, .low = 0};
    for (std::size_t cut = 1; cut < n; ++cut) {
        const double squares = within(sorted, 0, cut) + within(sorted, cut, n);
        if (cut == 1 || squares < result.two) {
            result.two = squares;
            result.low = cut;
        }
    }
    return result;
}

// Ascending, the least 0 and the largest 1. REQUIRES values that are not all equal.
std::vector<double> stretched(std::vector<double> values) {
    std::sort(values.begin(), values.end());
    const double least = values.front();
    const double range = values.back() - least;
    for (double& value : values) {
        value = (value - least) / range;
    }
    return values;
}

struct Reference {
    double one = 0.0;     // mean of log W_1
    double two = 0.0;     // mean of log W_2
    double spread = 0.0;  // of log W_2: standard deviation times sqrt(1 + 1 / samples)
};

Reference reference_samples(std::size_t n, std::uint64_t seed) {
    Rng rng(seed);
    std::vector<double> ones;
    std::vector<double> twos;
    while (ones.size() < kReferences) {
        std::vector<double> sample(n);
        for (double& value : sample) {
            value = rng.uniform();
        }
        const Squares squares = best_cut(stretched(std::move(sample)));
        ones.push_back(natural_log(squares.one));
        twos.push_back(natural_log(std::max(squares.two, kRounding)));
    }
    Reference result;
    constexpr auto kCount = static_cast<double>(kReferences);
    for (std::size_t k = 0; k < kReferences; ++k) {
        result.one += ones[k] / kCount;
        result.two += twos[k] / kCount;
    }
    double squares = 0.0;
    for (const double two : twos) {
        squares += (two - result.two) * (two - result.two);
    }
    result.spread = std::sqrt(squares / kCount) * std::sqrt(1.0 + 1.0 / kCount);
    return result;
}

}  // namespace

TwoGroups two_groups(std::span<const double> values, std::uint64_t seed) {
    const std::size_t n = values.size();
    TwoGroups result;
    if (n < kOthersToCompare + 1) {
        return result;
    }
    std::vector<double> sorted(values.begin(), values.end());
    std::sort(sorted.begin(), sorted.end());
    if (!(sorted.back() > sorted.front())) {
        return result;
    }
    const Squares squares = best_cut(stretched(sorted));
    result.boundary = 0.5 * (sorted[squares.low - 1] + sorted[squares.low]);
    if (2 * (n - squares.low) >= n) {
        return result;
    }
    const Reference reference = reference_samples(n, seed);
    const double gap_one = reference.one - natural_log(squares.one);
    const double gap_two = reference.two - natural_log(std::max(squares.two, kRounding));
    result.found = gap_one < gap_two - reference.spread;
    return result;
}

}  // namespace fedstake::aggregation::detect
