// The inner loops of the exact Gram matrix (gram.hpp): conversion of rows to doubles, and tiles of
// four by four rows of inner products. Compiled for each instruction set of targets.hpp.
#pragma once

#include <cstddef>
#include <cstdint>

namespace fedstake::aggregation::kernels::panel {

// Rows that are multiplied at once, and the products of two groups.
inline constexpr std::size_t kGroup = 4;
inline constexpr std::size_t kTile = kGroup * kGroup;
// Columns of one row that lie side by side: column j of row r of a group is at
// (j / kStep) * kGroup * kStep + r * kStep + j % kStep. The last step is filled up with zeros.
inline constexpr std::size_t kStep = 8;
// x = 2^15 h + l with -2^14 <= l < 2^14, so |h| <= 2^16 for every int32.
inline constexpr unsigned kSplitBits = 15;
inline constexpr std::uint32_t kLowMagnitude = 1U << 14U;
inline constexpr std::uint32_t kHighMagnitude = 1U << 16U;

// Groups of rows of doubles that hold integers, aligned to cache lines.
struct View {
    const double* values = nullptr;
    std::size_t stride = 0;                     // from one group to the next
    std::size_t columns = 0;                    // a multiple of kStep, at most 512
    const std::uint32_t* magnitudes = nullptr;  // the largest of each group
};

// Rows with values beyond this are split: their sums would have to move to integers too often.
// At most 2^26, so that a sum over 512 columns fits an int64.
[[nodiscard]] std::uint32_t magnitude_limit();

// max |value|, which is 2^31 for INT32_MIN; 0 for no values.
[[nodiscard]] std::uint32_t magnitude(const std::int32_t* values, std::size_t count);

// Writes one row to a panel, out being the place of its first column. RETURNS its largest
// magnitude. REQUIRES columns >= 1.
std::uint32_t widen(const std::int32_t* values, std::size_t columns, double* out);
// The same for the low and the high parts.
void widen_split(const std::int32_t* values, std::size_t columns, double* low, double* high);

// The products of the rows of `group` with those of the groups [first, last): kTile int64 for each,
// by rows.
void multiply_strip(const View& view, std::size_t group, std::size_t first, std::size_t last,
                    std::int64_t* out);
// For each k < count: the products of group + k with the groups [group + k, last), added to
// sums[k]: for each group the low 32 bits of kTile products, then the rest of them.
void add_strips(const View& view, std::size_t group, std::size_t count, std::size_t last,
                std::int64_t* const* sums);

}  // namespace fedstake::aggregation::kernels::panel
