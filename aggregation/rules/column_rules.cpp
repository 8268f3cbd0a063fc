// Combinations by columns.
#include "aggregation/rules/column_rules.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include "aggregation/rules/row_figures.hpp"

namespace fedstake::aggregation {
namespace {

constexpr std::size_t kAlpha = 0;
constexpr std::size_t kBeta = 0;
constexpr std::size_t kTrusted = 0;
constexpr std::size_t kCount = 1;
constexpr std::size_t kThreshold = 0;

// All rows, by columns.
Combination all_by(ColumnRule columns, const Arguments& arguments) {
    return {.columns = columns, .weights = std::vector<std::uint32_t>(arguments.n, 1)};
}

RuleAnswer answer_of(Combination combination) {
    return {.combination = std::move(combination), .memory = {}, .memory_rows = {}};
}

RuleAnswer window(ColumnRule columns, const Arguments& arguments, std::size_t first,
                  std::size_t last) {
    Combination combination = all_by(columns, arguments);
    combination.first = first;
    combination.last = last;
    return answer_of(std::move(combination));
}

}  // namespace

bool any_rows(const Arguments& arguments) {
    return arguments.n >= 1;
}

bool half_honest(const Arguments& arguments) {
    return has_honest_majority(arguments);
}

Result<RuleAnswer> coordinate_mean(const RuleInput& input) {
    return answer_of(mean_of(input.arguments.n, first_rows(input.arguments.n)));
}

Result<RuleAnswer> coordinate_median(const RuleInput& input) {
    const std::size_t n = input.arguments.n;
    return window(ColumnRule::kWindowMean, input.arguments, (n - 1) / 2, n / 2 + 1);
}

Result<RuleAnswer> trimmed_mean(const RuleInput& input) {
    const std::size_t f = input.arguments.f;
    return window(ColumnRule::kWindowMean, input.arguments, f, input.arguments.n - f);
}

Result<RuleAnswer> slsgd(const RuleInput& input) {
    FS_ASSIGN(RuleAnswer answer, trimmed_mean(input));
    answer.combination.scale = static_cast<std::uint32_t>(
        input.arguments.parameter(kAlpha, 1.0) * static_cast<double>(kWeightOne) + 0.5);
    return answer;
}

Result<RuleAnswer> winsorized_mean(const RuleInput& input) {
    const std::size_t f = input.arguments.f;
    return window(ColumnRule::kWinsorizedMean, input.arguments, f, input.arguments.n - f);
}

Result<RuleAnswer> meamed(const RuleInput& input) {
    Combination combination = all_by(ColumnRule::kNearestMedian, input.arguments);
    combination.count = input.arguments.n - input.arguments.f;
    return answer_of(std::move(combination));
}

std::size_t trimmed_at_each_end(const Arguments& arguments) {
    // 0.29 * 100 is 28.999...96 in binary: what a person writes as a decimal is meant as one.
    return static_cast<std::size_t>(
        arguments.parameter(kBeta, 0.0) * static_cast<double>(arguments.n) + 1e-9);
}

bool trimmed_mean_fraction_supports(const Arguments& arguments) {
    const std::size_t cut = trimmed_at_each_end(arguments);
    return arguments.n >= 1 && cut >= arguments.f && 2 * cut < arguments.n;
}

Result<RuleAnswer> trimmed_mean_fraction(const RuleInput& input) {
    const std::size_t cut = trimmed_at_each_end(input.arguments);
    return window(ColumnRule::kWindowMean, input.arguments, cut, input.arguments.n - cut);
}

bool n_closest_mean_supports(const Arguments& arguments) {
    return arguments.n > arguments.f && arguments.count(kTrusted, 0) < arguments.n;
}

Result<RuleAnswer> n_closest_mean(const RuleInput& input) {
    const Arguments& arguments = input.arguments;
    Combination combination = all_by(ColumnRule::kNearestRow, arguments);
    combination.reference = arguments.count(kTrusted, 0);
    combination.count = std::min(arguments.n, arguments.count(kCount, arguments.n - arguments.f));
    return answer_of(std::move(combination));
}

bool robust_learning_rate_supports(const Arguments& arguments) {
    return arguments.n >= 1;
}

Result<RuleAnswer> robust_learning_rate(const RuleInput& input) {
    Combination combination = all_by(ColumnRule::kSignVote, input.arguments);
    combination.threshold = std::min(input.arguments.n, input.arguments.count(kThreshold, 1));
    return answer_of(std::move(combination));
}

}  // namespace fedstake::aggregation
