// Content root: the SHA-256 Merkle root that names every blob (update, model, aggregate).
//
// Leaves are 1 KiB so that one leaf of every update can be opened on the chain; a 1 MiB wire chunk
// is the level-10 subtree, so each chunk can be checked on arrival against its chunk root.
//   leaf  = SHA256(0x00 | u64be index | bytes)              node = SHA256(0x01 | u8 level | u64be
//   index | l | r) absent child = 32 zero bytes; a node of two absent children is absent root  =
//   SHA256(0x02 | u64be total_bytes | top), top at level max(10, ceil(log2(leaves)))
// An empty blob has zero leaves and an absent top.
#pragma once

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

// The content root from all chunk roots in order. REQUIRES chunk_roots.size() == ceil(total / 1
// MiB).
[[nodiscard]] Digest content_root(std::uint64_t total_bytes, std::span<const Digest> chunk_roots);

// Root of a blob in memory or in a file (read in 1 MiB pieces). O(bytes).
[[nodiscard]] Digest content_root_of(ByteView bytes);
struct FileContent {
    Digest root;
    std::uint64_t total_bytes = 0;
    std::vector<Digest> chunk_roots;
};
[[nodiscard]] Result<FileContent> content_of_file(const std::filesystem::path& path);

// Streams bytes in any pieces and keeps only chunk roots: memory is one chunk.
class ContentHasher {
public:
    void update(ByteView bytes);
    [[nodiscard]] FileContent finish() &&;

private:
    Bytes pending_;
    std::uint64_t total_bytes_ = 0;
    std::vector<Digest> chunk_roots_;
};

// Proof that leaf `leaf_index` with these bytes is in the blob: siblings from level 0 upwards.
struct LeafProof {
    std::uint64_t total_bytes = 0;
    std::uint64_t leaf_index = 0;
    std::vector<Digest> siblings;
};
[[nodiscard]] Result<LeafProof> prove_leaf(ByteView blob, std::uint64_t leaf_index);
[[nodiscard]] bool verify_leaf(const Digest& root, const LeafProof& proof, ByteView leaf);

}  // namespace fedstake::crypto
