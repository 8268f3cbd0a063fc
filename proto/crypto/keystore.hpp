// Key files in the Web3 Secret Storage format, version 3 (scrypt, AES-128-CTR, Keccak MAC), which
// geth and cast read and write; plus the raw-secret variant of the same container for CURVE keys.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include "proto/base/result.hpp"
#include "proto/crypto/secp256k1.hpp"

namespace fedstake::crypto {

// scrypt cost. The default takes about 0.5 s and 256 MiB, as geth's standard; kLight is for tests.
struct KeystoreCost {
    std::uint64_t n = 262144;
    std::uint32_t r = 8;
    std::uint32_t p = 1;
};
inline constexpr KeystoreCost kLightKeystoreCost{.n = 4096, .r = 8, .p = 1};

// Writes a new file with mode 0600; never overwrites (kConflict).
[[nodiscard]] Status write_keystore(const std::filesystem::path& path, const SigningKey& key,
                                    std::string_view passphrase, const KeystoreCost& cost = {});

// RETURNS kUnauthorized when others may read the file or the passphrase is wrong, kNotFound when it
// is missing, kCorrupt when it is not such a file, kLimitExceeded for absurd scrypt costs. Messages
// name the file and what to do ("chmod 600 ...").
[[nodiscard]] Result<SigningKey> read_keystore(const std::filesystem::path& path,
                                               std::string_view passphrase);

// The same container around 32 secret bytes that are not a secp256k1 key (CURVE secret keys).
[[nodiscard]] Status write_secret(const std::filesystem::path& path,
                                  std::span<const std::uint8_t, 32> secret,
                                  std::string_view passphrase, const KeystoreCost& cost = {});
[[nodiscard]] Result<std::array<std::uint8_t, 32>> read_secret(const std::filesystem::path& path,
                                                               std::string_view passphrase);

}  // namespace fedstake::crypto
