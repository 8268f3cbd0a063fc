// Bodies of the inner loops: plain loops that compilers turn into vector code, and one that they do
// not (they pick a slow 64-bit multiplication for squares of 32-bit differences).
//
// This file is compiled several times with different -m options and FEDSTAKE_KERNEL_SET naming the
// set. It includes no header with inline functions, so that no code for a newer CPU can be merged
// into functions that an older CPU runs.
#include "aggregation/kernels/kernels.hpp"

#if defined(__AVX512F__) || defined(__AVX2__)
#include <immintrin.h>
#endif

#define FEDSTAKE_KERNEL_TEXT_INNER(name) #name
#define FEDSTAKE_KERNEL_TEXT(name) FEDSTAKE_KERNEL_TEXT_INNER(name)

namespace fedstake::aggregation::kernels {
namespace {

std::uint32_t magnitude(std::int32_t value) {
    const auto bits = static_cast<std::uint32_t>(value);
    return value < 0 ? 0U - bits : bits;
}

std::uint32_t max_magnitude(const std::int32_t* values, std::size_t count) {
    std::uint32_t largest = 0;
    for (std::size_t j = 0; j < count; ++j) {
        const std::uint32_t current = magnitude(values[j]);
        largest = current > largest ? current : largest;
    }
    return largest;
}

// A few 32-bit lanes, as wide as this set has them. square_add adds the squares of the even and of
// the odd lanes into 64-bit sums.
#if defined(__AVX512F__)
using Vector = __m512i;
Vector load(const std::int32_t* values) {
    return _mm512_loadu_si512(values);
}
Vector subtract(Vector a, Vector b) {
    return _mm512_sub_epi32(a, b);
}
Vector zero() {
    return _mm512_setzero_si512();
}
Vector square_add(Vector sum, Vector value) {
    const Vector odd = _mm512_srli_epi64(value, 32);
    sum = _mm512_add_epi64(sum, _mm512_mul_epi32(value, value));
    return _mm512_add_epi64(sum, _mm512_mul_epi32(odd, odd));
}
void store(Vector sum, std::uint64_t* out) {
    _mm512_storeu_si512(out, sum);
}
#elif defined(__AVX2__)
using Vector = __m256i;
Vector load(const std::int32_t* values) {
    return _mm256_loadu_si256(reinterpret_cast<const __m256i_u*>(values));
}
Vector subtract(Vector a, Vector b) {
    return _mm256_sub_epi32(a, b);
}
Vector zero() {
    return _mm256_setzero_si256();
}
Vector square_add(Vector sum, Vector value) {
    const Vector odd = _mm256_srli_epi64(value, 32);
    sum = _mm256_add_epi64(sum, _mm256_mul_epi32(value, value));
    return _mm256_add_epi64(sum, _mm256_mul_epi32(odd, odd));
}
void store(Vector sum, std::uint64_t* out) {
    _mm256_storeu_si256(reinterpret_cast<__m256i_u*>(out), sum);
}
#endif

// The sum from column `start` on.
std::uint64_t rest_of_distance(const std::int32_t* a, const std::int32_t* b, std::size_t start,
                               std::size_t columns) {
    std::uint64_t sum = 0;
    for (std::size_t j = start; j < columns; ++j) {
        const std::int32_t difference = a[j] - b[j];
        sum += static_cast<std::uint64_t>(std::int64_t{difference} * difference);
    }
    return sum;
}

#if defined(__AVX512F__) || defined(__AVX2__)
constexpr std::size_t kLanes = sizeof(Vector) / sizeof(std::int32_t);

std::uint64_t total(Vector sum) {
    std::uint64_t lanes[kLanes / 2];
    store(sum, lanes);
    std::uint64_t result = 0;
    for (const std::uint64_t lane : lanes) {
        result += lane;
    }
    return result;
}

std::uint64_t distance(const std::int32_t* a, const std::int32_t* b, std::size_t columns) {
    Vector sum = zero();
    std::size_t j = 0;
    for (; j + kLanes <= columns; j += kLanes) {
        sum = square_add(sum, subtract(load(a + j), load(b + j)));
    }
    return total(sum) + rest_of_distance(a, b, j, columns);
}

// Four rows at once, so that row a is loaded once for all of them.
void four_distances(const std::int32_t* a, Rows rows, std::size_t columns, std::uint64_t* out) {
    Vector sums[4] = {zero(), zero(), zero(), zero()};
    std::size_t j = 0;
    for (; j + kLanes <= columns; j += kLanes) {
        const Vector values = load(a + j);
        sums[0] = square_add(sums[0], subtract(values, load(rows[0] + j)));
        sums[1] = square_add(sums[1], subtract(values, load(rows[1] + j)));
        sums[2] = square_add(sums[2], subtract(values, load(rows[2] + j)));
        sums[3] = square_add(sums[3], subtract(values, load(rows[3] + j)));
    }
    for (std::size_t k = 0; k < 4; ++k) {
        out[k] = total(sums[k]) + rest_of_distance(a, rows[k], j, columns);
    }
}
#else
std::uint64_t distance(const std::int32_t* a, const std::int32_t* b, std::size_t columns) {
    return rest_of_distance(a, b, 0, columns);
}

void four_distances(const std::int32_t* a, Rows rows, std::size_t columns, std::uint64_t* out) {
    for (std::size_t k = 0; k < 4; ++k) {
        out[k] = distance(a, rows[k], columns);
    }
}
#endif

void distances_narrow(const std::int32_t* a, Rows rows, std::size_t row_count, std::size_t columns,
                      std::uint64_t* out) {
    std::size_t k = 0;
    for (; k + 4 <= row_count; k += 4) {
        four_distances(a, rows + k, columns, out + k);
    }
    for (; k < row_count; ++k) {
        out[k] = distance(a, rows[k], columns);
    }
}

void distance_wide(const std::int32_t* a, const std::int32_t* b, std::size_t columns,
                   std::uint64_t* low, std::uint64_t* high) {
    std::uint64_t low_sum = 0;
    std::uint64_t high_sum = 0;
    for (std::size_t j = 0; j < columns; ++j) {
        const auto x = static_cast<std::uint32_t>(a[j]);
        const auto y = static_cast<std::uint32_t>(b[j]);
        const std::uint32_t difference = a[j] < b[j] ? y - x : x - y;
        const std::uint64_t square = std::uint64_t{difference} * difference;
        low_sum += square & 0xffffffffU;
        high_sum += square >> 32U;
    }
    *low = low_sum;
    *high = high_sum;
}

// out = floor((2 sum + count) / (2 count)) per column. The sums are integers with 2 |sum| + count
// below 2^52 and the quotient below 2^31, so the division rounds to the wrong side of no integer.
void finish_mean(const double* sums, std::size_t columns, double count, std::int32_t* out) {
    for (std::size_t j = 0; j < columns; ++j) {
        const double quotient = (2.0 * sums[j] + count) / (2.0 * count);
        const auto truncated = static_cast<std::int32_t>(quotient);
        out[j] = truncated - (static_cast<double>(truncated) > quotient ? 1 : 0);
    }
}

void add_row(double* sums, const std::int32_t* row, std::size_t columns) {
    for (std::size_t j = 0; j < columns; ++j) {
        sums[j] += static_cast<double>(row[j]);
    }
}

void compare_exchange(std::int32_t* low, std::int32_t* high) {
    for (std::size_t j = 0; j < kTileColumns; ++j) {
        const std::int32_t x = low[j];
        const std::int32_t y = high[j];
        low[j] = x < y ? x : y;
        high[j] = x < y ? y : x;
    }
}

// Copies the tile row by row into scratch; columns beyond the width repeat nothing and are zero.
void load_tile(Rows rows, std::size_t row_count, std::size_t start, std::size_t width,
               std::int32_t* scratch) {
    for (std::size_t i = 0; i < row_count; ++i) {
        const std::int32_t* const row = rows[i] + start;
        std::int32_t* const target = scratch + i * kTileColumns;
        for (std::size_t j = 0; j < width; ++j) {
            target[j] = row[j];
        }
        for (std::size_t j = width; j < kTileColumns; ++j) {
            target[j] = 0;
        }
    }
}

void sorted_mean(Rows rows, std::size_t row_count, std::size_t columns,
                 const Comparator* comparators, std::size_t comparator_count, std::size_t first,
                 std::size_t last, std::int32_t* scratch, std::int32_t* out) {
    for (std::size_t start = 0; start < columns; start += kTileColumns) {
        const std::size_t width = columns - start < kTileColumns ? columns - start : kTileColumns;
        load_tile(rows, row_count, start, width, scratch);
        for (std::size_t c = 0; c < comparator_count; ++c) {
            compare_exchange(scratch + comparators[c].low * kTileColumns,
                             scratch + comparators[c].high * kTileColumns);
        }
        double sums[kTileColumns] = {};
        for (std::size_t i = first; i < last; ++i) {
            add_row(sums, scratch + i * kTileColumns, kTileColumns);
        }
        finish_mean(sums, width, static_cast<double>(last - first), out + start);
    }
}

void weighted_mean(Rows rows, const std::int32_t* weights, std::size_t row_count,
                   std::size_t columns, std::int32_t weight_sum, std::int32_t* out) {
    for (std::size_t start = 0; start < columns; start += kTileColumns) {
        const std::size_t width = columns - start < kTileColumns ? columns - start : kTileColumns;
        double sums[kTileColumns] = {};
        for (std::size_t i = 0; i < row_count; ++i) {
            const std::int32_t* const row = rows[i] + start;
            const auto weight = static_cast<double>(weights[i]);
            for (std::size_t j = 0; j < width; ++j) {
                sums[j] += weight * static_cast<double>(row[j]);
            }
        }
        finish_mean(sums, width, static_cast<double>(weight_sum), out + start);
    }
}

void scale(std::int32_t* values, std::size_t count, std::uint32_t ratio) {
    for (std::size_t j = 0; j < count; ++j) {
        // floor((2 x r + 2^30) / 2^31) = floor((x r + 2^29) / 2^30)
        const std::int64_t product = std::int64_t{values[j]} * std::int64_t{ratio};
        values[j] = static_cast<std::int32_t>((product + (std::int64_t{1} << 29)) >> 30);
    }
}

}  // namespace

namespace FEDSTAKE_KERNEL_SET {

const Kernels& table() noexcept {
    static constexpr Kernels kTable{
        .name = FEDSTAKE_KERNEL_TEXT(FEDSTAKE_KERNEL_SET),
        .max_magnitude = &max_magnitude,
        .distances_narrow = &distances_narrow,
        .distance_wide = &distance_wide,
        .sorted_mean = &sorted_mean,
        .weighted_mean = &weighted_mean,
        .scale = &scale,
    };
    return kTable;
}

}  // namespace FEDSTAKE_KERNEL_SET
}  // namespace fedstake::aggregation::kernels
