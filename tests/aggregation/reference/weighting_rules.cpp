// Rules that weigh rows by their place.
#include <algorithm>
#include <cmath>
#include <numeric>

#include "tests/aggregation/reference/rules.hpp"
#include "tests/aggregation/reference/steps.hpp"

namespace fedstake::aggregation::slow {
namespace {

std::size_t whole(const rules::Step& rule, std::string_view name, std::size_t otherwise) {
    return static_cast<std::size_t>(parameter(rule, name, static_cast<Real>(otherwise)));
}

Weights no_errors(std::vector<Real> weights) {
    const std::size_t count = weights.size();
    return {.of = std::move(weights), .errors = std::vector<Real>(count, 0.0L)};
}

Outcome outcome_of(Weights weights) {
    return {.weights = std::move(weights), .ranges = {}, .memory = {}, .figures = {}};
}

// Divided by their sum.
std::vector<Real> shares(std::vector<Real> weights) {
    const Real sum = std::accumulate(weights.begin(), weights.end(), 0.0L);
    for (Real& weight : weights) {
        weight /= sum;
    }
    return weights;
}

Point weighted(const Scene& scene, const std::vector<Real>& weights) {
    Point sum(scene.d(), 0.0L);
    for (std::size_t i = 0; i < scene.n(); ++i) {
        for (std::size_t j = 0; j < sum.size(); ++j) {
            sum[j] += weights[i] * scene.points[i][j];
        }
    }
    return sum;
}

Real distance(const Point& a, const Point& b) {
    Real sum = 0.0L;
    for (std::size_t j = 0; j < a.size(); ++j) {
        sum += (a[j] - b[j]) * (a[j] - b[j]);
    }
    return std::sqrt(sum);
}

struct Weiszfeld {
    Real smoothing;
    Real rest;
    std::size_t steps;
};

// Weights of the last step from `place`. Ends when a step but the first is no longer than `rest`;
// an end one step sooner or later is allowed for in the error.
Weights weiszfeld(const Scene& scene, Point place, const Weiszfeld& how) {
    std::vector<Real> weights;
    Real unsure = 0.0L;
    for (std::size_t step = 0; step < how.steps; ++step) {
        std::vector<Real> nearness;
        for (const Point& point : scene.points) {
            nearness.push_back(1.0L / std::max(how.smoothing, distance(point, place)));
        }
        weights = shares(std::move(nearness));
        const Point next = weighted(scene, weights);
        const Real moved = distance(next, place);
        place = next;
        if (step > 0 && std::fabs(moved - how.rest) <= 1e-4L * how.rest) {
            unsure = 2.0L * how.rest;
        }
        if (step > 0 && moved <= how.rest) {
            break;
        }
    }
    Weights result = no_errors(std::move(weights));
    result.error = unsure;
    return result;
}

Outcome geometric_median(Scene& scene, const rules::Step& rule) {
    std::vector<Real> distances;
    std::vector<std::size_t> there;
    for (std::size_t i = 0; i < scene.n(); ++i) {
        distances.push_back(std::sqrt(square(scene, scene.points[i], scene.median)));
        if (distances.back() == 0.0L) {
            there.push_back(i);
        }
    }
    const Real scale = middle(distances);
    const Real noise = std::sqrt(square_slack(scene, scale * scale));
    scene.doubt(!scene.raw && scale <= 1e4L * noise);
    if (scale == 0.0L) {
        return outcome_of(plain_mean(scene, there));
    }
    Weights weights = weiszfeld(scene, scene.median,
                                {.smoothing = 1e-6L * scale,
                                 .rest = parameter(rule, "tolerance", 1e-6L) * scale,
                                 .steps = whole(rule, "iterations_max", 1000)});
    // Near a row, distances and so weights are known to half the digits.
    weights.error += 1e-8L * scale;
    return outcome_of(std::move(weights));
}

Outcome weiszfeld_steps(const Scene& scene, const rules::Step& rule) {
    const Real nu = parameter(rule, "nu", 0.1L) / scene.unit;
    return outcome_of(weiszfeld(scene, Point(scene.d(), 0.0L),
                                {.smoothing = nu, .rest = 0.0L, .steps = whole(rule, "steps", 3)}));
}

// v + the mean of the differences to it, each cut to length tau. The memory row is v.
Outcome centered_clipping(const Scene& scene, const rules::Step& rule) {
    const Real tau = parameter(rule, "tau", 0.0L) / scene.unit;
    const auto n = static_cast<Real>(scene.n());
    Point place = scene.memory.front();
    std::vector<Real> weights(scene.n() + 1, 0.0L);
    weights.back() = 1.0L;
    bool clipped = false;
    for (std::size_t step = 0; step < whole(rule, "iterations", 1); ++step) {
        std::vector<Real> next = weights;
        Point moved = place;
        clipped = false;
        for (std::size_t i = 0; i < scene.n(); ++i) {
            const Real apart = distance(scene.points[i], place);
            clipped = clipped || apart > tau;
            const Real share = (apart > tau ? tau / apart : 1.0L) / n;
            for (std::size_t k = 0; k < next.size(); ++k) {
                next[k] -= share * weights[k];
            }
            next[i] += share;
            for (std::size_t j = 0; j < moved.size(); ++j) {
                moved[j] += share * (scene.points[i][j] - place[j]);
            }
        }
        weights = std::move(next);
        place = std::move(moved);
    }
    Weights result = clipped ? no_errors(std::move(weights)) : plain_mean(scene, every_row(scene));
    result.of.resize(scene.n() + 1, 0.0L);
    // Weights are rounded down, and what is left over lies on the memory row.
    result.errors.assign(scene.n() + 1, clipped ? kWeightStep : 0.0L);
    result.errors.back() *= n;
    Outcome outcome = outcome_of(result);
    outcome.memory = {result};
    return outcome;
}

Outcome fltrust(Scene& scene, const rules::Step& rule) {
    const std::size_t trusted = whole(rule, "trusted", 0);
    std::vector<Real> trust(scene.n(), 0.0L);
    std::vector<Real> slack(scene.n(), 0.0L);
    for (std::size_t i = 0; i < scene.n(); ++i) {
        if (i != trusted) {
            trust[i] = std::max(0.0L, cosine(scene, i, trusted));
            slack[i] = cosine_slack(scene, i, trusted);
        }
    }
    const Real sum = std::accumulate(trust.begin(), trust.end(), 0.0L);
    const Real unsure = std::accumulate(slack.begin(), slack.end(), 0.0L);
    scene.doubt(sum <= 1e4L * unsure && !(scene.raw && sum == 0.0L && unsure < 1e-12L));
    Weights weights = no_errors(std::vector<Real>(scene.n(), 0.0L));
    if (sum == 0.0L) {
        weights.of[trusted] = 1.0L;
        return outcome_of(std::move(weights));
    }
    for (std::size_t i = 0; i < scene.n(); ++i) {
        if (trust[i] == 0.0L && slack[i] == 0.0L) {
            continue;
        }
        const Real length = norm(scene, i);
        const Real longer = length > 0.0L ? std::min(norm(scene, trusted) / length, 1024.0L) : 0.0L;
        weights.of[i] = trust[i] / sum * longer;
        weights.errors[i] = (slack[i] + trust[i] * unsure / sum) / sum * longer;
        if (length > 0.0L && norm(scene, trusted) > 0.0L) {
            weights.errors[i] +=
                weights.of[i] *
                (norm_slack(scene, i) / length + norm_slack(scene, trusted) / norm(scene, trusted));
        }
    }
    return outcome_of(std::move(weights));
}

// Cosines of x_i + the sum of what site i sent before; 0 where that is zero up to rounding.
std::vector<std::vector<Real>> history_cosines(Scene& scene) {
    std::vector<Point> histories = scene.points;
    std::vector<Real> lengths;
    Real noise = 0.0L;
    for (std::size_t i = 0; i < scene.n(); ++i) {
        Real parts = 0.0L;
        for (std::size_t j = 0; j < scene.d(); ++j) {
            const Real before = scene.memory[i][j];
            parts += before * before + histories[i][j] * histories[i][j];
            histories[i][j] += before;
        }
        const Real length = inner(histories[i], histories[i]);
        lengths.push_back(length > 1e-12L * parts ? std::sqrt(length) : 0.0L);
        noise = std::max(noise, square_slack(scene, parts));
        scene.doubt(parts > 0.0L && length < 1e-9L * parts);
    }
    std::vector<std::vector<Real>> cosines(scene.n(), std::vector<Real>(scene.n(), 0.0L));
    for (std::size_t i = 0; i < scene.n(); ++i) {
        scene.doubt(!scene.raw && lengths[i] * lengths[i] <= 1e3L * noise);
        for (std::size_t j = 0; j < scene.n(); ++j) {
            const Real both = lengths[i] * lengths[j];
            if (i != j && both > 0.0L) {
                cosines[i][j] = std::clamp(inner(histories[i], histories[j]) / both, -1.0L, 1.0L);
            }
        }
    }
    return cosines;
}

std::vector<Real> foolsgold_weights(Scene& scene, const std::vector<std::vector<Real>>& cosines) {
    const std::size_t n = scene.n();
    std::vector<Real> largest(n, 0.0L);
    for (std::size_t i = 0; i < n; ++i) {
        largest[i] = std::max(0.0L, *std::max_element(cosines[i].begin(), cosines[i].end()));
    }
    std::vector<Real> apart(n, 1.0L);
    for (std::size_t i = 0; i < n; ++i) {
        Real alike = 0.0L;
        for (std::size_t j = 0; j < n; ++j) {
            const bool pardoned = largest[i] < largest[j];
            alike = std::max(alike, cosines[i][j] * (pardoned ? largest[i] / largest[j] : 1.0L));
        }
        apart[i] = std::clamp(1.0L - alike, 0.0L, 1.0L);
    }
    const Real most = *std::max_element(apart.begin(), apart.end());
    scene.doubt(most > 1e-10L && most < 1e-5L);  // the cosines' rounding counts
    std::vector<Real> weights;
    for (const Real value : apart) {
        const Real share = most < 1e-9L ? 1.0L : std::min(value / most, 0.999999L);
        const bool none = share <= 0.0L;
        weights.push_back(most < 1e-9L ? 1.0L
                          : none       ? 0.0L
                                 : std::clamp(std::log(share / (1.0L - share)) + 0.5L, 0.0L, 1.0L));
    }
    return weights;
}

Outcome foolsgold(Scene& scene, const rules::Step& rule) {
    const std::size_t n = scene.n();
    std::vector<Real> weights = foolsgold_weights(scene, history_cosines(scene));
    if (whole(rule, "unnormalised", 0) == 0) {
        weights = shares(std::move(weights));
    }
    weights.resize(2 * n, 0.0L);
    Outcome outcome = outcome_of(no_errors(std::move(weights)));
    for (std::size_t i = 0; i < n; ++i) {
        Weights sum = no_errors(std::vector<Real>(2 * n, 0.0L));
        sum.of[i] = 1.0L;
        sum.of[n + i] = 1.0L;
        sum.denominator = 1;
        outcome.memory.push_back(std::move(sum));
    }
    return outcome;
}

Outcome weighted_mean(const Scene& scene, const Question& question) {
    const Real most = parameter(question.rule, "cap", 2.0L) * middle(question.claims);
    std::vector<Real> weights;
    for (const Real claim : question.claims) {
        weights.push_back(most == 0.0L ? 1.0L : std::min(claim, most));
    }
    weights.resize(scene.n());
    return outcome_of(no_errors(shares(std::move(weights))));
}

}  // namespace

std::optional<Outcome> ask_weighting_rule(Scene& scene, const Question& question) {
    const rules::Step& rule = question.rule;
    if (rule.name == "geometric-median") {
        return geometric_median(scene, rule);
    }
    if (rule.name == "weiszfeld-steps") {
        return weiszfeld_steps(scene, rule);
    }
    if (rule.name == "centered-clipping") {
        return centered_clipping(scene, rule);
    }
    if (rule.name == "fltrust") {
        return fltrust(scene, rule);
    }
    if (rule.name == "foolsgold") {
        return foolsgold(scene, rule);
    }
    if (rule.name == "weighted-mean") {
        return weighted_mean(scene, question);
    }
    if (rule.name == "norm-difference-clipping") {
        const Real limit = parameter(rule, "norm", 0.0L) / scene.unit;
        return outcome_of(clipped_mean(scene, every_row(scene), limit, 0.0L));
    }
    return std::nullopt;
}

}  // namespace fedstake::aggregation::slow
