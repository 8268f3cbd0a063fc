// The operating system's random bytes by way of OpenSSL.
#include "proto/crypto/random.hpp"

#include <algorithm>
#include <cstddef>

#include <openssl/rand.h>

#include "proto/base/check.hpp"

namespace fedstake::crypto {

void random_bytes(std::span<std::uint8_t> out) {
    constexpr std::size_t kRequestMax = std::size_t{1} << 20U;  // RAND_bytes takes an int
    while (!out.empty()) {
        const std::size_t size = std::min(out.size(), kRequestMax);
        FS_CHECK(RAND_bytes(out.data(), static_cast<int>(size)) == 1);
        out = out.subspan(size);
    }
}

Digest random_digest() {
    Digest digest;
    random_bytes(digest.bytes);
    return digest;
}

}  // namespace fedstake::crypto
