// Recursive Length Prefix encoding, the part that transactions need.
//
// Source: Ethereum Yellow Paper, appendix B. Every function returns an encoded item; a list is made
// of items that are encoded already.
#pragma once

#include <span>

#include "proto/base/bytes.hpp"
#include "proto/base/ids.hpp"

namespace fedstake::evm {

// A byte string. O(bytes).
[[nodiscard]] Bytes rlp_bytes(ByteView bytes);
// A non-negative integer: big-endian without leading zeros, zero is the empty string.
[[nodiscard]] Bytes rlp_number(Amount value);
// A list of encoded items, in order.
[[nodiscard]] Bytes rlp_list(std::span<const Bytes> items);

}  // namespace fedstake::evm
