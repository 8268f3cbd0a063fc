// A matrix of numbers, n rows by d columns, as it lies in a file: read in pieces, as doubles.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "proto/base/result.hpp"
#include "sim/matrix/byte_store.hpp"

namespace fedstake::sim {

// Little-endian numbers of the files. Integers above 2^53 are read as the nearest double.
enum class ElementType : std::uint8_t { kFloat32, kFloat64, kInt32, kInt64 };

[[nodiscard]] std::size_t element_bytes(ElementType type) noexcept;
// "float32"
[[nodiscard]] std::string_view element_name(ElementType type) noexcept;

// A row lies without gaps from `offset` on.
struct StoredRow {
    std::uint64_t offset = 0;
    ElementType type = ElementType::kFloat64;
};

class NumberRows {
public:
    // REQUIRES that every row with its columns lies inside the bytes.
    NumberRows(std::shared_ptr<const ByteStore> bytes, std::vector<StoredRow> rows,
               std::uint64_t columns);

    [[nodiscard]] std::size_t rows() const noexcept { return rows_.size(); }
    [[nodiscard]] std::uint64_t columns() const noexcept { return columns_; }
    // Every number was stored as a float32.
    [[nodiscard]] bool single_precision() const noexcept;

    // Columns [first, first + out.size()) of one row; not-a-number and infinities come as they are.
    // Safe for concurrent calls. REQUIRES row < rows() and the range to lie inside columns().
    // RETURNS the errors of ByteStore::read().
    [[nodiscard]] Status read(std::size_t row, std::uint64_t first, std::span<double> out) const;

private:
    std::shared_ptr<const ByteStore> bytes_;
    std::vector<StoredRow> rows_;
    std::uint64_t columns_;
};

// What every format asks of a matrix: 1 to limits::kSitesMax rows of 1 to limits::kCoordinatesMax
// columns. RETURNS kInvalidInput.
[[nodiscard]] Status check_matrix_size(std::uint64_t rows, std::uint64_t columns);

}  // namespace fedstake::sim
