// Keccak-256 with the original padding, as the EVM uses it (not FIPS 202 SHA3-256).
#pragma once

#include <initializer_list>

#include "proto/base/bytes.hpp"
#include "proto/base/ids.hpp"

namespace fedstake::crypto {

[[nodiscard]] Digest keccak256(ByteView bytes);
[[nodiscard]] Digest keccak256(std::initializer_list<ByteView> parts);

}  // namespace fedstake::crypto
