// Keys, addresses, signatures and hostile signatures.
#include "proto/crypto/secp256k1.hpp"

#include <algorithm>
#include <string>
#include <type_traits>

#include <gtest/gtest.h>

#include "proto/crypto/keccak256.hpp"

namespace fedstake::crypto {
namespace {

// First development account of anvil and hardhat; public knowledge.
constexpr std::string_view kAnvilKey =
    "0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80";
constexpr std::string_view kOrder =
    "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141";

SigningKey anvil_key() {
    return *SigningKey::from_hex(kAnvilKey);
}

// order - s, big-endian: the other s of the same signature.
void mirror_s(Signature& signature) {
    const Digest order = *Digest::parse(kOrder);
    int borrow = 0;
    for (std::size_t i = 32; i-- > 0;) {
        int digit = order.bytes[i] - signature.bytes[32 + i] - borrow;
        borrow = digit < 0 ? 1 : 0;
        signature.bytes[32 + i] = static_cast<std::uint8_t>(digit + 256 * borrow);
    }
}

TEST(SigningKey, DerivesTheKnownAddress) {
    EXPECT_EQ(anvil_key().address().hex(), "0xf39fd6e51aad88f6f4ce6ab8827279cfffb92266");
    // The generator point itself.
    EXPECT_EQ(SigningKey::from_hex(std::string(63, '0') + "1")->address().hex(),
              "0x7e5f4552091a69125d5dfcb7b8c2659029395bdf");
}

TEST(SigningKey, SignsLikeOtherEthereumTools) {
    // EIP-191 digest of "hello"; the signature is that of `cast wallet sign` and of ethers.
    const Digest digest =
        keccak256(as_bytes("\x19"
                           "Ethereum Signed Message:\n5hello"));
    EXPECT_EQ(anvil_key().sign(digest).hex(),
              "0xf16ea9a3478698f695fd1401bfe27e9e4a7e8e3da94aa72b021125e31fa899cc"
              "573c48ea3fe1d4ab61a9db10c19032026e3ed2dbccba5a178235ac27f94504311c");
}

TEST(SigningKey, RefusesSecretsOutsideTheGroup) {
    EXPECT_EQ(SigningKey::from_hex(std::string(64, '0')).error().code, Errc::kInvalidInput);
    EXPECT_EQ(SigningKey::from_hex(kOrder).error().code, Errc::kInvalidInput);
    EXPECT_EQ(SigningKey::from_hex(std::string(64, 'f')).error().code, Errc::kInvalidInput);
    std::string below(kOrder);
    below.back() = '0';
    EXPECT_TRUE(SigningKey::from_hex(below));
}

TEST(SigningKey, RefusesOtherTextWithoutRepeatingIt) {
    for (const std::string& text :
         {std::string("ac09"), std::string(), std::string(66, 'a'), std::string(64, 'z')}) {
        const auto key = SigningKey::from_hex(text);
        ASSERT_FALSE(key) << text;
        EXPECT_EQ(key.error().code, Errc::kInvalidInput);
        EXPECT_TRUE(text.empty() || key.error().message.find(text) == std::string::npos);
    }
}

TEST(SigningKey, GeneratesDifferentKeysThatRoundTrip) {
    const SigningKey a = SigningKey::generate();
    const SigningKey b = SigningKey::generate();
    EXPECT_NE(a.address(), b.address());
    EXPECT_EQ(SigningKey::from_secret(a.secret())->address(), a.address());
}

TEST(SigningKey, MovingWipesTheSource) {
    static_assert(!std::is_copy_constructible_v<SigningKey>);
    SigningKey source = anvil_key();
    SigningKey target = std::move(source);
    EXPECT_EQ(target.address(), anvil_key().address());
    // NOLINTNEXTLINE(bugprone-use-after-move): that is what is tested
    for (const std::uint8_t byte : source.secret()) EXPECT_EQ(byte, 0);
    EXPECT_DEATH((void)source.sign(Digest{}), "internal check failed");
    source = std::move(target);
    for (const std::uint8_t byte : target.secret()) EXPECT_EQ(byte, 0);
    EXPECT_EQ(source.address(), anvil_key().address());
}

TEST(RecoverSigner, FindsTheSignerAndSignsDeterministically) {
    for (int i = 0; i < 20; ++i) {
        const SigningKey key = SigningKey::generate();
        const Digest digest = keccak256(key.address().bytes);
        const Signature signature = key.sign(digest);
        EXPECT_EQ(key.sign(digest), signature);
        EXPECT_TRUE(signature.bytes[64] == 27 || signature.bytes[64] == 28);
        EXPECT_EQ(recover_signer(digest, signature).value(), key.address());
    }
}

TEST(RecoverSigner, AnotherDigestGivesAnotherSigner) {
    const Signature signature = anvil_key().sign(keccak256(as_bytes("one")));
    const auto found = recover_signer(keccak256(as_bytes("two")), signature);
    EXPECT_TRUE(!found || *found != anvil_key().address());
}

TEST(RecoverSigner, RefusesHighS) {
    const Digest digest = keccak256(as_bytes("malleable"));
    Signature signature = anvil_key().sign(digest);
    mirror_s(signature);
    signature.bytes[64] = signature.bytes[64] == 27 ? 28 : 27;
    const auto found = recover_signer(digest, signature);
    ASSERT_FALSE(found);
    EXPECT_EQ(found.error().code, Errc::kUnauthorized);
    EXPECT_NE(found.error().message.find("upper half"), std::string::npos);
    // Mirrored back it is the good one: what was refused is the form, not the key.
    mirror_s(signature);
    signature.bytes[64] = signature.bytes[64] == 27 ? 28 : 27;
    EXPECT_EQ(recover_signer(digest, signature).value(), anvil_key().address());
}

TEST(RecoverSigner, RefusesEveryOtherV) {
    const Digest digest = keccak256(as_bytes("v"));
    Signature signature = anvil_key().sign(digest);
    for (int v = 0; v < 256; ++v) {
        if (v == 27 || v == 28) continue;
        signature.bytes[64] = static_cast<std::uint8_t>(v);
        const auto found = recover_signer(digest, signature);
        ASSERT_FALSE(found) << v;
        EXPECT_EQ(found.error().code, Errc::kUnauthorized);
        EXPECT_EQ(found.error().message,
                  "signature refused: v must be 27 or 28, got " + std::to_string(v));
    }
}

TEST(RecoverSigner, RefusesZeroAndOverflowingParts) {
    const Digest digest = keccak256(as_bytes("parts"));
    const Signature good = anvil_key().sign(digest);
    const Digest order = *Digest::parse(kOrder);
    for (const std::size_t offset : {0U, 32U}) {
        for (const Digest& value : {Digest{}, order}) {
            Signature bad = good;
            std::copy(value.bytes.begin(), value.bytes.end(),
                      bad.bytes.begin() + static_cast<std::ptrdiff_t>(offset));
            EXPECT_EQ(recover_signer(digest, bad).error().code, Errc::kUnauthorized);
        }
    }
    EXPECT_FALSE(recover_signer(digest, Signature{}));
}

TEST(RecoverSigner, NoBitFlipKeepsTheSigner) {
    const Digest digest = keccak256(as_bytes("bits"));
    const Signature good = anvil_key().sign(digest);
    for (std::size_t bit = 0; bit < Signature::kSize * 8; ++bit) {
        Signature bad = good;
        bad.bytes[bit / 8] = static_cast<std::uint8_t>(bad.bytes[bit / 8] ^ (1U << (bit % 8)));
        const auto found = recover_signer(digest, bad);
        EXPECT_TRUE(!found || *found != anvil_key().address()) << "bit " << bit;
    }
}

}  // namespace
}  // namespace fedstake::crypto
