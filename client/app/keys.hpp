// A site's three keys in one folder: owner (holds the stake), signer (signs updates), curve
// (transport).
//
// Files: owner.json and signer.json in the Ethereum V3 format, curve.json in the same container,
// and public.json with the addresses. The owner key is needed for stake and enrolment only and may
// be kept elsewhere; `run` reads signer and curve.
#pragma once

#include <filesystem>
#include <string>

#include "proto/base/result.hpp"
#include "proto/crypto/keystore.hpp"
#include "proto/crypto/secp256k1.hpp"
#include "proto/transport/curve_keys.hpp"

namespace fedstake::client {

struct PublicKeys {
    SiteId owner;
    Address signer;
    CurvePublicKey curve;
};

// Makes the folder (mode 0700) and all keys. RETURNS kConflict when a key file exists already.
[[nodiscard]] Result<PublicKeys> make_keys(const std::filesystem::path& folder,
                                           std::string_view passphrase,
                                           const crypto::KeystoreCost& cost);

[[nodiscard]] Result<PublicKeys> read_public_keys(const std::filesystem::path& folder);
[[nodiscard]] Result<crypto::SigningKey> read_owner_key(const std::filesystem::path& folder,
                                                        std::string_view passphrase);
[[nodiscard]] Result<crypto::SigningKey> read_signer_key(const std::filesystem::path& folder,
                                                         std::string_view passphrase);
[[nodiscard]] Result<transport::CurveSecretKey> read_curve_key(const std::filesystem::path& folder,
                                                               std::string_view passphrase);

// From the file (first line, mode 0600 or stricter), or from FEDSTAKE_PASSPHRASE when file is
// empty.
[[nodiscard]] Result<std::string> read_passphrase(const std::filesystem::path& file);

}  // namespace fedstake::client
