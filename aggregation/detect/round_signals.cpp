// Figures of one round from its squared distances.
#include "aggregation/detect/round_signals.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "aggregation/detect/deviation.hpp"
#include "aggregation/rules/eigen.hpp"
#include "aggregation/rules/gram.hpp"
#include "aggregation/rules/row_figures.hpp"
#include "proto/base/check.hpp"

namespace fedstake::aggregation::detect {
namespace {

constexpr int kPowerSteps = 8;
constexpr double kFloorShare = 0.25;
// Below this share of the whole spread the others' spread is rounding.
constexpr double kRounding = 1e-12;

double neighbour_distance(const Geometry& geometry, std::size_t row, std::size_t k) {
    std::vector<double> squares;
    for (std::size_t j = 0; j < geometry.rows(); ++j) {
        if (j != row) {
            squares.push_back(geometry.square(row, j));
        }
    }
    std::sort(squares.begin(), squares.end());
    return std::sqrt(squares[k - 1]);
}

double length(std::span<const double> vector) {
    double sum = 0.0;
    for (const double value : vector) {
        sum += value * value;
    }
    return std::sqrt(sum);
}

// Projections of all rows on sum over b of weights_b (x_b - m), not yet of length 1, m the mean of
// all rows but `row`, whose weight is 0. The Gram matrix is about the mean of all rows; leaving one
// out moves the mean by (mean - x_row) / (n - 1).
std::vector<double> projections(std::span<const double> gram, std::size_t n, std::size_t row,
                                std::span<const double> weights) {
    std::vector<double> result(n, 0.0);
    double sum = 0.0;
    for (std::size_t b = 0; b < n; ++b) {
        const double weight = weights[b];
        sum += weight;
        for (std::size_t a = 0; a < n; ++a) {
            result[a] += gram[b * n + a] * weight;
        }
    }
    const double step = 1.0 / static_cast<double>(n - 1);
    const double common = step * result[row] + step * step * gram[row * n + row] * sum;
    for (std::size_t a = 0; a < n; ++a) {
        result[a] += step * sum * gram[a * n + row] + common;
    }
    return result;
}

double trace_of(std::span<const double> gram, std::size_t n) {
    double trace = 0.0;
    for (std::size_t i = 0; i < n; ++i) {
        trace += gram[i * n + i];
    }
    return trace;
}

double deviation_along_others(std::span<const double> gram, std::size_t n, double trace,
                              std::size_t row, std::span<const double> start) {
    // The others' squares about their own mean: all squares about the mean of all less n / (n - 1)
    // times the row's.
    const double own = gram[row * n + row];
    const double spread = trace - own - own / static_cast<double>(n - 1);
    if (spread <= kRounding * trace) {
        return 0.0;  // the others are all in one place
    }
    std::vector<double> weights(start.begin(), start.end());
    weights[row] = 0.0;
    std::vector<double> along(n, 0.0);
    for (int step = 0; step < kPowerSteps; ++step) {
        along = projections(gram, n, row, weights);
        weights = along;
        weights[row] = 0.0;
        const double norm = length(weights);
        if (norm == 0.0) {
            return 0.0;
        }
        for (double& weight : weights) {
            weight /= norm;
        }
    }
    std::vector<double> others = without(along, row);
    const double root_mean_square = length(others) / std::sqrt(static_cast<double>(others.size()));
    const double middle = middle_of(others);
    for (double& value : others) {
        value = std::fabs(value - middle);
    }
    const double scale = kMadToSigma * middle_of(others) + kFloorShare * root_mean_square;
    return std::min(kDeviationMax, std::fabs(along[row] - middle) / scale);
}

std::array<double, 3> shares_of(const SignCounts& counts) {
    const auto all = static_cast<double>(counts.positive + counts.zero + counts.negative);
    FS_CHECK(all > 0.0);
    return {static_cast<double>(counts.positive) / all, static_cast<double>(counts.zero) / all,
            static_cast<double>(counts.negative) / all};
}

}  // namespace

std::vector<double> norm_deviations(const Geometry& geometry) {
    return deviations(norms_of(geometry, geometry.rows()));
}

std::vector<double> distance_deviations(const Geometry& geometry) {
    std::vector<double> distances;
    for (std::size_t i = 0; i < geometry.rows(); ++i) {
        distances.push_back(std::sqrt(geometry.square(i, Anchor::kCentre)));
    }
    return deviations(distances);
}

std::vector<double> cosines_to_centre(const Geometry& geometry) {
    const std::size_t n = geometry.rows();
    const double centre_square = geometry.square(n, n + 1);
    std::vector<double> result(n, 0.0);
    for (std::size_t i = 0; i < n; ++i) {
        const double inner =
            (geometry.norm_square(i) + centre_square - geometry.square(i, Anchor::kCentre)) / 2.0;
        const double lengths = geometry.norm(i) * std::sqrt(centre_square);
        if (lengths > 0.0) {
            result[i] = std::clamp(inner / lengths, -1.0, 1.0);
        }
    }
    return result;
}

std::vector<double> neighbour_deviations(const Geometry& geometry, std::size_t f) {
    const std::size_t n = geometry.rows();
    if (n < kOthersToCompare + 1) {
        return std::vector<double>(n, 0.0);
    }
    const std::size_t most = n > f + 2 ? n - f - 1 : 1;
    const std::size_t k = std::clamp<std::size_t>(f, 1, most);
    std::vector<double> distances;
    for (std::size_t i = 0; i < n; ++i) {
        distances.push_back(neighbour_distance(geometry, i, k));
    }
    return deviations(distances);
}

TopDirection top_direction(const Geometry& geometry, std::size_t f) {
    const std::size_t n = geometry.rows();
    TopDirection result{.share = 0.0, .deviations = std::vector<double>(n, 0.0)};
    if (n < kOthersToCompare + 1) {
        return result;
    }
    const std::vector<double> gram = centred_gram(geometry, first_rows(n));
    const double trace = trace_of(gram, n);
    if (!(trace > 0.0)) {
        return result;
    }
    const EigenPair top = top_eigenpair(gram, n);
    result.share = top.value / trace;
    for (std::size_t i = 0; i < n && f >= 2; ++i) {
        result.deviations[i] = deviation_along_others(gram, n, trace, i, top.vector);
    }
    return result;
}

std::vector<double> sign_deviations(std::span<const SignCounts> counts) {
    const std::size_t n = counts.size();
    std::vector<double> result(n, 0.0);
    if (n < kOthersToCompare + 1) {
        return result;
    }
    std::array<std::vector<double>, 3> shares;
    for (const SignCounts& row : counts) {
        const std::array<double, 3> row_shares = shares_of(row);
        for (std::size_t s = 0; s < shares.size(); ++s) {
            shares[s].push_back(row_shares[s]);
        }
    }
    const auto coordinates =
        static_cast<double>(counts[0].positive + counts[0].zero + counts[0].negative);
    for (std::size_t i = 0; i < n; ++i) {
        std::vector<double> distances(n, 0.0);
        for (const std::vector<double>& share : shares) {
            const double middle = middle_of(without(share, i));
            for (std::size_t j = 0; j < n; ++j) {
                distances[j] += std::fabs(share[j] - middle) / 2.0;
            }
        }
        result[i] = deviation_from_others(distances, i, 0.5 / std::sqrt(coordinates));
    }
    return result;
}

}  // namespace fedstake::aggregation::detect
