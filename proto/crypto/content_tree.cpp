// Leaves, nodes, chunk roots and leaf proofs of the content tree.
#include "proto/crypto/content_tree.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cerrno>
#include <string>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "proto/base/check.hpp"
#include "proto/crypto/content_top.hpp"
#include "proto/crypto/file_descriptor.hpp"
#include "proto/crypto/sha256.hpp"

namespace fedstake::crypto {

namespace {

using limits::kChunkBytes;
using limits::kChunkLevel;
using limits::kLeafBytes;

constexpr std::uint8_t kLeafTag = 0x00;
constexpr std::uint8_t kNodeTag = 0x01;
constexpr std::uint8_t kRootTag = 0x02;
constexpr std::size_t kLeavesInChunk = kChunkBytes / kLeafBytes;
constexpr Digest kAbsent{};

constexpr std::uint64_t ceil_div(std::uint64_t value, std::uint64_t by) noexcept {
    return value / by + (value % by != 0 ? 1 : 0);
}

void store_u64be(std::uint64_t value, std::uint8_t* out) noexcept {
    for (unsigned i = 0; i < 8; ++i) out[i] = static_cast<std::uint8_t>(value >> (56 - 8 * i));
}

Digest leaf_of(std::uint64_t index, ByteView bytes) noexcept {
    std::array<std::uint8_t, 9> header{kLeafTag};
    store_u64be(index, &header[1]);
    return sha256({header, bytes});
}

Digest node_of(unsigned level, std::uint64_t index, const Digest& left,
               const Digest& right) noexcept {
    std::array<std::uint8_t, 10 + 2 * Digest::kSize> message{kNodeTag,
                                                             static_cast<std::uint8_t>(level)};
    store_u64be(index, &message[2]);
    std::copy(left.bytes.begin(), left.bytes.end(), message.begin() + 10);
    std::copy(right.bytes.begin(), right.bytes.end(), message.begin() + 10 + Digest::kSize);
    return sha256(message);
}

Digest root_of(std::uint64_t total_bytes, const Digest& top) noexcept {
    std::array<std::uint8_t, 9> header{kRootTag};
    store_u64be(total_bytes, &header[1]);
    return sha256({header, top.bytes});
}

// Level of the top of a blob: at least that of a chunk.
unsigned top_level(std::uint64_t total_bytes) noexcept {
    const std::uint64_t leaves = ceil_div(total_bytes, kLeafBytes);
    if (leaves <= kLeavesInChunk) return kChunkLevel;
    return static_cast<unsigned>(std::bit_width(leaves - 1));
}

// Adjacent nodes of one level, all others at its right being absent; climbs in place.
struct Row {
    unsigned level = 0;
    std::uint64_t first_index = 0;  // of nodes[0]; even unless the row is a single node
    std::span<Digest> nodes;

    [[nodiscard]] const Digest& at(std::uint64_t index) const noexcept {
        const std::uint64_t place = index - first_index;
        return place < nodes.size() ? nodes[place] : kAbsent;
    }

    void climb() noexcept {
        ++level;
        first_index /= 2;
        const std::size_t parents = ceil_div(nodes.size(), 2);
        for (std::size_t i = 0; i < parents; ++i) {
            const Digest& right = 2 * i + 1 < nodes.size() ? nodes[2 * i + 1] : kAbsent;
            nodes[i] = node_of(level, first_index + i, nodes[2 * i], right);
        }
        nodes = nodes.first(parents);
    }

