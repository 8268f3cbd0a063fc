// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

// Values of tests are chosen so that casts of them lose nothing.
// forge-lint: disable-start(unsafe-typecast, incorrect-shift)

import {IRoundManager} from "../../src/interfaces/IRoundManager.sol";
import {ResultProofs} from "./ResultProofs.sol";

/// @notice Who pays for a proven lie, who earns, and when it is too late.
contract ConvictionTest is ResultProofs {
    function test_conviction_slashesCoordinatorAndSignersAndPaysTheProver() public {
        _stakeParties();
        World memory w = _lie(keccak256("slash"));
        commit(w.c);
        _convicts(_aggregateProof(w, 0));
        vm.assertEq(vault.stakeOf(coordinator), 500 ether);
        for (uint256 i = 0; i < 5; ++i) {
            bool signed = i % 2 == 0;
            vm.assertEq(vault.stakeOf(_auditorOwner(i)), signed ? 80 ether : 100 ether);
        }
        vm.assertEq(vault.bountyOf(stranger), (500 ether + 60 ether) / 4);
    }

    /// @dev Whoever has a part in the lie cannot buy part of the slash back by reporting it.
    function test_attack_selfReportEarnsNoBounty() public {
        _stakeParties();
        World memory w = _lie(keccak256("self"));
        commit(w.c);
        bytes memory proof = _aggregateProof(w, 0);
        vm.prank(vm.addr(auditorKeys[2]));
        (bool done,) = address(results).call(proof);
        vm.assertTrue(done);
        vm.assertEq(vault.bountyOf(vm.addr(auditorKeys[2])), 0);
        vm.assertEq(vault.slashPoolBalance(), 560 ether);
    }

    function test_attack_proofReplay_convictsOnceAndNotAfterFinality() public {
        World memory w = _lie(keccak256("once"));
        commit(w.c);
        bytes memory proof = _aggregateProof(w, 0);
        _convicts(proof);
        (bool done,) = address(results).call(proof);
        vm.assertFalse(done);
        w.c.attempt = 1;
        document(w);
        commit(w.c);
        proof = _aggregateProof(w, 0);
        skip(WINDOW);
        bytes memory reason;
        (done, reason) = address(results).call(proof);
        vm.assertFalse(done);
        vm.assertEq(bytes32(bytes4(reason)), bytes32(IRoundManager.RoundIsFinal.selector));
    }

    /// @dev C3.6: a friendly dispute must not keep proofs away.
    function test_bug_proofsOverrideDisputes() public {
        World memory w = _lie(keccak256("shield"));
        commit(w.c);
        token.mint(site, DISPUTE_BOND);
        vm.startPrank(site);
        token.approve(address(disputes), DISPUTE_BOND);
        disputes.challenge(w.c, "friend", DISPUTE_BOND);
        vm.stopPrank();
        skip(WINDOW + 1 days); // held back: still not final
        _convicts(_aggregateProof(w, 0));
        disputes.settleVoided(manager.hashCommitment(w.c));
        vm.assertEq(token.balanceOf(site), DISPUTE_BOND);
    }

    function _auditorOwner(uint256 i) internal pure returns (address) {
        return address(uint160(0xa0d1 + i));
    }

    function _stakeParties() internal {
        stakeAs(coordinator, 1_000 ether);
        for (uint256 i = 0; i < 5; ++i) {
            address owner = _auditorOwner(i);
            address signer = vm.addr(auditorKeys[i]);
            bytes32 bound = keccak256(
                abi.encode(keccak256("SignerBinding(address owner,address signer)"), owner, signer)
            );
            bytes32 digest = keccak256(bytes.concat(hex"1901", vault.domainSeparator(), bound));
            bytes memory proof = sign65(auditorKeys[i], digest);
            vm.prank(owner);
            vault.setSigner(signer, proof);
            stakeAs(owner, 100 ether);
        }
    }
}
// forge-lint: disable-end(unsafe-typecast, incorrect-shift)
