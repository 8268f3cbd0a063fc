// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IGovernor} from "@openzeppelin/contracts/governance/IGovernor.sol";
import {TimelockController} from "@openzeppelin/contracts/governance/TimelockController.sol";

import {ConsortiumGovernor} from "../../src/governance/ConsortiumGovernor.sol";
import {MembershipToken} from "../../src/governance/MembershipToken.sol";
import {Fixture} from "../support/Fixture.sol";

/// @notice What a member reads of a proposal, and its withdrawal.
contract GovernorTest is Fixture {
    ConsortiumGovernor private governance;

    function setUp() public override {
        super.setUp();
        address[] memory founders = new address[](5);
        for (uint160 i = 0; i < 5; ++i) {
            founders[i] = address(0xbb00 + i);
        }
        MembershipToken members = new MembershipToken(address(access), founders);
        TimelockController lock =
            new TimelockController(7 days, new address[](0), new address[](1), address(this));
        governance = new ConsortiumGovernor(members, lock, 10, 100, 20);
        vm.roll(vm.getBlockNumber() + 1);
    }

    /// @dev Half of five members is three.
    function test_quorum_isHalfOfTheMembersRoundedUp() public view {
        vm.assertEq(governance.quorum(vm.getBlockNumber() - 1), 3);
        vm.assertEq(governance.proposalThreshold(), 1);
    }

    function test_cancel_byTheProposerBeforeTheVote() public {
        uint256 start = vm.getBlockNumber();
        (address[] memory t, uint256[] memory v, bytes[] memory c) = _proposal();
        vm.prank(address(0xbb00));
        uint256 id = governance.propose(t, v, c, "x");
        vm.assertEq(governance.proposalDeadline(id), start + 10 + 100);
        vm.assertTrue(governance.proposalNeedsQueuing(id));
        vm.prank(address(0xbb01));
        vm.expectPartialRevert(IGovernor.GovernorUnableToCancel.selector);
        governance.cancel(t, v, c, keccak256("x"));
        vm.prank(address(0xbb00));
        governance.cancel(t, v, c, keccak256("x"));
        vm.assertTrue(governance.state(id) == IGovernor.ProposalState.Canceled);
    }

    /// @dev A quorum in the last block of the vote leaves the others time to answer.
    function test_castVote_extendsTheVoteAfterALateQuorum() public {
        uint256 start = vm.getBlockNumber();
        (address[] memory t, uint256[] memory v, bytes[] memory c) = _proposal();
        vm.prank(address(0xbb00));
        uint256 id = governance.propose(t, v, c, "x");
        vm.roll(start + 10 + 100);
        for (uint160 i = 0; i < 3; ++i) {
            vm.prank(address(0xbb00 + i));
            governance.castVote(id, 1);
        }
        vm.assertEq(governance.proposalDeadline(id), start + 10 + 100 + 20);
    }

    function _proposal()
        private
        view
        returns (address[] memory t, uint256[] memory v, bytes[] memory c)
    {
        t = one(address(vault));
        v = new uint256[](1);
        c = new bytes[](1);
        c[0] = abi.encodeCall(vault.setWindows, (defaultWindows()));
    }
}
