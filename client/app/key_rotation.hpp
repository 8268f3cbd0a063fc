// Replacing the signer key in the key folder (keys.hpp), in steps that may be repeated.
#pragma once

#include <filesystem>
#include <string_view>

#include "client/app/keys.hpp"

namespace fedstake::client {

// keys/signer-next.json: made, or found where an interrupted replacement left it.
[[nodiscard]] Result<crypto::SigningKey> prepare_next_signer(const std::filesystem::path& folder,
                                                             std::string_view passphrase,
                                                             const crypto::KeystoreCost& cost);
// Puts it into signer.json and public.json, and keeps the old file as signer-<old address>.json.
// RETURNS kConflict where such an old file exists already.
[[nodiscard]] Status adopt_next_signer(const std::filesystem::path& folder, const PublicKeys& old,
                                       const Address& next);

}  // namespace fedstake::client
