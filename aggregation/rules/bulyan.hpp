// Bulyan: Krum picks rows one by one, then each coordinate is averaged near the picks' median.
//
// theta = n - 2f times, the Krum winner among the rows that remain moves to the picks; its score
// has k = max(1, remaining - f - 2) neighbours, all that there are where fewer remain. The
// aggregate is, for each coordinate, the mean of the theta - 2f values of the picks nearest to
// their median. Source: El Mhamdi, Guerraoui, Rouault, "The Hidden Vulnerability of Distributed
// Learning in Byzantium", ICML 2018, section 4. Later libraries that take all picks from one set
// of scores compute another function.
#pragma once

#include <cstddef>
#include <vector>

#include "aggregation/rule.hpp"

namespace fedstake::aggregation {

// The picks in their order. Equal scores: lowest row first; where k = 1, two rows that are each
// other's nearest always tie. REQUIRES n > 2f.
// O(n^2 log n + theta n^2): each row keeps its neighbours sorted and skips those that were picked.
[[nodiscard]] std::vector<std::size_t> bulyan_picks(const Geometry& geometry, std::size_t f);

[[nodiscard]] bool bulyan_supports(const Arguments& arguments);  // n >= 4f + 3
[[nodiscard]] Result<RuleAnswer> bulyan(const RuleInput& input);

}  // namespace fedstake::aggregation
