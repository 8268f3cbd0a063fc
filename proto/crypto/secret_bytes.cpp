// OPENSSL_cleanse behind a name of our own.
#include "proto/crypto/secret_bytes.hpp"

#include <openssl/crypto.h>

namespace fedstake::crypto {

void wipe(std::span<std::uint8_t> secret) noexcept {
    OPENSSL_cleanse(secret.data(), secret.size());
}

}  // namespace fedstake::crypto
