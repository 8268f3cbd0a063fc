// The exact Gram matrix (gram.hpp) on doubles, for every CPU: a symmetric matrix product in which
// every partial sum is an integer below 2^53, so that fused multiply-adds round nothing and the
// instruction set cannot change a result.
//
// Columns are converted to doubles once, panel by panel, and pairs are multiplied in tiles of four
// by four rows. Sums move into 64-bit integers before they can pass 2^53. Rows with values beyond
// the kernel's largest magnitude are split, x = 2^15 h + l, and their parts are rows of their own.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "aggregation/integer_math.hpp"
#include "aggregation/kernels/aligned.hpp"

namespace fedstake::aggregation::kernels {

// Functions as in Gram.
class DoubleGram {
public:
    DoubleGram(std::size_t rows, std::size_t panel_columns);

    // 16 bytes for each pair, and 16 for each value of a panel.
    [[nodiscard]] static std::size_t bytes(std::size_t rows, std::size_t panel_columns) noexcept;
    [[nodiscard]] static std::size_t best_panel_columns(std::size_t rows) noexcept;

    void fill(std::size_t row, const std::int32_t* values, std::size_t columns);
    void multiply(std::span<const std::int32_t* const> next, std::size_t next_columns);
    void add(const DoubleGram& other) noexcept;
    [[nodiscard]] SignedWide inner(std::size_t i, std::size_t j) const noexcept;

private:
    void add_high_tile(std::size_t row_group, std::size_t column_group,
                       const std::int64_t* products);
    void add_shifted(std::size_t i, std::size_t j, std::int64_t product, unsigned shift) noexcept;
    [[nodiscard]] std::size_t place_of_sum(std::size_t i, std::size_t j) const noexcept;
    [[nodiscard]] double* row(std::size_t index) noexcept;

    std::size_t rows_;
    std::size_t groups_;
    std::size_t stride_;       // of a group of the panel
    std::size_t columns_ = 0;  // of the panel as it is
    std::uint32_t limit_;      // magnitudes beyond it are split
    // Rows in their order, or the low parts of those that are split, filled up to whole groups of
    // four with zeros; then the high parts.
    AlignedArray<double> panel_;
    std::vector<std::uint32_t> split_;       // the rows with a high part, in the order of these
    std::vector<std::uint32_t> magnitudes_;  // the largest of each group
    // For each tile on or above the diagonal: the low 32 bits of 16 sums, then the rest of them.
    AlignedArray<std::int64_t> sums_;
    AlignedArray<std::int64_t> products_;  // of one row of tiles
};

}  // namespace fedstake::aggregation::kernels
