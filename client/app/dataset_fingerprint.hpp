// A keyed digest of the site's data set, for the model registry.
//
//   HMAC-SHA256(key, "fedstake-dataset-1" | federation | site | SHA-256(data file) |
//               SHA-256(schema) | u64be split seed)
// The key is 32 random bytes that never leave the site (keys/dataset-key.json): without it nobody
// can test a guess about the data, and the site alone can prove later which file it was.
#pragma once

#include <filesystem>
#include <string_view>

#include "client/app/config.hpp"
#include "proto/base/bytes.hpp"
#include "proto/base/ids.hpp"
#include "proto/base/result.hpp"
#include "proto/crypto/keystore.hpp"

namespace fedstake::client {

// RFC 2104 over SHA-256.
[[nodiscard]] Digest hmac_sha256(ByteView key, ByteView message);

// keys/dataset-key.json, made on first use.
[[nodiscard]] Result<Digest> dataset_key(const std::filesystem::path& keys,
                                         std::string_view passphrase,
                                         const crypto::KeystoreCost& cost);

// RETURNS kInvalidInput where the configuration names no data, kNotFound or kUnavailable for its
// files. O(bytes).
[[nodiscard]] Result<Digest> dataset_fingerprint(const DataConfig& data, const Digest& key,
                                                 const FederationId& federation,
                                                 const SiteId& site);

}  // namespace fedstake::client
