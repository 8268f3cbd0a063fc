// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

// Values of tests are chosen so that casts of them lose nothing.
// forge-lint: disable-start(unsafe-typecast, incorrect-shift)

import {IRoundManager} from "../../src/interfaces/IRoundManager.sol";
import {IStakeVault} from "../../src/interfaces/IStakeVault.sol";
import {ResultProofs} from "../provers/ResultProofs.sol";

/// @notice Stake answers for a voided round for as long as the round may be proven.
contract VoidedExitsTest is ResultProofs {
    uint128 private constant ALL = 100 ether;
    uint256 private constant TRANSACTION_GAS = 1 << 24; // EIP-7825

    address private _auditor;

    function setUp() public override {
        super.setUp();
        _auditor = vm.addr(auditorKeys[2]);
        token.mint(stranger, 1_000 ether);
        vm.startPrank(stranger);
        token.approve(address(disputes), 1_000 ether);
        token.approve(address(demands), 1_000 ether);
        vm.stopPrank();
        _ripen(coordinator);
        _ripen(_auditor);
    }

    /// @dev A void opened the door: nobody is a party of a round that is gone.
    function test_attack_aVoidByTheCouncilOpensNoExitBeforeTheProof() public {
        World memory w = _committedLie();
        uint40 until = manager.slotOf(1).windowEnd + EVIDENCE_AGE;
        voidByCouncil(w.c);
        _refuses(coordinator, until);
        _refuses(_auditor, until);
        _proveSlashesExits(w);
    }

    function test_attack_aFriendlyDisputeThatExpiresOpensNoExit() public {
        World memory w = _committedLie();
        uint40 until = manager.slotOf(1).windowEnd + EVIDENCE_AGE;
        vm.prank(stranger);
        disputes.challenge(w.c, "friend", DISPUTE_BOND);
        skip(RESOLUTION + 1);
        disputes.expire(w.c);
        _refuses(_auditor, until);
        _proveSlashesExits(w);
    }

    function test_attack_anUnansweredDemandOpensNoExit() public {
        World memory w = _committedLie();
        uint40 until = manager.slotOf(1).windowEnd + EVIDENCE_AGE;
        vm.prank(stranger);
        demands.demandLeaves(w.c, DEMAND_BOND);
        skip(ANSWER_TIME + 1);
        demands.expireDemand(w.c);
        _refuses(coordinator, until);
        _refuses(_auditor, until);
    }

    /// @dev The proof of an earlier round kills the later lie with it.
    function test_attack_dyingWithAProvenRoundOpensNoExit() public {
        World memory first = _lie(keccak256("first"));
        commit(first.c);
        address late = vm.addr(auditorKeys[1]); // of the second lie only
        _ripenNow(late);
        World memory second = follow(first, "second");
        second.aggregate[0] += 1;
        apply_(second);
        document(second);
        bytes memory signed = signatures(manager.commitmentDigest(second.c), hex"000103");
        vm.prank(coordinator);
        manager.commitRound(second.c, signed);
        uint40 until = manager.slotOf(2).windowEnd + EVIDENCE_AGE;
        _prove(first);
        _refuses(late, until);
        vm.assertEq(_until(_auditor), 0); // convicted, and signed nothing else
        _prove(second);
        (uint128 left,) = vault.exitOf(late);
        vm.assertEq(left, 80 ether);
    }

    /// @dev The stake is with the owner, the lie is by a key that it has replaced since.
    function test_attack_anotherKeyOpensNoExit() public {
        bytes memory proof = possession(vault, "first key", site);
        vm.prank(site);
        vault.setSigner(actor("first key"), proof);
        _ripen(site);
        IRoundManager.Epoch memory terms = manager.epochOf(0);
        terms.coordinator = actor("first key");
        vm.prank(timelock);
        manager.openEpoch(terms);
        World memory w = _lie(keccak256("lie"));
        bytes memory signed = quorum(manager.commitmentDigest(w.c));
        vm.prank(terms.coordinator);
        manager.commitRound(w.c, signed);
        uint40 until = manager.slotOf(1).windowEnd + EVIDENCE_AGE;
        voidByCouncil(w.c);
        proof = possession(vault, "second key", site);
        vm.prank(site);
        vault.setSigner(actor("second key"), proof);
        _refuses(site, until);
    }

    /// @dev An honest party loses nothing but time, and none at all where its exit began with its
    /// last signature: unbonding is longer than what proofs have.
    function test_withdraw_afterAVoidWhenNothingCanBeProvenAnyMore() public {
        World memory w = _committedLie();
        uint40 until = manager.slotOf(1).windowEnd + EVIDENCE_AGE;
        voidByCouncil(w.c);
        vm.assertEq(_until(coordinator), until);
        vm.assertEq(_until(vm.addr(auditorKeys[1])), 0);
        vm.warp(until);
        _refuses(coordinator, until);
        skip(1);
        vm.prank(coordinator);
        vault.withdraw();
        vm.assertEq(token.balanceOf(coordinator), ALL);
        vm.assertLe(until, manager.slotOf(1).windowEnd - WINDOW + UNBONDING);
    }

    /// @dev Each epoch's parties are noted, and a later void takes no time back.
    function test_answersFor_overEpochsAndVoids() public {
        commitUpTo(2);
        IRoundManager.Epoch memory terms = manager.epochOf(0);
        terms.coordinator = actor("next coordinator");
        vm.prank(timelock);
        manager.openEpoch(terms);
        skip(1 hours);
        for (uint64 round = 3; round <= 4; ++round) {
            bytes memory signed =
                signatures(manager.commitmentDigest(commitmentOf(round)), hex"000103");
            vm.prank(terms.coordinator);
            manager.commitRound(commitmentOf(round), signed);
        }
        uint40 early = manager.slotOf(2).windowEnd + EVIDENCE_AGE;
        uint40 late = manager.slotOf(4).windowEnd + EVIDENCE_AGE;
        voidByCouncil(commitmentOf(4));
        vm.assertEq(_until(coordinator), 0);
        vm.assertEq(_until(terms.coordinator), late);
        voidByCouncil(commitmentOf(1));
        vm.assertEq(_until(coordinator), early);
        vm.assertEq(_until(terms.coordinator), late);
        vm.assertEq(_until(vm.addr(auditorKeys[0])), late);
        vm.assertEq(_until(vm.addr(auditorKeys[1])), late);
        vm.assertEq(_until(_auditor), early);
    }

    /// @dev 62 open rounds, each signed by 32 auditors: neither an exit nor a void is too large.
    function test_attack_blockGasCap_exitsAndVoidsOfAFullRing() public {
        IRoundManager.Epoch memory terms = manager.epochOf(0);
        terms.auditors = _makeAuditors(32);
        vm.prank(timelock);
        manager.openEpoch(terms);
        bytes memory indices;
        for (uint256 i = 0; i < 32; ++i) {
            indices = bytes.concat(indices, bytes1(uint8(i)));
        }
        for (uint64 round = 1; round <= 64; ++round) {
            bytes memory signed = signatures(manager.commitmentDigest(commitmentOf(round)), indices);
            vm.prank(coordinator);
            manager.commitRound(commitmentOf(round), signed);
        }
        _ripenNow(stranger);
        vm.prank(stranger);
        vault.withdraw();
        vm.assertLe(vm.lastCallGas().gasTotalUsed, TRANSACTION_GAS / 4);
        vm.prank(council);
        manager.voidRound(commitmentOf(1));
        vm.assertLe(vm.lastCallGas().gasTotalUsed, TRANSACTION_GAS / 4);
    }

    function _committedLie() private returns (World memory w) {
        w = _lie(keccak256("lie"));
        commit(w.c);
    }

    function _proveSlashesExits(World memory w) private {
        _prove(w);
        (uint128 left,) = vault.exitOf(coordinator);
        vm.assertEq(left, 50 ether);
        (left,) = vault.exitOf(_auditor);
        vm.assertEq(left, 80 ether);
    }

    function _prove(World memory w) private {
        bytes memory proof = _aggregateProof(w, 0); // SHA-256 is a call too
        vm.prank(stranger);
        (bool done,) = address(results).call(proof);
        vm.assertTrue(done);
    }

    function _ripen(address account) private {
        stakeAs(account, ALL);
        vm.prank(account);
        vault.requestExit(ALL);
        skip(UNBONDING);
    }

    /// @dev Without letting time pass: the windows stay open.
    function _ripenNow(address account) private {
        stakeAs(account, ALL);
        uint256 now_ = vm.getBlockTimestamp();
        vm.warp(now_ - UNBONDING);
        vm.prank(account);
        vault.requestExit(ALL);
        vm.warp(now_);
    }

    function _until(address account) private view returns (uint40 until) {
        (, until) = manager.answersFor(account);
    }

    function _refuses(address account, uint40 until) private {
        vm.expectRevert(
            abi.encodeWithSelector(IStakeVault.AnswersForVoidedRounds.selector, account, until)
        );
        vm.prank(account);
        vault.withdraw();
    }
}
// forge-lint: disable-end(unsafe-typecast, incorrect-shift)
