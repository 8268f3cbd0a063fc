// Rules that go by the values of each coordinate alone. They need no distances: the answer is the
// same for every geometry.
//
// Median and trimmed means: Yin, Chen, Ramchandran, Bartlett, "Byzantine-Robust Distributed
// Learning: Towards Optimal Statistical Rates", ICML 2018. winsorized_mean: Tukey's alternative to
// trimming. meamed: Xie, Koyejo, Gupta, "Generalized Byzantine-tolerant SGD", 2018.
// robust_learning_rate: Ozdayi, Kantarcioglu, Gel, "Defending against Backdoors in Federated
// Learning with Robust Learning Rate", AAAI 2021.
#pragma once

#include <cstddef>

#include "aggregation/rule.hpp"

namespace fedstake::aggregation {

// All O(1) in n-space; the pass over the coordinates costs O(n d log^2 n) comparisons, O(n d) for
// mean and robust_learning_rate. None fails.

[[nodiscard]] bool any_rows(const Arguments& arguments);  // n >= 1
[[nodiscard]] Result<RuleAnswer> coordinate_mean(const RuleInput& input);

[[nodiscard]] bool half_honest(const Arguments& arguments);  // n > 2f
[[nodiscard]] Result<RuleAnswer> coordinate_median(const RuleInput& input);
// Without the f smallest and the f largest values.
[[nodiscard]] Result<RuleAnswer> trimmed_mean(const RuleInput& input);
// The f smallest and largest values count as the nearest one that stays.
[[nodiscard]] Result<RuleAnswer> winsorized_mean(const RuleInput& input);
// The mean of the n - f values nearest to the median.
[[nodiscard]] Result<RuleAnswer> meamed(const RuleInput& input);

// trimmed_mean times alpha, to 2^-30. Parameter: alpha.
[[nodiscard]] Result<RuleAnswer> slsgd(const RuleInput& input);

// floor(beta n), where 0.29 of 100 is 29. Parameter: beta.
[[nodiscard]] std::size_t trimmed_at_each_end(const Arguments& arguments);
[[nodiscard]] bool trimmed_mean_fraction_supports(const Arguments& arguments);
[[nodiscard]] Result<RuleAnswer> trimmed_mean_fraction(const RuleInput& input);

// The mean of the `count` values nearest to those of a trusted row, its own among them.
// Parameters: trusted, count (default n - f).
[[nodiscard]] bool n_closest_mean_supports(const Arguments& arguments);
[[nodiscard]] Result<RuleAnswer> n_closest_mean(const RuleInput& input);

// The mean, turned round where fewer than `threshold` signs agree on balance. Parameter: threshold.
[[nodiscard]] bool robust_learning_rate_supports(const Arguments& arguments);
[[nodiscard]] Result<RuleAnswer> robust_learning_rate(const RuleInput& input);

}  // namespace fedstake::aggregation
