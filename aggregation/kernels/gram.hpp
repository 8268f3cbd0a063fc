// Exact inner products of all pairs of rows, the work behind squared distances. Two ways to the
// same integers: products of bytes where the CPU has tile registers (gram_bytes.hpp), and products
// of doubles everywhere else (gram_doubles.hpp).
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <variant>

#include "aggregation/integer_math.hpp"
#include "aggregation/kernels/gram_bytes.hpp"
#include "aggregation/kernels/gram_doubles.hpp"

namespace fedstake::aggregation::kernels {

// max |value|, which is 2^31 for INT32_MIN; 0 for no values.
[[nodiscard]] std::uint32_t largest_magnitude(const std::int32_t* values, std::size_t count);

// Sums of products over the columns seen so far. One object for each thread; sums are added in the
// end. Calls: fill() for every row with the same number of columns, then multiply(), and again.
class Gram {
public:
    // REQUIRES rows >= 1 and panel_columns a multiple of 8, from 8 to 512.
    Gram(std::size_t rows, std::size_t panel_columns);

    // The memory of one object: some 16 bytes for each pair and each value of a panel; byte tiles
    // round rows up to 16 and columns to 64 first.
    [[nodiscard]] static std::size_t bytes(std::size_t rows, std::size_t panel_columns);
    // The width with which panels stay in the second cache.
    [[nodiscard]] static std::size_t best_panel_columns(std::size_t rows);

    // Puts `columns` values of one row into the panel. REQUIRES 1 <= columns <= panel_columns.
    void fill(std::size_t row, const std::int32_t* values, std::size_t columns);
    // Adds the products of the panel's rows and empties it. REQUIRES at most 2^31 columns over all
    // calls. O(rows^2 columns).
    // next: where the rows of the next panel lie; `next_columns` values of each may be fetched from
    // memory in the meantime. May be empty.
    void multiply(std::span<const std::int32_t* const> next = {}, std::size_t next_columns = 0);
    // Adds the sums of another object with as many rows. REQUIRES that both were made for the same
    // target.
    void add(const Gram& other) noexcept;

    // sum over columns of x_i x_j
    [[nodiscard]] SignedWide inner(std::size_t i, std::size_t j) const noexcept;

private:
    std::variant<DoubleGram, ByteGram> gram_;
};

}  // namespace fedstake::aggregation::kernels
