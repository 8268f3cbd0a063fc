// Weighted sums of rows over a common denominator, exact for every int32 and every weight: 64-bit
// sums, and a division that is estimated in doubles and corrected by its exact remainder.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace fedstake::aggregation::kernels {

// out[j] = rounded_div(sum over i of weights[i] rows[i][j], denominator) of integer_math.hpp,
// limited to +-(2^31 - 1). out may be one of the rows.
// REQUIRES as many weights as rows, with a sum of at most 2^31, and 1 <= denominator <= 2^30.
// O(rows with a weight * columns).
void weighted_mean(std::span<const std::int32_t* const> rows,
                   std::span<const std::uint32_t> weights, std::uint32_t denominator,
                   std::size_t columns, std::int32_t* out);

}  // namespace fedstake::aggregation::kernels
