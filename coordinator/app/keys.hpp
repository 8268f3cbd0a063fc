// The coordinator's keys in one folder: coordinator.json (secp256k1, signs receipts and posts to
// the chain; Ethereum V3 format) and curve.json (transport secret, same container).
#pragma once

#include <filesystem>
#include <string>

#include "proto/base/result.hpp"
#include "proto/crypto/keystore.hpp"
#include "proto/crypto/secp256k1.hpp"
#include "proto/transport/curve_keys.hpp"

namespace fedstake::coordinator {

struct Keys {
    crypto::SigningKey signer;
    transport::CurveSecretKey curve;
};

struct PublicKeys {
    Address signer;
    CurvePublicKey curve;
};

// Makes the folder (mode 0700) and both keys. RETURNS kConflict when a key file exists already.
[[nodiscard]] Result<PublicKeys> make_keys(const std::filesystem::path& folder,
                                           std::string_view passphrase,
                                           const crypto::KeystoreCost& cost);

// RETURNS what the key files refuse (crypto/keystore.hpp), naming the file.
[[nodiscard]] Result<Keys> read_keys(const std::filesystem::path& folder,
                                     std::string_view passphrase);

// Where the passphrase comes from. Never from the command line itself, which others can see.
struct PassphraseSource {
    std::filesystem::path file;  // first line; refused when others may read the file
    int fd = -1;                 // an open descriptor, first line
};
// The descriptor if there is one, else the file, else FEDSTAKE_PASSPHRASE. RETURNS kNotFound when
// there is none of them, kUnauthorized for a file that others may read, kInvalidInput when empty.
[[nodiscard]] Result<std::string> read_passphrase(const PassphraseSource& source);

}  // namespace fedstake::coordinator
