// The n x d matrix of a round's updates, read by column block.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "aggregation/update_rows.hpp"

namespace fedstake::aggregation {

struct Row {
    const VectorSource* values = nullptr;  // borrowed
};

// A block of consecutive columns of all rows, with one buffer for each worker. Rows that lie in
// memory are not copied.
class RowBlock {
public:
    RowBlock(std::size_t rows, std::size_t columns_max);

    [[nodiscard]] static std::size_t bytes(std::size_t rows, std::size_t columns_max) noexcept {
        return rows * columns_max * sizeof(std::int32_t);
    }

    // Reads columns [first, first + columns). REQUIRES columns <= columns_max and as many rows as
    // given to the constructor.
    [[nodiscard]] Status load(std::span<const Row> rows, std::uint64_t first, std::size_t columns);

    [[nodiscard]] std::size_t columns() const noexcept { return columns_; }
    [[nodiscard]] const std::int32_t* row(std::size_t index) const noexcept { return rows_[index]; }

private:
    std::size_t stride_;
    std::size_t columns_ = 0;
    std::vector<const std::int32_t*> rows_;
    std::vector<std::int32_t> values_;  // of the rows that have to be read
};

// How the columns are cut: fixed by n, d and the memory allowed; results never depend on it.
struct BlockLayout {
    std::size_t columns = 0;  // a multiple of 64, at most 65536
    std::uint64_t blocks = 0;
};

// buffers: blocks held at once. row_buffers: rows of `columns` values in each (inputs and outputs).
// reads: rows are read from storage, in pieces of a block's width.
// RETURNS kLimitExceeded when memory_bytes does not hold even the smallest blocks of 64 columns.
[[nodiscard]] Result<BlockLayout> block_layout(std::uint64_t coordinates, std::size_t buffers,
                                               std::size_t row_buffers, std::size_t memory_bytes,
                                               bool reads);

}  // namespace fedstake::aggregation
