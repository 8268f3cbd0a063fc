// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ILeafDemands} from "../../src/interfaces/ILeafDemands.sol";
import {IStakeVault} from "../../src/interfaces/IStakeVault.sol";
import {RoundCommitment} from "../../src/libraries/Statements.sol";
import {Fixture} from "../support/Fixture.sol";

/// @notice Demands against a coordinator that is honest and away.
contract OutagesTest is Fixture {
    uint64 private constant ROUNDS = 10;

    function setUp() public override {
        super.setUp();
        stakeAs(coordinator, 1_000 ether);
        commitUpTo(ROUNDS);
        token.mint(stranger, 1_000 ether);
        vm.prank(stranger);
        token.approve(address(demands), 1_000 ether);
    }

    /// @dev Whoever demands every round and lets them expire from the newest on gets all bonds back,
    /// and would have had the coordinator slashed once for each.
    function test_attack_anOutageIsSlashedOnceHoweverManyRoundsAreDemanded() public {
        for (uint64 round = 1; round <= ROUNDS; ++round) {
            _demand(round);
        }
        skip(ANSWER_TIME + 1);
        for (uint64 round = ROUNDS; round > 1; --round) {
            _waits(round, 1);
        }
        demands.expireDemand(commitmentOf(1));
        vm.assertEq(vault.stakeOf(coordinator), 700 ether);
        vm.assertEq(manager.head(), 0);
        for (uint64 round = 2; round <= ROUNDS; ++round) {
            demands.settleVoided(manager.hashCommitment(commitmentOf(round)));
        }
        vm.assertEq(vault.stakeOf(coordinator), 700 ether);
        vm.assertEq(token.balanceOf(stranger), 1_000 ether);
    }

    /// @dev A friend's demand about an earlier round cannot save one that has run out: it ends in
    /// time, and the round is not final before.
    function test_attack_anEarlierDemandDelaysNoExpiryPastItsOwn() public {
        skip(WINDOW - ANSWER_TIME / 2);
        _demand(ROUNDS);
        skip(ANSWER_TIME / 2 - 1);
        _demand(1);
        skip(ANSWER_TIME / 2 + 2);
        _waits(ROUNDS, 1);
        skip(ANSWER_TIME / 2);
        vm.assertFalse(manager.isFinal(ROUNDS));
        demands.expireDemand(commitmentOf(1));
        demands.settleVoided(manager.hashCommitment(commitmentOf(ROUNDS)));
        vm.assertEq(vault.stakeOf(coordinator), 700 ether);
    }

    /// @dev The earlier one was answered: then it is the later one's turn.
    function test_expireDemand_afterTheEarlierWasAnswered() public {
        _demand(3);
        _demand(1);
        vm.prank(address(demands));
        manager.settleDemand(1, 0);
        skip(ANSWER_TIME + 1);
        demands.expireDemand(commitmentOf(3));
        vm.assertEq(manager.head(), 2);
    }

    /// @dev Grace has 24 bits: with the longest answer time and windows to match, a demand of the
    /// last second can be answered in the last second.
    function test_attack_noAnswerTimeIsTooLongToBeSettled() public {
        IStakeVault.Windows memory w = defaultWindows();
        w.unbonding = 500 days;
        ILeafDemands.Terms memory t = demands.terms();
        t.answerTime = 90 days + 1;
        vm.startPrank(timelock);
        vault.setWindows(w);
        vm.expectRevert(
            abi.encodeWithSelector(ILeafDemands.AnswerTooLong.selector, 90 days + 1, 90 days)
        );
        demands.setTerms(t);
        t.answerTime = 90 days;
        demands.setTerms(t);
        vm.stopPrank();
        skip(WINDOW - 1);
        _demand(1);
        skip(90 days);
        uint40 open = uint40(vm.getBlockTimestamp()) + t.answerTime;
        vm.prank(address(demands));
        manager.settleDemand(1, open);
        vm.assertEq(manager.slotOf(1).finalAt, open);
    }

    function _demand(uint64 round) private {
        vm.prank(stranger);
        demands.demandLeaves(commitmentOf(round), DEMAND_BOND);
    }

    function _waits(uint64 round, uint64 first) private {
        RoundCommitment memory c = commitmentOf(round);
        vm.expectRevert(
            abi.encodeWithSelector(ILeafDemands.EarlierDemandOpen.selector, round, first)
        );
        demands.expireDemand(c);
    }
}
