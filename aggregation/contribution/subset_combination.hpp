// The aggregate of some of the rows on the rule's own weights: what a subset utility evaluates.
//
// A utility computed on a plain mean would score rows that the rule gave no weight, and miss what
// the rule did to the others. With the weights of the rule, U(S) costs one combination of n
// vectors. Wang et al., "A Principled Approach to Data Valuation for Federated Learning", 2020,
// whose federated Shapley value this follows, take the mean of the subset.
#pragma once

#include <cstddef>

#include "aggregation/combination.hpp"
#include "aggregation/contribution/utility.hpp"

namespace fedstake::aggregation::contribution {

// combination: of `rows` rows of the round and, behind them, of rows of memory, which count for
// nobody and are left out. RETURNS the rows of the subset with their weights over the sum of these
// (halved together, downwards, while that is above kWeightOne); all weights 0 over 1, which leaves
// the base model as it is, where no row of the subset has a weight. RETURNS kInvalidInput for a
// rule by columns, which has no weights: run the rule on the subset instead. O(n).
//
// Take it in front of through(): where a pre-aggregation scales rows down, a combination of the
// unscaled rows has small weights for them, and weights over their own sum would undo the scaling.
// through(subset_combination(...), map) keeps it.
[[nodiscard]] Result<Combination> subset_combination(const Combination& combination,
                                                     std::size_t rows, const Subset& subset);

}  // namespace fedstake::aggregation::contribution
