// Rows, parts of rows and sums around the tiles of gram_panel.hpp.
#include "aggregation/kernels/gram_doubles.hpp"

#include <algorithm>

#include "aggregation/kernels/gram_panel.hpp"
#include "proto/base/check.hpp"

namespace fedstake::aggregation::kernels {
namespace {

using panel::kGroup;
using panel::kStep;
using panel::kTile;

constexpr std::size_t kTileWords = 2 * kTile;
// Groups of rows that meet the others together: they and one more stay in the first cache.
constexpr std::size_t kStrips = 2;
constexpr std::size_t kPanelBytes = std::size_t{1} << 20U;
constexpr std::size_t kPanelColumnsMin = 64;
constexpr std::size_t kPanelColumnsBest = 384;  // measured
constexpr std::size_t kPanelColumnsMax = 512;

std::size_t groups_of(std::size_t rows) {
    return (rows + kGroup - 1) / kGroup;
}

// Room for every row and its high part.
std::size_t panel_size(std::size_t groups, std::size_t columns) {
    return 2 * groups * kGroup * columns;
}

std::size_t sums_size(std::size_t groups) {
    return groups * (groups + 1) / 2 * kTileWords;
}

// Of the tiles on and above the diagonal, row by row.
std::size_t tile_index(std::size_t groups, std::size_t row, std::size_t column) {
    return row * groups - row * (row + 1) / 2 + column;
}

// Asks for the values of a few rows, which takes no time but that of the requests.
void prefetch(std::span<const std::int32_t* const> rows, std::size_t columns) {
    constexpr std::size_t kLineValues = kLineBytes / sizeof(std::int32_t);
    for (const std::int32_t* const row : rows) {
        for (std::size_t j = 0; j < columns; j += kLineValues) {
            __builtin_prefetch(row + j, 0, 2);
        }
    }
}

}  // namespace

DoubleGram::DoubleGram(std::size_t rows, std::size_t panel_columns)
    : rows_(rows),
      groups_(groups_of(rows)),
      stride_(kGroup * panel_columns),
      limit_(panel::magnitude_limit()),
      panel_(panel_size(groups_, panel_columns)),
      magnitudes_(2 * groups_),
      sums_(sums_size(groups_)),
      products_(groups_ * kTile) {
    FS_CHECK(rows >= 1 && panel_columns >= kStep && panel_columns <= kPanelColumnsMax &&
             panel_columns % kStep == 0);
    split_.reserve(rows);
}

std::size_t DoubleGram::bytes(std::size_t rows, std::size_t panel_columns) noexcept {
    const std::size_t groups = groups_of(rows);
    return panel_size(groups, panel_columns) * sizeof(double) +
           (sums_size(groups) + groups * kTile) * sizeof(std::int64_t) +
           (rows + 2 * groups) * sizeof(std::uint32_t);
}

std::size_t DoubleGram::best_panel_columns(std::size_t rows) noexcept {
    const std::size_t fitting = kPanelBytes / (groups_of(rows) * kGroup * sizeof(double));
    return std::clamp(fitting / kStep * kStep, kPanelColumnsMin, kPanelColumnsBest);
}

double* DoubleGram::row(std::size_t index) noexcept {
    return panel_.data() + index / kGroup * stride_ + index % kGroup * kStep;
}

void DoubleGram::fill(std::size_t row_index, const std::int32_t* values, std::size_t columns) {
    FS_CHECK(row_index < rows_ && columns >= 1 && columns * kGroup <= stride_);
    std::uint32_t magnitude = panel::widen(values, columns, row(row_index));
    if (magnitude > limit_) {
        magnitude = panel::kLowMagnitude;
        const std::size_t high = groups_ * kGroup + split_.size();
        panel::widen_split(values, columns, row(row_index), row(high));
        magnitudes_[high / kGroup] = panel::kHighMagnitude;
        split_.push_back(static_cast<std::uint32_t>(row_index));
    }
    std::uint32_t& group = magnitudes_[row_index / kGroup];
    group = std::max(group, magnitude);
    columns_ = columns;
}

void DoubleGram::multiply(std::span<const std::int32_t* const> next, std::size_t next_columns) {
    const panel::View view{.values = panel_.data(),
                           .stride = stride_,
                           .columns = (columns_ + kStep - 1) / kStep * kStep,
                           .magnitudes = magnitudes_.data()};
    for (std::size_t group = 0; group < groups_; group += kStrips) {
        const std::size_t count = std::min(kStrips, groups_ - group);
        std::int64_t* sums[kStrips] = {};
        for (std::size_t k = 0; k < count; ++k) {
            sums[k] = sums_.data() + tile_index(groups_, group + k, group + k) * kTileWords;
        }
        panel::add_strips(view, group, count, groups_, sums);
        const std::size_t row = std::min(group * kGroup, next.size());
        prefetch(next.subspan(row, std::min(kStrips * kGroup, next.size() - row)), next_columns);
    }
    if (!split_.empty()) {
        const std::size_t all = groups_ + groups_of(split_.size());
        for (std::size_t group = 0; group < all; ++group) {
            const std::size_t first = std::max(group, groups_);
            panel::multiply_strip(view, group, first, all, products_.data());
            for (std::size_t other = first; other < all; ++other) {
                add_high_tile(group, other, products_.data() + (other - first) * kTile);
            }
        }
    }
    split_.clear();
    std::fill(magnitudes_.begin(), magnitudes_.end(), 0U);
}

// The tile's second rows are high parts; its first rows are high parts too beyond groups_. Rows
// that fill up a group of high parts are left over from other panels and skipped.
void DoubleGram::add_high_tile(std::size_t row_group, std::size_t column_group,
                               const std::int64_t* products) {
    const bool both = row_group >= groups_;
    const std::size_t first = (both ? row_group - groups_ : row_group) * kGroup;
    const std::size_t second = (column_group - groups_) * kGroup;
    const std::size_t first_end = std::min(first + kGroup, both ? split_.size() : rows_);
    const std::size_t second_end = std::min(second + kGroup, split_.size());
    for (std::size_t a = first; a < first_end; ++a) {
        for (std::size_t b = second; b < second_end; ++b) {
            const std::int64_t product = products[(a - first) * kGroup + (b - second)];
            if (!both) {
                const std::size_t row = split_[b];
                add_shifted(a, row, a == row ? 2 * product : product, panel::kSplitBits);
            } else if (a <= b) {
                add_shifted(split_[a], split_[b], product, 2 * panel::kSplitBits);
            }
        }
    }
}

// REQUIRES shift <= 32.
void DoubleGram::add_shifted(std::size_t i, std::size_t j, std::int64_t product,
                             unsigned shift) noexcept {
    constexpr std::uint64_t kLowBits = 0xffffffffU;
    std::int64_t* const sums = sums_.data() + place_of_sum(i, j);
    const std::uint64_t low = (static_cast<std::uint64_t>(product) << shift) & kLowBits;
    sums[0] += static_cast<std::int64_t>(low);
    sums[kTile] += product >> (32U - shift);
}

std::size_t DoubleGram::place_of_sum(std::size_t i, std::size_t j) const noexcept {
    const auto [first, second] = std::minmax(i, j);
    return tile_index(groups_, first / kGroup, second / kGroup) * kTileWords +
           first % kGroup * kGroup + second % kGroup;
}

void DoubleGram::add(const DoubleGram& other) noexcept {
    for (std::size_t k = 0; k < sums_.size(); ++k) {
        sums_[k] += other.sums_[k];
    }
}

SignedWide DoubleGram::inner(std::size_t i, std::size_t j) const noexcept {
    const std::int64_t* const sums = sums_.data() + place_of_sum(i, j);
    return SignedWide{sums[kTile]} * (SignedWide{1} << 32U) + sums[0];
}

}  // namespace fedstake::aggregation::kernels
