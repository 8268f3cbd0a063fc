// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

// Values of tests are chosen so that casts of them lose nothing.
// forge-lint: disable-start(unsafe-typecast, incorrect-shift)

import {RoundDisputes} from "../src/RoundDisputes.sol";
import {IRoundDisputes} from "../src/interfaces/IRoundDisputes.sol";
import {IRoundManager} from "../src/interfaces/IRoundManager.sol";
import {RoundCommitment} from "../src/libraries/Statements.sol";
import {Fixture} from "./support/Fixture.sol";

/// @notice Rounds held back by a bond, and what becomes of them.
contract RoundDisputesTest is Fixture {
    bytes32 private constant EVIDENCE = keccak256("what I have seen");

    function setUp() public override {
        super.setUp();
        commitUpTo(3);
        token.mint(stranger, 10_000 ether);
        vm.prank(stranger);
        token.approve(address(disputes), 10_000 ether);
    }

    function test_initialize_failsOnZeroAuthorityOrBond() public {
        address implementation = address(new RoundDisputes());
        vm.expectRevert(IRoundDisputes.ZeroAddress.selector);
        proxy(implementation, abi.encodeCall(RoundDisputes.initialize, (manager, address(0), 1)));
        vm.expectRevert(IRoundDisputes.ZeroBond.selector);
        proxy(
            implementation, abi.encodeCall(RoundDisputes.initialize, (manager, address(access), 0))
        );
    }

    /// @dev C3.3: a later round may pass its time while an earlier one is in dispute.
    function test_bug_laterRoundsAreNotFinalDuringADispute() public {
        _challenge(2, DISPUTE_BOND);
        skip(WINDOW);
        vm.assertTrue(manager.isFinal(1));
        vm.assertFalse(manager.isFinal(2));
        vm.assertFalse(manager.isFinal(3));
        vm.assertEq(manager.heldRound(), 2);
        commitFails(
            commitmentOf(4), abi.encodeWithSelector(IRoundManager.RoundDisputed.selector, 2)
        );
        vm.prank(governor);
        disputes.resolve(commitmentOf(2), false);
        vm.assertTrue(manager.isFinal(3));
        commitUpTo(4);
    }

    function test_challenge_takesTheBondAndSaysWhy() public {
        RoundCommitment memory c = commitmentOf(2);
        uint40 deadline = uint40(vm.getBlockTimestamp()) + RESOLUTION;
        bytes32 hash = manager.hashCommitment(c);
        vm.expectEmit();
        emit IRoundDisputes.Challenged(2, hash, stranger, EVIDENCE, DISPUTE_BOND, deadline);
        _challenge(2, DISPUTE_BOND);
        vm.assertEq(token.balanceOf(address(disputes)), DISPUTE_BOND);
        vm.assertEq(disputes.disputeOf(hash).deadline, deadline);
        vm.assertEq(disputes.roundManager(), address(manager));
    }

    function test_challenge_oneAtATimeAndNotWhenFinal() public {
        _challenge(2, DISPUTE_BOND);
        vm.expectRevert(abi.encodeWithSelector(IRoundManager.RoundDisputed.selector, 2));
        _challenge(3, DISPUTE_BOND);
        vm.prank(governor);
        disputes.resolve(commitmentOf(2), false);
        skip(WINDOW);
        vm.expectRevert(abi.encodeWithSelector(IRoundManager.RoundIsFinal.selector, 3));
        _challenge(3, DISPUTE_BOND);
    }

    /// @dev Griefing by challenges: each one of the same round costs twice the one before.
    function test_attack_repeatedChallengesCostTwiceAsMuch() public {
        for (uint256 i = 0; i < 4; ++i) {
            uint128 bond = DISPUTE_BOND * uint128(1 << i);
            vm.assertEq(disputes.bondFor(2), bond);
            vm.expectRevert(
                abi.encodeWithSelector(IRoundDisputes.BondTooHigh.selector, bond, bond - 1)
            );
            _challenge(2, bond - 1);
            _challenge(2, bond);
            vm.prank(governor);
            disputes.resolve(commitmentOf(2), false);
        }
        // Half to the coordinator who was held up, half to the slash pool.
        vm.assertEq(token.balanceOf(coordinator), 15 * DISPUTE_BOND / 2);
        vm.assertEq(token.balanceOf(slashPool), 15 * DISPUTE_BOND / 2);
    }

    function test_resolve_upheldVoidsTheRoundAndReturnsTheBond() public {
        _challenge(2, DISPUTE_BOND);
        vm.expectRevert(unauthorized(council));
        vm.prank(council);
        disputes.resolve(commitmentOf(2), true);
        vm.prank(governor);
        disputes.resolve(commitmentOf(2), true);
        vm.assertEq(manager.head(), 1);
        vm.assertEq(manager.heldRound(), 0);
        vm.assertEq(token.balanceOf(stranger), 10_000 ether);
    }

    /// @dev Auditors 1 and 3 did not sign the round.
    function test_resolveByPanel_isDisjointFromTheSigners() public {
        _challenge(2, DISPUTE_BOND);
        bytes32 digest = disputes.rulingDigest(manager.hashCommitment(commitmentOf(2)), true);
        bytes memory signed = signatures(digest, hex"000103");
        vm.expectRevert(abi.encodeWithSelector(IRoundManager.NotOfThePanel.selector, 0x0b, 0x15));
        disputes.resolveByPanel(commitmentOf(2), true, signed);
        signed = signatures(digest, hex"0103");
        disputes.resolveByPanel(commitmentOf(2), true, signed);
        vm.assertEq(manager.head(), 1);
    }

    /// @dev Nobody is slashed for what nobody judged.
    function test_expire_voidsAndReturnsTheBond() public {
        stakeAs(coordinator, 100 ether);
        _challenge(2, DISPUTE_BOND);
        skip(RESOLUTION);
        vm.expectPartialRevert(IRoundDisputes.DeadlineNotPassed.selector);
        disputes.expire(commitmentOf(2));
        skip(1);
        vm.expectPartialRevert(IRoundDisputes.DeadlinePassed.selector);
        vm.prank(governor);
        disputes.resolve(commitmentOf(2), false);
        bytes memory none;
        vm.expectPartialRevert(IRoundDisputes.DeadlinePassed.selector);
        disputes.resolveByPanel(commitmentOf(2), false, none);
        disputes.expire(commitmentOf(2));
        vm.assertEq(manager.head(), 1);
        vm.assertEq(token.balanceOf(stranger), 10_000 ether);
        vm.assertEq(vault.stakeOf(coordinator), 100 ether);
        vm.expectPartialRevert(IRoundDisputes.NotDisputed.selector);
        disputes.expire(commitmentOf(2));
    }

    function test_settleVoided_whenAnEarlierRoundWentTheSameWay() public {
        bytes32 hash = manager.hashCommitment(commitmentOf(3));
        _challenge(3, DISPUTE_BOND);
        vm.expectRevert(abi.encodeWithSelector(IRoundDisputes.RoundNotVoided.selector, hash));
        disputes.settleVoided(hash);
        voidByCouncil(commitmentOf(2));
        vm.assertEq(manager.heldRound(), 0);
        // A hold of another round must not end with this dispute.
        RoundCommitment memory c = commitmentOf(2);
        c.attempt = 1;
        commit(c);
        vm.startPrank(stranger);
        disputes.challenge(c, EVIDENCE, DISPUTE_BOND);
        vm.stopPrank();
        vm.expectRevert(abi.encodeWithSelector(IRoundDisputes.RoundIsVoided.selector, hash));
        vm.prank(governor);
        disputes.resolve(commitmentOf(3), false);
        vm.assertEq(manager.heldRound(), 2);
        disputes.settleVoided(hash);
        vm.assertEq(token.balanceOf(stranger), 10_000 ether - DISPUTE_BOND);
    }

    function test_void_ofALaterRoundKeepsTheDispute() public {
        _challenge(2, DISPUTE_BOND);
        voidByCouncil(commitmentOf(3));
        vm.assertEq(manager.heldRound(), 2);
        skip(WINDOW);
        vm.assertFalse(manager.isFinal(2));
        vm.assertTrue(manager.isFinal(1));
    }

    function test_holdAndRelease_byTheDisputesContractOnly() public {
        vm.expectRevert(unauthorized(council));
        vm.prank(council);
        manager.holdRound(commitmentOf(2));
        vm.expectRevert(unauthorized(council));
        vm.prank(council);
        manager.releaseRound();
        vm.expectRevert(IRoundManager.NothingHeld.selector);
        vm.prank(address(disputes));
        manager.releaseRound();
    }

    function test_setBond_byTheParametersRole() public {
        vm.expectRevert(unauthorized(stranger));
        vm.prank(stranger);
        disputes.setBond(1);
        vm.startPrank(timelock);
        vm.expectRevert(IRoundDisputes.ZeroBond.selector);
        disputes.setBond(0);
        disputes.setBond(7);
        vm.stopPrank();
        vm.assertEq(disputes.bondFor(3), 7);
    }

    function _challenge(uint64 round, uint128 most) private {
        RoundCommitment memory c = commitmentOf(round);
        vm.prank(stranger);
        disputes.challenge(c, EVIDENCE, most);
    }
}
// forge-lint: disable-end(unsafe-typecast, incorrect-shift)
