// Smallest-maximum-eigenvalue averaging: the mean of the n - f rows with the least variance in
// their worst direction.
//
// Among all subsets of n - f rows, the one whose covariance has the least largest eigenvalue.
// Eigenvalues within a relative 1e-12 count as equal, and of equal subsets the lexicographically
// first wins. Source: Allouah, Guerraoui, Gupta, Pinot, Stephan, "On the Privacy-Robustness-Utility
// Trilemma in Distributed Learning", ICML 2023, section 4. Known code starts one power step from a
// random vector; here the eigenvalue is computed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "aggregation/rule.hpp"

namespace fedstake::aggregation {

inline constexpr std::uint64_t kSmeaSubsetsMax = 100'000;
// Subsets times (n - f)^3: some seconds on one core.
inline constexpr std::uint64_t kSmeaWorkMax = std::uint64_t{1} << 33U;

// C(n, f), or 2^62 where it is larger. REQUIRES f <= n.
[[nodiscard]] std::uint64_t subset_count(std::uint64_t n, std::uint64_t f) noexcept;

// The rows, ascending. REQUIRES f < n. O(C(n, f) (n - f)^3); subsets that the bound
// trace(C^2) / trace(C) on the eigenvalue rules out cost O((n - f)^2).
[[nodiscard]] std::vector<std::size_t> least_eigenvalue_subset(const Geometry& geometry,
                                                               std::size_t f);

// n > 2f, C(n, f) <= kSmeaSubsetsMax and C(n, f) (n - f)^3 <= kSmeaWorkMax; f = 0 always.
[[nodiscard]] bool smea_supports(const Arguments& arguments);
[[nodiscard]] Result<RuleAnswer> smea(const RuleInput& input);

}  // namespace fedstake::aggregation