    // Climbs to `until`; appends the siblings met on the way up from node `index`, if wanted.
    void climb_to(unsigned until, std::uint64_t index = 0,
                  std::vector<Digest>* siblings = nullptr) {
        for (; level < until; climb(), index /= 2) {
            if (siblings != nullptr) siblings->push_back(at(index ^ 1U));
        }
    }
};

using ChunkLeaves = std::array<Digest, kLeavesInChunk>;

// Hashes the leaves of one chunk into `storage`.
Row leaves_of_chunk(std::uint64_t chunk_index, ByteView bytes, ChunkLeaves& storage) noexcept {
    FS_CHECK(!bytes.empty() && bytes.size() <= kChunkBytes);
    const std::uint64_t first = chunk_index * kLeavesInChunk;
    std::size_t count = 0;
    for (; !bytes.empty(); ++count) {
        const std::size_t size = std::min(bytes.size(), kLeafBytes);
        storage[count] = leaf_of(first + count, bytes.first(size));
        bytes = bytes.subspan(size);
    }
    return {.level = 0, .first_index = first, .nodes = std::span(storage).first(count)};
}

std::uint64_t chunk_size(std::uint64_t total_bytes, std::uint64_t chunk_index) noexcept {
    return std::min<std::uint64_t>(kChunkBytes, total_bytes - chunk_index * kChunkBytes);
}

tl::unexpected<Error> cannot_read(const std::filesystem::path& path, int error) {
    const Errc code = error == ENOENT || error == ENOTDIR ? Errc::kNotFound : Errc::kUnavailable;
    return fail(code,
                "cannot read " + path.string() + ": " + std::generic_category().message(error));
}

}  // namespace

Digest chunk_root(std::uint64_t chunk_index, ByteView bytes) {
    ChunkLeaves storage;
    Row row = leaves_of_chunk(chunk_index, bytes, storage);
    row.climb_to(kChunkLevel);
    return row.nodes.front();
}

Digest content_top(std::uint64_t total_bytes, std::span<const Digest> chunk_roots) {
    FS_CHECK(chunk_roots.size() == ceil_div(total_bytes, kChunkBytes));
    if (chunk_roots.empty()) return kAbsent;
    std::vector<Digest> storage(chunk_roots.begin(), chunk_roots.end());
    Row row{.level = kChunkLevel, .first_index = 0, .nodes = storage};
    row.climb_to(top_level(total_bytes));
    return row.nodes.front();
}

Digest content_root(std::uint64_t total_bytes, std::span<const Digest> chunk_roots) {
    return root_of(total_bytes, content_top(total_bytes, chunk_roots));
}

Digest content_root_of(ByteView bytes) {
    ContentHasher hasher;
    hasher.update(bytes);
    return std::move(hasher).finish().root;
}

Result<FileContent> content_of_file(const std::filesystem::path& path) {
    const FileDescriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    if (file.get() < 0) return cannot_read(path, errno);
    struct stat status {};
    if (::fstat(file.get(), &status) != 0) return cannot_read(path, errno);
    if (!S_ISREG(status.st_mode)) {
        return fail(Errc::kInvalidInput, path.string() + " is not a regular file");
    }
    ContentHasher hasher;
    Bytes buffer(kChunkBytes);
    for (;;) {
        const ssize_t got = ::read(file.get(), buffer.data(), buffer.size());
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return cannot_read(path, errno);
        if (got == 0) return std::move(hasher).finish();
        hasher.update(ByteView(buffer).first(static_cast<std::size_t>(got)));
    }
}

void ContentHasher::add_leaf(ByteView leaf) {
    std::uint64_t index = leaves_++;
    Digest node = leaf_of(index, leaf);
    for (unsigned level = 0; level < kChunkLevel; ++level, index /= 2) {
        if (index % 2 == 0) {
            left_[level] = node;
            return;
        }
        node = node_of(level + 1, index / 2, left_[level], node);
    }
    chunk_roots_.push_back(node);
}

Digest ContentHasher::partial_chunk_root() const {
    Digest last = kAbsent;  // the incomplete node at the right of the level
    for (unsigned level = 0; level < kChunkLevel; ++level) {
        const std::uint64_t complete = leaves_ >> level;
        if (complete % 2 == 1) {
            last = node_of(level + 1, complete / 2, left_[level], last);
        } else if (last != kAbsent) {
            last = node_of(level + 1, complete / 2, last, kAbsent);
        }
    }
    return last;
}

void ContentHasher::update(ByteView bytes) {
    total_bytes_ += bytes.size();
    while (!bytes.empty()) {
        if (pending_.empty() && bytes.size() >= kLeafBytes) {  // whole leaves need no copy
            add_leaf(bytes.first(kLeafBytes));
            bytes = bytes.subspan(kLeafBytes);
            continue;
        }
        const std::size_t size = std::min(bytes.size(), kLeafBytes - pending_.size());
        pending_.insert(pending_.end(), bytes.begin(),
                        bytes.begin() + static_cast<std::ptrdiff_t>(size));
        bytes = bytes.subspan(size);
        if (pending_.size() == kLeafBytes) {
            add_leaf(pending_);
            pending_.clear();
        }
    }
}

FileContent ContentHasher::finish() && {
    if (!pending_.empty()) add_leaf(pending_);
    if (leaves_ % kLeavesInChunk != 0) chunk_roots_.push_back(partial_chunk_root());
    const Digest root = content_root(total_bytes_, chunk_roots_);
    return {.root = root, .total_bytes = total_bytes_, .chunk_roots = std::move(chunk_roots_)};
}

Result<LeafProof> prove_leaf(ByteView blob, std::uint64_t leaf_index) {
    const std::uint64_t chunk_index = leaf_index / kLeavesInChunk;
    const std::uint64_t chunks = ceil_div(blob.size(), kChunkBytes);
    ByteView chunk;
    if (chunk_index < chunks) {
        chunk = blob.subspan(chunk_index * kChunkBytes, chunk_size(blob.size(), chunk_index));
    }
    ContentHasher hasher;
    hasher.update(blob);
    return prove_leaf_in_chunk(blob.size(), std::move(hasher).finish().chunk_roots, chunk,
                               leaf_index);
}

Result<LeafProof> prove_leaf_in_chunk(std::uint64_t total_bytes,
                                      std::span<const Digest> chunk_roots, ByteView chunk,
                                      std::uint64_t leaf_index) {
    const std::uint64_t leaves = ceil_div(total_bytes, kLeafBytes);
    if (leaf_index >= leaves) {
        return fail(Errc::kInvalidInput, "no leaf " + std::to_string(leaf_index) +
                                             " in a blob of " + std::to_string(leaves) + " leaves");
    }
    const std::uint64_t chunk_index = leaf_index / kLeavesInChunk;
    if (chunk_roots.size() != ceil_div(total_bytes, kChunkBytes) ||
        chunk.size() != chunk_size(total_bytes, chunk_index)) {
        return fail(Errc::kInvalidInput,
                    "the chunk or the list of chunk roots does not fit a blob "
                    "of " +
                        std::to_string(total_bytes) + " bytes");
    }
    LeafProof proof{.total_bytes = total_bytes, .leaf_index = leaf_index, .siblings = {}};
    ChunkLeaves storage;
    Row row = leaves_of_chunk(chunk_index, chunk, storage);
    row.climb_to(kChunkLevel, leaf_index, &proof.siblings);
    if (row.nodes.front() != chunk_roots[chunk_index]) {
        return fail(Errc::kCorrupt, "chunk " + std::to_string(chunk_index) +
                                        " does not match its root " +
                                        chunk_roots[chunk_index].short_hex());
    }
    std::vector<Digest> roots(chunk_roots.begin(), chunk_roots.end());
    Row upper{.level = kChunkLevel, .first_index = 0, .nodes = roots};
    upper.climb_to(top_level(total_bytes), chunk_index, &proof.siblings);
    return proof;
}

bool verify_leaf(const Digest& root, const LeafProof& proof, ByteView leaf) {
    if (proof.leaf_index >= ceil_div(proof.total_bytes, kLeafBytes)) return false;
    const std::uint64_t size =
        std::min<std::uint64_t>(kLeafBytes, proof.total_bytes - proof.leaf_index * kLeafBytes);
    if (leaf.size() != size || proof.siblings.size() != top_level(proof.total_bytes)) return false;
    std::uint64_t index = proof.leaf_index;
    Digest top = leaf_of(index, leaf);
    for (unsigned level = 1; const Digest& sibling : proof.siblings) {
        const bool is_left = index % 2 == 0;
        index /= 2;
        top = is_left ? node_of(level, index, top, sibling) : node_of(level, index, sibling, top);
        ++level;
    }
    return root_of(proof.total_bytes, top) == root;
}

}  // namespace fedstake::crypto
