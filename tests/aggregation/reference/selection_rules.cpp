// Rules that choose rows.
#include <algorithm>
#include <cmath>
#include <numeric>

#include "tests/aggregation/reference/rules.hpp"
#include "tests/aggregation/reference/steps.hpp"

namespace fedstake::aggregation::slow {
namespace {

using Rows = std::vector<std::size_t>;

Outcome mean_outcome(const Scene& scene, const Rows& rows) {
    return {.weights = plain_mean(scene, rows), .ranges = {}, .memory = {}, .figures = {}};
}

// The library adds doubles: whole numbers below 2^53 exactly.
Real sum_slack(const Scene& scene, Real sum, std::size_t terms) {
    if (scene.raw && sum < 0x1p53L) {
        return 0.0L;
    }
    return static_cast<Real>(terms) * (square_slack(scene, sum) + 2.0L * kUnitRoundoff * sum);
}

// Of row i among `rows`: the sum of the squares to its nearest others.
Real krum_score(const Scene& scene, const Rows& rows, std::size_t i, std::size_t neighbours) {
    std::vector<Real> squares;
    for (const std::size_t j : rows) {
        if (j != i) {
            squares.push_back(square(scene, i, j));
        }
    }
    std::sort(squares.begin(), squares.end());
    return std::accumulate(squares.begin(),
                           squares.begin() + static_cast<std::ptrdiff_t>(neighbours), 0.0L);
}

// The `count` best of `rows`.
Rows krum_choice(Scene& scene, const Rows& rows, std::size_t wanted, std::size_t count) {
    const std::size_t neighbours = std::min(std::max<std::size_t>(wanted, 1), rows.size() - 1);
    std::vector<Real> scores;
    for (const std::size_t i : rows) {
        scores.push_back(krum_score(scene, rows, i, neighbours));
    }
    Rows best;
    for (const std::size_t place : lowest(
             scene, scores, count, [&](Real score) { return sum_slack(scene, score, neighbours); },
             false)) {
        best.push_back(rows[place]);
    }
    return best;
}

// n - f - beyond, or less than one.
std::size_t less(std::size_t n, std::size_t cut) {
    return n > cut ? n - cut : 0;
}

Outcome krum(Scene& scene, const rules::Step& rule, std::size_t beyond) {
    const std::size_t neighbours = less(scene.n(), scene.f + beyond);
    std::size_t count = 1;
    if (rule.name.starts_with("multi")) {
        const std::size_t most = beyond == 1 ? scene.n() - scene.f : neighbours;
        count =
            std::min(most, static_cast<std::size_t>(parameter(rule, "m", static_cast<Real>(most))));
    }
    return mean_outcome(scene, krum_choice(scene, every_row(scene), neighbours, count));
}

Outcome bulyan(Scene& scene) {
    Rows rest = every_row(scene);
    Rows picks;
    while (picks.size() < scene.n() - 2 * scene.f) {
        const std::size_t wanted = less(rest.size(), scene.f + 2);
        const std::size_t pick = krum_choice(scene, rest, wanted, 1).front();
        picks.push_back(pick);
        rest.erase(std::find(rest.begin(), rest.end(), pick));
    }
    const std::size_t count = picks.size() - 2 * scene.f;
    return {.weights = std::nullopt,
            .ranges = mean_around_median(scene, picks, count),
            .memory = {},
            .figures = {}};
}

Outcome monna(Scene& scene, const rules::Step& rule) {
    const auto trusted = static_cast<std::size_t>(parameter(rule, "trusted", 0.0L));
    std::vector<Real> squares;
    for (std::size_t i = 0; i < scene.n(); ++i) {
        squares.push_back(i == trusted ? -1.0L : square(scene, i, trusted));
    }
    return mean_outcome(
        scene,
        lowest(
            scene, squares, scene.n() - scene.f,
            [&](Real key) { return key < 0.0L ? 0.0L : square_slack(scene, key); }, scene.raw));
}

// Every subset of n - f rows in lexicographic order.
template <class Visit>
void for_each_subset(const Scene& scene, const Visit& visit) {
    std::vector<bool> out(scene.n(), false);
    std::fill(out.end() - static_cast<std::ptrdiff_t>(scene.f), out.end(), true);
    do {
        Rows subset;
        for (std::size_t i = 0; i < scene.n(); ++i) {
            if (!out[i]) {
                subset.push_back(i);
            }
        }
        visit(subset);
    } while (std::next_permutation(out.begin(), out.end()));
}

struct Candidate {
    Rows rows;
    Real value = 0.0L;
};

// The first of those with the least value, where values below `equal` of each other are equal. In
// doubt where another subset is as near as the slack.
Rows best_subset(Scene& scene, const std::vector<Candidate>& candidates, Real equal,
                 const std::function<Real(Real)>& slack, bool ties_are_ties) {
    const Candidate* best = &candidates.front();
    for (const Candidate& candidate : candidates) {
        if (candidate.value < best->value * (1.0L - equal)) {
            best = &candidate;
        }
    }
    const Real allowed = slack(best->value);
    for (const Candidate& candidate : candidates) {
        const bool known_tie = ties_are_ties && candidate.value == best->value;
        scene.tied = scene.tied || (&candidate != best && candidate.value == best->value);
        scene.doubt(&candidate != best && !known_tie && allowed > 0.0L &&
                    std::fabs(candidate.value - best->value) <= 2.0L * allowed);
    }
    return best->rows;
}

Outcome mda(Scene& scene) {
    const std::size_t n = scene.n();
    std::vector<std::vector<Real>> squares(n, std::vector<Real>(n, 0.0L));
    for (std::size_t i = 0; i < n; ++i) {
        for (std::size_t j = 0; j < n; ++j) {
            squares[i][j] = square(scene, i, j);
        }
    }
    std::vector<Candidate> candidates;
    for_each_subset(scene, [&](const Rows& subset) {
        Real diameter = 0.0L;
        for (const std::size_t a : subset) {
            for (const std::size_t b : subset) {
                diameter = std::max(diameter, squares[a][b]);
            }
        }
        candidates.push_back({.rows = subset, .value = diameter});
    });
    return mean_outcome(scene, best_subset(
                                   scene, candidates, 0.0L,
                                   [&](Real key) { return square_slack(scene, key); }, scene.raw));
}

// The largest square between two of these rows.
Real widest(const Scene& scene, const Rows& rows) {
    Real most = 0.0L;
    for (const std::size_t a : rows) {
        for (const std::size_t b : rows) {
            most = std::max(most, square(scene, a, b));
        }
    }
    return most;
}

Outcome smea(Scene& scene) {
    std::vector<Candidate> candidates;
    Real noise = 0.0L;
    for_each_subset(scene, [&](const Rows& subset) {
        std::vector<Point> points;
        for (const std::size_t row : subset) {
            points.push_back(scene.points[row]);
        }
        const std::vector<Real> equal(points.size(), 1.0L / static_cast<Real>(points.size()));
        const Real value =
            scene.f == 0 ? 0.0L
                         : main_direction(points, equal).value * static_cast<Real>(points.size());
        candidates.push_back({.rows = subset, .value = value});
    });
    for (const Candidate& candidate : candidates) {
        if (candidate.value <= candidates.front().value) {
            const Real wide = widest(scene, candidate.rows);
            const auto n = static_cast<Real>(scene.n());
            noise = std::max(noise, n * (square_slack(scene, wide) + n * kUnitRoundoff * wide));
        }
    }
    // Ones within 1e-12 are equal by definition.
    return mean_outcome(scene,
                        best_subset(
                            scene, candidates, 1e-12L,
                            [&](Real value) { return 8.0L * noise + 1e-11L * value; }, false));
}

Outcome caf(Scene& scene) {
    const std::size_t n = scene.n();
    const auto enough = static_cast<Real>(n - 2 * scene.f);
    std::vector<Real> remaining(n, 1.0L);
    std::vector<Real> best(n, 1.0L / static_cast<Real>(n));
    Real least = -1.0L;
    while (scene.f > 0) {
        const Real total = std::accumulate(remaining.begin(), remaining.end(), 0.0L);
        scene.doubt(total != static_cast<Real>(n) && std::fabs(total - enough) < 1e-9L);
        if (total <= enough) {
            break;
        }
        std::vector<Real> weights = remaining;
        Rows rows;
        for (std::size_t i = 0; i < n; ++i) {
            weights[i] /= total;
            if (weights[i] > 0.0L) {
                rows.push_back(i);
            }
        }
        const MainDirection main = main_direction(scene.points, weights);
        const Real wide = widest(scene, rows);
        const auto size = static_cast<Real>(n);
        const Real noise = size * (square_slack(scene, wide) + 16.0L * kUnitRoundoff * wide);
        scene.doubt(main.value > 0.0L && main.value - main.next < 1e8L * noise);
        scene.doubt(main.value == 0.0L && !scene.raw);
        scene.doubt(least >= 0.0L && std::fabs(main.value - least) <= noise);
        if (least < 0.0L || main.value < least) {
            least = main.value;
            best = weights;
        }
        std::vector<Real> along(n, 0.0L);
        for (const std::size_t i : rows) {
            Point apart = scene.points[i];
            for (std::size_t j = 0; j < apart.size(); ++j) {
                apart[j] -= main.mean[j];
            }
            along[i] = inner(apart, main.direction) * inner(apart, main.direction);
        }
        const Real most = *std::max_element(along.begin(), along.end());
        if (most == 0.0L) {
            break;
        }
        for (std::size_t i = 0; i < n; ++i) {
            // Two rows at the far ends lie equally far out up to rounding.
            const Real kept = 1.0L - along[i] / most;
            remaining[i] *= kept < 1e-15L ? 0.0L : kept;
        }
    }
    Weights weights{.of = best, .errors = std::vector<Real>(n, 0.0L)};
    if (std::all_of(best.begin(), best.end(), [&](Real weight) { return weight == best[0]; })) {
        weights.denominator = n;
    }
    return {.weights = weights, .ranges = {}, .memory = {}, .figures = {}};
}

}  // namespace

std::optional<Outcome> ask_selection_rule(Scene& scene, const Question& question) {
    const rules::Step& rule = question.rule;
    if (rule.name == "mean") {
        return mean_outcome(scene, every_row(scene));
    }
    if (rule.name == "krum" || rule.name == "multi-krum") {
        return krum(scene, rule, 1);
    }
    if (rule.name == "krum-paper" || rule.name == "multi-krum-paper") {
        return krum(scene, rule, 2);
    }
    if (rule.name == "bulyan") {
        return bulyan(scene);
    }
    if (rule.name == "monna") {
        return monna(scene, rule);
    }
    if (rule.name == "mda") {
        return mda(scene);
    }
    if (rule.name == "smea") {
        return smea(scene);
    }
    return rule.name == "caf" ? std::optional(caf(scene)) : std::nullopt;
}

}  // namespace fedstake::aggregation::slow
