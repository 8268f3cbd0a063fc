// Reads the chunk around a leaf and proves the leaf in it.
#include "contracts/cpp/evm/blob_opening.hpp"

#include <algorithm>
#include <fstream>
#include <string>

#include "proto/base/limits.hpp"
#include "proto/crypto/content_top.hpp"

namespace fedstake::evm {

Result<OpenableBlob> OpenableBlob::open(const std::filesystem::path& path) {
    FS_ASSIGN(crypto::FileContent content, crypto::content_of_file(path));
    return OpenableBlob(path, std::move(content));
}

Digest OpenableBlob::top() const {
    return crypto::content_top(content_.total_bytes, content_.chunk_roots);
}

Result<BlobOpening> OpenableBlob::leaf(std::uint64_t index) const {
    using limits::kChunkBytes;
    using limits::kLeafBytes;
    const std::uint64_t leaves =
        content_.total_bytes / kLeafBytes + (content_.total_bytes % kLeafBytes != 0 ? 1 : 0);
    if (index >= leaves) {
        return fail(Errc::kInvalidInput, path_.string() + " has no leaf " + std::to_string(index) +
                                             ": it has " + std::to_string(leaves));
    }
    const std::uint64_t at = index * kLeafBytes / kChunkBytes * kChunkBytes;
    Bytes chunk(std::min<std::uint64_t>(kChunkBytes, content_.total_bytes - at));
    std::ifstream in(path_, std::ios::binary);
    in.seekg(static_cast<std::streamoff>(at));
    in.read(reinterpret_cast<char*>(chunk.data()), static_cast<std::streamsize>(chunk.size()));
    if (!in) return fail(Errc::kUnavailable, "cannot read " + path_.string() + " any more");
    auto proof =
        crypto::prove_leaf_in_chunk(content_.total_bytes, content_.chunk_roots, chunk, index);
    if (!proof) return with_context(proof.error(), path_.string());
    const std::uint64_t inside = index * kLeafBytes - at;
    const std::uint64_t size = std::min<std::uint64_t>(kLeafBytes, chunk.size() - inside);
    const auto first = chunk.begin() + static_cast<std::ptrdiff_t>(inside);
    return BlobOpening{.leaf = Bytes(first, first + static_cast<std::ptrdiff_t>(size)),
                       .siblings = std::move(proof->siblings)};
}

}  // namespace fedstake::evm
