// Minimum-diameter averaging: the mean of the n - f rows that lie closest together.
//
// Among all subsets of n - f rows, the one whose largest pairwise distance is the least; of equal
// ones the lexicographically first. Exact: the diameter is one of the distances, found by bisection
// with a conflict-graph search at each probe, and the subset is then fixed row by row.
// Source: El Mhamdi, Guerraoui, Guirguis, Hoang, Rouault, "Genuinely Distributed Byzantine Machine
// Learning", PODC 2020, section 4.2 (there over all subsets).
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "aggregation/rule.hpp"

namespace fedstake::aggregation {

// Operations that one aggregate may take at most: about half a minute on one core. 512 usual rows
// take some hundredths of a second, whatever f is; only rows made to be hard take longer.
inline constexpr std::uint64_t kMdaWorkMax = std::uint64_t{1} << 34U;

// An upper bound of the operations for any rows: 18 searches of search_steps_max(f) steps, and one
// each of search_steps_max(f - 1), ..., search_steps_max(0), of n operations a step. No more than
// 2^62.
[[nodiscard]] std::uint64_t mda_work(std::size_t n, std::size_t f) noexcept;

struct MdaSubset {
    std::vector<std::size_t> rows;  // ascending
    double diameter_square = 0.0;
    std::uint64_t steps = 0;  // of all searches
};

// REQUIRES f < n. RETURNS kLimitExceeded where the searches would take more than work_max
// operations, which n each step counts for.
[[nodiscard]] Result<MdaSubset> least_diameter_subset(const Geometry& geometry, std::size_t f,
                                                      std::uint64_t work_max = kMdaWorkMax);

// n > 2f and mda_work(n, f) <= kMdaWorkMax: no rows whatsoever keep the rule from answering. A
// larger f is refused up front, since f colluders could otherwise place their rows so that the
// search does not end.
[[nodiscard]] bool mda_supports(const Arguments& arguments);
// REQUIRES mda_supports().
[[nodiscard]] Result<RuleAnswer> mda(const RuleInput& input);

}  // namespace fedstake::aggregation
