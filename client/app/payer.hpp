// The account that pays for the gas of commands about rounds, and earns a bounty: the site's owner,
// or any other key. It is unlocked when something is to be sent.
#pragma once

#include <filesystem>
#include <optional>

#include "client/app/site.hpp"
#include "proto/crypto/secp256k1.hpp"

namespace fedstake::client {

class Payer {
public:
    // key: a keystore, or empty for the owner's. passphrase_file: of the keystore; empty: the
    // site's passphrase. Keeps the reference.
    Payer(const Site& site, std::filesystem::path key, std::filesystem::path passphrase_file)
        : site_(site), key_file_(std::move(key)), passphrase_file_(std::move(passphrase_file)) {}

    [[nodiscard]] Result<Address> address();
    [[nodiscard]] Result<const crypto::SigningKey*> key();

private:
    [[nodiscard]] Result<crypto::SigningKey> read() const;

    const Site& site_;
    std::filesystem::path key_file_;
    std::filesystem::path passphrase_file_;
    std::optional<crypto::SigningKey> key_;
};

}  // namespace fedstake::client
