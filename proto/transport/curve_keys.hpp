// CURVE keys: making pairs, the public key of a secret one, and the Z85 text form.
//
// Source: RFC 7748 (X25519); ZeroMQ RFC 26 (CurveZMQ) and RFC 32 (Z85).
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "proto/base/ids.hpp"
#include "proto/base/result.hpp"

namespace fedstake::transport {

// 32 secret bytes, wiped on destruction. Never printed. Keep in a file with
// crypto::write_secret / read_secret.
class CurveSecretKey {
public:
    CurveSecretKey() = default;
    explicit CurveSecretKey(std::span<const std::uint8_t, 32> secret) noexcept;
    ~CurveSecretKey();
    CurveSecretKey(const CurveSecretKey&) = default;
    CurveSecretKey& operator=(const CurveSecretKey&) = default;

    [[nodiscard]] std::span<const std::uint8_t, 32> span() const noexcept { return bytes_; }

private:
    std::array<std::uint8_t, 32> bytes_{};
};

struct CurveKeyPair {
    CurvePublicKey public_key;
    CurveSecretKey secret_key;
};

[[nodiscard]] CurveKeyPair generate_curve_keys();
[[nodiscard]] CurvePublicKey curve_public_key(const CurveSecretKey& secret);

// 40 characters of Z85. Parsing RETURNS kInvalidInput on any other length or character.
[[nodiscard]] std::string to_z85(const CurvePublicKey& key);
[[nodiscard]] Result<CurvePublicKey> curve_key_from_z85(std::string_view text);

}  // namespace fedstake::transport
