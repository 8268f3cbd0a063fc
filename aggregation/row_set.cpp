// Reading of column blocks.
#include "aggregation/row_set.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "proto/base/check.hpp"

namespace fedstake::aggregation {
namespace {

constexpr std::size_t kColumnsStep = 64;
constexpr std::size_t kColumnsMax = 65536;
// Measured: blocks that stay in the second cache are about twice as fast as ones that do not, and
// rows of 4 KiB are still read from files at full speed.
constexpr std::size_t kBlockBytes = std::size_t{1} << 20U;
constexpr std::size_t kColumnsCached = 1024;

}  // namespace

RowBlock::RowBlock(std::size_t rows, std::size_t columns_max) : stride_(columns_max), rows_(rows) {}

Status RowBlock::load(std::span<const Row> rows, std::uint64_t first, std::size_t columns) {
    FS_CHECK(columns <= stride_ && rows.size() == rows_.size());
    columns_ = columns;
    for (std::size_t i = 0; i < rows.size(); ++i) {
        if (const std::int32_t* const values = rows[i].values->int32_values()) {
            FS_CHECK(first + columns <= rows[i].values->size());
            rows_[i] = values + first;
            continue;
        }
        values_.resize(rows_.size() * stride_);
        const std::span<std::int32_t> out(values_.data() + i * stride_, columns);
        FS_TRY(rows[i].values->read_int32(first, out));
        rows_[i] = out.data();
    }
    return {};
}

Result<BlockLayout> block_layout(std::uint64_t coordinates, std::size_t buffers,
                                 std::size_t row_buffers, std::size_t memory_bytes) {
    const std::size_t bytes_per_column = buffers * row_buffers * sizeof(std::int32_t);
    const std::size_t affordable = memory_bytes / bytes_per_column / kColumnsStep * kColumnsStep;
    if (affordable == 0) {
        return fail(Errc::kLimitExceeded,
                    fmt::format("aggregation needs at least {} bytes of buffers for {} rows, but "
                                "memory_bytes_max allows {}: raise it",
                                bytes_per_column * kColumnsStep, row_buffers, memory_bytes));
    }
    BlockLayout layout;
    const std::size_t cached =
        kBlockBytes / (row_buffers * sizeof(std::int32_t)) / kColumnsStep * kColumnsStep;
    const std::uint64_t whole = (coordinates / kColumnsStep + 1) * kColumnsStep;
    layout.columns = std::min({affordable, kColumnsMax, std::max(cached, kColumnsCached),
                               static_cast<std::size_t>(whole)});
    layout.blocks = (coordinates + layout.columns - 1) / layout.columns;
    return layout;
}

}  // namespace fedstake::aggregation
