// Blobs of seeded bytes with their shapes.
#pragma once

#include <memory>

#include "proto/base/rng.hpp"
#include "proto/crypto/content_tree.hpp"
#include "proto/transport/blob_ports.hpp"

namespace fedstake::transport::testing {

struct SampleBlob {
    std::shared_ptr<const Bytes> bytes;
    BlobShape shape;
};

inline SampleBlob sample_blob(std::size_t size, std::uint64_t seed = 1) {
    auto bytes = std::make_shared<Bytes>(size);
    Rng rng(seed);
    for (std::size_t i = 0; i < size; ++i) {
        (*bytes)[i] = static_cast<std::uint8_t>(rng.next() >> 32U);
    }
    crypto::ContentHasher hasher;
    hasher.update(*bytes);
    crypto::FileContent content = std::move(hasher).finish();
    return {std::move(bytes), {content.root, content.total_bytes, std::move(content.chunk_roots)}};
}

}  // namespace fedstake::transport::testing
