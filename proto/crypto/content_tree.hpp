// Content root: the SHA-256 Merkle root that names every blob (update, model, aggregate).
//
// Leaves are 1 KiB so that one leaf of every update can be opened on the chain; a 1 MiB wire chunk
// is the level-10 subtree, so each chunk can be checked on arrival against its chunk root.
//
//   leaf = SHA256(0x00 | u64be index | bytes)
//   node = SHA256(0x01 | u8 level | u64be index | left | right), level 1 above the leaves
//   root = SHA256(0x02 | u64be total_bytes | top), top at level max(10, ceil(log2(leaves)))
//
// An absent child is 32 zero bytes, and a node of two absent children is absent. An empty blob has
// zero leaves and an absent top. Only the last leaf may be shorter than 1 KiB.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <span>
#include <vector>

#include "proto/base/ids.hpp"
#include "proto/base/limits.hpp"
#include "proto/base/result.hpp"

namespace fedstake::crypto {

// The root of one chunk (level-10 node number `chunk_index`). REQUIRES 1 <= bytes.size() <= 1 MiB.
[[nodiscard]] Digest chunk_root(std::uint64_t chunk_index, ByteView bytes);

// The content root from all chunk roots in order. REQUIRES
// chunk_roots.size() == ceil(total_bytes / 1 MiB).
[[nodiscard]] Digest content_root(std::uint64_t total_bytes, std::span<const Digest> chunk_roots);

// Root of a blob in memory or in a file (read in 1 MiB pieces). O(bytes).
// content_of_file RETURNS kNotFound, kInvalidInput (not a regular file) or kUnavailable (read
// error), each naming the path.
[[nodiscard]] Digest content_root_of(ByteView bytes);
struct FileContent {
    Digest root;
    std::uint64_t total_bytes = 0;
    std::vector<Digest> chunk_roots;
};
[[nodiscard]] Result<FileContent> content_of_file(const std::filesystem::path& path);

// Streams bytes in any pieces and keeps only chunk roots: memory is one leaf, ten digests, and 32
// bytes for each chunk seen.
class ContentHasher {
public:
    void update(ByteView bytes);
    [[nodiscard]] FileContent finish() &&;

private:
    void add_leaf(ByteView leaf);
    // The root of the chunk that has begun, with the leaves that it has.
    [[nodiscard]] Digest partial_chunk_root() const;

    Bytes pending_;  // of the leaf that has begun
    std::uint64_t total_bytes_ = 0;
    std::uint64_t leaves_ = 0;
    std::array<Digest, limits::kChunkLevel> left_{};  // by level: a node that waits for its sibling
    std::vector<Digest> chunk_roots_;
};

// Proof that leaf `leaf_index` with these bytes is in the blob: siblings from level 0 upwards.
struct LeafProof {
    std::uint64_t total_bytes = 0;
    std::uint64_t leaf_index = 0;
    std::vector<Digest> siblings;
};
// RETURNS kInvalidInput when the blob has no such leaf. O(bytes).
[[nodiscard]] Result<LeafProof> prove_leaf(ByteView blob, std::uint64_t leaf_index);
// The same from the chunk that holds the leaf and the roots of all chunks: O(1 chunk), for blobs
// that stay on disk. RETURNS kInvalidInput for a leaf, chunk or list that does not fit total_bytes,
// kCorrupt when the chunk's root is not the one in the list.
[[nodiscard]] Result<LeafProof> prove_leaf_in_chunk(std::uint64_t total_bytes,
                                                    std::span<const Digest> chunk_roots,
                                                    ByteView chunk, std::uint64_t leaf_index);
// Also checks that leaf and proof have exactly the lengths that total_bytes implies.
[[nodiscard]] bool verify_leaf(const Digest& root, const LeafProof& proof, ByteView leaf);

}  // namespace fedstake::crypto
