// Rows of every hostile shape, and a loop over the instruction sets.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include <gtest/gtest.h>

#include "aggregation/integer_math.hpp"
#include "aggregation/kernels/targets.hpp"
#include "proto/base/rng.hpp"

namespace fedstake::aggregation::kernels::testing {

using Values = std::vector<std::int32_t>;
using Matrix = std::vector<Values>;

// Rows of random width: small values, the whole range, extremes that alternate, one value all over.
Matrix hostile_rows(Rng& rng, std::size_t rows, std::size_t columns);
// Uniform in [-2^bits, 2^bits).
Matrix uniform_rows(Rng& rng, std::size_t rows, std::size_t columns, unsigned bits);
std::vector<const std::int32_t*> pointers(const Matrix& rows);
std::vector<std::int32_t*> pointers(Matrix& rows);

// floor((2 sum + count) / (2 count)) in 128 bits, limited to +-(2^31 - 1).
std::int32_t limited_mean(SignedWide sum, SignedWide count);
// sum of x_i y_i in 128 bits.
SignedWide schoolbook_inner(const Values& x, const Values& y);

// Two rows that with the weights denominator - 1 and 1 have means on a half and one step below it,
// at values around +-`middle`: where a division that is off by a hair rounds the wrong way.
Matrix rows_beside_halves(std::uint32_t denominator, std::int32_t middle, std::size_t columns);

template <class Check>
void for_each_target(const Check& check) {
    for (const Target& target : targets()) {
        SCOPED_TRACE(target.name);
        const ForcedTarget forced(target);
        check();
    }
}

}  // namespace fedstake::aggregation::kernels::testing
