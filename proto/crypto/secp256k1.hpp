// secp256k1 keys and recoverable ECDSA signatures (libsecp256k1; RFC 6979 nonces, low-s; SEC 1
// s.4.1).
#pragma once

#include <array>
#include <memory>

#include "proto/base/ids.hpp"
#include "proto/base/result.hpp"

namespace fedstake::crypto {

// r | s | v with v 27 or 28, as the EVM's ecrecover and OpenZeppelin's ECDSA take it.
using Signature = FixedBytes<65, struct SignatureTag>;

// A signing key. Move-only; the secret is wiped on destruction and never printed.
class SigningKey {
public:
    [[nodiscard]] static SigningKey generate();
    // RETURNS kInvalidInput for zero or a value at or above the group order.
    [[nodiscard]] static Result<SigningKey> from_secret(std::span<const std::uint8_t, 32> secret);
    [[nodiscard]] static Result<SigningKey> from_hex(std::string_view hex);

    ~SigningKey();
    SigningKey(SigningKey&&) noexcept;
    SigningKey& operator=(SigningKey&&) noexcept;

    // keccak256(uncompressed public key)[12..32].
    [[nodiscard]] const Address& address() const noexcept { return address_; }
    // Deterministic: one digest always gives one signature.
    [[nodiscard]] Signature sign(const Digest& digest) const;
    // For keystore files only.
    [[nodiscard]] std::span<const std::uint8_t, 32> secret() const noexcept;

private:
    SigningKey() = default;
    std::array<std::uint8_t, 32> secret_{};
    Address address_;
};

// The account whose key made the signature. RETURNS kUnauthorized for malformed or high-s
// signatures.
[[nodiscard]] Result<Address> recover_signer(const Digest& digest, const Signature& signature);

}  // namespace fedstake::crypto
