// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IGovernor} from "@openzeppelin/contracts/governance/IGovernor.sol";
import {TimelockController} from "@openzeppelin/contracts/governance/TimelockController.sol";

import {RoundManager} from "../../src/RoundManager.sol";
import {ConsortiumAccess} from "../../src/access/ConsortiumAccess.sol";
import {ConsortiumGovernor} from "../../src/governance/ConsortiumGovernor.sol";
import {MembershipToken} from "../../src/governance/MembershipToken.sol";
import {IRoundDisputes} from "../../src/interfaces/IRoundDisputes.sol";
import {IRoundManager} from "../../src/interfaces/IRoundManager.sol";
import {Fixture} from "../support/Fixture.sol";

/// @notice Rulings have days, upgrades have a week: what one timelock is right for, it is wrong for
/// the other. Where all auditors signed there is no panel, and the governor is the only judge.
contract RulingsTest is Fixture {
    uint256 private constant UPGRADE_DELAY = 7 days;
    uint256 private constant BLOCK = 12 seconds;
    uint32 private constant VOTE_BLOCKS = 7_200; // a day

    MembershipToken private _members;
    TimelockController private _lock;
    ConsortiumGovernor private _upgrades;
    TimelockController private _bench;
    ConsortiumGovernor private _rulings;

    function setUp() public override {
        super.setUp();
        address[] memory founders = new address[](3);
        for (uint256 i = 0; i < 3; ++i) {
            founders[i] = _member(i);
        }
        _members = new MembershipToken(address(access), founders);
        (_lock, _upgrades) = _pair(UPGRADE_DELAY);
        (_bench, _rulings) = _pair(0);
        access.wire(
            contracts_(), ConsortiumAccess.Holders(council, address(_bench), address(_lock), 0, 0)
        );
        access.handOver(address(_lock));
        vm.roll(vm.getBlockNumber() + 1);
        token.mint(stranger, 1_000 ether);
        vm.prank(stranger);
        token.approve(address(disputes), 1_000 ether);
        bytes memory signed = signatures(manager.commitmentDigest(commitmentOf(1)), hex"0001020304");
        vm.prank(coordinator);
        manager.commitRound(commitmentOf(1), signed);
    }

    /// @dev Undecided disputes void the round and cost nothing: somebody must be able to decide.
    function test_attack_disputesWithoutAPanelAreRuledInTimeByAVoteOfTheMembers() public {
        _challenge();
        vm.expectRevert(abi.encodeWithSelector(IRoundManager.NoPanel.selector, 0, 31));
        disputes.resolveByPanel(commitmentOf(1), false, "");
        bytes memory call = abi.encodeCall(disputes.resolve, (commitmentOf(1), false));
        _decide(_rulings, call);
        _execute(_rulings, call);
        vm.assertEq(manager.head(), 1);
        vm.assertEq(manager.heldRound(), 0);
        vm.assertEq(token.balanceOf(coordinator), DISPUTE_BOND / 2);
    }

    /// @dev The timelock that carries out upgrades would rule too late, always: it must not be the
    /// only governor.
    function test_rulings_ofTheTimelockOfUpgradesComeTooLate() public {
        vm.prank(address(_lock));
        access.wire(
            contracts_(), ConsortiumAccess.Holders(council, address(_lock), address(_lock), 0, 0)
        );
        _challenge();
        bytes memory call = abi.encodeCall(disputes.resolve, (commitmentOf(1), false));
        _decide(_upgrades, call);
        skip(UPGRADE_DELAY);
        (address[] memory t, uint256[] memory v, bytes[] memory c) = _list(address(disputes), call);
        vm.expectPartialRevert(IRoundDisputes.DeadlinePassed.selector);
        _upgrades.execute(t, v, c, keccak256("x"));
        disputes.expire(commitmentOf(1)); // what an honest round comes to
        vm.assertEq(manager.head(), 0);
        vm.assertEq(token.balanceOf(stranger), 1_000 ether);
    }

    /// @dev Front-running an upgrade: what was committed before it was announced is final, and may be
    /// claimed under the old code, before the new code runs.
    function test_attack_anUpgradeComesAfterTheRoundsThatItsAnnouncementFound() public {
        address next = address(new RoundManager());
        bytes memory call = abi.encodeCall(manager.upgradeToAndCall, (next, ""));
        (address[] memory t, uint256[] memory v, bytes[] memory c) = _list(address(manager), call);
        _vote(_upgrades, t, v, c);
        _challenge(); // a friend, on the last day
        _upgrades.queue(t, v, c, keccak256("x"));
        skip(RESOLUTION);
        vm.prank(address(_bench));
        disputes.resolve(commitmentOf(1), false);
        skip(UPGRADE_DELAY - RESOLUTION - 1);
        vm.assertTrue(manager.isFinal(1));
        vm.expectPartialRevert(TimelockController.TimelockUnexpectedOperationState.selector);
        _upgrades.execute(t, v, c, keccak256("x"));
        skip(1);
        _upgrades.execute(t, v, c, keccak256("x"));
        vm.assertTrue(manager.isFinal(1));
    }

    function _pair(uint256 delay)
        private
        returns (TimelockController lock, ConsortiumGovernor governor_)
    {
        lock = new TimelockController(delay, new address[](0), new address[](1), address(this));
        governor_ = new ConsortiumGovernor(_members, lock, 1, VOTE_BLOCKS, VOTE_BLOCKS / 4);
        lock.grantRole(lock.PROPOSER_ROLE(), address(governor_));
        lock.renounceRole(lock.DEFAULT_ADMIN_ROLE(), address(this));
    }

    function _challenge() private {
        vm.prank(stranger);
        disputes.challenge(commitmentOf(1), "evidence", 1_000 ether);
    }

    function _decide(ConsortiumGovernor by, bytes memory call) private {
        (address[] memory t, uint256[] memory v, bytes[] memory c) = _list(address(disputes), call);
        uint256 id = _vote(by, t, v, c);
        skip(BLOCK * VOTE_BLOCKS);
        by.queue(t, v, c, keccak256("x"));
        vm.assertTrue(by.state(id) == IGovernor.ProposalState.Queued);
    }

    function _execute(ConsortiumGovernor by, bytes memory call) private {
        (address[] memory t, uint256[] memory v, bytes[] memory c) = _list(address(disputes), call);
        by.execute(t, v, c, keccak256("x"));
    }

    /// @dev Blocks pass, time is the caller's.
    function _vote(ConsortiumGovernor by, address[] memory t, uint256[] memory v, bytes[] memory c)
        private
        returns (uint256 id)
    {
        vm.prank(_member(0));
        id = by.propose(t, v, c, "x");
        vm.roll(vm.getBlockNumber() + 2);
        for (uint256 i = 0; i < 3; ++i) {
            vm.prank(_member(i));
            by.castVote(id, 1);
        }
        vm.roll(vm.getBlockNumber() + VOTE_BLOCKS + 1);
    }

    function _member(uint256 i) private pure returns (address) {
        // casting is of a small number
        // forge-lint: disable-next-line(unsafe-typecast)
        return address(uint160(0xaa00 + i));
    }

    function _list(address target, bytes memory call)
        private
        pure
        returns (address[] memory t, uint256[] memory v, bytes[] memory c)
    {
        t = one(target);
        v = new uint256[](1);
        c = new bytes[](1);
        c[0] = call;
    }
}
