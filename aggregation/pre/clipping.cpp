// Exact clipping ratios by bisection over 192-bit products.
#include "aggregation/pre/clipping.hpp"

#include <algorithm>
#include <compare>

namespace fedstake::aggregation {
namespace {

// In steps; no row of 2^31 coordinates is longer than 2^46.5.
constexpr double kLongestNorm = 0x1p47;

constexpr unsigned kWeightBits = 30;
static_assert(kWeightOne == 1U << kWeightBits);
constexpr std::size_t kParameterNorm = 0;

// a * b in full: high * 2^128 + low.
struct Product {
    std::uint64_t high = 0;
    Wide low = 0;
    friend auto operator<=>(const Product&, const Product&) = default;
};

Product multiply(std::uint64_t a, Wide b) noexcept {
    const Wide bottom = Wide{a} * static_cast<std::uint64_t>(b);
    const Wide top = Wide{a} * static_cast<std::uint64_t>(b >> 64U) + (bottom >> 64U);
    return {.high = static_cast<std::uint64_t>(top >> 64U),
            .low = (top << 64U) | static_cast<std::uint64_t>(bottom)};
}

// floor(value) by two halves, never a compiler's own 128-bit conversion. REQUIRES
// 0 <= value < 2^127.
Wide whole_part(double value) noexcept {
    const auto high = static_cast<std::uint64_t>(value * 0x1p-64);
    const double low = value - static_cast<double>(high) * 0x1p64;
    return (Wide{high} << 64U) + static_cast<std::uint64_t>(low);
}

}  // namespace

Wide fine_square(double square) noexcept {
    const double fine = std::min(square * kFineUnits, 0x1p116);
    const Wide whole = whole_part(fine);
    return to_double(whole) < fine ? whole + 1 : whole;
}

std::uint32_t clip_ratio(Wide square, Wide limit_square) noexcept {
    if (square <= limit_square) {
        return kWeightOne;
    }
    const Product bound = multiply(std::uint64_t{1} << (2 * kWeightBits), limit_square);
    std::uint32_t ratio = 0;
    for (std::uint32_t bit = kWeightOne >> 1U; bit > 0; bit >>= 1U) {
        const std::uint64_t candidate = ratio | bit;
        if (multiply(candidate * candidate, square) <= bound) {
            ratio = static_cast<std::uint32_t>(candidate);
        }
    }
    return ratio;
}

std::uint64_t norm_limit(double norm, double unit) noexcept {
    return static_cast<std::uint64_t>(std::min(norm / unit + 0.5, kLongestNorm));
}

RowMap clipped_to(const Geometry& geometry, Wide limit_square) {
    const std::size_t n = geometry.rows();
    RowMap map(n, n, kWeightOne);
    for (std::size_t i = 0; i < n; ++i) {
        map.set(i, i, clip_ratio(fine_square(geometry.norm_square(i)), limit_square));
    }
    // The identity has the denominator 1, which keeps the map of a chain exact.
    return map.is_identity() ? RowMap::identity(n) : map;
}

bool norm_clip_supports(const Arguments& a) {
    return a.n >= 1;
}

Result<RowMap> norm_clip(const PreInput& input) {
    const std::uint64_t limit =
        norm_limit(input.arguments.parameter(kParameterNorm, kClipNormMax), input.unit);
    const Wide limit_square = Wide{limit} * limit;
    return clipped_to(*input.geometry, limit_square << 20U);
}

}  // namespace fedstake::aggregation
