// Bodies of the inner loops: plain loops that compilers turn into vector code.
//
// This file is compiled several times with different -m options and FEDSTAKE_KERNEL_SET naming the
// set. It includes no header with inline functions, so that no code for a newer CPU can be merged
// into functions that an older CPU runs.
#include "aggregation/kernels/kernels.hpp"

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

// Four rows at once, so that row a is loaded once for all of them.
void four_distances(const std::int32_t* a, Rows rows, std::size_t columns, std::uint64_t* out) {
    const std::int32_t* const b0 = rows[0];
    const std::int32_t* const b1 = rows[1];
    const std::int32_t* const b2 = rows[2];
    const std::int32_t* const b3 = rows[3];
    std::int64_t sum0 = 0;
    std::int64_t sum1 = 0;
    std::int64_t sum2 = 0;
    std::int64_t sum3 = 0;
    for (std::size_t j = 0; j < columns; ++j) {
        const std::int32_t d0 = a[j] - b0[j];
        const std::int32_t d1 = a[j] - b1[j];
        const std::int32_t d2 = a[j] - b2[j];
        const std::int32_t d3 = a[j] - b3[j];
        sum0 += std::int64_t{d0} * d0;
        sum1 += std::int64_t{d1} * d1;
        sum2 += std::int64_t{d2} * d2;
        sum3 += std::int64_t{d3} * d3;
    }
    out[0] = static_cast<std::uint64_t>(sum0);
    out[1] = static_cast<std::uint64_t>(sum1);
    out[2] = static_cast<std::uint64_t>(sum2);
    out[3] = static_cast<std::uint64_t>(sum3);
}

void distances_narrow(const std::int32_t* a, Rows rows, std::size_t row_count, std::size_t columns,
                      std::uint64_t* out) {
    std::size_t k = 0;
    for (; k + 4 <= row_count; k += 4) {
        four_distances(a, rows + k, columns, out + k);
    }
    for (; k < row_count; ++k) {
        const std::int32_t* const b = rows[k];
        std::int64_t sum = 0;
        for (std::size_t j = 0; j < columns; ++j) {
            const std::int32_t difference = a[j] - b[j];
            sum += std::int64_t{difference} * difference;
        }
        out[k] = static_cast<std::uint64_t>(sum);
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
