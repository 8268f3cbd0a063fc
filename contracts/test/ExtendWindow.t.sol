// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IRoundManager} from "../src/interfaces/IRoundManager.sol";
import {IStakeVault} from "../src/interfaces/IStakeVault.sol";
import {Fixture} from "./support/Fixture.sol";

/// @notice The council gives proofs more time, once a round.
contract ExtendWindowTest is Fixture {
    /// @dev With the default windows: what unbonding leaves beside the last accusation.
    uint40 private constant MOST = 2 days;

    function setUp() public override {
        super.setUp();
        commitUpTo(3);
    }

    /// @dev The chain stood still, or a censor kept proofs out of it.
    function test_attack_chainHaltOrCensorship_theCouncilExtendsTheWindow() public {
        uint40 end = manager.slotOf(2).windowEnd;
        _extend(2, end + MOST);
        skip(WINDOW);
        vm.assertTrue(manager.isFinal(1));
        vm.assertFalse(manager.isFinal(2));
        vm.assertFalse(manager.isFinal(3));
        skip(MOST - 1);
        vm.assertFalse(manager.isFinal(3));
        voidByCouncil(commitmentOf(3));
        skip(1);
        vm.assertTrue(manager.isFinal(2));
    }

    /// @dev A council that was taken over cannot hold rewards back for ever: not twice, not by an
    /// earlier round, not by rounds that inherit the time.
    function test_attack_theCouncilExtendsOnceAndWithinItsBounds() public {
        uint40 end = manager.slotOf(2).windowEnd;
        uint256 latest = end + MOST;
        bytes4 range = IRoundManager.ExtensionOutOfRange.selector;
        _fails(2, end, abi.encodeWithSelector(range, end, end, latest));
        _fails(2, end + MOST + 1, abi.encodeWithSelector(range, end + MOST + 1, end, latest));
        _extend(2, end + MOST);
        bytes4 again = IRoundManager.AlreadyExtended.selector;
        _fails(2, end + MOST, abi.encodeWithSelector(again, 2));
        _fails(3, end + MOST, abi.encodeWithSelector(again, 3));
        commitUpTo(4);
        vm.assertEq(manager.slotOf(4).windowEnd, end + MOST);
        _fails(4, end + MOST, abi.encodeWithSelector(again, 4));
        _extend(1, end + MOST); // was not extended yet, and moves nothing behind it
        vm.assertEq(manager.slotOf(4).windowEnd, end + MOST);
        vm.assertEq(manager.slotOf(1).finalAt, end + MOST);
    }

    function test_extendWindow_leavesRoomForAccusationsAndDisputes() public {
        IStakeVault.Windows memory w = defaultWindows();
        (w.evidenceAge, w.resolution) = (1 days, UNBONDING - WINDOW - 20 hours);
        vm.prank(timelock);
        vault.setWindows(w);
        uint40 end = manager.slotOf(2).windowEnd;
        _fails(
            2,
            end + 10 hours + 1,
            abi.encodeWithSelector(
                IRoundManager.ExtensionOutOfRange.selector,
                end + 10 hours + 1,
                end,
                uint256(end) + 10 hours
            )
        );
        w.resolution = 1 days;
        vm.prank(timelock);
        vault.setWindows(w);
        _fails(
            2,
            end + 3 days + 1,
            abi.encodeWithSelector(
                IRoundManager.ExtensionOutOfRange.selector,
                end + 3 days + 1,
                end,
                uint256(end) + 3 days
            )
        );
        _extend(2, end + 3 days);
    }

    function test_extendWindow_byTheCouncilWhileTheWindowLasts() public {
        uint40 end = manager.slotOf(2).windowEnd;
        vm.expectRevert(unauthorized(governor));
        vm.prank(governor);
        manager.extendWindow(2, end + 1);
        bytes4 mismatch = IRoundManager.CommitmentMismatch.selector;
        _fails(4, end + 1, abi.encodeWithSelector(mismatch, 4, 0, 0));
        _fails(0, end + 1, abi.encodeWithSelector(mismatch, 0, 0, 0));
        skip(WINDOW);
        _fails(2, end + 1, abi.encodeWithSelector(IRoundManager.WindowPassed.selector, 2, end));
    }

    /// @dev Grace of an answered demand is counted from the window's end: never twice.
    function test_extendWindow_swallowsTheGraceOfADemand() public {
        vm.prank(address(demands));
        manager.demandRound(commitmentOf(2));
        uint40 end = manager.slotOf(2).windowEnd;
        vm.prank(address(demands));
        manager.settleDemand(2, end + 1 days);
        vm.assertEq(manager.slotOf(3).finalAt, end + 1 days);
        _extend(2, end + 6 hours);
        vm.assertEq(manager.slotOf(2).finalAt, end + 1 days);
        vm.assertEq(manager.slotOf(2).windowEnd, end + 6 hours);
        _extend(1, end + MOST);
        vm.assertEq(manager.slotOf(3).finalAt, end + MOST);
    }

    function _extend(uint64 round, uint40 until) private {
        vm.prank(council);
        manager.extendWindow(round, until);
    }

    function _fails(uint64 round, uint40 until, bytes memory reason) private {
        vm.expectRevert(reason);
        _extend(round, until);
    }
}
