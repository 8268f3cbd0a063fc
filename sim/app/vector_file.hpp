// An aggregate in fixed point, read back as real numbers and written as a file.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>

#include "proto/base/result.hpp"
#include "sim/matrix/byte_store.hpp"
#include "sim/matrix/number_rows.hpp"

namespace fedstake::sim {

// int32 little-endian steps of 2^exponent.
struct FixedPointVector {
    const ByteStore* steps = nullptr;
    int exponent = 0;

    [[nodiscard]] std::uint64_t size() const noexcept { return steps->size() / 4; }
    // Exact. REQUIRES the range to lie inside size().
    [[nodiscard]] Status read(std::uint64_t first, std::span<double> out) const;
};

// Writes a one-dimensional .npy file beside `path` and renames it. Float64 is exact; float32 rounds
// to the nearest. REQUIRES one of these two types. RETURNS kUnavailable with the system's reason,
// kLimitExceeded where a value is too large for float32.
[[nodiscard]] Status write_npy_vector(const std::filesystem::path& path,
                                      const FixedPointVector& vector, ElementType type);

}  // namespace fedstake::sim
