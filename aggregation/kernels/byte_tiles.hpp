// Products of rows of bytes in the tile registers of x86 CPUs that have them (AMX-INT8): the inner
// loops of ByteGram. An int32 is four bytes, of which the highest counts with its sign; where all
// values of a panel fit fewer bytes, the highest of those does. A tile multiplication sums 64
// products of bytes in each of 16 x 16 int32, without rounding.
#pragma once

#include <cstddef>
#include <cstdint>

namespace fedstake::aggregation::kernels::tiles {

// Rows and columns of a tile of bytes.
inline constexpr std::size_t kRows = 16;
inline constexpr std::size_t kColumns = 64;
inline constexpr std::size_t kBytes = kRows * kColumns;
inline constexpr std::size_t kProducts = kRows * kRows;
inline constexpr std::size_t kPlanes = 4;  // bytes of a value
// Four products of two bytes each for these columns stay below 2^31.
inline constexpr std::size_t kColumnsMax = 8192;

// Whether CPU and operating system have the registers. Asks the system for them on the first call;
// any thread.
[[nodiscard]] bool available();

// A panel of groups of 16 rows. Plane p of group g is the p-th byte of the values of these rows,
// `steps` tiles from (g * kPlanes + p) * stride on: once with a row's 64 bytes side by side, once
// with rows and columns exchanged, four bytes at a time. The order of columns in a tile is that of
// pack_row(), the same for all rows.
struct Panel {
    const std::uint8_t* rows = nullptr;
    const std::uint8_t* columns = nullptr;
    std::size_t stride = 0;
    std::size_t steps = 0;
    unsigned planes = 1;  // that hold the values of every row
};

// The functions below REQUIRE available().

// Writes a row's planes, out being its place in the first tile of plane 0; the last tile is filled
// up with zeros. RETURNS the planes that the values need; the fourth is written only if they need
// it. REQUIRES columns >= 1.
unsigned pack_row(const std::int32_t* values, std::size_t columns, std::uint8_t* out,
                  std::size_t stride);
// Writes the fourth plane of a row whose values fit three.
void extend_row(std::uint8_t* row, std::size_t steps, std::size_t stride);
// Exchanges rows and columns of each tile.
void transpose(const std::uint8_t* tiles, std::size_t steps, std::uint8_t* out);

// Loads and releases the registers of this thread.
class Registers {
public:
    Registers();
    ~Registers();
    Registers(const Registers&) = delete;
    Registers& operator=(const Registers&) = delete;
};

// Adds the inner products of the rows of two groups to sums: kProducts low halves of 32 bits, by
// rows of row_group, then the rest of them. A group of rows stays in the first cache when it meets
// others one after the other. REQUIRES Registers in this thread.
void add_products(const Panel& panel, std::size_t row_group, std::size_t column_group,
                  std::int64_t* sums);

}  // namespace fedstake::aggregation::kernels::tiles
