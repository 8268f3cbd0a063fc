// The HMAC, its key file, and the file digests that go into it.
#include "client/app/dataset_fingerprint.hpp"

#include <algorithm>
#include <array>
#include <fstream>
#include <system_error>

#include "proto/crypto/random.hpp"
#include "proto/crypto/sha256.hpp"

namespace fedstake::client {

namespace {

constexpr std::string_view kDomain = "fedstake-dataset-1";
constexpr std::size_t kBlock = 64;  // of SHA-256
constexpr std::size_t kPiece = std::size_t{1} << 20U;

Result<Digest> sha256_of_file(const std::filesystem::path& path) {
    std::ifstream in(path, std::ios::binary);
    if (!in) return fail(Errc::kNotFound, path.string() + ": cannot be opened");
    crypto::Sha256 hash;
    Bytes piece(kPiece);
    while (in) {
        in.read(reinterpret_cast<char*>(piece.data()), static_cast<std::streamsize>(piece.size()));
        hash.update(ByteView(piece).first(static_cast<std::size_t>(in.gcount())));
    }
    if (in.bad()) return fail(Errc::kUnavailable, path.string() + ": cannot be read to its end");
    return hash.finish();
}

}  // namespace

Digest hmac_sha256(ByteView key, ByteView message) {
    std::array<std::uint8_t, kBlock> inner{};
    std::array<std::uint8_t, kBlock> outer{};
    const Digest hashed = crypto::sha256(key);
    const ByteView used = key.size() > kBlock ? hashed.view() : key;
    std::copy(used.begin(), used.end(), inner.begin());
    std::copy(used.begin(), used.end(), outer.begin());
    for (std::uint8_t& byte : inner) byte ^= 0x36;
    for (std::uint8_t& byte : outer) byte ^= 0x5c;
    const Digest within = crypto::sha256({ByteView(inner), message});
    return crypto::sha256({ByteView(outer), within.view()});
}

Result<Digest> dataset_key(const std::filesystem::path& keys, std::string_view passphrase,
                           const crypto::KeystoreCost& cost) {
    const std::filesystem::path file = keys / "dataset-key.json";
    std::error_code ignored;
    if (!std::filesystem::exists(file, ignored)) {
        const Digest fresh = crypto::random_digest();
        FS_TRY(crypto::write_secret(file, fresh.bytes, passphrase, cost));
    }
    FS_ASSIGN(const auto secret, crypto::read_secret(file, passphrase));
    return Digest{secret};
}

Result<Digest> dataset_fingerprint(const DataConfig& data, const Digest& key,
                                   const FederationId& federation, const SiteId& site) {
    if (data.file.empty()) {
        return fail(Errc::kInvalidInput,
                    "the configuration has no [data]: a site that does not train has no data set");
    }
    FS_ASSIGN(const Digest file, sha256_of_file(data.file));
    Digest schema = crypto::sha256(as_bytes(data.schema));
    if (data.schema.ends_with(".toml")) {
        FS_ASSIGN(schema, sha256_of_file(data.schema));
    }
    const Bytes message = ByteWriter()
                              .raw(as_bytes(kDomain))
                              .raw(federation.view())
                              .raw(site.view())
                              .raw(file.view())
                              .raw(schema.view())
                              .u64(data.split_seed)
                              .take();
    return hmac_sha256(key.view(), message);
}

}  // namespace fedstake::client
