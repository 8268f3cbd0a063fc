// Rules by columns on a block of rows: sorted columns in vector lanes, then a mean of what the rule
// takes. Exact for every int32 value.
//
// A tile is as many columns as a vector has lanes. Its rows are sorted as vectors, by a plan that
// is made once: blocks of up to 32 rows are sorted in registers, then merged with Batcher's
// odd-even merge, whose levels are grouped so that 16 rows pass several of them in registers
// (columns_plan.cpp). What the rule does not need of a full sort is left out where that is faster.
//
// Where compares of floats are faster than those of integers, values below 2^28 are sorted as the
// floats that have their bits: between 2^29 and 2^30, integers and floats have the same order.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "aggregation/combination.hpp"
#include "aggregation/kernels/columns_network.hpp"

namespace fedstake::aggregation::kernels {

inline constexpr std::size_t kColumnRowsMax = 1024;
// Lanes of the widest vectors, and their bytes.
inline constexpr std::size_t kColumnLanesMax = 16;
inline constexpr std::size_t kColumnAlignment = 64;

// One step of sorting the rows of a tile. Wires are rows of scratch.
struct ColumnStep {
    enum class Kind : std::uint8_t {
        kSort,      // rows base .. base + count - 1 of the input, sorted, to the same wires
        kCopy,      // the same rows, as they are
        kMerge,     // wires base + i stride: 8 ascending ones, then count - 8 ascending ones
        kClean,     // the last `levels` levels of a merge, on count groups of 2^levels wires
        kExchange,  // entries base .. base + count - 1 of the exchanges
    };
    Kind kind = Kind::kSort;
    std::uint8_t levels = 0;
    std::uint16_t stride = 1;
    std::uint16_t times = 1;  // kMerge, kClean: also from the next times - 1 wires on
    std::uint32_t base = 0;
    std::uint32_t count = 0;
};

// The exchanges of a step, in order. REQUIRES neither kCopy nor kExchange.
[[nodiscard]] std::vector<Exchange> exchanges_of(const ColumnStep& step);

struct ColumnPlan {
    ColumnRule rule = ColumnRule::kWindowMean;
    std::size_t rows = 0;
    std::size_t first = 0;
    std::size_t last = 0;
    std::size_t count = 0;
    std::size_t threshold = 0;
    std::size_t wires = 0;  // rows, or the next multiple of 8
    std::vector<ColumnStep> steps{};
    std::vector<Exchange> exchanges{};
};

// The plan of a rule on `rows` rows; fields of the combination are those of combination.hpp.
// O(n log^2 n) exchanges. REQUIRES 1 <= rows <= kColumnRowsMax, a rule other than kWeightedMean and
// fields within the rows.
[[nodiscard]] ColumnPlan make_column_plan(const Combination& combination, std::size_t rows);

// int32 values of scratch that run_columns() needs, whatever the number of columns.
[[nodiscard]] std::size_t column_scratch(const ColumnPlan& plan) noexcept;

// out[j] = the plan's rule on rows[0][j], rows[1][j], ...; reference[j] is the centre of
// kNearestRow. `out` overlaps no row. Memory: scratch only. Threads: any, with their own scratch.
void run_columns(const ColumnPlan& plan, const std::int32_t* const* rows,
                 const std::int32_t* reference, std::size_t columns, std::int32_t* scratch,
                 std::int32_t* out);

}  // namespace fedstake::aggregation::kernels
