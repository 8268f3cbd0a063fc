// Contributions of the rows of a round by definition, from the utilities of all or n + 1 subsets.
//
//   leave-one-out   U(N) - U(N without i)                                      n + 1 subsets
//   Shapley         sum over S without i of |S|! (n-1-|S|)! / n! m_i(S)         2^n subsets
//   Banzhaf         2^-(n-1) sum over S without i of m_i(S)                     2^n subsets
// with m_i(S) = U(S + i) - U(S), in the unit of the utility. Sources: Shapley, "A value for
// n-person games", 1953; Banzhaf, 1965, in the form of Wang and Jia, "Data Banzhaf", AISTATS 2023,
// section 3. Different from both: utilities are limited and rounded first (CachedUtility). The sums
// are then exact, so no order of summation matters and rows that play the same part get the same
// double.
//
// Leave-one-out gives nothing to rows that another row repeats, the owner of the original included:
// a copy of a good row takes its score away. Shapley and Banzhaf divide it. What divides without
// rewarding the division is Banzhaf: see integer_scores.hpp.
#pragma once

#include <vector>

#include "aggregation/contribution/utility.hpp"

namespace fedstake::aggregation::contribution {

// 1024 subsets; beyond, see sampled_values.hpp.
inline constexpr std::size_t kExactRowsMax = 10;

// RETURN the errors of the utility. One value for each row.
[[nodiscard]] Result<std::vector<double>> leave_one_out(CachedUtility& utility);
// RETURN kLimitExceeded above kExactRowsMax rows. The values of shapley_exact sum to U(N) -
// U(empty) up to rounding; those of banzhaf_exact are exact.
[[nodiscard]] Result<std::vector<double>> shapley_exact(CachedUtility& utility);
[[nodiscard]] Result<std::vector<double>> banzhaf_exact(CachedUtility& utility);

}  // namespace fedstake::aggregation::contribution
