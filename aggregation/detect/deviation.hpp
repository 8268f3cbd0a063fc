// How far one value of a round lies above the others, and how far is too far.
//
//   deviation of v_i  (v_i - m) / (1.4826 MAD + 0.25 m + floor), m the median and MAD the median
//                     absolute deviation over the *other* sites; within +-1e6; 0 with fewer than
//                     three others, since two cannot outvote a third
// Leaving the site itself out keeps a lone attacker among four from hiding in a spread that it
// caused. The floor of a quarter of the median keeps four sites that happen to agree from making a
// fifth, honest one look far. Only values above the others count: a small update does no harm.
// `floor` is what the values
// are known to scatter by even among equals, for instance by counting.
//
// The limit is the quantile of the normal distribution that n honest sites exceed together, as
// independent normal values, in a given share of rounds (Bonferroni: share / n each). It is an
// argument about n, not a promise: honest sites are not normal, see docs/detection.md for rates.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace fedstake::aggregation::detect {

inline constexpr std::size_t kOthersToCompare = 3;
inline constexpr double kDeviationMax = 1e6;
inline constexpr double kMadToSigma = 1.4826;  // of a normal distribution

// REQUIRES finite values of at least 0, index < values.size(). O(n log n).
[[nodiscard]] double deviation_from_others(std::span<const double> values, std::size_t index,
                                           double floor = 0.0);

// The same for each value. O(n^2 log n).
[[nodiscard]] std::vector<double> deviations(std::span<const double> values, double floor = 0.0);

// All values but one, in their order.
[[nodiscard]] std::vector<double> without(std::span<const double> values, std::size_t index);

// P(Z > z) of a standard normal Z, relative error about 1e-13. REQUIRES 0 <= z <= 38.
// Abramowitz and Stegun, "Handbook of Mathematical Functions", 26.2.11 and 26.2.14.
[[nodiscard]] double normal_tail(double z);

// The z with P(Z > z) = share, to 1e-12. REQUIRES 1e-300 < share <= 0.5.
[[nodiscard]] double normal_quantile_above(double share);

}  // namespace fedstake::aggregation::detect
