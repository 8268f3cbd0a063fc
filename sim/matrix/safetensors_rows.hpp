// Rows out of a safetensors file: u64 little-endian length of a JSON header, the header, the raw
// tensors. https://github.com/huggingface/safetensors, "Format".
//
// One tensor: it must have two dimensions, and its rows are the rows. Several tensors: each is one
// row, flattened in C order, in ascending order of their names; all must hold equally many numbers.
// F32, F64, I32 and I64 are read, also mixed.
#pragma once

#include <cstdint>
#include <memory>

#include "proto/base/bytes.hpp"
#include "proto/base/result.hpp"
#include "sim/matrix/byte_store.hpp"
#include "sim/matrix/number_rows.hpp"

namespace fedstake::sim {

// Whether the bytes begin like a safetensors file: a length below 2^32, and a brace behind it.
[[nodiscard]] bool looks_like_safetensors(ByteView start) noexcept;

// Strict: the tensors must tile the data without gap or overlap, no key may come twice, nothing may
// follow. RETURNS kInvalidInput saying what is wrong.
[[nodiscard]] Result<NumberRows> read_safetensors_rows(std::shared_ptr<const ByteStore> bytes);

}  // namespace fedstake::sim
