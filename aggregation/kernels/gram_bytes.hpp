// The exact Gram matrix (gram.hpp) from products of bytes: for CPUs with tile registers, which
// multiply 64 times as many bytes as doubles in the same time. Rows are split into their bytes
// panel by panel, in groups of 16; a panel whose values fit b bytes takes b^2 products of groups.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "aggregation/integer_math.hpp"
#include "aggregation/kernels/aligned.hpp"
#include "aggregation/kernels/byte_tiles.hpp"

namespace fedstake::aggregation::kernels {

// Functions as in Gram. REQUIRES tiles::available().
class ByteGram {
public:
    ByteGram(std::size_t rows, std::size_t panel_columns);

    [[nodiscard]] static std::size_t bytes(std::size_t rows, std::size_t panel_columns) noexcept;
    [[nodiscard]] static std::size_t best_panel_columns(std::size_t rows) noexcept;

    void fill(std::size_t row, const std::int32_t* values, std::size_t columns);
    // Fetching rows ahead in the meantime was measured not to help.
    void multiply();
    void add(const ByteGram& other) noexcept;
    [[nodiscard]] SignedWide inner(std::size_t i, std::size_t j) const noexcept;

private:
    [[nodiscard]] std::uint8_t* row(std::size_t index) noexcept;
    void finish_planes(unsigned planes);
    [[nodiscard]] std::int64_t* tile(std::size_t row_group, std::size_t column_group) noexcept;

    std::size_t rows_;
    std::size_t groups_;
    std::size_t stride_;            // of a plane
    std::size_t columns_ = 0;       // of the panel as it is
    std::vector<unsigned> planes_;  // that each row needs in this panel
    AlignedArray<std::uint8_t> row_tiles_;
    AlignedArray<std::uint8_t> column_tiles_;
    // For each pair of groups on or above the diagonal: low halves of sums, then the rest.
    AlignedArray<std::int64_t> sums_;
};

}  // namespace fedstake::aggregation::kernels
