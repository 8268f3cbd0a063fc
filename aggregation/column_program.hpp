// A rule by columns, ready to run on blocks of rows: every ColumnRule but kWeightedMean.
//
// Made once for a round and shared by its workers. Results are exact for every int32 value and
// depend on nothing but the rows: not on their order, the block's size or the instruction set.
//
//     const ColumnProgram program(combination);
//     std::vector<std::int32_t> scratch(program.scratch_values());   // one for each worker
//     program.run(pointers_to(program.rows()), reference, columns, scratch, out);
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "aggregation/combination.hpp"
#include "aggregation/kernels/columns.hpp"

namespace fedstake::aggregation {

class ColumnProgram {
public:
    // REQUIRES a rule other than kWeightedMean, weights 0 or 1 with 1 to kColumnRowsMax ones, and,
    // with k ones: first < last <= k for the windows; 1 <= count <= k for the nearest values.
    // O(k log^2 k) memory and time.
    explicit ColumnProgram(const Combination& combination);

    // The rows that the rule takes, ascending.
    [[nodiscard]] std::span<const std::size_t> rows() const noexcept { return rows_; }
    // run() needs the values of row `reference` of the combination.
    [[nodiscard]] bool needs_reference() const noexcept {
        return plan_.rule == ColumnRule::kNearestRow;
    }
    // int32 values of scratch, for any number of columns: at most 64 (2 k + 10) bytes.
    [[nodiscard]] std::size_t scratch_values() const noexcept;
    [[nodiscard]] const kernels::ColumnPlan& plan() const noexcept { return plan_; }

    // out[j] = the rule on column j of the rows, in the order of rows().
    // REQUIRES `columns` values behind each pointer and `out`, which overlaps none of them, and
    // scratch_values() of scratch; `reference` may be null unless needs_reference().
    // O(k log^2 k) compares for each column; every value is loaded once. Threads: any.
    void run(std::span<const std::int32_t* const> rows, const std::int32_t* reference,
             std::size_t columns, std::span<std::int32_t> scratch, std::int32_t* out) const;

private:
    std::vector<std::size_t> rows_;
    kernels::ColumnPlan plan_;
};

// The coordinate-wise median of all of n rows: the middle value, or the rounded mean of the middle
// two. REQUIRES n >= 1.
[[nodiscard]] Combination median_of(std::size_t n);

}  // namespace fedstake::aggregation
