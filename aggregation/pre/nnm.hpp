// Nearest-neighbour mixing (NNM): each row becomes the mean of the n - f rows nearest to it.
//
// Itself included; equal distances: lowest row first. Source: Allouah, Farhadkhani, Guerraoui,
// Gupta, Pinot, Stephan, "Fixing by Mixing: A Recipe for Optimal Byzantine ML under
// Heterogeneity", AISTATS 2023, section 4: a rule with the robustness coefficient kappa has at most
// 8 f / (n - f) (kappa + 1) behind it.
#pragma once

#include "aggregation/rule.hpp"

namespace fedstake::aggregation {

[[nodiscard]] bool nnm_supports(const Arguments& arguments);  // n > 2f
// Integer weights over n - f. O(n^2 log n) behind the distances.
[[nodiscard]] Result<RowMap> nnm(const PreInput& input);

}  // namespace fedstake::aggregation
