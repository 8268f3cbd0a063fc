// The inner loops, compiled once for each instruction set and chosen when the program starts.
//
// Every loop computes with integers (or with doubles that hold exact integers below 2^53), so the
// instruction set, the order of the additions and the compiler cannot change a result.
#pragma once

#include <cstddef>
#include <cstdint>

namespace fedstake::aggregation::kernels {

// Wires `low` and `high` of a sorting network: afterwards value[low] <= value[high].
struct Comparator {
    std::uint16_t low;
    std::uint16_t high;
};

// Columns that one tile of a column kernel handles; scratch is rows * kTileColumns values.
inline constexpr std::size_t kTileColumns = 64;
// Values of one call of distances_narrow, and their largest magnitude: 2^10 squares of differences
// below 2^27 fit 64 bits.
inline constexpr std::size_t kNarrowColumnsMax = 1024;
inline constexpr std::uint32_t kNarrowMagnitudeMax = (1U << 26U) - 1;
// Weights of weighted_sum: products and their sum stay below 2^51.
inline constexpr std::int32_t kSmallWeightSumMax = 1 << 20;

// rows[i] points to the values of row i for the columns of this call.
using Rows = const std::int32_t* const*;

struct Kernels {
    const char* name;

    // max |value|; INT32_MIN counts as 2^31.
    std::uint32_t (*max_magnitude)(const std::int32_t* values, std::size_t count);

    // out[k] = sum over columns of (a - rows[k])^2. REQUIRES columns <= kNarrowColumnsMax and no
    // magnitude above kNarrowMagnitudeMax.
    void (*distances_narrow)(const std::int32_t* a, Rows rows, std::size_t row_count,
                             std::size_t columns, std::uint64_t* out);
    // The same for any int32: the sum is high * 2^32 + low. REQUIRES columns < 2^31.
    void (*distance_wide)(const std::int32_t* a, const std::int32_t* b, std::size_t columns,
                          std::uint64_t* low, std::uint64_t* high);

    // Per column: runs the comparators over the rows, then out = rounded mean of the rows
    // [first, last) of the result. REQUIRES row_count <= 512.
    void (*sorted_mean)(Rows rows, std::size_t row_count, std::size_t columns,
                        const Comparator* comparators, std::size_t comparator_count,
                        std::size_t first, std::size_t last, std::int32_t* scratch,
                        std::int32_t* out);

    // Per column: out = rounded (sum of weights[i] * rows[i]) / weight_sum.
    // REQUIRES weight_sum == sum of weights <= kSmallWeightSumMax.
    void (*weighted_mean)(Rows rows, const std::int32_t* weights, std::size_t row_count,
                          std::size_t columns, std::int32_t weight_sum, std::int32_t* out);

    // values[j] = rounded values[j] * ratio / 2^30. REQUIRES ratio <= 2^30.
    void (*scale)(std::int32_t* values, std::size_t count, std::uint32_t ratio);
};

// The fastest set that this CPU runs. FEDSTAKE_KERNELS=base|avx2|avx512 forces a slower one.
[[nodiscard]] const Kernels& active() noexcept;

// Every set that this CPU runs, slowest first, for tests and benchmarks.
struct KernelList {
    const Kernels* items[3];
    std::size_t count;
};
[[nodiscard]] KernelList available() noexcept;

}  // namespace fedstake::aggregation::kernels
