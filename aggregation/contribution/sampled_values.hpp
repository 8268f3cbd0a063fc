// Contributions of more rows than all subsets can be asked for, from a seeded sample of subsets.
//
// Both estimators are pure functions of the utility, the options and the state of the generator.
// Seed it from the round, with what nobody knows before the updates are in.
#pragma once

#include <cstddef>
#include <vector>

#include "aggregation/contribution/utility.hpp"
#include "proto/base/rng.hpp"

namespace fedstake::aggregation::contribution {

// Bound of samples and permutations: sums stay exact.
inline constexpr std::size_t kSamplesMax = std::size_t{1} << 19U;

struct SampledValues {
    std::vector<double> values;
    // Of each value, from the spread of the utilities on both sides; span() where a side has fewer
    // than two subsets, and then the value is 0.
    std::vector<double> standard_errors;
};

// Banzhaf values by maximum sample reuse: each of `samples` subsets holds each row with probability
// 1/2; the value of a row is the mean utility of the subsets with it minus that of those without.
// Every subset serves all rows. Unbiased; the error falls as the spread of U times
// 2 / sqrt(samples). At most `samples` evaluations, O(samples n) besides.
// Source: Wang and Jia, "Data Banzhaf", AISTATS 2023, section 4.
// RETURNS kInvalidInput unless 4 <= samples <= kSamplesMax, and the errors of the utility.
[[nodiscard]] Result<SampledValues> banzhaf_sampled(CachedUtility& utility, std::size_t samples,
                                                    Rng& rng);

// value_i - deviations * standard_error_i: what a row has earned with some certainty. Without it
// noise pays: the positive parts of k values around 0 have a positive sum that grows with k.
[[nodiscard]] std::vector<double> lower_bounds(const SampledValues& sampled, double deviations);

struct GtgOptions {
    // All values are 0 when |U(N) - U(empty)| is at most this: the round added nothing.
    double round_gain = 0.0;
    // A permutation ends where |U(N) - U(rows so far)| is below this; the rows behind get nothing
    // from it. The values then sum to U(N) - U(empty) up to this much.
    double truncation = 1e-3;
    // Ends when, on average over the turns of the last 10 permutations (the last turn, for 10 rows
    // and more), the values of then and of now differ by at most this share:
    // sum of |then - now| over rows <= tolerance * sum of |now|.
    double tolerance = 0.05;
    std::size_t permutations_min = 30;
    std::size_t permutations_max = 2000;  // both rounded up to a multiple of the rows
};

struct GtgValues {
    std::vector<double> values;
    std::size_t permutations = 0;  // 0: the round added nothing
    bool converged = true;         // false: permutations_max came first
};

// Shapley values by guided truncation: mean marginals over random permutations, in each of which
// the next row in turn is the first. Ends after whole turns only, so that every row was first
// equally often; without truncation the values are unbiased.
// Source: Liu et al., "GTG-Shapley", ACM TIST 13(4), 2022, section 4. Differs in the test of
// convergence, which is a ratio of sums instead of a mean of ratios: a row with a value near 0
// would keep the latter from ending.
// RETURNS kInvalidInput for options below 0 or not finite and for permutations_max outside
// [permutations_min, kSamplesMax] or 0, and the errors of the utility. At most n evaluations for
// each permutation.
[[nodiscard]] Result<GtgValues> gtg_shapley(CachedUtility& utility, const GtgOptions& options,
                                            Rng& rng);

}  // namespace fedstake::aggregation::contribution
