// Rules that look at each coordinate alone.
#include <algorithm>
#include <cmath>

#include "tests/aggregation/reference/rules.hpp"
#include "tests/aggregation/reference/steps.hpp"

namespace fedstake::aggregation::slow {
namespace {

Outcome known(Ranges ranges) {
    return {.weights = std::nullopt, .ranges = std::move(ranges), .memory = {}, .figures = {}};
}

std::size_t whole(const rules::Step& rule, std::string_view name, std::size_t otherwise) {
    return static_cast<std::size_t>(parameter(rule, name, static_cast<Real>(otherwise)));
}

}  // namespace

std::optional<Outcome> ask_column_rule(Scene& scene, const Question& question) {
    const rules::Step& rule = question.rule;
    const std::size_t n = scene.n();
    const std::size_t f = scene.f;
    if (rule.name == "median") {
        return known(window_mean(scene, (n - 1) / 2, n / 2 + 1));
    }
    if (rule.name == "trimmed-mean") {
        return known(window_mean(scene, f, n - f));
    }
    if (rule.name == "trimmed-mean-fraction") {
        const auto cut =
            static_cast<std::size_t>(parameter(rule, "beta", 0.0L) * static_cast<Real>(n) + 1e-9L);
        return known(window_mean(scene, cut, n - cut));
    }
    if (rule.name == "winsorized-mean") {
        return known(winsorized_mean(scene, f, n - f));
    }
    if (rule.name == "meamed") {
        return known(mean_around_median(scene, every_row(scene), n - f));
    }
    if (rule.name == "n-closest-mean") {
        return known(mean_around_row(scene, whole(rule, "trusted", 0),
                                     std::min(n, whole(rule, "count", n - f))));
    }
    if (rule.name == "robust-learning-rate") {
        return known(sign_vote(scene, std::min(n, whole(rule, "threshold", 1))));
    }
    if (rule.name == "slsgd") {
        const auto share = static_cast<std::int64_t>(
            std::floor(parameter(rule, "alpha", 1.0L) / kWeightStep + 0.5L));
        return known(shortened(window_mean(scene, f, n - f), share));
    }
    return std::nullopt;
}

}  // namespace fedstake::aggregation::slow
