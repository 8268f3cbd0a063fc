// The cryptography of Web3 Secret Storage version 3: key derivation, AES-128-CTR, Keccak MAC.
// Private to the keystore. Source: "Web3 Secret Storage Definition", ethereum.org.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <variant>

#include "proto/base/bytes.hpp"
#include "proto/base/ids.hpp"
#include "proto/crypto/secret_bytes.hpp"

namespace fedstake::crypto {

struct ScryptParameters {
    std::uint64_t n = 0;
    std::uint32_t r = 0;
    std::uint32_t p = 0;
    Bytes salt;
};

// PBKDF2-HMAC-SHA-256: read for the sake of other programs' files, never written.
struct Pbkdf2Parameters {
    std::uint32_t iterations = 0;
    Bytes salt;
};

using KdfParameters = std::variant<ScryptParameters, Pbkdf2Parameters>;

// A secret under a passphrase.
struct SealedSecret {
    KdfParameters kdf;
    std::array<std::uint8_t, 16> iv{};
    std::array<std::uint8_t, 32> ciphertext{};
    Digest mac;  // keccak256(derived key [16..32] | ciphertext)
};

// RETURNS kInvalidInput for a cost that scrypt does not define, kLimitExceeded for one above 512
// MiB or above eight times the default work.
[[nodiscard]] Status check_kdf(const KdfParameters& kdf);

// Salt and iv are fresh random bytes.
[[nodiscard]] Result<SealedSecret> seal(std::span<const std::uint8_t, 32> secret,
                                        std::string_view passphrase, std::uint64_t scrypt_n,
                                        std::uint32_t scrypt_r, std::uint32_t scrypt_p);

// RETURNS kUnauthorized when the MAC does not match, or the error of check_kdf.
[[nodiscard]] Status unseal(const SealedSecret& sealed, std::string_view passphrase,
                            SecretBytes<32>& secret);

}  // namespace fedstake::crypto
