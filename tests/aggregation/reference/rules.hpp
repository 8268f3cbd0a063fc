// Every rule of the registry on points of real numbers.
#pragma once

#include <optional>
#include <vector>

#include "proto/rules/round_rules.hpp"
#include "tests/aggregation/reference/scene.hpp"
#include "tests/aggregation/reference/values.hpp"

namespace fedstake::aggregation::slow {

// A weighted sum of the points and the memory rows behind them.
struct Weights {
    std::vector<Real> of;      // each point, then each memory row
    std::vector<Real> errors;  // of the library's weights, besides what the grid of weights allows
    std::uint64_t denominator = kRounded;  // of exact weights
    Real error = 0.0L;                     // of a coordinate of the sum, besides all that
};

struct Outcome {
    std::optional<Weights> weights;  // or ranges
    Ranges ranges;
    std::vector<Weights> memory;  // for the next round
    std::vector<Real> figures;    // for the next round
    std::vector<Real> figure_errors{};
};

struct Question {
    rules::Step rule;
    Digest seed;  // of the rule
    std::vector<Real> claims;
    std::vector<Real> figures;  // of the round before
};

// By name; nothing for a rule that the file does not know. Rules may make the scene doubtful.
[[nodiscard]] std::optional<Outcome> ask_column_rule(Scene& scene, const Question& question);
[[nodiscard]] std::optional<Outcome> ask_selection_rule(Scene& scene, const Question& question);
[[nodiscard]] std::optional<Outcome> ask_weighting_rule(Scene& scene, const Question& question);
[[nodiscard]] std::optional<Outcome> ask_cluster_rule(Scene& scene, const Question& question);

// The exact mean of these rows.
[[nodiscard]] Weights plain_mean(const Scene& scene, const std::vector<std::size_t>& rows);
// The mean of these rows with those above the limit scaled down to it.
[[nodiscard]] Weights clipped_mean(const Scene& scene, const std::vector<std::size_t>& rows,
                                   Real limit, Real limit_slack);
[[nodiscard]] std::vector<std::size_t> every_row(const Scene& scene);
[[nodiscard]] std::vector<Real> norms(const Scene& scene);
// Of the rows' median norm.
[[nodiscard]] Real middle_norm_slack(const Scene& scene);

}  // namespace fedstake::aggregation::slow
