// Keccak Merkle trees: roots, proofs and their verification.
#include "proto/crypto/keccak_tree.hpp"

#include <array>
#include <bit>
#include <string>

#include "proto/crypto/keccak256.hpp"

namespace fedstake::crypto {

namespace {

constexpr std::array<std::uint8_t, 1> kNodeTag{0x01};
constexpr std::uint8_t kRootTag = 0x02;

// ceil(log2(count)); 0 for an empty tree.
unsigned depth_of(std::uint64_t count) noexcept {
    return count < 2 ? 0U : static_cast<unsigned>(std::bit_width(count - 1));
}

Digest node_of(const Digest& left, const Digest& right) {
    return keccak256({kNodeTag, left.bytes, right.bytes});
}

Digest root_of(std::uint64_t leaf_count, const Digest& top) {
    ByteWriter header;
    header.u8(kRootTag).u64(leaf_count);
    return keccak256({header.bytes(), top.bytes});
}

// Leaves padded with zero words to a power of two.
std::vector<Digest> padded(std::span<const Digest> leaves) {
    std::vector<Digest> level(leaves.begin(), leaves.end());
    level.resize(std::size_t{1} << depth_of(leaves.size()));
    return level;
}

void climb(std::vector<Digest>& level) {
    for (std::size_t i = 0; i < level.size() / 2; ++i) {
        level[i] = node_of(level[2 * i], level[2 * i + 1]);
    }
    level.resize(level.size() / 2);
}

}  // namespace

LeafHasher::LeafHasher(LeafTag tag) {
    number(static_cast<std::uint8_t>(tag));
}

LeafHasher& LeafHasher::number(std::uint64_t value) {
    return amount(value);
}

LeafHasher& LeafHasher::amount(Amount value) {
    ByteWriter word;
    word.u128(0).u128(value);
    encoded_.insert(encoded_.end(), word.bytes().begin(), word.bytes().end());
    return *this;
}

LeafHasher& LeafHasher::address(const Address& value) {
    encoded_.insert(encoded_.end(), Digest::kSize - Address::kSize, 0);
    encoded_.insert(encoded_.end(), value.bytes.begin(), value.bytes.end());
    return *this;
}

LeafHasher& LeafHasher::word(const Digest& value) {
    encoded_.insert(encoded_.end(), value.bytes.begin(), value.bytes.end());
    return *this;
}

Digest LeafHasher::finish() const {
    return keccak256(encoded_);
}

Digest keccak_root(std::span<const Digest> leaves) {
    std::vector<Digest> level = padded(leaves);
    while (level.size() > 1) climb(level);
    return root_of(leaves.size(), level.front());
}

Result<std::vector<Digest>> keccak_proof(std::span<const Digest> leaves, std::uint64_t index) {
    if (index >= leaves.size()) {
        return fail(Errc::kInvalidInput, "no leaf " + std::to_string(index) + " in a tree of " +
                                             std::to_string(leaves.size()) + " leaves");
    }
    std::vector<Digest> proof;
    std::vector<Digest> level = padded(leaves);
    for (; level.size() > 1; index /= 2) {
        proof.push_back(level[index ^ 1U]);
        climb(level);
    }
    return proof;
}

bool verify_keccak_proof(const Digest& root, std::uint64_t leaf_count, std::uint64_t index,
                         const Digest& leaf, std::span<const Digest> proof) {
    if (index >= leaf_count || proof.size() != depth_of(leaf_count)) return false;
    Digest top = leaf;
    for (const Digest& sibling : proof) {
        top = index % 2 == 0 ? node_of(top, sibling) : node_of(sibling, top);
        index /= 2;
    }
    return root_of(leaf_count, top) == root;
}

}  // namespace fedstake::crypto
