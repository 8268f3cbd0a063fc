// Cryptographic random bytes from the operating system (OpenSSL RAND_bytes). Aborts if there are
// none.
#pragma once

#include <span>

#include "proto/base/ids.hpp"

namespace fedstake::crypto {

void random_bytes(std::span<std::uint8_t> out);
[[nodiscard]] Digest random_digest();

}  // namespace fedstake::crypto
