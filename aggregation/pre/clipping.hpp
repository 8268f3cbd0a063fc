// Scaling rows down to a largest norm, with integer ratios over 2^30.
//
// A ratio is the largest one with which the norm does not exceed the limit: computed in integers,
// so that it is exact for the squares that it is given. Each coordinate of the result is rounded to
// the nearest step later, so a norm of few steps per coordinate may end above the limit.
#pragma once

#include <cstdint>

#include "aggregation/integer_math.hpp"
#include "aggregation/rule.hpp"

namespace fedstake::aggregation {

inline constexpr double kClipNormMin = 0x1p-16;
inline constexpr double kClipNormMax = 65536.0;

// Squares of norms in units of 2^-20 squared steps, so that rows behind a mean keep a fraction.
inline constexpr double kFineUnits = 0x1p20;

// square * 2^20, rounded up; at most 2^116, which no row of 2^31 coordinates reaches.
// REQUIRES square >= 0.
[[nodiscard]] Wide fine_square(double square) noexcept;

// The largest ratio <= 2^30 with ratio^2 * square <= 2^60 * limit_square: the norm times
// ratio / 2^30 does not exceed the limit. REQUIRES squares of at most 2^116.
[[nodiscard]] std::uint32_t clip_ratio(Wide square, Wide limit_square) noexcept;

// `norm` in steps, rounded to the nearest, at most 2^47, which no row reaches; 0 would make every
// update zero. REQUIRES norm >= 0 and unit > 0.
[[nodiscard]] std::uint64_t norm_limit(double norm, double unit) noexcept;

// Every row whose squared norm is above limit_square, scaled down to it; the identity where none
// is. REQUIRES squares as of fine_square().
[[nodiscard]] RowMap clipped_to(const Geometry& geometry, Wide limit_square);

// Pre-aggregation "norm-clip" with the parameter norm, in model units: x * min(1, norm / |x|).
[[nodiscard]] bool norm_clip_supports(const Arguments& arguments);  // n >= 1
[[nodiscard]] Result<RowMap> norm_clip(const PreInput& input);

}  // namespace fedstake::aggregation
