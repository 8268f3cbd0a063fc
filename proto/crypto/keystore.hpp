// Key files in the Web3 Secret Storage format, version 3 (scrypt, AES-128-CTR, Keccak MAC), which
// geth and cast read and write; plus the raw-secret variant of the same container for CURVE keys.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string_view>

#include "proto/base/result.hpp"
#include "proto/crypto/secp256k1.hpp"

namespace fedstake::crypto {

// scrypt cost. The default takes about a second and 256 MiB, as geth's standard; the light one is
// for tests. n is a power of two; up to 512 MiB (128 n r bytes) and n r p <= 2^24 are accepted.
struct KeystoreCost {
    std::uint64_t n = 262144;
    std::uint32_t r = 8;
    std::uint32_t p = 1;
};
inline constexpr KeystoreCost kLightKeystoreCost{.n = 4096, .r = 8, .p = 1};

// Writes a new file with mode 0600; never overwrites (kConflict). The passphrase is up to 4096
// bytes, used as they are (UTF-8, not normalised); an empty one leaves only the file's mode as
// protection. RETURNS kInvalidInput or kLimitExceeded for the cost, kNotFound when the folder is
// missing, kUnavailable when memory or disk refuse. The file appears complete or not at all.
[[nodiscard]] Status write_keystore(const std::filesystem::path& path, const SigningKey& key,
                                    std::string_view passphrase, const KeystoreCost& cost = {});

// RETURNS kUnauthorized when others may access the file, it is a symbolic link or the passphrase is
// wrong, kNotFound when it is missing, kInvalidInput when it is no regular file, kCorrupt when it
// is not such a key file, kLimitExceeded for absurd costs (checked before they are spent). Messages
// name the file and what to do ("chmod 600 ..."). PBKDF2 files of other programs are read too.
[[nodiscard]] Result<SigningKey> read_keystore(const std::filesystem::path& path,
                                               std::string_view passphrase);

// The same container around 32 secret bytes that are not a secp256k1 key (CURVE secret keys),
// marked so that neither kind is read as the other (kCorrupt). The caller of read_secret wipes the
// array (wipe() of secret_bytes.hpp) when it is done.
[[nodiscard]] Status write_secret(const std::filesystem::path& path,
                                  std::span<const std::uint8_t, 32> secret,
                                  std::string_view passphrase, const KeystoreCost& cost = {});
[[nodiscard]] Result<std::array<std::uint8_t, 32>> read_secret(const std::filesystem::path& path,
                                                               std::string_view passphrase);

}  // namespace fedstake::crypto
