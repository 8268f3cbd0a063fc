// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ByteFields} from "./ByteFields.sol";

/// @title Fields of a round context's canonical bytes (docs/protocol.md, section 10).
library ContextBytes {
    using ByteFields for bytes;

    uint256 private constant ROUND_AT = 32;
    uint256 private constant ATTEMPT_AT = 40;
    uint256 private constant RULES_AT = 44;
    uint256 private constant BASE_AT = 76;
    uint256 private constant AGGREGATE_AT = 108;
    uint256 private constant REWARDS_AT = 140;
    uint256 private constant STATE_AT = 172;
    uint256 private constant SALT_AT = 204;
    uint256 private constant COUNT_AT = 236;
    uint256 internal constant HEAD_BYTES = COUNT_AT + 4;
    uint256 internal constant MEMBER_BYTES = 81;
    uint256 internal constant MEMBERS_MAX = 512;

    /// @notice The bytes are not a context; anyone can void their round (proveBadContext).
    error MalformedContext();

    function isContext(bytes calldata context) internal pure returns (bool) {
        if (context.length < HEAD_BYTES) return false;
        uint256 count = context.u32(COUNT_AT);
        return count <= MEMBERS_MAX && context.length == HEAD_BYTES + count * MEMBER_BYTES;
    }

    /// @notice The number of members. Reverts where the lengths do not fit together.
    function members(bytes calldata context) internal pure returns (uint256) {
        require(isContext(context), MalformedContext());
        return context.u32(COUNT_AT);
    }

    function federation(bytes calldata context) internal pure returns (bytes32) {
        return context.word(0);
    }

    function round(bytes calldata context) internal pure returns (uint64) {
        return context.u64(ROUND_AT);
    }

    function attempt(bytes calldata context) internal pure returns (uint32) {
        return context.u32(ATTEMPT_AT);
    }

    function rulesDigest(bytes calldata context) internal pure returns (bytes32) {
        return context.word(RULES_AT);
    }

    function baseModel(bytes calldata context) internal pure returns (bytes32) {
        return context.word(BASE_AT);
    }

    function previousAggregate(bytes calldata context) internal pure returns (bytes32) {
        return context.word(AGGREGATE_AT);
    }

    function previousRewards(bytes calldata context) internal pure returns (bytes32) {
        return context.word(REWARDS_AT);
    }

    function previousState(bytes calldata context) internal pure returns (bytes32) {
        return context.word(STATE_AT);
    }

    function salt(bytes calldata context) internal pure returns (bytes32) {
        return context.word(SALT_AT);
    }

    function site(bytes calldata context, uint256 i) internal pure returns (address) {
        return context.account(_member(i));
    }

    function signer(bytes calldata context, uint256 i) internal pure returns (address) {
        return context.account(_member(i) + 20);
    }

    function stake(bytes calldata context, uint256 i) internal pure returns (uint128) {
        return context.u128(_member(i) + 40);
    }

    function cumulative(bytes calldata context, uint256 i) internal pure returns (uint128) {
        return context.u128(_member(i) + 56);
    }

    function barred(bytes calldata context, uint256 i) internal pure returns (uint8) {
        return context.u8(_member(i) + 80);
    }

    /// @notice The salt of a site's leaves in a round with this context salt.
    function leafSalt(bytes32 contextSalt, address site_) internal pure returns (bytes32) {
        return sha256(abi.encodePacked(contextSalt, site_));
    }

    function _member(uint256 i) private pure returns (uint256) {
        return HEAD_BYTES + i * MEMBER_BYTES;
    }
}
