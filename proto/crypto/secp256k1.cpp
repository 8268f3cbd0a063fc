// Keys, signatures and recovery over libsecp256k1.
#include "proto/crypto/secp256k1.hpp"

#include <algorithm>

#include <secp256k1.h>
#include <secp256k1_recovery.h>

#include "proto/base/check.hpp"
#include "proto/crypto/keccak256.hpp"
#include "proto/crypto/random.hpp"
#include "proto/crypto/secret_bytes.hpp"

namespace fedstake::crypto {

namespace {

// v of the EVM is the recovery id plus 27. Ids 2 and 3 (r above the group order) cannot be written.
constexpr int kRecoveryBase = 27;

// Created and blinded against side channels once; const use of it is thread-safe.
const secp256k1_context* context() {
    static const secp256k1_context* const instance = [] {
        secp256k1_context* made =
            secp256k1_context_create(SECP256K1_CONTEXT_SIGN | SECP256K1_CONTEXT_VERIFY);
        FS_CHECK(made != nullptr);
        SecretBytes<32> seed;
        random_bytes(seed.span());
        FS_CHECK(secp256k1_context_randomize(made, seed.span().data()) == 1);
        return made;
    }();
    return instance;
}

Address address_of(const secp256k1_pubkey& key) {
    std::array<std::uint8_t, 65> point{};  // 0x04 | x | y
    std::size_t size = point.size();
    FS_CHECK(secp256k1_ec_pubkey_serialize(context(), point.data(), &size, &key,
                                           SECP256K1_EC_UNCOMPRESSED) == 1);
    const Digest hash = keccak256(ByteView(point).subspan(1));
    Address address;
    std::copy_n(hash.bytes.begin() + 12, Address::kSize, address.bytes.begin());
    return address;
}

tl::unexpected<Error> bad_signature(std::string_view why) {
    return fail(Errc::kUnauthorized, "signature refused: " + std::string(why));
}

}  // namespace

SigningKey SigningKey::generate() {
    SecretBytes<32> secret;
    for (;;) {
        random_bytes(secret.span());
        // Zero and values above the order have probability 2^-128.
        if (auto key = from_secret(secret.span())) return *std::move(key);
    }
}

Result<SigningKey> SigningKey::from_secret(std::span<const std::uint8_t, 32> secret) {
    secp256k1_pubkey public_key;
    if (secp256k1_ec_pubkey_create(context(), &public_key, secret.data()) != 1) {
        return fail(Errc::kInvalidInput,
                    "not a secp256k1 secret key: it must be between 1 and the group order");
    }
    SigningKey key;
    std::copy(secret.begin(), secret.end(), key.secret_.begin());
    key.address_ = address_of(public_key);
    return key;
}

Result<SigningKey> SigningKey::from_hex(std::string_view hex) {
    SecretBytes<32> secret;
    FS_ASSIGN(Bytes decoded, fedstake::from_hex(hex));
    const bool right_size = decoded.size() == secret.span().size();
    if (right_size) std::copy(decoded.begin(), decoded.end(), secret.span().begin());
    const std::size_t size = decoded.size();
    wipe(decoded);
    if (!right_size) {
        return fail(Errc::kInvalidInput,
                    "a secret key is 32 bytes of hexadecimal, got " + std::to_string(size));
    }
    return from_secret(secret.span());
}

SigningKey::~SigningKey() {
    wipe(secret_);
}

SigningKey::SigningKey(SigningKey&& other) noexcept
    : secret_(other.secret_), address_(other.address_) {
    wipe(other.secret_);
    other.address_ = {};
}

SigningKey& SigningKey::operator=(SigningKey&& other) noexcept {
    if (this != &other) {
        secret_ = other.secret_;
        address_ = other.address_;
        wipe(other.secret_);
        other.address_ = {};
    }
    return *this;
}

Signature SigningKey::sign(const Digest& digest) const {
    secp256k1_ecdsa_recoverable_signature made;
    // Fails for a moved-from key only: its secret is zero.
    FS_CHECK(secp256k1_ecdsa_sign_recoverable(context(), &made, digest.bytes.data(), secret_.data(),
                                              nullptr, nullptr) == 1);
    Signature signature;
    int recovery_id = 0;
    FS_CHECK(secp256k1_ecdsa_recoverable_signature_serialize_compact(
                 context(), signature.bytes.data(), &recovery_id, &made) == 1);
    FS_CHECK(recovery_id == 0 || recovery_id == 1);
    signature.bytes[64] = static_cast<std::uint8_t>(kRecoveryBase + recovery_id);
    return signature;
}

std::span<const std::uint8_t, 32> SigningKey::secret() const noexcept {
    return secret_;
}

Result<Address> recover_signer(const Digest& digest, const Signature& signature) {
    const int v = signature.bytes[64];
    if (v != kRecoveryBase && v != kRecoveryBase + 1) {
        return bad_signature("v must be 27 or 28, got " + std::to_string(v));
    }
    secp256k1_ecdsa_recoverable_signature recoverable;
    if (secp256k1_ecdsa_recoverable_signature_parse_compact(
            context(), &recoverable, signature.bytes.data(), v - kRecoveryBase) != 1) {
        return bad_signature("r or s is not below the group order");
    }
    secp256k1_ecdsa_signature plain;
    secp256k1_ecdsa_recoverable_signature_convert(context(), &plain, &recoverable);
    // The contracts refuse high s (it is the second form of the same signature), so do we.
    if (secp256k1_ecdsa_signature_normalize(context(), nullptr, &plain) == 1) {
        return bad_signature("s is in the upper half of the group order");
    }
    secp256k1_pubkey public_key;
    if (secp256k1_ecdsa_recover(context(), &public_key, &recoverable, digest.bytes.data()) != 1) {
        return bad_signature("it does not belong to any key");
    }
    return address_of(public_key);
}

}  // namespace fedstake::crypto
