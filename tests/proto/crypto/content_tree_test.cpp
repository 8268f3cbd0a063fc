// Content roots against a slow recursive reference, streaming, files, and hostile leaf proofs.
#include "proto/crypto/content_tree.hpp"

#include <algorithm>
#include <fstream>
#include <string>

#include <gtest/gtest.h>

#include "proto/base/rng.hpp"
#include "proto/crypto/sha256.hpp"
#include "tests/support/temp_dir.hpp"

namespace fedstake::crypto {
namespace {

constexpr std::size_t kKiB = 1024;
constexpr std::size_t kMiB = 1024 * kKiB;

Bytes some_bytes(std::size_t size, std::uint64_t seed = 7) {
    Rng rng(seed);
    Bytes bytes(size);
    for (auto& byte : bytes) byte = static_cast<std::uint8_t>(rng.next() >> 32U);
    return bytes;
}

// The definition, written down as recursion over an explicit padded tree.
class Reference {
public:
    explicit Reference(const Bytes& bytes) : bytes_(bytes) {}

    [[nodiscard]] Digest root() const {
        unsigned height = 10;
        while ((std::size_t{1} << height) * kKiB < bytes_.size()) ++height;
        return rooted(bytes_.size(), node(height, 0));
    }

    [[nodiscard]] static Digest rooted(std::uint64_t total_bytes, const Digest& top) {
        ByteWriter message;
        message.u8(2).u64(total_bytes).raw(top.bytes);
        return sha256(message.bytes());
    }

