// Panels of bytes and the order of their blocks.
#include "aggregation/kernels/gram_bytes.hpp"

#include <algorithm>

#include "proto/base/check.hpp"

namespace fedstake::aggregation::kernels {
namespace {

constexpr std::size_t kTileSums = 2 * tiles::kProducts;
// Measured: a group of a panel stays in the first cache, and the panel in the second one together
// with the rows that it is made of.
constexpr std::size_t kPanelBytes = std::size_t{1} << 20U;
constexpr std::size_t kPanelColumnsMin = 128;
constexpr std::size_t kPanelColumnsBest = 512;

std::size_t groups_of(std::size_t rows) {
    return (rows + tiles::kRows - 1) / tiles::kRows;
}

std::size_t steps_of(std::size_t columns) {
    return (columns + tiles::kColumns - 1) / tiles::kColumns;
}

std::size_t panel_size(std::size_t rows, std::size_t panel_columns) {
    return groups_of(rows) * tiles::kPlanes * steps_of(panel_columns) * tiles::kBytes;
}

std::size_t sums_size(std::size_t rows) {
    const std::size_t groups = groups_of(rows);
    return groups * (groups + 1) / 2 * kTileSums;
}

std::size_t tile_index(std::size_t groups, std::size_t row, std::size_t column) {
    return row * groups - row * (row + 1) / 2 + column;
}

}  // namespace

ByteGram::ByteGram(std::size_t rows, std::size_t panel_columns)
    : rows_(rows),
      groups_(groups_of(rows)),
      stride_(steps_of(panel_columns) * tiles::kBytes),
      planes_(rows),
      row_tiles_(panel_size(rows, panel_columns)),
      column_tiles_(panel_size(rows, panel_columns)),
      sums_(sums_size(rows)) {
    FS_CHECK(rows >= 1 && panel_columns >= 1 && panel_columns <= tiles::kColumnsMax);
}

std::size_t ByteGram::bytes(std::size_t rows, std::size_t panel_columns) noexcept {
    return 2 * panel_size(rows, panel_columns) + sums_size(rows) * sizeof(std::int64_t) +
           rows * sizeof(unsigned);
}

std::size_t ByteGram::best_panel_columns(std::size_t rows) noexcept {
    const std::size_t column_bytes = 2 * groups_of(rows) * tiles::kRows * tiles::kPlanes;
    const std::size_t fitting = kPanelBytes / column_bytes / tiles::kColumns * tiles::kColumns;
    return std::clamp(fitting, kPanelColumnsMin, kPanelColumnsBest);
}

std::uint8_t* ByteGram::row(std::size_t index) noexcept {
    return row_tiles_.data() + index / tiles::kRows * tiles::kPlanes * stride_ +
           index % tiles::kRows * tiles::kColumns;
}

void ByteGram::fill(std::size_t row_index, const std::int32_t* values, std::size_t columns) {
    FS_CHECK(row_index < rows_ && columns >= 1 && steps_of(columns) * tiles::kBytes <= stride_);
    planes_[row_index] = tiles::pack_row(values, columns, row(row_index), stride_);
    columns_ = columns;
}

void ByteGram::finish_planes(unsigned planes) {
    const std::size_t steps = steps_of(columns_);
    for (std::size_t i = 0; i < rows_ && planes == tiles::kPlanes; ++i) {
        if (planes_[i] < tiles::kPlanes) {
            tiles::extend_row(row(i), steps, stride_);
        }
    }
    for (std::size_t group = 0; group < groups_; ++group) {
        for (std::size_t plane = 0; plane < planes; ++plane) {
            const std::size_t place = (group * tiles::kPlanes + plane) * stride_;
            tiles::transpose(row_tiles_.data() + place, steps, column_tiles_.data() + place);
        }
    }
}

void ByteGram::multiply() {
    const unsigned planes = *std::max_element(planes_.begin(), planes_.end());
    finish_planes(planes);
    const tiles::Panel panel{.rows = row_tiles_.data(),
                             .columns = column_tiles_.data(),
                             .stride = stride_,
                             .steps = steps_of(columns_),
                             .planes = planes};
    const tiles::Registers registers;
    for (std::size_t first = 0; first < groups_; ++first) {
        for (std::size_t second = first; second < groups_; ++second) {
            tiles::add_products(panel, first, second, tile(first, second));
        }
    }
}

std::int64_t* ByteGram::tile(std::size_t row_group, std::size_t column_group) noexcept {
    return sums_.data() + tile_index(groups_, row_group, column_group) * kTileSums;
}

void ByteGram::add(const ByteGram& other) noexcept {
    for (std::size_t k = 0; k < sums_.size(); ++k) {
        sums_[k] += other.sums_[k];
    }
}

SignedWide ByteGram::inner(std::size_t i, std::size_t j) const noexcept {
    const auto [first, second] = std::minmax(i, j);
    const std::size_t index = tile_index(groups_, first / tiles::kRows, second / tiles::kRows);
    const std::int64_t* const sum = sums_.data() + index * kTileSums +
                                    first % tiles::kRows * tiles::kRows + second % tiles::kRows;
    return SignedWide{sum[tiles::kProducts]} * (SignedWide{1} << 32U) + sum[0];
}

}  // namespace fedstake::aggregation::kernels
