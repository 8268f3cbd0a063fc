// NumPy's .npy files: an 8-byte magic with the version, the length of the header, a header that is
// a Python dictionary, and the numbers. Source: NumPy Enhancement Proposal 1 and
// numpy.lib.format, versions 1.0, 2.0 and 3.0.
//
// Read: two dimensions, C order, little-endian float32, float64, int32 or int64. Everything else is
// refused by its name.
#pragma once

#include <cstdint>
#include <memory>

#include "proto/base/bytes.hpp"
#include "proto/base/result.hpp"
#include "sim/matrix/byte_store.hpp"
#include "sim/matrix/number_rows.hpp"

namespace fedstake::sim {

// Whether the bytes begin like an .npy file.
[[nodiscard]] bool looks_like_npy(ByteView start) noexcept;

// RETURNS kInvalidInput saying what is wrong with the header, or that the file is cut off or has
// bytes behind its numbers.
[[nodiscard]] Result<NumberRows> read_npy(std::shared_ptr<const ByteStore> bytes);

// The header of a vector of `columns` numbers, version 1.0. The numbers follow at once.
[[nodiscard]] Bytes npy_vector_header(ElementType type, std::uint64_t columns);

}  // namespace fedstake::sim
