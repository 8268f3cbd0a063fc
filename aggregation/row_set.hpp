// The n x d matrix of a round's updates, read by column block; rows may be scaled on the way.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "aggregation/update_rows.hpp"

namespace fedstake::aggregation {

// A ratio is ratio / 2^30; kRatioOne leaves the row as it is.
inline constexpr unsigned kRatioBits = 30;
inline constexpr std::uint32_t kRatioOne = 1U << kRatioBits;

// One row: x_j' = rounded_div(x_j * ratio, 2^30).
struct Row {
    const VectorSource* values = nullptr;  // borrowed
    std::uint32_t ratio = kRatioOne;
};

// A block of consecutive columns of all rows, with one buffer for each worker.
class RowBlock {
public:
    RowBlock(std::size_t rows, std::size_t columns_max);

    // Reads columns [first, first + columns). REQUIRES columns <= columns_max and as many rows as
    // given to the constructor.
    [[nodiscard]] Status load(std::span<const Row> rows, std::uint64_t first, std::size_t columns);

    [[nodiscard]] std::size_t columns() const noexcept { return columns_; }
    [[nodiscard]] const std::int32_t* row(std::size_t index) const noexcept {
        return values_.data() + index * stride_;
    }

private:
    std::size_t stride_;
    std::size_t columns_ = 0;
    std::vector<std::int32_t> values_;
};

// How the columns are cut: fixed by n, d and the memory allowed; results never depend on it.
struct BlockLayout {
    std::size_t columns = 0;  // a multiple of 64, at most 65536
    std::uint64_t blocks = 0;
};

// buffers: blocks held at once. row_buffers: rows of `columns` values in each (inputs and outputs).
// RETURNS kLimitExceeded when memory_bytes does not hold even the smallest blocks of 64 columns.
[[nodiscard]] Result<BlockLayout> block_layout(std::uint64_t coordinates, std::size_t buffers,
                                               std::size_t row_buffers, std::size_t memory_bytes);

}  // namespace fedstake::aggregation
