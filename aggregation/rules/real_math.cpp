// Argument reductions and power series in Horner's form, each in one fixed order.
#include "aggregation/rules/real_math.hpp"

#include <bit>
#include <cstdint>
#include <limits>

namespace fedstake::aggregation {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr double kLeastNormal = std::numeric_limits<double>::min();
constexpr double kRootTwo = 0x1.6a09e667f3bcdp+0;
// ln 2 in two parts: the first has 32 significant bits, so that k * kLnTwoHigh is exact for every
// exponent k of a double.
constexpr double kLnTwoHigh = 0x1.62e42feep-1;
constexpr double kLnTwoLow = 0x1.a39ef35793c76p-33;
constexpr double kLogTwoE = 0x1.71547652b82fep+0;

constexpr double kExpMost = 710.0;    // beyond it even the rounded result overflows
constexpr double kExpLeast = -746.0;  // beyond it the result rounds to zero
constexpr double kTanhOne = 22.0;     // 1 - tanh(22) is below half a unit in the last place of 1

// x = mantissa * 2^exponent with sqrt(1/2) < mantissa <= sqrt(2), up to rounding of the bounds.
struct Split {
    double mantissa;
    int exponent;
};
// REQUIRES a positive, finite x.
Split split(double x) noexcept {
    int exponent = 0;
    if (x < kLeastNormal) {
        x *= 0x1p54;
        exponent = -54;
    }
    const auto bits = std::bit_cast<std::uint64_t>(x);
    exponent += static_cast<int>(bits >> 52U) - 1023;
    double mantissa = std::bit_cast<double>((bits & 0x000fffffffffffffULL) | 0x3ff0000000000000ULL);
    if (mantissa > kRootTwo) {
        mantissa *= 0.5;
        ++exponent;
    }
    return {.mantissa = mantissa, .exponent = exponent};
}

// 2^k for a normal result. REQUIRES -1022 <= k <= 1023.
double power_of_two(int k) noexcept {
    return std::bit_cast<double>(static_cast<std::uint64_t>(k + 1023) << 52U);
}

// (e^y - 1) by its series with `terms` terms: sum over i of y^i / i!.
double expm1_series(double y, int terms) noexcept {
    double sum = 1.0;
    for (int i = terms; i > 1; --i) {
        sum = 1.0 + sum * (y / static_cast<double>(i));
    }
    return y * sum;
}

}  // namespace

double natural_log(double x) noexcept {
    if (!(x >= 0.0)) return kNan;
    if (x == 0.0) return -kInfinity;
    if (x == kInfinity) return x;
    const auto [mantissa, exponent] = split(x);
    // ln m = 2 (s + s^3 / 3 + s^5 / 5 + ...) with s = (m - 1) / (m + 1), |s| < 0.172.
    // With u = m - 1 it is u - s (u - r), r = 2 (s^2 / 3 + s^4 / 5 + ...): u is exact and the rest
    // is small, so that the rounding of the division hardly counts.
    const double u = mantissa - 1.0;
    const double s = u / (2.0 + u);
    const double square = s * s;
    double sum = 0.0;
    for (int odd = 25; odd >= 3; odd -= 2) {
        sum = sum * square + 2.0 / static_cast<double>(odd);
    }
    const double rest = s * (u - square * sum);
    const auto k = static_cast<double>(exponent);
    return k * kLnTwoHigh + (u - (rest - k * kLnTwoLow));
}

double exponential(double x) noexcept {
    if (x != x) return x;
    if (x > kExpMost) return kInfinity;
    if (x < kExpLeast) return 0.0;
    // x = k ln 2 + r with |r| <= 0.347: e^x = 2^k e^r.
    const double scaled = x * kLogTwoE;
    const int k = static_cast<int>(scaled < 0.0 ? scaled - 0.5 : scaled + 0.5);
    const auto times = static_cast<double>(k);
    const double r = (x - times * kLnTwoHigh) - times * kLnTwoLow;
    const double value = 1.0 + expm1_series(r, 14);
    // In two steps: 2^k alone may be out of range where the product is not.
    const int half = k / 2;
    return value * power_of_two(half) * power_of_two(k - half);
}

double hyperbolic_tangent(double x) noexcept {
    if (x != x) return x;
    const double size = x < 0.0 ? -x : x;
    if (size > kTanhOne) return x < 0.0 ? -1.0 : 1.0;
    const double twice = 2.0 * size;
    double value = 0.0;
    if (twice <= 1.0) {
        const double grown = expm1_series(twice, 20);
        value = grown / (grown + 2.0);
    } else {
        value = 1.0 - 2.0 / (exponential(twice) + 1.0);
    }
    return x < 0.0 ? -value : value;
}

}  // namespace fedstake::aggregation
