// Real numbers to the int32 fixed point of the aggregation, row by row and on the fly.
//
// One step is 2^exponent. The exponent is the smallest that keeps the largest magnitude of the
// matrix below 2^30 steps, so the rounding error of a value is at most 2^-30 of that magnitude.
// step(x) = x / 2^exponent, rounded to the nearest integer, halves to the even one.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#include "aggregation/update_rows.hpp"
#include "aggregation/worker_pool.hpp"
#include "proto/base/result.hpp"
#include "sim/matrix/number_rows.hpp"

namespace fedstake::sim {

// Exponents that are possible. Figures of rows (norms, limits of rules over the unit) stay normal
// doubles with them, whatever the rows are.
inline constexpr int kExponentMin = -480;
inline constexpr int kExponentMax = 480;

// The value of largest magnitude, the first one in order of rows and columns.
struct Largest {
    double magnitude = 0.0;
    std::size_t row = 0;
    std::uint64_t column = 0;
};

// One pass over the numbers. RETURNS kInvalidInput with row and column (from 0) of the first
// number that is not finite, and the errors of NumberRows::read().
[[nodiscard]] Result<Largest> find_largest(const NumberRows& rows, aggregation::WorkerPool& pool);

// 0 for a matrix of zeros. RETURNS kInvalidInput when the exponent would not be possible.
[[nodiscard]] Result<int> choose_exponent(const Largest& largest);

// RETURNS kInvalidInput unless the largest magnitude is below 2^30 steps of 2^exponent.
[[nodiscard]] Status check_exponent(const Largest& largest, int exponent);

// The row in steps of 2^exponent. Borrows the rows. Safe for concurrent reads, holds no values.
// Reads RETURN kCorrupt where a number does not fit, as only one that has changed can.
// REQUIRES check_exponent().
[[nodiscard]] std::unique_ptr<aggregation::VectorSource> fixed_point_row(const NumberRows& rows,
                                                                         std::size_t row,
                                                                         int exponent);

}  // namespace fedstake::sim
