// Unlocks one key, once.
#include "client/app/payer.hpp"

#include <string>

#include "proto/crypto/keystore.hpp"

namespace fedstake::client {

Result<Address> Payer::address() {
    if (key_file_.empty()) return site_.entry.owner;
    FS_ASSIGN(const crypto::SigningKey* const found, key());
    return found->address();
}

Result<const crypto::SigningKey*> Payer::key() {
    if (!key_) {
        FS_ASSIGN(key_, read());
    }
    return &*key_;
}

Result<crypto::SigningKey> Payer::read() const {
    if (key_file_.empty()) return read_owner_key(site_.config.keys, site_.passphrase);
    if (passphrase_file_.empty()) return crypto::read_keystore(key_file_, site_.passphrase);
    FS_ASSIGN(const std::string passphrase, read_passphrase(passphrase_file_));
    return crypto::read_keystore(key_file_, passphrase);
}

}  // namespace fedstake::client
