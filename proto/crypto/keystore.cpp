// The JSON of key files, version 3, around keystore_cipher and secret_file.
#include "proto/crypto/keystore.hpp"

#include <algorithm>
#include <limits>
#include <optional>
#include <utility>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "proto/crypto/keystore_cipher.hpp"
#include "proto/crypto/random.hpp"
#include "proto/crypto/secret_file.hpp"

namespace fedstake::crypto {

namespace {

using nlohmann::json;

// Top-level member that only raw-secret files have, so that neither kind is taken for the other.
constexpr const char* kKindField = "fedstake";
constexpr const char* kRawSecretKind = "raw-secret";

enum class FileKind { kSigningKey, kRawSecret };

// Random UUID, RFC 4122 section 4.4.
std::string new_uuid() {
    std::array<std::uint8_t, 16> bytes{};
    random_bytes(bytes);
    bytes[6] = static_cast<std::uint8_t>((bytes[6] & 0x0FU) | 0x40U);
    bytes[8] = static_cast<std::uint8_t>((bytes[8] & 0x3FU) | 0x80U);
    std::string text = to_hex(bytes);
    for (const std::size_t dash : {20U, 16U, 12U, 8U}) text.insert(dash, 1, '-');
    return text;
}

json to_json(const SealedSecret& sealed) {
    const auto& kdf = std::get<ScryptParameters>(sealed.kdf);
    return {{"cipher", "aes-128-ctr"},
            {"cipherparams", {{"iv", to_hex(sealed.iv)}}},
            {"ciphertext", to_hex(sealed.ciphertext)},
            {"kdf", "scrypt"},
            {"kdfparams",
             {{"dklen", 32}, {"n", kdf.n}, {"p", kdf.p}, {"r", kdf.r}, {"salt", to_hex(kdf.salt)}}},
            {"mac", to_hex(sealed.mac.bytes)}};
}

tl::unexpected<Error> not_a_keystore(std::string_view why) {
    return fail(Errc::kCorrupt, "not a version 3 key file: " + std::string(why));
}

// The readers below check types first: nlohmann's throwing accessors are not used.
Result<const json*> member(const json& object, const char* name) {
    const auto found = object.is_object() ? object.find(name) : object.end();
    if (!object.is_object() || found == object.end()) {
        return not_a_keystore(fmt::format("'{}' is missing", name));
    }
    return &*found;
}

Result<std::string> text_member(const json& object, const char* name) {
    FS_ASSIGN(const json* value, member(object, name));
    const auto* text = value->get_ptr<const std::string*>();
    if (text == nullptr) return not_a_keystore(fmt::format("'{}' must be text", name));
    return *text;
}

Status expect_text(const json& object, const char* name, std::string_view expected) {
    FS_ASSIGN(const std::string text, text_member(object, name));
    if (text == expected) return {};
    return not_a_keystore(fmt::format("'{}' must be {}", name, expected));
}

Result<Bytes> hex_member(const json& object, const char* name) {
    FS_ASSIGN(const std::string text, text_member(object, name));
    auto bytes = from_hex(text);
    if (!bytes) return not_a_keystore(fmt::format("'{}': {}", name, bytes.error().message));
    return *std::move(bytes);
}

Status hex_member_into(const json& object, const char* name, std::span<std::uint8_t> out) {
    FS_ASSIGN(const Bytes bytes, hex_member(object, name));
    if (bytes.size() != out.size()) {
        return not_a_keystore(
            fmt::format("'{}' must be {} bytes, not {}", name, out.size(), bytes.size()));
    }
    std::copy(bytes.begin(), bytes.end(), out.begin());
    return {};
}

template <class Unsigned>
Result<Unsigned> number_member(const json& object, const char* name) {
    FS_ASSIGN(const json* value, member(object, name));
    const auto* number = value->get_ptr<const json::number_unsigned_t*>();
    if (number == nullptr || *number > std::numeric_limits<Unsigned>::max()) {
        return not_a_keystore(fmt::format("'{}' must be a whole number in range", name));
    }
    return static_cast<Unsigned>(*number);
}

Result<KdfParameters> parse_kdf(const json& crypto) {
    FS_ASSIGN(const std::string name, text_member(crypto, "kdf"));
    FS_ASSIGN(const json* parameters, member(crypto, "kdfparams"));
    FS_ASSIGN(const std::uint32_t key_bytes, number_member<std::uint32_t>(*parameters, "dklen"));
    if (key_bytes != 32) return not_a_keystore("'dklen' must be 32");
    FS_ASSIGN(Bytes salt, hex_member(*parameters, "salt"));
    if (name == "scrypt") {
        ScryptParameters scrypt{.salt = std::move(salt)};
        FS_ASSIGN(scrypt.n, number_member<std::uint64_t>(*parameters, "n"));
        FS_ASSIGN(scrypt.r, number_member<std::uint32_t>(*parameters, "r"));
        FS_ASSIGN(scrypt.p, number_member<std::uint32_t>(*parameters, "p"));
        return scrypt;
    }
    if (name == "pbkdf2") {
        FS_TRY(expect_text(*parameters, "prf", "hmac-sha256"));
        Pbkdf2Parameters pbkdf2{.salt = std::move(salt)};
        FS_ASSIGN(pbkdf2.iterations, number_member<std::uint32_t>(*parameters, "c"));
        return pbkdf2;
    }
    return not_a_keystore("'kdf' must be scrypt or pbkdf2");
}

Result<SealedSecret> parse_sealed(const json& file) {
    const auto version = number_member<std::uint32_t>(file, "version");
    if (!version || *version != 3) return not_a_keystore("'version' must be 3");
    // Some writers capitalise the member's name.
    FS_ASSIGN(const json* crypto, member(file, file.contains("Crypto") ? "Crypto" : "crypto"));
    FS_TRY(expect_text(*crypto, "cipher", "aes-128-ctr"));
    SealedSecret sealed;
    FS_ASSIGN(const json* cipher_parameters, member(*crypto, "cipherparams"));
    FS_TRY(hex_member_into(*cipher_parameters, "iv", sealed.iv));
    FS_TRY(hex_member_into(*crypto, "ciphertext", sealed.ciphertext));
    FS_TRY(hex_member_into(*crypto, "mac", sealed.mac.bytes));
    FS_ASSIGN(sealed.kdf, parse_kdf(*crypto));
    return sealed;
}

Status check_kind(const json& file, FileKind wanted) {
    const bool is_raw = file.is_object() && file.contains(kKindField);
    if (is_raw == (wanted == FileKind::kRawSecret)) return {};
    return fail(Errc::kCorrupt, is_raw ? "this is a raw secret, not a signing key: name the key "
                                         "file of the signer"
                                       : "this is a signing key, not a raw secret: name the file "
                                         "of the transport secret");
}

// Decrypts into `secret`. Returns the address that the file states, where it states one.
Result<std::optional<Address>> open_container(std::string_view text, FileKind wanted,
                                              std::string_view passphrase,
                                              SecretBytes<32>& secret) {
    const json file = json::parse(text, nullptr, /*allow_exceptions=*/false);
    if (file.is_discarded()) return not_a_keystore("it is not JSON");
    FS_TRY(check_kind(file, wanted));
    FS_ASSIGN(const SealedSecret sealed, parse_sealed(file));
    if (auto bounds = check_kdf(sealed.kdf); !bounds) {
        if (bounds.error().code == Errc::kInvalidInput) {
            return not_a_keystore(bounds.error().message);
        }
        return tl::unexpected<Error>(std::move(bounds).error());
    }
    std::optional<Address> address;
    if (file.contains("address")) {
        address.emplace();
        FS_TRY(hex_member_into(file, "address", address->bytes));
    }
    FS_TRY(unseal(sealed, passphrase, secret));
    return address;
}

Status write_container(const std::filesystem::path& path, json file,
                       std::span<const std::uint8_t, 32> secret, std::string_view passphrase,
                       const KeystoreCost& cost) {
    auto sealed = seal(secret, passphrase, cost.n, cost.r, cost.p);
    if (!sealed) return with_context(std::move(sealed).error(), path.string());
    file["crypto"] = to_json(*sealed);
    file["id"] = new_uuid();
    file["version"] = 3;
    return write_secret_file(path, file.dump(2) + "\n");
}

}  // namespace

Status write_keystore(const std::filesystem::path& path, const SigningKey& key,
                      std::string_view passphrase, const KeystoreCost& cost) {
    json file = {{"address", to_hex(key.address().bytes)}};
    return write_container(path, std::move(file), key.secret(), passphrase, cost);
}

Result<SigningKey> read_keystore(const std::filesystem::path& path, std::string_view passphrase) {
    FS_ASSIGN(const std::string text, read_secret_file(path));
    SecretBytes<32> secret;
    auto stated = open_container(text, FileKind::kSigningKey, passphrase, secret);
    if (!stated) return with_context(std::move(stated).error(), path.string());
    auto key = SigningKey::from_secret(secret.span());
    if (!key) return fail(Errc::kCorrupt, path.string() + ": " + key.error().message);
    if (stated->has_value() && **stated != key->address()) {
        return fail(Errc::kCorrupt,
                    fmt::format("{}: it names account {} but holds the key of {}", path.string(),
                                (**stated).hex(), key->address().hex()));
    }
    return key;
}

Status write_secret(const std::filesystem::path& path, std::span<const std::uint8_t, 32> secret,
                    std::string_view passphrase, const KeystoreCost& cost) {
    json file = {{kKindField, kRawSecretKind}};
    return write_container(path, std::move(file), secret, passphrase, cost);
}

Result<std::array<std::uint8_t, 32>> read_secret(const std::filesystem::path& path,
                                                 std::string_view passphrase) {
    FS_ASSIGN(const std::string text, read_secret_file(path));
    SecretBytes<32> secret;
    auto opened = open_container(text, FileKind::kRawSecret, passphrase, secret);
    if (!opened) return with_context(std::move(opened).error(), path.string());
    std::array<std::uint8_t, 32> copy{};
    std::copy(secret.span().begin(), secret.span().end(), copy.begin());
    return copy;
}

}  // namespace fedstake::crypto
