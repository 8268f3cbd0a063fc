// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

// Values of tests are chosen so that casts of them lose nothing.
// forge-lint: disable-start(unsafe-typecast, incorrect-shift)

import {IAccessManager} from "@openzeppelin/contracts/access/manager/IAccessManager.sol";
import {IGovernor} from "@openzeppelin/contracts/governance/IGovernor.sol";
import {TimelockController} from "@openzeppelin/contracts/governance/TimelockController.sol";

import {RoundManager} from "../src/RoundManager.sol";
import {ConsortiumAccess} from "../src/access/ConsortiumAccess.sol";
import {Roles} from "../src/access/Roles.sol";
import {ConsortiumGovernor} from "../src/governance/ConsortiumGovernor.sol";
import {MembershipToken} from "../src/governance/MembershipToken.sol";
import {IStakeVault} from "../src/interfaces/IStakeVault.sol";
import {Fixture} from "./support/Fixture.sol";

/// @notice One member, one vote; the timelock carries it out; the council may stop, not rule.
contract GovernanceTest is Fixture {
    uint256 private constant DELAY = 7 days;
    uint48 private constant VOTE_DELAY = 10;
    uint32 private constant VOTE_PERIOD = 100;

    MembershipToken private members;
    TimelockController private lock;
    ConsortiumGovernor private governance;

    function setUp() public override {
        super.setUp();
        address[] memory founders = new address[](5);
        for (uint256 i = 0; i < 5; ++i) {
            founders[i] = _member(i);
        }
        members = new MembershipToken(address(access), founders);
        lock = new TimelockController(DELAY, new address[](0), new address[](1), address(this));
        governance = new ConsortiumGovernor(members, lock, VOTE_DELAY, VOTE_PERIOD, 20);
        lock.grantRole(lock.PROPOSER_ROLE(), address(governance));
        lock.grantRole(lock.CANCELLER_ROLE(), council);
        lock.renounceRole(lock.DEFAULT_ADMIN_ROLE(), address(this));
        address lock_ = address(lock);
        access.wire(contracts_(), ConsortiumAccess.Holders(council, lock_, lock_, 0, 0));
        access.handOver(lock_);
        vm.roll(vm.getBlockNumber() + 1);
    }

    function test_upgrade_byAVoteOfTheMembers() public {
        address next = address(new RoundManager());
        bytes memory call = abi.encodeCall(manager.upgradeToAndCall, (next, ""));
        uint256 id = _propose(address(manager), call);
        _vote(id, 3);
        _queue(address(manager), call);
        vm.expectRevert();
        _execute(address(manager), call);
        skip(DELAY);
        _execute(address(manager), call);
        vm.assertTrue(governance.state(id) == IGovernor.ProposalState.Executed);
    }

    function test_proposal_failsWithoutHalfOfTheMembers() public {
        bytes memory call = abi.encodeCall(vault.setWindows, (defaultWindows()));
        uint256 id = _propose(address(vault), call);
        _vote(id, 2);
        vm.assertTrue(governance.state(id) == IGovernor.ProposalState.Defeated);
    }

    /// @dev Stake buys no votes, and strangers propose nothing.
    function test_propose_byMembersOnly() public {
        stakeAs(stranger, 1_000_000 ether);
        (address[] memory t, uint256[] memory v, bytes[] memory c) = _list(address(vault), "");
        vm.expectPartialRevert(IGovernor.GovernorInsufficientProposerVotes.selector);
        vm.prank(stranger);
        governance.propose(t, v, c, "x");
    }

    function test_council_cancelsWhatWaitsInTheTimelock() public {
        bytes memory call = abi.encodeCall(vault.setWindows, (defaultWindows()));
        uint256 id = _propose(address(vault), call);
        _vote(id, 5);
        _queue(address(vault), call);
        (address[] memory t, uint256[] memory v, bytes[] memory c) = _list(address(vault), call);
        bytes32 salt = bytes20(address(governance)) ^ keccak256("x");
        bytes32 operation = lock.hashOperationBatch(t, v, c, 0, salt);
        vm.prank(council);
        lock.cancel(operation);
        skip(DELAY);
        vm.expectRevert();
        _execute(address(vault), call);
    }

    function test_members_areAdmittedAndRemovedByTheTimelock() public {
        vm.assertEq(members.memberCount(), 5);
        vm.assertEq(members.getVotes(_member(0)), 1);
        vm.expectRevert(unauthorized(council));
        vm.prank(council);
        members.admit(stranger);
        vm.startPrank(address(lock));
        members.admit(stranger);
        vm.expectRevert(abi.encodeWithSelector(MembershipToken.AlreadyMember.selector, stranger));
        members.admit(stranger);
        vm.expectRevert(MembershipToken.ZeroAddress.selector);
        members.admit(address(0));
        members.remove(_member(0));
        vm.expectRevert(abi.encodeWithSelector(MembershipToken.NotMember.selector, _member(0)));
        members.remove(_member(0));
        vm.stopPrank();
        vm.assertTrue(members.isMember(stranger));
        vm.assertEq(members.getVotes(stranger), 1);
        vm.assertEq(members.getVotes(_member(0)), 0);
        vm.assertEq(members.memberCount(), 5);
    }

    /// @dev A removed member's delegate loses the vote too.
    function test_members_delegateAndTakeTheVoteAlong() public {
        vm.prank(_member(0));
        members.delegate(_member(1));
        vm.assertEq(members.getVotes(_member(1)), 2);
        vm.prank(address(lock));
        members.remove(_member(0));
        vm.assertEq(members.getVotes(_member(1)), 1);
    }

    /// @dev C5: it may veto, void, pause and cancel. It cannot move stake, slash, upgrade or rule.
    function test_attack_aCompromisedCouncilMovesNothing() public {
        enrolSite(100 ether);
        commitUpTo(1);
        vm.startPrank(council);
        bytes[9] memory calls = [
            abi.encodeCall(vault.slashMany, (one(site), one(uint16(1)), council, 1)),
            abi.encodeCall(vault.proposeSlash, (site, 1, 2, "case")),
            abi.encodeCall(vault.postponeSlash, ("case", 0)),
            abi.encodeCall(vault.dropSlash, ("case")),
            abi.encodeCall(vault.setWindows, (defaultWindows())),
            abi.encodeCall(vault.upgradeToAndCall, (address(this), "")),
            abi.encodeCall(vault.setAuthority, (council)),
            abi.encodeCall(vault.initialize, (token, council, council, defaultWindows())),
            abi.encodeCall(vault.stakeFor, (council, 1))
        ];
        for (uint256 i = 0; i < calls.length; ++i) {
            (bool done,) = address(vault).call(calls[i]);
            vm.assertFalse(done);
        }
        bytes[6] memory more = [
            abi.encodeCall(manager.openEpoch, (manager.epochOf(0))),
            abi.encodeCall(manager.upgradeToAndCall, (address(this), "")),
            abi.encodeCall(manager.releaseRound, ()),
            abi.encodeCall(manager.holdRound, (commitmentOf(1))),
            abi.encodeCall(manager.demandRound, (commitmentOf(1))),
            abi.encodeCall(manager.settleDemand, (1, type(uint40).max))
        ];
        for (uint256 i = 0; i < more.length; ++i) {
            (bool done,) = address(manager).call(more[i]);
            vm.assertFalse(done);
        }
        vm.expectRevert();
        access.grantRole(Roles.PROVER, council, 0);
        vm.expectRevert();
        access.handOver(council);
        vm.expectRevert();
        access.wire(contracts_(), ConsortiumAccess.Holders(council, council, council, 0, 0));
        vm.stopPrank();
        vm.assertEq(vault.stakeOf(site), 100 ether);
    }

    /// @dev Code and parameters that accounts instead of a timelock change wait in the manager itself.
    function test_delays_holdWithoutATimelockToo() public {
        vm.startPrank(address(lock));
        access.wire(
            contracts_(), ConsortiumAccess.Holders(council, governor, governor, 7 days, 2 days)
        );
        vm.stopPrank();
        IStakeVault.Windows memory w = defaultWindows();
        w.unbonding = 21 days;
        bytes memory call = abi.encodeCall(vault.setWindows, (w));
        vm.startPrank(governor);
        vm.expectRevert();
        vault.setWindows(w);
        (bytes32 id,) = access.schedule(address(vault), call, 0);
        skip(2 days);
        vault.setWindows(w);
        vm.assertEq(vault.unbondingDelay(), 21 days);
        (id,) = access.schedule(address(vault), call, 0);
        vm.stopPrank();
        vm.prank(council);
        access.cancel(governor, address(vault), call);
        skip(2 days);
        vm.expectPartialRevert(IAccessManager.AccessManagerNotScheduled.selector);
        vm.prank(governor);
        vault.setWindows(w);
        vm.assertTrue(id != 0);
    }

    function test_wire_failsOnZeroHolder() public {
        ConsortiumAccess fresh = new ConsortiumAccess(address(this));
        vm.expectRevert(ConsortiumAccess.ZeroHolder.selector);
        fresh.wire(contracts_(), ConsortiumAccess.Holders(council, address(0), timelock, 0, 0));
        vm.expectRevert(ConsortiumAccess.ZeroHolder.selector);
        fresh.handOver(address(0));
        fresh.wire(contracts_(), ConsortiumAccess.Holders(council, council, timelock, 0, 0));
        vm.assertEq(fresh.contracts().roundManager, address(manager));
        fresh.handOver(address(this)); // stays where it is
        fresh.handOver(stranger);
        vm.expectRevert();
        fresh.handOver(address(this));
    }

    function _member(uint256 i) private pure returns (address) {
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

    function _propose(address target, bytes memory call) private returns (uint256) {
        (address[] memory t, uint256[] memory v, bytes[] memory c) = _list(target, call);
        vm.prank(_member(0));
        return governance.propose(t, v, c, "x");
    }

    function _vote(uint256 id, uint256 count) private {
        vm.roll(vm.getBlockNumber() + VOTE_DELAY + 1);
        for (uint256 i = 0; i < count; ++i) {
            vm.prank(_member(i));
            governance.castVote(id, 1);
        }
        vm.roll(vm.getBlockNumber() + VOTE_PERIOD + 1);
    }

    function _queue(address target, bytes memory call) private {
        (address[] memory t, uint256[] memory v, bytes[] memory c) = _list(target, call);
        governance.queue(t, v, c, keccak256("x"));
    }

    function _execute(address target, bytes memory call) private {
        (address[] memory t, uint256[] memory v, bytes[] memory c) = _list(target, call);
        governance.execute(t, v, c, keccak256("x"));
    }
}
// forge-lint: disable-end(unsafe-typecast, incorrect-shift)
