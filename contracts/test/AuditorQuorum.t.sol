// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {AuditorQuorum} from "../src/libraries/AuditorQuorum.sol";
import {Fixture} from "./support/Fixture.sol";

/// @notice M-of-N signatures, through RoundManager.verifyQuorum.
contract AuditorQuorumTest is Fixture {
    bytes32 private constant DIGEST = keccak256("digest");
    uint256 private constant CURVE_ORDER =
        0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141;

    function test_verifyQuorum_returnsTheSigners() public view {
        vm.assertEq(manager.verifyQuorum(DIGEST, signatures(DIGEST, hex"010304")), 0x1a);
        vm.assertEq(manager.verifyQuorum(DIGEST, signatures(DIGEST, hex"0001020304")), 0x1f);
    }

    /// @dev Every subset: accepted exactly when it has the threshold.
    function test_verifyQuorum_needsTheThreshold(uint8 subset) public {
        subset &= 0x1f;
        bytes memory indices;
        for (uint8 i = 0; i < 5; ++i) {
            if ((subset >> i) & 1 == 1) indices = bytes.concat(indices, bytes1(i));
        }
        bytes memory signed = signatures(DIGEST, indices);
        if (indices.length < THRESHOLD) {
            vm.expectRevert(
                abi.encodeWithSelector(
                    AuditorQuorum.QuorumTooSmall.selector, indices.length, THRESHOLD
                )
            );
        }
        uint32 signers = manager.verifyQuorum(DIGEST, signed);
        if (indices.length >= THRESHOLD) vm.assertEq(signers, subset);
    }

    function test_attack_duplicateSignature() public {
        _fails(hex"000202", abi.encodeWithSelector(_notIncreasing(), 2, 2));
    }

    function test_verifyQuorum_failsOnFallingOrder() public {
        _fails(hex"000402", abi.encodeWithSelector(_notIncreasing(), 4, 2));
    }

    function test_verifyQuorum_failsOnUnknownAuditor() public {
        bytes memory signed = signatures(DIGEST, hex"000204");
        signed[132] = 0x05;
        vm.expectRevert(abi.encodeWithSelector(AuditorQuorum.UnknownAuditor.selector, 5, 5));
        manager.verifyQuorum(DIGEST, signed);
    }

    function test_verifyQuorum_failsOnForeignSignature() public {
        bytes memory signed = bytes.concat(
            signatures(DIGEST, hex"0001"), hex"02", signature65(keyOf("stranger"), DIGEST)
        );
        vm.expectRevert(
            abi.encodeWithSelector(
                AuditorQuorum.NotSignedByAuditor.selector, 2, manager.auditorAt(2), stranger
            )
        );
        manager.verifyQuorum(DIGEST, signed);
    }

    function test_verifyQuorum_failsOnOddLength(uint16 length) public {
        vm.assume(length % 66 != 0);
        vm.expectRevert(abi.encodeWithSelector(AuditorQuorum.BadSignaturesLength.selector, length));
        manager.verifyQuorum(DIGEST, new bytes(length));
    }

    /// @dev The mirrored signature (n - s, other v) recovers to the same key; one form only counts.
    function test_attack_malleableSignature() public {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(auditorKeys[2], DIGEST);
        bytes memory mirrored =
            abi.encodePacked(r, bytes32(CURVE_ORDER - uint256(s)), v == 27 ? uint8(28) : uint8(27));
        _failsMalformed(mirrored);
    }

    function test_verifyQuorum_failsOnRecoveryIdInsteadOfV() public {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(auditorKeys[2], DIGEST);
        _failsMalformed(abi.encodePacked(r, s, v - 27));
    }

    function test_verifyQuorum_failsOnAnyFlippedBit(uint16 position) public {
        bytes memory signed = quorum(DIGEST);
        uint256 bit = position % (signed.length * 8);
        bytes8 masks = 0x0102040810204080;
        signed[bit / 8] ^= masks[bit % 8];
        vm.expectRevert();
        manager.verifyQuorum(DIGEST, signed);
    }

    function _failsMalformed(bytes memory last) private {
        bytes memory signed = bytes.concat(signatures(DIGEST, hex"0001"), hex"02", last);
        vm.expectRevert(
            abi.encodeWithSelector(
                AuditorQuorum.NotSignedByAuditor.selector, 2, manager.auditorAt(2), address(0)
            )
        );
        manager.verifyQuorum(DIGEST, signed);
    }

    function _fails(bytes memory indices, bytes memory reason) private {
        bytes memory signed = signatures(DIGEST, indices);
        vm.expectRevert(reason);
        manager.verifyQuorum(DIGEST, signed);
    }

    function _notIncreasing() private pure returns (bytes4) {
        return AuditorQuorum.AuditorsNotIncreasing.selector;
    }
}
