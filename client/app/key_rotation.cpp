// Renames, the public file last: until it names the new key, the replacement can be repeated.
#include "client/app/key_rotation.hpp"

#include <fstream>
#include <system_error>

#include <nlohmann/json.hpp>

namespace fedstake::client {

namespace {

namespace fs = std::filesystem;

constexpr const char* kSignerFile = "signer.json";
constexpr const char* kNextFile = "signer-next.json";
constexpr const char* kPublicFile = "public.json";

Status rename_keys(const fs::path& folder, const fs::path& kept) {
    std::error_code error;
    if (fs::exists(folder / kSignerFile, error)) {
        if (fs::exists(kept, error)) {
            return fail(Errc::kConflict, kept.string() +
                                             " exists already; keys are never overwritten: move it "
                                             "away, then give the command again");
        }
        fs::rename(folder / kSignerFile, kept, error);
    }
    if (!error) fs::rename(folder / kNextFile, folder / kSignerFile, error);
    if (!error) return {};
    return fail(Errc::kUnavailable, "cannot rename the key files in " + folder.string() + ": " +
                                        error.message() + "; give the command again");
}

}  // namespace

Result<crypto::SigningKey> prepare_next_signer(const fs::path& folder, std::string_view passphrase,
                                               const crypto::KeystoreCost& cost) {
    std::error_code error;
    if (fs::exists(folder / kNextFile, error)) {
        return crypto::read_keystore(folder / kNextFile, passphrase);
    }
    FS_ASSIGN(const PublicKeys keys, read_public_keys(folder));
    FS_ASSIGN(crypto::SigningKey current, read_signer_key(folder, passphrase));
    // Only public.json was left to write when it was interrupted.
    if (current.address() != keys.signer) return current;
    crypto::SigningKey next = crypto::SigningKey::generate();
    FS_TRY(crypto::write_keystore(folder / kNextFile, next, passphrase, cost));
    return next;
}

Status adopt_next_signer(const fs::path& folder, const PublicKeys& old, const Address& next) {
    std::error_code error;
    if (fs::exists(folder / kNextFile, error)) {
        FS_TRY(rename_keys(folder, folder / ("signer-" + old.signer.hex() + ".json")));
    }
    const fs::path aside = folder / "public.json.new";
    std::ofstream out(aside);
    out << nlohmann::json(
               {{"owner", old.owner.hex()}, {"signer", next.hex()}, {"curve_key", old.curve.hex()}})
               .dump(2)
        << "\n";
    out.close();
    if (out) fs::rename(aside, folder / kPublicFile, error);
    if (out && !error) return {};
    return fail(Errc::kUnavailable,
                "cannot write " + (folder / kPublicFile).string() + "; give the command again");
}

}  // namespace fedstake::client
