// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

// Values of tests are chosen so that casts of them lose nothing.
// forge-lint: disable-start(unsafe-typecast, incorrect-shift)

import {ContentTree} from "../../src/libraries/ContentTree.sol";

/// @notice Blobs of little-endian int32 values and their content trees, built level by level, apart
/// from the code under test.
library Blob {
    function encode(int256[] memory values) internal pure returns (bytes memory blob) {
        blob = new bytes(4 * values.length);
        for (uint256 i = 0; i < values.length; ++i) {
            uint32 raw = uint32(int32(values[i]));
            for (uint256 k = 0; k < 4; ++k) {
                blob[4 * i + k] = bytes1(uint8(raw >> (8 * k)));
            }
        }
    }

    function root(bytes memory blob) internal pure returns (bytes32) {
        bytes32[] memory level = _leaves(blob);
        (uint256 height, uint256 width) = (0, level.length);
        while (height < 10 || width > 1) {
            ++height;
            width = (width + 1) / 2;
            level = _up(level, height);
        }
        bytes32 top = level.length == 0 ? bytes32(0) : level[0];
        return sha256(abi.encodePacked(uint8(2), uint64(blob.length), top));
    }

    function open(bytes memory blob, uint256 coordinate)
        internal
        pure
        returns (ContentTree.Opening memory opening)
    {
        uint256 index = coordinate / 256;
        opening.leaf = _leaf(blob, index);
        bytes32[] memory level = _leaves(blob);
        bytes32[] memory siblings = new bytes32[](40);
        (uint256 height, uint256 width) = (0, level.length);
        while (height < 10 || width > 1) {
            uint256 other = index ^ 1;
            siblings[height] = other < level.length ? level[other] : bytes32(0);
            ++height;
            width = (width + 1) / 2;
            index /= 2;
            level = _up(level, height);
        }
        opening.siblings = new bytes32[](height);
        for (uint256 i = 0; i < height; ++i) {
            opening.siblings[i] = siblings[i];
        }
    }

    /// @notice A leaf in a blob of `totalBytes` bytes of which nothing else is known.
    function pretend(bytes memory leaf, uint256 totalBytes, uint256 index, bytes32 seed)
        internal
        pure
        returns (bytes32 node, ContentTree.Opening memory opening)
    {
        uint256 height = 10;
        while (1024 << height < totalBytes) ++height;
        opening.leaf = leaf;
        opening.siblings = new bytes32[](height);
        node = sha256(abi.encodePacked(uint8(0), uint64(index), leaf));
        for (uint256 level = 1; level <= height; ++level) {
            bytes32 sibling = keccak256(abi.encode(seed, level));
            opening.siblings[level - 1] = sibling;
            bool right = index % 2 == 1;
            index /= 2;
            node = _node(level, index, right ? sibling : node, right ? node : sibling);
        }
        node = sha256(abi.encodePacked(uint8(2), uint64(totalBytes), node));
    }

    function _leaves(bytes memory blob) private pure returns (bytes32[] memory leaves) {
        leaves = new bytes32[]((blob.length + 1023) / 1024);
        for (uint256 i = 0; i < leaves.length; ++i) {
            leaves[i] = sha256(abi.encodePacked(uint8(0), uint64(i), _leaf(blob, i)));
        }
    }

    function _leaf(bytes memory blob, uint256 index) private pure returns (bytes memory leaf) {
        uint256 rest = blob.length - 1024 * index;
        leaf = new bytes(rest < 1024 ? rest : 1024);
        for (uint256 k = 0; k < leaf.length; ++k) {
            leaf[k] = blob[1024 * index + k];
        }
    }

    function _up(bytes32[] memory level, uint256 height)
        private
        pure
        returns (bytes32[] memory next)
    {
        next = new bytes32[]((level.length + 1) / 2);
        for (uint256 i = 0; i < next.length; ++i) {
            bytes32 right = 2 * i + 1 < level.length ? level[2 * i + 1] : bytes32(0);
            next[i] = _node(height, i, level[2 * i], right);
        }
    }

    function _node(uint256 height, uint256 index, bytes32 left, bytes32 right)
        private
        pure
        returns (bytes32)
    {
        return sha256(abi.encodePacked(uint8(1), uint8(height), uint64(index), left, right));
    }
}
// forge-lint: disable-end(unsafe-typecast, incorrect-shift)
