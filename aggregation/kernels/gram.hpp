// Exact inner products of all pairs of rows, the work behind squared distances: a symmetric matrix
// product on doubles in which every partial sum is an integer below 2^53, so that fused
// multiply-adds round nothing and the instruction set cannot change a result.
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

// max |value|, which is 2^31 for INT32_MIN; 0 for no values.
[[nodiscard]] std::uint32_t largest_magnitude(const std::int32_t* values, std::size_t count);

// Sums of products over the columns seen so far. One object for each thread; sums are added in the
// end. Calls: fill() for every row with the same number of columns, then multiply(), and again.
class Gram {
public:
    // REQUIRES rows >= 1 and panel_columns a multiple of 8, from 8 to 512.
    Gram(std::size_t rows, std::size_t panel_columns);

    // The memory of one object: 16 bytes for each pair, and 16 for each value of a panel.
    [[nodiscard]] static std::size_t bytes(std::size_t rows, std::size_t panel_columns) noexcept;
    // The width with which panels stay in the second cache.
    [[nodiscard]] static std::size_t best_panel_columns(std::size_t rows) noexcept;

    // Puts `columns` values of one row into the panel. REQUIRES 1 <= columns <= panel_columns.
    void fill(std::size_t row, const std::int32_t* values, std::size_t columns);
    // Adds the products of the panel's rows and empties it. REQUIRES at most 2^31 columns over all
    // calls. O(rows^2 columns).
    // next: where the rows of the next panel lie, to fetch `next_columns` values of each from
    // memory in the meantime; may be empty.
    void multiply(std::span<const std::int32_t* const> next = {}, std::size_t next_columns = 0);
    // Adds the sums of another object with as many rows.
    void add(const Gram& other) noexcept;

    // sum over columns of x_i x_j
    [[nodiscard]] SignedWide inner(std::size_t i, std::size_t j) const noexcept;

private:
    void multiply_high_parts();
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
