#include "tests/aggregation/reference/chain.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include <gtest/gtest.h>

#include "tests/aggregation/reference/steps.hpp"

namespace fedstake::aggregation::slow {
namespace {

constexpr Real kMost = 2147483647.0L;
// Weights are exact up to this denominator.
constexpr Real kExactMost = 0x1p30L;

std::vector<Point> to_points(const reference::Matrix& matrix) {
    std::vector<Point> points;
    for (const reference::Values& row : matrix) {
        points.emplace_back(row.begin(), row.end());
    }
    return points;
}

// The values that a sum of weights may have: by the grid of weights and that of coordinates.
Ranges ranges_of(const Scene& scene, const Weights& weights) {
    const std::size_t n = scene.n();
    const Real sum = std::accumulate(weights.of.begin(), weights.of.end(), 0.0L);
    const Real denominator =
        static_cast<Real>(weights.denominator) * static_cast<Real>(scene.denominator);
    // At most 2^30 over the denominator, too: a sum of many rows is not a mean of them.
    const bool exact = denominator > 0.0L && denominator * std::max(1.0L, sum) <= kExactMost;
    const bool exact_weights = weights.denominator != kRounded;
    const Real grid = kWeightStep * std::max(1.0L, sum);
    // In terms of the rows themselves, weights are rounded once more, to the nearest.
    const bool to_half = sum < 0.9999L || (exact_weights && sum < 1.5L);
    const Real last_step = to_half ? kWeightStep / 2.0L : grid;
    Ranges result;
    for (std::size_t j = 0; j < scene.d(); ++j) {
        Real value = 0.0L;
        Real error = scene.error * std::max(1.0L, sum) + weights.error;
        for (std::size_t i = 0; i < weights.of.size(); ++i) {
            const bool own = i < n;
            value += weights.of[i] * (own ? scene.points[i][j] : scene.memory[i - n][j]);
            const Real size = own ? scene.sizes[i][j] : std::fabs(scene.memory[i - n][j]);
            // Normalised weights share the rounding of their sum.
            const Real rounding = exact_weights
                                      ? 0.0L
                                      : grid * (1.0L + static_cast<Real>(n) * weights.of[i]) +
                                            0x1p-40L * weights.of[i];
            error += size * (weights.errors[i] + rounding);
        }
        error += exact ? 0.0L : last_step * scene.magnitude[j];
        if (exact && error == 0.0L && std::fabs(value) * denominator < 0x1p52L) {
            const auto numerator =
                static_cast<std::int64_t>(std::floor(value * denominator + 0.5L));
            value =
                static_cast<Real>(rounded_mean(numerator, static_cast<std::int64_t>(denominator)));
        } else if (!scene.raw || !exact) {
            error += 0x1p-50L * (1.0L + scene.magnitude[j]);
        }
        const auto limited = [](Real x) {
            return static_cast<std::int64_t>(std::floor(std::clamp(x, -kMost, kMost) + 0.5L));
        };
        result.push_back({limited(value - error), limited(value + error)});
    }
    return result;
}

Outcome ask(Scene& scene, const Question& question) {
    for (auto* const family :
         {ask_column_rule, ask_selection_rule, ask_weighting_rule, ask_cluster_rule}) {
        if (std::optional<Outcome> outcome = family(scene, question)) {
            return *std::move(outcome);
        }
    }
    ADD_FAILURE() << "rule " << question.rule.name << " has no slow version: add one";
    return {
        .weights = plain_mean(scene, every_row(scene)), .ranges = {}, .memory = {}, .figures = {}};
}

}  // namespace

std::vector<std::size_t> every_row(const Scene& scene) {
    std::vector<std::size_t> rows(scene.n());
    std::iota(rows.begin(), rows.end(), std::size_t{0});
    return rows;
}

std::vector<Real> norms(const Scene& scene) {
    std::vector<Real> result;
    for (std::size_t i = 0; i < scene.n(); ++i) {
        result.push_back(norm(scene, i));
    }
    return result;
}

Real middle_norm_slack(const Scene& scene) {
    Real slack = 0.0L;
    const Real median = middle(norms(scene));
    for (std::size_t i = 0; i < scene.n(); ++i) {
        if (norm(scene, i) <= 2.0L * median) {
            slack = std::max(slack, norm_slack(scene, i));
        }
    }
    return slack;
}

Weights plain_mean(const Scene& scene, const std::vector<std::size_t>& rows) {
    Weights result{.of = std::vector<Real>(scene.n(), 0.0L),
                   .errors = std::vector<Real>(scene.n(), 0.0L),
                   .denominator = rows.size()};
    for (const std::size_t row : rows) {
        result.of[row] = 1.0L / static_cast<Real>(rows.size());
    }
    return result;
}

Weights clipped_mean(const Scene& scene, const std::vector<std::size_t>& rows, Real limit,
                     Real limit_slack) {
    Weights result = plain_mean(scene, rows);
    for (const std::size_t row : rows) {
        const Real norm = slow::norm(scene, row);
        const Real slack =
            norm_slack(scene, row) + limit_slack + 4.0L * kUnitRoundoff * (norm + limit);
        if (norm <= limit - slack || (norm <= limit && scene.raw && slack == 0.0L)) {
            continue;
        }
        result.denominator = kRounded;
        result.errors[row] =
            norm > 0.0L ? result.of[row] * std::min(1.0L, slack / norm) : result.of[row];
        result.of[row] *= norm > limit ? limit / norm : 1.0L;
    }
    return result;
}

ChainAnswer answer(const ChainQuestion& question) {
    Scene scene = make_scene(to_points(question.rows), to_points(question.memory), question.unit,
                             question.rules.f);
    for (std::size_t k = 0; k < question.rules.pre.size(); ++k) {
        apply_step(scene, question.rules.pre[k], seed_of_step(question.seed, k));
    }
    Question asked{.rule = question.rules.rule,
                   .seed = seed_of_step(question.seed, question.rules.pre.size()),
                   .claims = {question.claims.begin(), question.claims.end()},
                   .figures = {question.figures.begin(), question.figures.end()}};
    const Outcome outcome = ask(scene, asked);
    ChainAnswer result;
    result.aggregate = outcome.weights ? ranges_of(scene, *outcome.weights) : outcome.ranges;
    for (const Weights& row : outcome.memory) {
        result.memory.push_back(ranges_of(scene, row));
    }
    result.figures = outcome.figures;
    result.figure_errors = outcome.figure_errors;
    result.tied = scene.tied;
    result.raw = scene.raw;
    result.doubtful = scene.doubtful;
    return result;
}

bool within(const reference::Values& values, const Ranges& ranges) {
    if (values.size() != ranges.size()) {
        return false;
    }
    for (std::size_t j = 0; j < values.size(); ++j) {
        if (values[j] < ranges[j].low || values[j] > ranges[j].high) {
            return false;
        }
    }
    return true;
}

}  // namespace fedstake::aggregation::slow
