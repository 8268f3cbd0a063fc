// Makes and reads the key folder.
#include "client/app/keys.hpp"

#include <sys/stat.h>

#include <cstdlib>
#include <fstream>
#include <system_error>

#include <nlohmann/json.hpp>

namespace fedstake::client {

namespace {

namespace fs = std::filesystem;

constexpr const char* kOwnerFile = "owner.json";
constexpr const char* kSignerFile = "signer.json";
constexpr const char* kCurveFile = "curve.json";
constexpr const char* kPublicFile = "public.json";
constexpr std::size_t kPassphraseBytesMax = 1024;

template <class T>
Result<T> field(const nlohmann::json& object, const char* name, const fs::path& file) {
    const auto found = object.find(name);
    if (found == object.end() || !found->is_string()) {
        return fail(Errc::kCorrupt, file.string() + ": no text field '" + name + "'");
    }
    auto value = T::parse(found->template get<std::string>());
    if (!value) return with_context(value.error(), file.string() + ": " + name);
    return *value;
}

}  // namespace

Result<PublicKeys> make_keys(const fs::path& folder, std::string_view passphrase,
                             const crypto::KeystoreCost& cost) {
    std::error_code error;
    fs::create_directories(folder, error);
    if (error)
        return fail(Errc::kUnavailable, "cannot make " + folder.string() + ": " + error.message());
    fs::permissions(folder, fs::perms::owner_all, error);
    for (const char* name : {kOwnerFile, kSignerFile, kCurveFile, kPublicFile}) {
        if (fs::exists(folder / name, error)) {
            return fail(Errc::kConflict,
                        (folder / name).string() +
                            " exists already; keys are never overwritten: move them away "
                            "or choose another folder");
        }
    }
    const crypto::SigningKey owner = crypto::SigningKey::generate();
    const crypto::SigningKey signer = crypto::SigningKey::generate();
    const transport::CurveKeyPair curve = transport::generate_curve_keys();
    FS_TRY(crypto::write_keystore(folder / kOwnerFile, owner, passphrase, cost));
    FS_TRY(crypto::write_keystore(folder / kSignerFile, signer, passphrase, cost));
    FS_TRY(crypto::write_secret(folder / kCurveFile, curve.secret_key.span(), passphrase, cost));
    const PublicKeys keys{
        .owner = owner.address(), .signer = signer.address(), .curve = curve.public_key};
    std::ofstream out(folder / kPublicFile);
    out << nlohmann::json({{"owner", keys.owner.hex()},
                           {"signer", keys.signer.hex()},
                           {"curve_key", keys.curve.hex()}})
               .dump(2)
        << "\n";
    out.close();
    if (!out) return fail(Errc::kUnavailable, "cannot write " + (folder / kPublicFile).string());
    return keys;
}

Result<PublicKeys> read_public_keys(const fs::path& folder) {
    const fs::path file = folder / kPublicFile;
    std::ifstream in(file);
    if (!in) {
        return fail(Errc::kNotFound, "no keys in " + folder.string() +
                                         " (public.json is missing); make them with "
                                         "'fedstake-client keygen --out " +
                                         folder.string() + "'");
    }
    const auto object = nlohmann::json::parse(in, nullptr, false);
    if (!object.is_object()) return fail(Errc::kCorrupt, file.string() + " is not a JSON object");
    PublicKeys keys;
    FS_ASSIGN(keys.owner, field<SiteId>(object, "owner", file));
    FS_ASSIGN(keys.signer, field<Address>(object, "signer", file));
    FS_ASSIGN(keys.curve, field<CurvePublicKey>(object, "curve_key", file));
    return keys;
}

Result<crypto::SigningKey> read_owner_key(const fs::path& folder, std::string_view passphrase) {
    return crypto::read_keystore(folder / kOwnerFile, passphrase);
}

Result<crypto::SigningKey> read_signer_key(const fs::path& folder, std::string_view passphrase) {
    return crypto::read_keystore(folder / kSignerFile, passphrase);
}

Result<transport::CurveSecretKey> read_curve_key(const fs::path& folder,
                                                 std::string_view passphrase) {
    FS_ASSIGN(const auto secret, crypto::read_secret(folder / kCurveFile, passphrase));
    return transport::CurveSecretKey(secret);
}

Result<std::string> read_passphrase(const fs::path& file) {
    if (file.empty()) {
        const char* value = std::getenv("FEDSTAKE_PASSPHRASE");
        if (value == nullptr || *value == '\0') {
            return fail(
                Errc::kUnauthorized,
                "no passphrase: set passphrase_file in the configuration, or FEDSTAKE_PASSPHRASE");
        }
        return std::string(value);
    }
    struct stat info {};
    if (::stat(file.c_str(), &info) != 0) {
        return fail(Errc::kNotFound, "no passphrase file at " + file.string());
    }
    if ((info.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
        return fail(Errc::kUnauthorized, "others may read the passphrase file " + file.string() +
                                             "; run: chmod 600 " + file.string());
    }
    std::ifstream in(file);
    std::string line;
    std::getline(in, line);
    if (line.empty() || line.size() > kPassphraseBytesMax) {
        return fail(Errc::kUnauthorized,
                    "the first line of " + file.string() + " is no passphrase");
    }
    return line;
}

}  // namespace fedstake::client
