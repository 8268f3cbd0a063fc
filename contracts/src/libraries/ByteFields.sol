// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title Big-endian fields at fixed places of canonical bytes (docs/protocol.md, section 10).
/// @dev The calldata variant of a byte reader: nothing is copied, every read is bounds-checked.
library ByteFields {
    /// @notice The bytes end before a field does.
    error Truncated(uint256 needed, uint256 length);

    function u8(bytes calldata data, uint256 offset) internal pure returns (uint8) {
        return uint8(_load(data, offset, 1));
    }

    function u32(bytes calldata data, uint256 offset) internal pure returns (uint32) {
        return uint32(_load(data, offset, 4));
    }

    function u64(bytes calldata data, uint256 offset) internal pure returns (uint64) {
        return uint64(_load(data, offset, 8));
    }

    function u128(bytes calldata data, uint256 offset) internal pure returns (uint128) {
        return uint128(_load(data, offset, 16));
    }

    function account(bytes calldata data, uint256 offset) internal pure returns (address) {
        return address(uint160(_load(data, offset, 20)));
    }

    function word(bytes calldata data, uint256 offset) internal pure returns (bytes32) {
        return bytes32(_load(data, offset, 32));
    }

    /// @notice keccak256 of `length` bytes from `offset`.
    function hashOf(bytes calldata data, uint256 offset, uint256 length)
        internal
        pure
        returns (bytes32)
    {
        require(
            length <= data.length && offset <= data.length - length, Truncated(offset, data.length)
        );
        return keccak256(data[offset:offset + length]);
    }

    /// @notice The little-endian int32 number `index` of packed values.
    function int32Le(bytes calldata data, uint256 index) internal pure returns (int256) {
        uint256 raw = _load(data, 4 * index, 4);
        uint256 swapped =
            (raw >> 24) | ((raw >> 8) & 0xff00) | ((raw & 0xff00) << 8) | ((raw & 0xff) << 24);
        // casting is safe: the value has 32 bits, read as two's complement
        // forge-lint: disable-next-line(unsafe-typecast)
        return int256(int32(uint32(swapped)));
    }

    /// @dev `size` bytes from `offset`, right-aligned.
    function _load(bytes calldata data, uint256 offset, uint256 size)
        private
        pure
        returns (uint256 value)
    {
        require(
            size <= data.length && offset <= data.length - size,
            Truncated(offset + size, data.length)
        );
        assembly ("memory-safe") {
            value := shr(sub(256, mul(8, size)), calldataload(add(data.offset, offset)))
        }
    }
}
