// scrypt of Crypto++, PBKDF2 and AES-128-CTR of OpenSSL, with bounds on what a file may ask for.
#include "proto/crypto/keystore_cipher.hpp"

#include <algorithm>
#include <bit>
#include <exception>
#include <memory>
#include <string>

#include <cryptopp/scrypt.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>

#include "proto/base/check.hpp"
#include "proto/crypto/keccak256.hpp"
#include "proto/crypto/random.hpp"

namespace fedstake::crypto {

namespace {

constexpr std::uint64_t kScryptMemoryMax = std::uint64_t{512} << 20U;  // bytes
constexpr std::uint64_t kScryptBlockMax = kScryptMemoryMax / 128;      // n * r
constexpr std::uint64_t kScryptWorkMax = std::uint64_t{1} << 24U;      // n * r * p
constexpr std::uint32_t kPbkdf2IterationsMax = 10'000'000;
constexpr std::size_t kSaltBytesMax = 1024;
constexpr std::size_t kSaltBytes = 32;
constexpr std::size_t kPassphraseBytesMax = 4096;

Status check_scrypt(const ScryptParameters& kdf) {
    const std::string named = "scrypt cost n=" + std::to_string(kdf.n) +
                              " r=" + std::to_string(kdf.r) + " p=" + std::to_string(kdf.p);
    if (kdf.n < 2 || !std::has_single_bit(kdf.n) || kdf.r == 0 || kdf.p == 0) {
        return fail(Errc::kInvalidInput,
                    named + " is not valid: n must be a power of two above 1, r and p positive");
    }
    const bool fits = kdf.n <= kScryptBlockMax && kdf.r <= kScryptBlockMax / kdf.n &&
                      kdf.p <= kScryptWorkMax / (kdf.n * kdf.r);
    if (!fits) {
        return fail(Errc::kLimitExceeded,
                    named + " is above what this program allows (512 MiB, n*r*p of 2^24)");
    }
    return {};
}

// Crypto++, because OpenSSL keeps to the bound n < 2^(16 r) of RFC 7914, which key files of other
// programs (and the test vector of the definition) exceed with r = 1.
bool derive_scrypt(const ScryptParameters& kdf, ByteView passphrase, SecretBytes<32>& key) {
    try {
        CryptoPP::Scrypt().DeriveKey(key.span().data(), key.span().size(), passphrase.data(),
                                     passphrase.size(), kdf.salt.data(), kdf.salt.size(), kdf.n,
                                     kdf.r, kdf.p);
        return true;
    } catch (const std::exception&) {  // no memory; the cost itself was checked
        return false;
    }
}

bool derive_pbkdf2(const Pbkdf2Parameters& kdf, std::string_view passphrase, SecretBytes<32>& key) {
    return PKCS5_PBKDF2_HMAC(passphrase.data(), static_cast<int>(passphrase.size()),
                             kdf.salt.data(), static_cast<int>(kdf.salt.size()),
                             static_cast<int>(kdf.iterations), EVP_sha256(),
                             static_cast<int>(key.span().size()), key.span().data()) == 1;
}

Status derive(const KdfParameters& kdf, std::string_view passphrase, SecretBytes<32>& key) {
    FS_TRY(check_kdf(kdf));
    if (passphrase.size() > kPassphraseBytesMax) {
        return fail(Errc::kLimitExceeded, "a passphrase of " + std::to_string(passphrase.size()) +
                                              " bytes, at most " +
                                              std::to_string(kPassphraseBytesMax) + " allowed");
    }
    const auto* scrypt = std::get_if<ScryptParameters>(&kdf);
    const bool done = scrypt != nullptr
                          ? derive_scrypt(*scrypt, as_bytes(passphrase), key)
                          : derive_pbkdf2(std::get<Pbkdf2Parameters>(kdf), passphrase, key);
    if (!done) {
        return fail(Errc::kUnavailable,
                    "cannot derive a key from the passphrase: out of memory (the default cost "
                    "needs 256 MiB)");
    }
    return {};
}

// Encryption and decryption are the same operation.
void aes128_ctr(std::span<const std::uint8_t, 16> key, std::span<const std::uint8_t, 16> iv,
                std::span<const std::uint8_t, 32> in, std::span<std::uint8_t, 32> out) {
    const std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)> context(
        EVP_CIPHER_CTX_new(), &EVP_CIPHER_CTX_free);
    FS_CHECK(context != nullptr);
    int written = 0;
    FS_CHECK(
        EVP_EncryptInit_ex2(context.get(), EVP_aes_128_ctr(), key.data(), iv.data(), nullptr) == 1);
    FS_CHECK(EVP_EncryptUpdate(context.get(), out.data(), &written, in.data(),
                               static_cast<int>(in.size())) == 1);
    FS_CHECK(written == static_cast<int>(out.size()));
}

Digest mac_of(const SecretBytes<32>& key, std::span<const std::uint8_t, 32> ciphertext) {
    return keccak256({key.span().last<16>(), ciphertext});
}

}  // namespace

Status check_kdf(const KdfParameters& kdf) {
    const Bytes& salt = std::visit([](const auto& any) -> const Bytes& { return any.salt; }, kdf);
    if (salt.size() > kSaltBytesMax) {
        return fail(Errc::kLimitExceeded, "a salt of " + std::to_string(salt.size()) + " bytes");
    }
    if (const auto* scrypt = std::get_if<ScryptParameters>(&kdf)) return check_scrypt(*scrypt);
    const std::uint32_t iterations = std::get<Pbkdf2Parameters>(kdf).iterations;
    if (iterations == 0) {
        return fail(Errc::kInvalidInput, "pbkdf2 needs at least one iteration");
    }
    if (iterations > kPbkdf2IterationsMax) {
        return fail(Errc::kLimitExceeded, std::to_string(iterations) +
                                              " pbkdf2 iterations are above what this program "
                                              "allows (10000000)");
    }
    return {};
}

Result<SealedSecret> seal(std::span<const std::uint8_t, 32> secret, std::string_view passphrase,
                          std::uint64_t scrypt_n, std::uint32_t scrypt_r, std::uint32_t scrypt_p) {
    SealedSecret sealed;
    random_bytes(sealed.iv);
    ScryptParameters kdf{.n = scrypt_n, .r = scrypt_r, .p = scrypt_p, .salt = Bytes(kSaltBytes)};
    random_bytes(kdf.salt);
    sealed.kdf = std::move(kdf);
    SecretBytes<32> key;
    FS_TRY(derive(sealed.kdf, passphrase, key));
    aes128_ctr(std::as_const(key).span().first<16>(), sealed.iv, secret, sealed.ciphertext);
    sealed.mac = mac_of(key, sealed.ciphertext);
    return sealed;
}

Status unseal(const SealedSecret& sealed, std::string_view passphrase, SecretBytes<32>& secret) {
    SecretBytes<32> key;
    FS_TRY(derive(sealed.kdf, passphrase, key));
    const Digest mac = mac_of(key, sealed.ciphertext);
    if (CRYPTO_memcmp(mac.bytes.data(), sealed.mac.bytes.data(), Digest::kSize) != 0) {
        return fail(Errc::kUnauthorized, "wrong passphrase (or the file was altered)");
    }
    aes128_ctr(std::as_const(key).span().first<16>(), sealed.iv, sealed.ciphertext, secret.span());
    return {};
}

}  // namespace fedstake::crypto
