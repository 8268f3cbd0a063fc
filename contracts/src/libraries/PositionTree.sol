// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title Position-binding Merkle trees over Keccak-256 (updates, scores and rewards of a round).
/// @dev leaf = keccak256(abi.encode(uint8 tag, words...)); node = keccak256(0x01 | left | right);
/// absent leaves are zero words up to a power of two; root = keccak256(0x02 | u64be count | top).
/// Leaf, node and root preimages never have the same length or first byte, so none passes for
/// another, and bit k of the index fixes the side at level k, so no leaf can be shown elsewhere.
library PositionTree {
    uint8 internal constant UPDATE_TAG = 0;
    uint8 internal constant SCORE_TAG = 3;
    uint8 internal constant REWARD_TAG = 4;

    /// @notice A submitted update as the tree binds it.
    struct UpdateLeaf {
        address site;
        bytes32 updateRoot;
        bytes32 statementDigest; // EIP-712 digest of the UpdateStatement
        bytes32 signatureHash; // keccak256 of the 65 signature bytes
    }

    /// @notice The index is not below the number of leaves.
    error LeafOutOfRange(uint64 index, uint64 leafCount);
    /// @notice A proof has exactly ceil(log2(leafCount)) words.
    error WrongProofLength(uint256 length, uint256 expected);

    /// @notice A leaf of a scores or rewards tree: keccak256(abi.encode(tag, index, site, number, salt)).
    function leafOf(uint8 tag, uint64 index, address site, bytes32 number, bytes32 salt)
        internal
        pure
        returns (bytes32)
    {
        return keccak256(abi.encode(tag, index, site, number, salt));
    }

    function updateLeaf(uint64 index, UpdateLeaf calldata leaf) internal pure returns (bytes32) {
        return keccak256(abi.encode(UPDATE_TAG, index, leaf));
    }

    /// @notice The root of an updates tree of which all leaves are given.
    function rootOfUpdates(UpdateLeaf[] calldata leaves) internal pure returns (bytes32) {
        bytes32[] memory hashes = new bytes32[](leaves.length);
        for (uint64 i = 0; i < leaves.length; ++i) {
            hashes[i] = updateLeaf(i, leaves[i]);
        }
        // casting is safe: calldata never holds 2^64 leaves
        // forge-lint: disable-next-line(unsafe-typecast)
        return rootOfLeaves(hashes, uint64(hashes.length));
    }

    /// @notice The root over the first `count` leaves. Overwrites them.
    function rootOfLeaves(bytes32[] memory leaves, uint64 count) internal pure returns (bytes32) {
        bytes32 absent = 0; // a node over absent leaves only, at the level that is worked on
        uint256 width = count;
        for (uint256 depth = depthOf(count); depth > 0; --depth) {
            uint256 above = (width + 1) / 2;
            for (uint256 i = 0; i < above; ++i) {
                bytes32 right = 2 * i + 1 < width ? leaves[2 * i + 1] : absent;
                leaves[i] = _node(leaves[2 * i], right);
            }
            absent = _node(absent, absent);
            width = above;
        }
        bytes32 top = count == 0 ? bytes32(0) : leaves[0];
        return keccak256(abi.encodePacked(uint8(2), count, top));
    }

    /// @notice The root that the leaf at `index` and its siblings, lowest first, lead to.
    function rootOf(bytes32 leaf, uint64 index, uint64 leafCount, bytes32[] calldata proof)
        internal
        pure
        returns (bytes32)
    {
        require(index < leafCount, LeafOutOfRange(index, leafCount));
        uint256 depth = depthOf(leafCount);
        require(proof.length == depth, WrongProofLength(proof.length, depth));
        bytes32 node = leaf;
        for (uint256 level = 0; level < depth; ++level) {
            bool onRight = (index >> level) & 1 == 1;
            node = onRight ? _node(proof[level], node) : _node(node, proof[level]);
        }
        return keccak256(abi.encodePacked(uint8(2), leafCount, node));
    }

    /// @notice ceil(log2(leafCount)); 0 for a tree of one leaf.
    function depthOf(uint64 leafCount) internal pure returns (uint256 depth) {
        while ((uint256(1) << depth) < leafCount) ++depth;
    }

    function _node(bytes32 left, bytes32 right) private pure returns (bytes32) {
        return keccak256(abi.encodePacked(uint8(1), left, right));
    }
}
