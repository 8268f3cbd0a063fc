// Small trees: proofs of every leaf for n = 0..9, and what an attacker may try.
#include "proto/crypto/keccak_tree.hpp"

#include <gtest/gtest.h>

#include "proto/crypto/keccak256.hpp"

namespace fedstake::crypto {
namespace {

std::vector<Digest> some_leaves(std::size_t count) {
    std::vector<Digest> leaves;
    for (std::size_t i = 0; i < count; ++i) {
        leaves.push_back(LeafHasher(LeafTag::kScore).number(i).number(1000 + i).finish());
    }
    return leaves;
}

Digest node(const Digest& left, const Digest& right) {
    const Bytes tag{0x01};
    return keccak256({tag, left.bytes, right.bytes});
}

Digest rooted(std::uint64_t count, const Digest& top) {
    ByteWriter message;
    message.u8(0x02).u64(count).raw(top.bytes);
    return keccak256(message.bytes());
}

TEST(KeccakTree, RootsFollowTheDefinition) {
    const auto l = some_leaves(5);
    const Digest zero;
    EXPECT_EQ(keccak_root({}), rooted(0, zero));
    EXPECT_EQ(keccak_root(std::span(l).first(1)), rooted(1, l[0]));
    EXPECT_EQ(keccak_root(std::span(l).first(2)), rooted(2, node(l[0], l[1])));
    EXPECT_EQ(keccak_root(std::span(l).first(3)),
              rooted(3, node(node(l[0], l[1]), node(l[2], zero))));
    EXPECT_EQ(keccak_root(l), rooted(5, node(node(node(l[0], l[1]), node(l[2], l[3])),
                                             node(node(l[4], zero), node(zero, zero)))));
}

TEST(KeccakTree, EveryLeafOfEverySmallTreeIsProven) {
    const unsigned depths[] = {0, 0, 1, 2, 2, 3, 3, 3, 3, 4};
    for (std::size_t n = 0; n <= 9; ++n) {
        const auto leaves = some_leaves(n);
        const Digest root = keccak_root(leaves);
        for (std::size_t i = 0; i < n; ++i) {
            const auto proof = keccak_proof(leaves, i).value();
            EXPECT_EQ(proof.size(), depths[n]);
            EXPECT_TRUE(verify_keccak_proof(root, n, i, leaves[i], proof)) << n << " " << i;
            for (std::size_t j = 0; j < n; ++j) {
                if (j == i) continue;
                EXPECT_FALSE(verify_keccak_proof(root, n, j, leaves[i], proof));
                EXPECT_FALSE(verify_keccak_proof(root, n, i, leaves[j], proof));
            }
        }
        EXPECT_EQ(keccak_proof(leaves, n).error().code, Errc::kInvalidInput);
    }
}

TEST(KeccakTree, RefusesAnotherCountIndexOrDepth) {
    const auto leaves = some_leaves(6);
    const Digest root = keccak_root(leaves);
    auto proof = keccak_proof(leaves, 2).value();
    for (std::uint64_t count = 0; count < 40; ++count) {
        EXPECT_EQ(verify_keccak_proof(root, count, 2, leaves[2], proof), count == 6) << count;
    }
    // Same low bits, outside the tree.
    EXPECT_FALSE(verify_keccak_proof(root, 6, 2 + 8, leaves[2], proof));
    EXPECT_FALSE(verify_keccak_proof(root, 6, ~std::uint64_t{0}, leaves[2], proof));
    EXPECT_FALSE(verify_keccak_proof(root, ~std::uint64_t{0}, 2, leaves[2], proof));
    proof.emplace_back();
    EXPECT_FALSE(verify_keccak_proof(root, 6, 2, leaves[2], proof));
    proof.resize(2);
    EXPECT_FALSE(verify_keccak_proof(root, 6, 2, leaves[2], proof));
    EXPECT_FALSE(verify_keccak_proof(root, 6, 2, leaves[2], {}));
}

TEST(KeccakTree, ANodeIsNotALeaf) {
    const auto l = some_leaves(4);
    const Digest root = keccak_root(l);
    // The left subtree offered as leaf 0 of a shallower tree, whatever count is claimed.
    const Digest inner = node(l[0], l[1]);
    const std::vector<Digest> shallow{node(l[2], l[3])};
    for (std::uint64_t count = 0; count <= 8; ++count) {
        EXPECT_FALSE(verify_keccak_proof(root, count, 0, inner, shallow)) << count;
    }
    // The top itself as the only leaf.
    EXPECT_FALSE(verify_keccak_proof(root, 1, 0, node(inner, shallow[0]), {}));
    EXPECT_FALSE(verify_keccak_proof(root, 4, 0, root, {}));
}

TEST(KeccakTree, PaddingIsNotALeaf) {
    const auto leaves = some_leaves(5);
    const Digest root = keccak_root(leaves);
    const std::vector<Digest> padding_proof{
        leaves[4], node(Digest{}, Digest{}),
        node(node(leaves[0], leaves[1]), node(leaves[2], leaves[3]))};
    EXPECT_FALSE(verify_keccak_proof(root, 5, 5, Digest{}, padding_proof));
    EXPECT_FALSE(verify_keccak_proof(root, 6, 5, Digest{}, padding_proof));
    // A trailing zero leaf is counted, so it makes another tree.
    auto longer = leaves;
    longer.emplace_back();
    EXPECT_NE(keccak_root(longer), root);
}

TEST(KeccakTree, EveryBitFlipOfLeafProofOrRootFails) {
    const auto leaves = some_leaves(7);
    const Digest root = keccak_root(leaves);
    const auto proof = keccak_proof(leaves, 5).value();
    for (std::size_t bit = 0; bit < 256; ++bit) {
        const auto flip = [bit](Digest value) {
            value.bytes[bit / 8] =
                static_cast<std::uint8_t>(value.bytes[bit / 8] ^ (1U << bit % 8));
            return value;
        };
        EXPECT_FALSE(verify_keccak_proof(flip(root), 7, 5, leaves[5], proof));
        EXPECT_FALSE(verify_keccak_proof(root, 7, 5, flip(leaves[5]), proof));
        for (std::size_t i = 0; i < proof.size(); ++i) {
            auto altered = proof;
            altered[i] = flip(altered[i]);
            EXPECT_FALSE(verify_keccak_proof(root, 7, 5, leaves[5], altered));
        }
    }
}

TEST(LeafHasher, EncodesAsAbiEncodeDoes) {
    const Address site = *Address::parse("0xf39fd6e51aad88f6f4ce6ab8827279cfffb92266");
    const Digest salt = keccak256(as_bytes("salt"));
    ByteWriter expected;
    expected.raw(Bytes(31, 0)).u8(4);             // uint8 tag
    expected.raw(Bytes(24, 0)).u64(9);            // uint256 index
    expected.raw(Bytes(12, 0)).raw(site.bytes);   // address
    expected.raw(Bytes(16, 0)).u128(~Amount{0});  // uint128
    expected.raw(salt.bytes);                     // bytes32
    EXPECT_EQ(
        LeafHasher(LeafTag::kReward).number(9).address(site).amount(~Amount{0}).word(salt).finish(),
        keccak256(expected.bytes()));
}

TEST(LeafHasher, TagsSeparateTheTrees) {
    EXPECT_NE(LeafHasher(LeafTag::kScore).number(1).finish(),
              LeafHasher(LeafTag::kReward).number(1).finish());
    EXPECT_NE(LeafHasher(LeafTag::kUpdate).number(1).finish(),
              LeafHasher(LeafTag::kReward).number(1).finish());
}

}  // namespace
}  // namespace fedstake::crypto
