// Rules that drop rows which stand apart, by angle, by signs or along the main direction.
#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

#include "aggregation/rules/dnc.hpp"
#include "aggregation/rules/row_figures.hpp"
#include "tests/aggregation/reference/mean_shift.hpp"
#include "tests/aggregation/reference/rules.hpp"
#include "tests/aggregation/reference/steps.hpp"

namespace fedstake::aggregation::slow {
namespace {

using Rows = std::vector<std::size_t>;

Outcome outcome_of(Weights weights) {
    return {.weights = std::move(weights), .ranges = {}, .memory = {}, .figures = {}};
}

struct Angles {
    std::vector<std::vector<Real>> apart;  // 1 - cosine
    Real slack = 0.0L;                     // of any of them
};

Angles angles_of(const Scene& scene) {
    const std::size_t n = scene.n();
    Angles angles{.apart = std::vector<std::vector<Real>>(n, std::vector<Real>(n, 0.0L))};
    for (std::size_t i = 0; i < n; ++i) {
        for (std::size_t j = 0; j < n; ++j) {
            if (i != j) {
                angles.apart[i][j] = 1.0L - cosine(scene, i, j);
                angles.slack = std::max(angles.slack, cosine_slack(scene, i, j));
            }
        }
    }
    return angles;
}

// The rows that are joined to row `start` by steps of at most `length`.
Rows joined(const Angles& angles, std::size_t start, Real length) {
    Rows found{start};
    std::vector<bool> seen(angles.apart.size(), false);
    seen[start] = true;
    for (std::size_t k = 0; k < found.size(); ++k) {
        for (std::size_t j = 0; j < seen.size(); ++j) {
            if (!seen[j] && angles.apart[found[k]][j] <= length) {
                seen[j] = true;
                found.push_back(j);
            }
        }
    }
    std::sort(found.begin(), found.end());
    return found;
}

// The first group of more than half that such steps join; empty where there is none.
Rows majority_at(const Angles& angles, Real length) {
    for (std::size_t i = 0; i < angles.apart.size(); ++i) {
        Rows group = joined(angles, i, length);
        if (2 * group.size() > angles.apart.size()) {
            return group;
        }
    }
    return {};
}

Outcome flame(Scene& scene) {
    const Angles angles = angles_of(scene);
    std::vector<Real> lengths;
    for (const std::vector<Real>& row : angles.apart) {
        lengths.insert(lengths.end(), row.begin(), row.end());
    }
    std::sort(lengths.begin(), lengths.end());
    // The least length that joins more than half, by bisection: longer steps join more.
    std::size_t low = 0;
    std::size_t high = lengths.size() - 1;
    while (low < high) {
        const std::size_t half = low + (high - low) / 2;
        if (majority_at(angles, lengths[half]).empty()) {
            low = half + 1;
        } else {
            high = half;
        }
    }
    const Rows kept = majority_at(angles, lengths[low]);
    // Pairs of one length join together; where rounding may tell them apart, in any order.
    const Real slack = 2.0L * angles.slack;
    std::size_t near = 0;
    for (const Real length : lengths) {
        near += std::fabs(length - lengths[low]) <= slack ? 1U : 0U;
    }
    scene.doubt(near > 2);  // each pair counts twice
    return outcome_of(clipped_mean(scene, kept, middle(norms(scene)), middle_norm_slack(scene)));
}

Real mean_between(const Angles& angles, const Rows& a, const Rows& b) {
    Real sum = 0.0L;
    for (const std::size_t i : a) {
        for (const std::size_t j : b) {
            sum += angles.apart[i][j];
        }
    }
    return sum / static_cast<Real>(a.size() * b.size());
}

// The two clusters with the least mean angle become one, until two are left.
Rows larger_cluster(Scene& scene) {
    const Angles angles = angles_of(scene);
    std::vector<Rows> clusters;  // ascending by their lowest row
    for (std::size_t i = 0; i < scene.n(); ++i) {
        clusters.push_back({i});
    }
    const Real slack = 4.0L * angles.slack + 64.0L * kUnitRoundoff;
    while (clusters.size() > 2) {
        std::array<std::size_t, 2> best{0, 1};
        Real least = mean_between(angles, clusters[0], clusters[1]);
        Real second = 4.0L;
        for (std::size_t a = 0; a < clusters.size(); ++a) {
            for (std::size_t b = a + 1; b < clusters.size(); ++b) {
                const Real mean = mean_between(angles, clusters[a], clusters[b]);
                if (mean < least) {
                    second = least;
                    least = mean;
                    best = {a, b};
                } else if (a != best[0] || b != best[1]) {
                    second = std::min(second, mean);
                }
            }
        }
        scene.doubt(second - least <= slack);
        Rows& kept = clusters[best[0]];
        const Rows& gone = clusters[best[1]];
        kept.insert(kept.end(), gone.begin(), gone.end());
        clusters.erase(clusters.begin() + static_cast<std::ptrdiff_t>(best[1]));
    }
    scene.tied = scene.tied || (clusters.size() == 2 && clusters[1].size() == clusters[0].size());
    return clusters.size() == 2 && clusters[1].size() > clusters[0].size() ? clusters[1]
                                                                           : clusters[0];
}

Outcome clipped_clustering(Scene& scene, const Question& question) {
    std::vector<Real> history = question.figures;
    std::vector<Real> errors(history.size(), 0.0L);
    for (std::size_t i = 0; i < scene.n(); ++i) {
        history.push_back(norm(scene, i) * scene.unit);
        errors.push_back(norm_slack(scene, i) * scene.unit);
    }
    const Real limit = middle(history) / scene.unit;
    Outcome outcome =
        outcome_of(clipped_mean(scene, larger_cluster(scene), limit,
                                middle_norm_slack(scene) + 8.0L * kUnitRoundoff * limit));
    outcome.figures = std::move(history);
    outcome.figure_errors = std::move(errors);
    return outcome;
}

// A tenth of the coordinates, at least one, from a random one on.
std::vector<Feature> sign_features(Scene& scene, const Digest& seed) {
    const std::uint64_t slice = std::max<std::uint64_t>(1, scene.d() / 10);
    Rng rng = rule_generator(seed, 45);
    const std::uint64_t first = rng.below(scene.d() - slice + 1);
    std::vector<Feature> features(scene.n(), Feature{});
    Feature most{};
    for (std::size_t i = 0; i < scene.n(); ++i) {
        for (std::uint64_t j = first; j < first + slice; ++j) {
            const Range value = on_grid(scene, i, j);
            scene.doubt((value.low > 0) != (value.high > 0) || (value.low < 0) != (value.high < 0));
            features[i][value.low > 0 ? 0 : value.low == 0 ? 1 : 2] += 1.0L;
        }
        for (std::size_t k = 0; k < most.size(); ++k) {
            most[k] = std::max(most[k], features[i][k]);
        }
    }
    for (Feature& feature : features) {
        for (std::size_t k = 0; k < most.size(); ++k) {
            feature[k] = most[k] > 0.0L ? feature[k] / most[k] : 0.0L;
        }
    }
    return features;
}

Outcome signguard(Scene& scene, const Question& question) {
    const std::vector<Real> lengths = norms(scene);
    const Real median = middle(lengths);
    const Real slack = middle_norm_slack(scene);
    scene.doubt(!scene.raw && median <= 1e4L * slack);
    if (median == 0.0L) {
        return outcome_of(clipped_mean(scene, every_row(scene), 0.0L, 0.0L));
    }
    bool doubtful = false;
    bool tied = false;
    const Rows alike = largest_cluster(sign_features(scene, question.seed), doubtful, tied);
    scene.doubt(doubtful);
    scene.tied = scene.tied || tied;
    Rows usual;
    Rows kept;
    for (std::size_t i = 0; i < scene.n(); ++i) {
        for (const Real bound : {0.1L * median, 3.0L * median}) {
            scene.doubt(std::fabs(lengths[i] - bound) <=
                        norm_slack(scene, i) + 4.0L * slack + 8.0L * kUnitRoundoff * bound);
        }
        if (lengths[i] > 0.1L * median && lengths[i] < 3.0L * median) {
            usual.push_back(i);
            if (std::find(alike.begin(), alike.end(), i) != alike.end()) {
                kept.push_back(i);
            }
        }
    }
    return outcome_of(clipped_mean(scene, kept.empty() ? usual : kept, median, slack));
}

// How far each row lies out along the main direction of these coordinates.
std::vector<Real> outlier_scores(Scene& scene, const std::vector<std::uint64_t>& places) {
    std::vector<Point> rows;
    for (std::size_t i = 0; i < scene.n(); ++i) {
        rows.emplace_back();
        for (const std::uint64_t j : places) {
            const Range value = on_grid(scene, i, j);
            scene.doubt(value.low != value.high);
            rows.back().push_back(static_cast<Real>(value.low));
        }
    }
    const std::vector<Real> equal(scene.n(), 1.0L / static_cast<Real>(scene.n()));
    const MainDirection main = main_direction(rows, equal);
    scene.doubt(main.value > 0.0L && main.value - main.next <= 1e-9L * main.value);
    std::vector<Real> scores;
    for (const Point& row : rows) {
        Real along = 0.0L;
        for (std::size_t j = 0; j < row.size(); ++j) {
            along += (row[j] - main.mean[j]) * main.direction[j];
        }
        scores.push_back(main.value > 0.0L ? along * along / main.value : 0.0L);
    }
    return scores;
}

Outcome dnc(Scene& scene, const Question& question) {
    const rules::Step& rule = question.rule;
    const auto coordinates = static_cast<std::uint64_t>(parameter(rule, "coordinates", 10'000.0L));
    const auto dropped =
        static_cast<std::size_t>(parameter(rule, "c", 1.0L) * static_cast<Real>(scene.f) + 1e-9L);
    Rng rng = rule_generator(question.seed, 42);
    std::vector<std::size_t> kept(scene.n(), 0);
    const auto iterations = static_cast<std::size_t>(parameter(rule, "iterations", 1.0L));
    for (std::size_t k = 0; k < iterations; ++k) {
        const std::vector<Real> scores =
            outlier_scores(scene, random_places(scene.d(), coordinates, rng));
        // Shares of the variance, by an eigenvector that errs by some 1e-15 over the gap below it.
        // Equal rows have none.
        const bool none =
            std::all_of(scores.begin(), scores.end(), [](Real score) { return score == 0.0L; });
        const auto slack = [none](Real score) { return none ? 0.0L : 1e-7L * (score + 1e-6L); };
        for (const std::size_t row : lowest(scene, scores, scene.n() - dropped, slack, false)) {
            ++kept[row];
        }
    }
    const std::size_t most = *std::max_element(kept.begin(), kept.end());
    Rows rows;
    for (std::size_t i = 0; i < scene.n(); ++i) {
        if (kept[i] == most) {
            rows.push_back(i);
        }
    }
    return outcome_of(plain_mean(scene, rows));
}

}  // namespace

std::optional<Outcome> ask_cluster_rule(Scene& scene, const Question& question) {
    const std::string& name = question.rule.name;
    if (name == "flame") {
        return flame(scene);
    }
    if (name == "clipped-clustering") {
        return clipped_clustering(scene, question);
    }
    if (name == "signguard") {
        return signguard(scene, question);
    }
    return name == "dnc" ? std::optional(dnc(scene, question)) : std::nullopt;
}

}  // namespace fedstake::aggregation::slow
