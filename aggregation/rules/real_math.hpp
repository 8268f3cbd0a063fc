// Elementary functions with + - * / only, so that they give the same bits with every compiler and C
// library. The functions of <cmath> may differ in the last place from one library to the next.
//
// Each is an argument reduction that is exact, or nearly so, and a power series long enough for the
// reduced range: Abramowitz and Stegun, "Handbook of Mathematical Functions", 4.1.27 (logarithm),
// 4.2.1 (exponential), 4.5.1 (hyperbolic tangent). O(1).
//
// Error: below 2 units in the last place of the true value (4 for the hyperbolic tangent), wherever
// the result is a normal number; results of exp below 2^-1022 are rounded once more.
#pragma once

namespace fedstake::aggregation {

// ln x. Minus infinity for 0, infinity for infinity, a NaN for negative x and for a NaN.
[[nodiscard]] double natural_log(double x) noexcept;

// e^x. 0 below -746, infinity above 709.79; a NaN for a NaN.
[[nodiscard]] double exponential(double x) noexcept;

// (e^2x - 1) / (e^2x + 1), odd, +-1 beyond 22; a NaN for a NaN.
[[nodiscard]] double hyperbolic_tangent(double x) noexcept;

}  // namespace fedstake::aggregation
