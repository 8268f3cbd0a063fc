// The inner loops of mix.hpp. Compiled for each instruction set of targets.hpp.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace fedstake::aggregation::kernels::mix {

// Columns of one tile of products and of equal weights.
inline constexpr std::size_t kProductColumns = 32;
inline constexpr std::size_t kEqualColumns = 64;
// Rows out of one tile of products.
inline constexpr std::size_t kGroup = 4;
// Bound of |sum of weights times values| + denominator: sums, and what the division makes of them,
// are exact in doubles.
inline constexpr std::uint64_t kExactSum = (std::uint64_t{1} << 53U) - (std::uint64_t{1} << 32U);

// False: this set has no vector code for mixing, nothing below may be called.
[[nodiscard]] bool has_tiles();

// values[a * kProductColumns + k] = rows[a][first + k]
void widen_tile(std::span<const std::int32_t* const> rows, std::size_t first, double* values);

// One tile of kGroup rows: out[i] = rounded_div(sum of weights[a * kGroup + i] values of row a,
// denominator) at kProductColumns columns; null outputs are left out.
void product_tile(const double* values, const double* weights, std::size_t rows_in,
                  double denominator, std::int32_t* const* out);

// totals[k] = sum of rows[a][first + k] modulo 2^32.
void total_tile(std::span<const std::int32_t* const> rows, std::size_t first, std::int32_t* totals);

// out[k] = rounded_div(weight * s, denominator) at kEqualColumns columns, where s is the sum of the
// listed rows, or totals less that sum when totals is not null.
void equal_tile(std::span<const std::int32_t* const> rows, std::span<const std::uint32_t> list,
                std::size_t first, const std::int32_t* totals, double weight, double denominator,
                std::int32_t* out);

}  // namespace fedstake::aggregation::kernels::mix
