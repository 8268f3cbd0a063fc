// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title Content roots: SHA-256 trees over 1 KiB leaves (docs/protocol.md, section 7).
/// @dev leaf = SHA256(0x00 | u64 index | bytes); node = SHA256(0x01 | u8 level | u64 index | left |
/// right); root = SHA256(0x02 | u64 total bytes | top), top at level max(10, ceil(log2(leaves))).
/// Position, level and length are in every preimage, so nothing can be shown elsewhere.
library ContentTree {
    uint256 internal constant LEAF_BYTES = 1024;
    uint256 internal constant LEAF_VALUES = 256; // of four bytes
    uint256 internal constant LEAST_LEVEL = 10;

    /// @notice One leaf of a blob and its siblings, lowest first.
    struct Opening {
        bytes leaf;
        bytes32[] siblings;
    }

    /// @notice The blob has no such leaf.
    error NoSuchLeaf(uint256 leafIndex, uint256 totalBytes);
    /// @notice A leaf has exactly the bytes that the blob's length implies.
    error WrongLeafLength(uint256 length, uint256 expected);
    /// @notice A proof has exactly one sibling for each level below the top.
    error WrongSiblingCount(uint256 count, uint256 expected);
    /// @notice The leaf is not in the blob with this root.
    error NotInContent(bytes32 computedRoot, bytes32 root);

    /// @notice Reverts unless the opening is leaf `leafIndex` of the blob of `totalBytes` bytes.
    function requireLeaf(
        bytes32 root,
        uint256 totalBytes,
        uint256 leafIndex,
        Opening calldata opening
    ) internal pure {
        bytes32 computed = rootOf(totalBytes, leafIndex, opening.leaf, opening.siblings);
        require(computed == root, NotInContent(computed, root));
    }

    function rootOf(
        uint256 totalBytes,
        uint256 leafIndex,
        bytes calldata leaf,
        bytes32[] calldata siblings
    ) internal pure returns (bytes32) {
        require(leafIndex * LEAF_BYTES < totalBytes, NoSuchLeaf(leafIndex, totalBytes));
        uint256 left = totalBytes - leafIndex * LEAF_BYTES;
        uint256 length = left < LEAF_BYTES ? left : LEAF_BYTES;
        require(leaf.length == length, WrongLeafLength(leaf.length, length));
        uint256 top = levelOf(totalBytes);
        require(siblings.length == top, WrongSiblingCount(siblings.length, top));
        // Fields are u64 and u8 in the format; a blob has at most 2^33 bytes.
        // forge-lint: disable-start(unsafe-typecast)
        bytes32 node = sha256(abi.encodePacked(uint8(0), uint64(leafIndex), leaf));
        for (uint256 level = 1; level <= top; ++level) {
            bytes32 sibling = siblings[level - 1];
            bool onRight = leafIndex & 1 == 1;
            leafIndex >>= 1;
            node = sha256(
                abi.encodePacked(
                    uint8(1),
                    uint8(level),
                    uint64(leafIndex),
                    onRight ? sibling : node,
                    onRight ? node : sibling
                )
            );
        }
        return rootAbove(totalBytes, node);
        // forge-lint: disable-end(unsafe-typecast)
    }

    /// @notice The root of a blob of `totalBytes` bytes with this top node.
    function rootAbove(uint256 totalBytes, bytes32 top) internal pure returns (bytes32) {
        // forge-lint: disable-next-line(unsafe-typecast)
        return sha256(abi.encodePacked(uint8(2), uint64(totalBytes), top));
    }

    /// @notice The level of the top node.
    function levelOf(uint256 totalBytes) internal pure returns (uint256 level) {
        level = LEAST_LEVEL;
        while ((LEAF_BYTES << level) < totalBytes) ++level;
    }
}
