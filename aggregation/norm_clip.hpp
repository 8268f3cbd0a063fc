// Static norm clipping: x * min(1, c / |x|), with the ratio as an integer over 2^30.
#pragma once

#include <cstdint>
#include <span>

#include "aggregation/registry.hpp"

namespace fedstake::aggregation {

inline constexpr double kClipNormMin = 0x1p-16;
inline constexpr double kClipNormMax = 65536.0;

// The limit `norm` in steps of the fixed point, rounded to the nearest; 0 would make every update
// zero.
[[nodiscard]] std::uint64_t norm_limit(double norm, unsigned scale_bits) noexcept;

// The largest ratio <= 2^30 with ratio^2 * square <= (2^30 * limit)^2: the norm sqrt(square), times
// ratio / 2^30, does not exceed the limit. REQUIRES limit <= 2^46 and square < 2^96.
[[nodiscard]] std::uint32_t clip_ratio(Wide square, std::uint64_t limit) noexcept;

// Pre-aggregation "norm-clip" with the parameter norm. Multiplies into the rows' ratios, rounding
// down. Each coordinate is then rounded to the nearest step, so a norm of few steps per coordinate
// may end above the limit.
void clip_norms(const Arguments& arguments, unsigned scale_bits, const Distances& distances,
                std::span<Row> rows);

}  // namespace fedstake::aggregation
