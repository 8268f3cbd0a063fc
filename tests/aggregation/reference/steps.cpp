#include "tests/aggregation/reference/steps.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>

#include <gtest/gtest.h>

#include "aggregation/pre/bucketing.hpp"

namespace fedstake::aggregation::slow {
namespace {

constexpr std::uint64_t kExactDenominatorMax = std::uint64_t{1} << 20U;
// Clipping compares squares in units of 2^-20, rounded up.
constexpr Real kFineUnit = 0x1p-20L;

// Squares of the library behind a step: sums of products over all rows and anchors. What a row and
// zero lie apart bounds every square.
Real mapping_noise(const Scene& scene, std::size_t rows) {
    Real longest = 0.0L;
    for (std::size_t i = 0; i < scene.n(); ++i) {
        longest = std::max(longest, norm_square(scene, i));
    }
    longest = std::max(longest, square(scene, scene.median, Point(scene.d(), 0.0L)));
    return 32.0L * static_cast<Real>(rows + 4) * kUnitRoundoff * longest;
}

// Each new point is the mean of the points in a group, so it errs no more than they do.
void replace_by_means(Scene& scene, const std::vector<std::vector<std::size_t>>& groups,
                      std::uint64_t denominator) {
    const Real noise = mapping_noise(scene, scene.n());
    std::vector<Point> points;
    std::vector<Point> sizes;
    for (const std::vector<std::size_t>& group : groups) {
        points.push_back(mean_of(scene, group));
        Point size(scene.d(), 0.0L);
        for (const std::size_t row : group) {
            for (std::size_t j = 0; j < size.size(); ++j) {
                size[j] += scene.sizes[row][j] / static_cast<Real>(group.size());
            }
        }
        sizes.push_back(std::move(size));
    }
    if (scene.denominator == kRounded || scene.denominator * denominator > kExactDenominatorMax) {
        scene.denominator = kRounded;
        scene.error += kWeightStep * scene.largest() * static_cast<Real>(scene.n());
    } else {
        scene.denominator *= denominator;
    }
    scene.points = std::move(points);
    scene.sizes = std::move(sizes);
    scene.square_noise += noise;
    scene.raw = false;
}

void mix_neighbours(Scene& scene) {
    const std::size_t kept = scene.n() - scene.f;
    if (kept == 1) {
        return;  // one row is its own mean
    }
    std::vector<std::vector<std::size_t>> groups;
    for (std::size_t i = 0; i < scene.n(); ++i) {
        std::vector<Real> squares;
        for (std::size_t j = 0; j < scene.n(); ++j) {
            squares.push_back(j == i ? -1.0L : square(scene, i, j));  // itself before all others
        }
        groups.push_back(lowest(
            scene, squares, kept,
            [&](Real key) { return key < 0.0L ? 0.0L : square_slack(scene, key); }, scene.raw));
        std::sort(groups.back().begin(), groups.back().end());
    }
    replace_by_means(scene, groups, kept);
}

void bucket(Scene& scene, std::size_t size, const Digest& seed) {
    size = std::min(size, scene.n());
    if (size == 1) {
        return;
    }
    std::vector<std::vector<std::size_t>> groups;
    for (const std::size_t row : bucket_order(scene.n(), seed)) {
        if (groups.empty() || groups.back().size() == size) {
            groups.emplace_back();
        }
        groups.back().push_back(row);
    }
    replace_by_means(scene, groups, std::lcm(size, groups.back().size()));
}

// Points longer than the limit are brought to it. limit_slack: what the library's limit may err.
void clip(Scene& scene, Real limit_square, Real limit_slack) {
    const Real limit = std::sqrt(limit_square);
    std::vector<Real> ratios(scene.n(), 1.0L);
    bool clipped = false;
    Real error = 0.0L;
    const Real limit_error =
        limit_slack == 0.0L ? 0.0L
                            : std::min(std::sqrt(limit_square + limit_slack), limit_slack / limit);
    for (std::size_t i = 0; i < scene.n(); ++i) {
        const Real norm = slow::norm(scene, i);
        const Real slack = square_slack(scene, norm * norm) + limit_slack;
        if (norm * norm + slack <= limit_square) {
            continue;
        }
        clipped = true;
        if (norm > limit) {
            ratios[i] = limit / norm;
        }
        const Real fine = norm > 0.0L ? limit * (slack + 2.0L * kFineUnit) / (norm * norm) : 0.0L;
        error = std::max(error, limit_error + fine + kWeightStep * scene.largest());
    }
    if (!clipped) {
        return;
    }
    const Real noise = mapping_noise(scene, scene.n());
    for (std::size_t i = 0; i < scene.n(); ++i) {
        for (std::size_t j = 0; j < scene.d(); ++j) {
            scene.points[i][j] *= ratios[i];
            scene.sizes[i][j] *= ratios[i];
        }
    }
    if (scene.denominator != 1) {
        error += kWeightStep * scene.largest() * static_cast<Real>(scene.n());
    }
    scene.error += error;
    scene.denominator = kRounded;
    scene.square_noise += noise;
    scene.raw = false;
}

void clip_to_norm(Scene& scene, Real norm) {
    const Real limit = std::floor(norm / scene.unit + 0.5L);
    clip(scene, limit * limit, 0.0L);
}

// floor(2 (f / n) (n - f)) of the longest rows may be cut, to the longest of the others.
void clip_adaptively(Scene& scene) {
    std::vector<Real> squares;
    for (std::size_t i = 0; i < scene.n(); ++i) {
        squares.push_back(norm_square(scene, i));
    }
    std::sort(squares.begin(), squares.end(), std::greater<>());
    const std::size_t n = scene.n();
    const Real limit = squares[2 * scene.f * (n - scene.f) / n];
    clip(scene, limit, square_slack(scene, limit));
}

}  // namespace

Real parameter(const rules::Step& step, std::string_view name, Real otherwise) {
    for (const rules::Parameter& given : step.parameters) {
        if (given.name == name) {
            return given.value;
        }
    }
    return otherwise;
}

void apply_step(Scene& scene, const rules::Step& step, const Digest& seed) {
    if (step.name == "norm-clip") {
        clip_to_norm(scene, parameter(step, "norm", 0.0L));
    } else if (step.name == "arc") {
        clip_adaptively(scene);
    } else if (step.name == "nnm") {
        mix_neighbours(scene);
    } else if (step.name == "bucketing") {
        bucket(scene, static_cast<std::size_t>(parameter(step, "s", 2.0L)), seed);
    } else {
        ADD_FAILURE() << "pre-aggregation " << step.name << " has no slow version: add one";
    }
}

}  // namespace fedstake::aggregation::slow
