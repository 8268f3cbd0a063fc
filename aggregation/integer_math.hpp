// Exact integer arithmetic of the results: rounding division, wide squares, square roots.
#pragma once

#include <cstdint>

namespace fedstake::aggregation {

using Wide = unsigned __int128;
using SignedWide = __int128;

// The nearest integer to sum / count, halves upwards: floor((2 sum + count) / (2 count)), which the
// EVM can recompute. REQUIRES count > 0 and 2 |sum| + count to fit an int64.
[[nodiscard]] constexpr std::int64_t rounded_div(std::int64_t sum, std::int64_t count) noexcept {
    const std::int64_t numerator = 2 * sum + count;
    const std::int64_t denominator = 2 * count;
    const std::int64_t quotient = numerator / denominator;
    return quotient - ((numerator % denominator) < 0 ? 1 : 0);
}

// The same double on every machine: two exact halves and one rounding addition, never a compiler's
// own 128-bit conversion.
[[nodiscard]] constexpr double to_double(Wide value) noexcept {
    return static_cast<double>(static_cast<std::uint64_t>(value >> 64U)) * 0x1p64 +
           static_cast<double>(static_cast<std::uint64_t>(value));
}
[[nodiscard]] constexpr double to_double(SignedWide value) noexcept {
    return value < 0 ? -to_double(Wide{0} - static_cast<Wide>(value))
                     : to_double(static_cast<Wide>(value));
}

// floor(sqrt(value)).
[[nodiscard]] constexpr std::uint64_t integer_sqrt(Wide value) noexcept {
    std::uint64_t root = 0;
    for (int bit = 63; bit >= 0; --bit) {
        const std::uint64_t candidate = root | (std::uint64_t{1} << static_cast<unsigned>(bit));
        if (Wide{candidate} * candidate <= value) {
            root = candidate;
        }
    }
    return root;
}

}  // namespace fedstake::aggregation