    [[nodiscard]] Digest node(unsigned level, std::size_t index) const {
        ByteWriter message;
        if (level == 0) {
            if (index * kKiB >= bytes_.size()) return {};
            const ByteView rest = ByteView(bytes_).subspan(index * kKiB);
            message.u8(0).u64(index).raw(rest.first(std::min(rest.size(), kKiB)));
            return sha256(message.bytes());
        }
        const Digest left = node(level - 1, 2 * index);
        const Digest right = node(level - 1, 2 * index + 1);
        if (left.is_zero() && right.is_zero()) return {};
        message.u8(1).u8(static_cast<std::uint8_t>(level)).u64(index);
        message.raw(left.bytes).raw(right.bytes);
        return sha256(message.bytes());
    }

private:
    const Bytes& bytes_;
};

const std::vector<std::size_t>& sizes() {
    static const std::vector<std::size_t> all{
        0,        1,    1023,     1024,     1025,         2048,           5000,
        kMiB - 1, kMiB, kMiB + 1, 2 * kMiB, 3 * kMiB + 5, 5 * kMiB + 1024};
    return all;
}

TEST(ContentRoot, EqualsTheSlowReference) {
    for (const std::size_t size : sizes()) {
        const Bytes bytes = some_bytes(size);
        EXPECT_EQ(content_root_of(bytes), Reference(bytes).root()) << size;
    }
}

TEST(ContentRoot, ChunksAreTheLevelTenNodes) {
    const Bytes bytes = some_bytes(3 * kMiB + 5);
    std::vector<Digest> roots;
    for (std::size_t i = 0; i * kMiB < bytes.size(); ++i) {
        const ByteView rest = ByteView(bytes).subspan(i * kMiB);
        roots.push_back(chunk_root(i, rest.first(std::min(rest.size(), kMiB))));
        EXPECT_EQ(roots.back(), Reference(bytes).node(10, i)) << i;
    }
    EXPECT_EQ(content_root(bytes.size(), roots), content_root_of(bytes));
}

TEST(ContentRoot, BindsChunksToTheirPlace) {
    const Bytes chunk = some_bytes(kMiB);
    EXPECT_NE(chunk_root(0, chunk), chunk_root(1, chunk));
    Bytes doubled = chunk;
    doubled.insert(doubled.end(), chunk.begin(), chunk.end());
    EXPECT_NE(content_root_of(doubled), content_root_of(chunk));
}

TEST(ContentRoot, BindsTheLength) {
    Bytes bytes = some_bytes(5000);
    const Digest before = content_root_of(bytes);
    bytes.push_back(0);
    EXPECT_NE(content_root_of(bytes), before);
    EXPECT_NE(content_root_of(Bytes(1, 0)), content_root_of({}));
    // The same chunk roots under another length are another blob.
    const std::vector<Digest> roots{chunk_root(0, some_bytes(5000))};
    EXPECT_NE(content_root(5000, roots), content_root(5001, roots));
}

// Fixed for ever: other implementations (contracts, auditors) must give these.
TEST(ContentRoot, KnownAnswers) {
    EXPECT_EQ(content_root_of({}).hex(),
              "0xc6c0aa07f27493d2f2e5cff56c890a353a20086d6c25ec825128e12ae752b2d9");
    EXPECT_EQ(content_root_of(as_bytes("fedstake")).hex(),
              "0xb24652b3433e57d3dcb6c6c6fb88ed062dcc0d01c171db064fc2f17c2e31c028");
    EXPECT_EQ(content_root_of(Bytes(kMiB + 1, 0)).hex(),
              "0xab2db44345d597e720c05b481c9bf4cf0f63d06b5347a2a532936ee035272be9");
}

TEST(ContentHasher, PiecesOfAnySizeEqualTheWhole) {
    const Bytes bytes = some_bytes(3 * kMiB + 5);
    for (const std::size_t piece : {std::size_t{977}, kKiB, kMiB - 1, kMiB, kMiB + 1, 4 * kMiB}) {
        ContentHasher hasher;
        for (ByteView rest = bytes; !rest.empty();) {
            const std::size_t size = std::min(piece, rest.size());
            hasher.update(rest.first(size));
            hasher.update({});
            rest = rest.subspan(size);
        }
        const FileContent content = std::move(hasher).finish();
        EXPECT_EQ(content.root, content_root_of(bytes)) << piece;
        EXPECT_EQ(content.total_bytes, bytes.size());
        EXPECT_EQ(content.chunk_roots.size(), 4U);
    }
}

TEST(ContentOfFile, EqualsMemory) {
    const testing::TempDir folder;
    for (const std::size_t size : sizes()) {
        const Bytes bytes = some_bytes(size);
        const auto path = folder / std::to_string(size);
        std::ofstream(path, std::ios::binary) << to_text(bytes);
        const FileContent content = content_of_file(path).value();
        EXPECT_EQ(content.root, content_root_of(bytes)) << size;
        EXPECT_EQ(content.total_bytes, size);
    }
}

TEST(ContentOfFile, NamesWhatIsWrong) {
    const testing::TempDir folder;
    const auto missing = content_of_file(folder / "missing.bin");
    ASSERT_FALSE(missing);
    EXPECT_EQ(missing.error().code, Errc::kNotFound);
    EXPECT_NE(missing.error().message.find("missing.bin"), std::string::npos);
    EXPECT_EQ(content_of_file(folder.path()).error().code, Errc::kInvalidInput);
}

ByteView leaf_at(const Bytes& bytes, std::uint64_t index) {
    const ByteView rest = ByteView(bytes).subspan(index * kKiB);
    return rest.first(std::min(rest.size(), kKiB));
}

TEST(LeafProof, EveryKindOfLeafIsProven) {
    for (const std::size_t size : sizes()) {
        const Bytes bytes = some_bytes(size);
        const Digest root = content_root_of(bytes);
        const std::size_t leaves = (size + kKiB - 1) / kKiB;
        for (std::size_t i = 0; i < leaves;
             i = i + 1 < leaves && i + 700 >= leaves ? leaves - 1 : i + 700) {
            const LeafProof proof = prove_leaf(bytes, i).value();
            EXPECT_TRUE(verify_leaf(root, proof, leaf_at(bytes, i))) << size << " leaf " << i;
        }
        EXPECT_EQ(prove_leaf(bytes, leaves).error().code, Errc::kInvalidInput);
    }
}

TEST(LeafProof, OneChunkIsEnough) {
    const Bytes bytes = some_bytes(3 * kMiB + 5);
    ContentHasher hasher;
    hasher.update(bytes);
    const FileContent content = std::move(hasher).finish();
    const ByteView last = ByteView(bytes).subspan(3 * kMiB);
    const auto proof = prove_leaf_in_chunk(bytes.size(), content.chunk_roots, last, 3 * 1024);
    ASSERT_TRUE(proof);
    EXPECT_TRUE(verify_leaf(content.root, *proof, last));
    // The wrong chunk, an altered chunk and a short list are named, not proven.
    const ByteView first = ByteView(bytes).first(kMiB);
    const ByteView second = ByteView(bytes).subspan(kMiB, kMiB);
    EXPECT_EQ(prove_leaf_in_chunk(bytes.size(), content.chunk_roots, first, 3 * 1024).error().code,
              Errc::kInvalidInput);
    EXPECT_EQ(prove_leaf_in_chunk(bytes.size(), content.chunk_roots, second, 5).error().code,
              Errc::kCorrupt);
    EXPECT_EQ(prove_leaf_in_chunk(bytes.size(), std::span(content.chunk_roots).first(3), first, 5)
                  .error()
                  .code,
              Errc::kInvalidInput);
}

TEST(LeafProof, EveryBitFlipFails) {
    const Bytes bytes = some_bytes(2 * kMiB + 1500);
    const Digest root = content_root_of(bytes);
    for (const std::uint64_t index : {0U, 1023U, 1024U, 2049U}) {
        const LeafProof proof = prove_leaf(bytes, index).value();
        const ByteView view = leaf_at(bytes, index);
        ASSERT_TRUE(verify_leaf(root, proof, view));
        Bytes leaf(view.begin(), view.end());
        for (std::size_t bit = 0; bit < leaf.size() * 8; ++bit) {
            const auto mask = static_cast<std::uint8_t>(1U << (bit % 8));
            leaf[bit / 8] ^= mask;
            ASSERT_FALSE(verify_leaf(root, proof, leaf)) << "leaf bit " << bit;
            leaf[bit / 8] ^= mask;
        }
        for (std::size_t level = 0; level < proof.siblings.size(); ++level) {
            for (std::size_t bit = 0; bit < 256; ++bit) {
                LeafProof altered = proof;
                altered.siblings[level].bytes[bit / 8] ^= static_cast<std::uint8_t>(1U << bit % 8);
                ASSERT_FALSE(verify_leaf(root, altered, leaf)) << level << " bit " << bit;
            }
        }
        for (unsigned bit = 0; bit < 64; ++bit) {
            LeafProof altered = proof;
            altered.leaf_index ^= std::uint64_t{1} << bit;
            ASSERT_FALSE(verify_leaf(root, altered, leaf)) << "index bit " << bit;
            altered = proof;
            altered.total_bytes ^= std::uint64_t{1} << bit;
            ASSERT_FALSE(verify_leaf(root, altered, leaf)) << "length bit " << bit;
        }
    }
}

TEST(LeafProof, RefusesOtherShapes) {
    const Bytes bytes = some_bytes(5000);
    const Digest root = content_root_of(bytes);
    const LeafProof proof = prove_leaf(bytes, 4).value();
    const ByteView leaf = leaf_at(bytes, 4);
    ASSERT_TRUE(verify_leaf(root, proof, leaf));
    EXPECT_FALSE(verify_leaf(root, proof, leaf.first(leaf.size() - 1)));
    EXPECT_FALSE(verify_leaf(root, proof, leaf_at(bytes, 3)));
    LeafProof altered = proof;
    altered.siblings.emplace_back();
    EXPECT_FALSE(verify_leaf(root, altered, leaf));
    altered.siblings.resize(9);
    EXPECT_FALSE(verify_leaf(root, altered, leaf));
    // The largest length does not wrap around.
    altered = proof;
    altered.total_bytes = ~std::uint64_t{0};
    EXPECT_FALSE(verify_leaf(root, altered, leaf));
    EXPECT_FALSE(verify_leaf(root, LeafProof{}, {}));
}

// A liar may commit to any hash as a root, so the shape is checked apart from the hashes.
TEST(LeafProof, RefusesRootsThatNoBlobHas) {
    const Bytes longer = some_bytes(6 * kKiB);
    const Digest top = Reference(longer).node(10, 0);
    const auto claim = [&](std::uint64_t total_bytes, std::uint64_t leaf) {
        LeafProof proof = prove_leaf(longer, leaf).value();
        proof.total_bytes = total_bytes;
        return verify_leaf(Reference::rooted(total_bytes, top), proof, leaf_at(longer, leaf));
    };
    ASSERT_TRUE(claim(6 * kKiB, 5));
    EXPECT_FALSE(claim(5000, 5)) << "a leaf past the end";
    EXPECT_FALSE(claim(5000, 4)) << "a whole leaf where only a part is in the blob";
    EXPECT_TRUE(claim(5000, 3)) << "a leaf that every blob of that length has";

    // One level too many, with an absent sibling.
    LeafProof proof = prove_leaf(longer, 2).value();
    proof.siblings.emplace_back();
    ByteWriter node;
    node.u8(1).u8(11).u64(0).raw(top.bytes).raw(Digest{}.bytes);
    const Digest taller = Reference::rooted(longer.size(), sha256(node.bytes()));
    EXPECT_FALSE(verify_leaf(taller, proof, leaf_at(longer, 2)));
}

TEST(ContentRootDeathTest, WrongChunkCountIsAProgrammingError) {
    EXPECT_DEATH((void)content_root(kMiB + 1, std::vector<Digest>(1)), "internal check failed");
    EXPECT_DEATH((void)chunk_root(0, {}), "internal check failed");
    EXPECT_DEATH((void)chunk_root(0, Bytes(kMiB + 1)), "internal check failed");
}

}  // namespace
}  // namespace fedstake::crypto
