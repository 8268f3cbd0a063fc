// The arithmetic of blob shapes.
#include "proto/transport/blob_ports.hpp"

#include "proto/base/check.hpp"
#include "proto/crypto/content_tree.hpp"
#include "proto/wire/messages.hpp"

namespace fedstake::transport {

std::size_t BlobShape::chunk_bytes(std::uint64_t index) const noexcept {
    FS_CHECK(index < chunks());
    const std::uint64_t begin = index * limits::kChunkBytes;
    const std::uint64_t rest = total_bytes - begin;
    return rest < limits::kChunkBytes ? static_cast<std::size_t>(rest) : limits::kChunkBytes;
}

Status BlobShape::check() const {
    const std::uint64_t expected =
        total_bytes / limits::kChunkBytes + (total_bytes % limits::kChunkBytes != 0 ? 1 : 0);
    if (expected == 0 || expected > wire::kChunksMax) {
        return fail(Errc::kInvalidInput, "a blob of " + std::to_string(total_bytes) +
                                             " bytes: 1 byte to " +
                                             std::to_string(wire::kChunksMax) + " MiB can travel");
    }
    if (chunks() != expected) {
        return fail(Errc::kInvalidInput, std::to_string(chunks()) + " chunk roots for " +
                                             std::to_string(expected) + " chunks");
    }
    if (crypto::content_root(total_bytes, chunk_roots) != root) {
        return fail(Errc::kCorrupt, "the chunk roots do not hash to " + root.short_hex());
    }
    return {};
}

}  // namespace fedstake::transport
