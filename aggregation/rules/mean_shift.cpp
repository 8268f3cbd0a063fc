// Climbing, clean-up, labels.
#include "aggregation/rules/mean_shift.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "proto/base/check.hpp"

namespace fedstake::aggregation {
namespace {

constexpr int kStepsMax = 300;
constexpr double kRestShare = 1e-3;    // of the bandwidth: a shorter step is rest
constexpr double kSlack = 1.0 + 1e-9;  // points at the bandwidth itself are within it

struct Mode {
    Feature place{};
    std::size_t points = 0;  // within one bandwidth of the last place but one
};

double square_between(const Feature& a, const Feature& b) noexcept {
    double sum = 0.0;
    for (std::size_t k = 0; k < a.size(); ++k) {
        sum += (a[k] - b[k]) * (a[k] - b[k]);
    }
    return sum;
}

Mode climb(std::span<const Feature> points, std::size_t start, double bandwidth) {
    const double reach = bandwidth * bandwidth * kSlack;
    const double rest = kRestShare * bandwidth;
    Mode mode{.place = points[start]};
    if (bandwidth == 0.0) {  // a mean would be another place by its rounding
        mode.points =
            static_cast<std::size_t>(std::count(points.begin(), points.end(), points[start]));
        return mode;
    }
    for (int step = 0; step < kStepsMax; ++step) {
        Feature sum{};
        mode.points = 0;
        for (const Feature& point : points) {
            if (square_between(point, mode.place) <= reach) {
                for (std::size_t k = 0; k < sum.size(); ++k) {
                    sum[k] += point[k];
                }
                ++mode.points;
            }
        }
        if (mode.points == 0) {
            break;  // the mean of a hollow shell; it stays where it is
        }
        for (double& value : sum) {
            value /= static_cast<double>(mode.points);
        }
        const double moved = square_between(sum, mode.place);
        mode.place = sum;
        if (moved <= rest * rest) {
            break;
        }
    }
    return mode;
}

// Denser modes first; those within one bandwidth of a denser one are left out.
std::vector<Mode> separate_modes(std::vector<Mode> modes, double bandwidth) {
    std::stable_sort(modes.begin(), modes.end(),
                     [](const Mode& a, const Mode& b) { return a.points > b.points; });
    std::vector<Mode> kept;
    for (const Mode& mode : modes) {
        const bool alone = std::none_of(kept.begin(), kept.end(), [&](const Mode& other) {
            return square_between(mode.place, other.place) <= bandwidth * bandwidth * kSlack;
        });
        if (alone) {
            kept.push_back(mode);
        }
    }
    return kept;
}

}  // namespace

double mean_shift_bandwidth(std::span<const Feature> points) {
    if (points.size() < 2) {
        return 0.0;
    }
    const std::size_t nearest = std::max<std::size_t>(2, points.size() / 2);
    double sum = 0.0;
    std::vector<double> squares(points.size());
    for (const Feature& point : points) {
        std::transform(points.begin(), points.end(), squares.begin(),
                       [&](const Feature& other) { return square_between(point, other); });
        std::sort(squares.begin(), squares.end());
        sum += std::sqrt(squares[nearest - 1]);
    }
    return sum / static_cast<double>(points.size());
}

std::vector<std::size_t> largest_mean_shift_cluster(std::span<const Feature> points,
                                                    double bandwidth) {
    FS_CHECK(!points.empty());
    std::vector<Mode> modes;
    for (std::size_t i = 0; i < points.size(); ++i) {
        modes.push_back(climb(points, i, bandwidth));
    }
    modes = separate_modes(std::move(modes), bandwidth);
    std::vector<std::vector<std::size_t>> clusters(modes.size());
    for (std::size_t i = 0; i < points.size(); ++i) {
        std::size_t nearest = 0;
        for (std::size_t k = 1; k < modes.size(); ++k) {
            if (square_between(points[i], modes[k].place) <
                square_between(points[i], modes[nearest].place)) {
                nearest = k;
            }
        }
        if (square_between(points[i], modes[nearest].place) <= bandwidth * bandwidth * kSlack) {
            clusters[nearest].push_back(i);
        }
    }
    return *std::max_element(clusters.begin(), clusters.end(),
                             [](const auto& a, const auto& b) { return a.size() < b.size(); });
}

}  // namespace fedstake::aggregation
