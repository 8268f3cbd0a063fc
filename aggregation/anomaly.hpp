// Anomaly figures of the gated updates, from the distance matrix alone.
//
//   norm, distance    sqrt of the exact square, times 2^-scale_bits
//   cosine            <x_i, c> / (|x_i| |c|), c the coordinate median of the gated updates; 0 when
//                     c is zero
//   deviation of v_i  (v_i - m) / (1.4826 MAD + 0.25 m), m the median and MAD the median absolute
//                     deviation of v over the *other* sites; within +-1e6; 0 with fewer than three
//                     others, since two cannot outvote a third
// Leaving the site itself out keeps a lone attacker among four from hiding in a spread that it
// caused. The floor of a quarter of the median keeps four sites that happen to agree from making a
// fifth, honest one look far. Only values above the others count: a small update does no harm.
#pragma once

#include <vector>

#include "aggregation/distances.hpp"
#include "aggregation/pipeline.hpp"

namespace fedstake::aggregation {

inline constexpr std::uint32_t kSignalNorm = 1U << 0U;
inline constexpr std::uint32_t kSignalCosine = 1U << 1U;
inline constexpr std::uint32_t kSignalDistance = 1U << 2U;
inline constexpr std::size_t kOthersToCompare = 3;

[[nodiscard]] std::vector<Figures> anomaly_figures(const Distances& distances,
                                                   const rules::AnomalyRules& limits,
                                                   std::uint8_t scale_bits);

// Enough signals at once; never when signals_to_strike is 0.
[[nodiscard]] bool is_anomalous(const Figures& figures, const rules::AnomalyRules& limits) noexcept;

}  // namespace fedstake::aggregation
