// Exact clipping ratios by bisection over 192-bit products.
#include "aggregation/norm_clip.hpp"

#include <cmath>
#include <compare>

namespace fedstake::aggregation {
namespace {

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

}  // namespace

std::uint32_t clip_ratio(Wide square, std::uint64_t limit) noexcept {
    const Wide limit_square = Wide{limit} * limit;
    if (square <= limit_square) {
        return kRatioOne;
    }
    const Product bound = multiply(std::uint64_t{1} << (2 * kRatioBits), limit_square);
    std::uint32_t ratio = 0;
    for (std::uint32_t bit = kRatioOne >> 1U; bit > 0; bit >>= 1U) {
        const std::uint64_t candidate = ratio | bit;
        if (multiply(candidate * candidate, square) <= bound) {
            ratio = static_cast<std::uint32_t>(candidate);
        }
    }
    return ratio;
}

std::uint64_t norm_limit(double norm, unsigned scale_bits) noexcept {
    return static_cast<std::uint64_t>(
        std::floor(std::ldexp(norm, static_cast<int>(scale_bits)) + 0.5));
}

void clip_norms(const Arguments& arguments, unsigned scale_bits, const Distances& distances,
                std::span<Row> rows) {
    const std::uint64_t limit = norm_limit(arguments.parameters[0].value_or(0.0), scale_bits);
    for (std::size_t i = 0; i < rows.size(); ++i) {
        const std::uint64_t ratio = clip_ratio(distances.norm(i), limit);
        rows[i].ratio = static_cast<std::uint32_t>((ratio * rows[i].ratio) >> kRatioBits);
    }
}

}  // namespace fedstake::aggregation
