// CURVE keys by libzmq (which uses libsodium or its own tweetnacl).
#include "proto/transport/curve_keys.hpp"

#include <zmq.h>

#include <algorithm>

#include "proto/base/check.hpp"
#include "proto/crypto/random.hpp"
#include "proto/crypto/secret_bytes.hpp"

namespace fedstake::transport {

namespace {

constexpr std::size_t kZ85Characters = 40;
using Z85 = std::array<char, kZ85Characters + 1>;

Z85 encode_z85(std::span<const std::uint8_t, 32> bytes) {
    Z85 text{};
    FS_CHECK(zmq_z85_encode(text.data(), bytes.data(), bytes.size()) != nullptr);
    return text;
}

}  // namespace

CurveSecretKey::CurveSecretKey(std::span<const std::uint8_t, 32> secret) noexcept {
    std::copy(secret.begin(), secret.end(), bytes_.begin());
}

CurveSecretKey::~CurveSecretKey() {
    crypto::wipe(bytes_);
}

CurveKeyPair generate_curve_keys() {
    crypto::SecretBytes<32> secret;
    crypto::random_bytes(secret.span());
    CurveKeyPair pair;
    pair.secret_key = CurveSecretKey(secret.span());
    pair.public_key = curve_public_key(pair.secret_key);
    return pair;
}

CurvePublicKey curve_public_key(const CurveSecretKey& secret) {
    Z85 secret_text = encode_z85(secret.span());
    Z85 public_text{};
    FS_CHECK(zmq_curve_public(public_text.data(), secret_text.data()) == 0);
    std::for_each(secret_text.begin(), secret_text.end(),
                  [](char& c) { *const_cast<volatile char*>(&c) = 0; });
    return curve_key_from_z85({public_text.data(), kZ85Characters}).value();
}

std::string to_z85(const CurvePublicKey& key) {
    const Z85 text = encode_z85(key.bytes);
    return {text.data(), kZ85Characters};
}

Result<CurvePublicKey> curve_key_from_z85(std::string_view text) {
    if (text.size() != kZ85Characters) {
        return fail(Errc::kInvalidInput, "a CURVE key has 40 characters of Z85, this text has " +
                                             std::to_string(text.size()));
    }
    CurvePublicKey key;
    // zmq_z85_decode does not refuse every character that is not Z85: the way back must agree.
    const std::string terminated(text);
    if (zmq_z85_decode(key.bytes.data(), terminated.c_str()) == nullptr || to_z85(key) != text) {
        return fail(Errc::kInvalidInput, "a CURVE key has a character that is not Z85");
    }
    return key;
}

}  // namespace fedstake::transport
