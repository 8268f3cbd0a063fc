// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";

import {RoundDisputes} from "../../src/RoundDisputes.sol";
import {RoundManager} from "../../src/RoundManager.sol";
import {ConsortiumAccess} from "../../src/access/ConsortiumAccess.sol";
import {ICredits} from "../../src/interfaces/ICredits.sol";
import {ISlashCourt} from "../../src/interfaces/ISlashCourt.sol";
import {IStakeVault} from "../../src/interfaces/IStakeVault.sol";
import {AttestedFault, RoundCommitment} from "../../src/libraries/Statements.sol";
import {Fixture} from "../support/Fixture.sol";
import {ReentrantToken} from "../support/HostileTokens.sol";

/// @notice A receiver whom the token refuses decides no appeal, and is owed its bond once.
contract RefusedBondsTest is Fixture {
    bytes32 private _case;
    bytes32 private _evidence;

    function setUp() public override {
        super.setUp();
        enrolSite(100 ether);
        commitUpTo(1);
        _evidence = manager.hashCommitment(commitmentOf(1));
        AttestedFault memory fault =
            AttestedFault(FEDERATION, 1, site, 2, 200, _evidence, type(uint64).max);
        _case = court.accuse(fault, quorum(court.faultDigest(fault)));
        token.mint(site, 100 ether);
        vm.startPrank(site);
        token.approve(address(court), 100 ether);
        court.appeal(_case);
        vm.stopPrank();
    }

    /// @dev No ruling against the accused could be made, so that every appeal would lapse.
    function test_attack_aPoolWhomTheTokenRefusesSavesNoAccused() public {
        _refuse(slashPool, APPEAL_BOND);
        _confirm();
        vm.assertTrue(court.trialOf(_case).stage == ISlashCourt.Stage.Confirmed);
        vm.assertEq(court.creditOf(slashPool), APPEAL_BOND);
        skip(APPEAL);
        vault.executeSlash(_case);
        vm.assertEq(vault.stakeOf(site), 98 ether);
        vm.clearMockedCalls();
        court.withdrawBond(slashPool);
        vm.assertEq(token.balanceOf(slashPool), APPEAL_BOND);
        vm.expectRevert(abi.encodeWithSelector(ICredits.NothingCredited.selector, slashPool));
        court.withdrawBond(slashPool);
    }

    function test_attack_aPoolWhomTheTokenRefusesStopsNoLapseOfAnEscalation() public {
        _confirm();
        vm.prank(site);
        court.escalate(_case);
        skip(2 * APPEAL + 1);
        _refuse(slashPool, 2 * APPEAL_BOND);
        court.lapse(_case);
        vault.executeSlash(_case);
        vm.assertEq(court.creditOf(slashPool), 2 * APPEAL_BOND);
    }

    /// @dev Nor does the accused keep its case open, and its stake frozen, by its own refusal.
    function test_acquittal_ofAnAccusedWhomTheTokenRefuses() public {
        _refuse(site, APPEAL_BOND);
        voidByCouncil(commitmentOf(1));
        court.dropVoided(1, site, 2, _evidence);
        vm.assertTrue(vault.caseOf(_case).state == IStakeVault.CaseState.Dropped);
        vm.assertEq(court.creditOf(site), APPEAL_BOND);
        vm.assertEq(token.balanceOf(address(court)), APPEAL_BOND);
    }

    /// @dev What is owed is gone before the token is called.
    function test_attack_reentrancyByCredit() public {
        ReentrantToken token_ = new ReentrantToken();
        RoundManager manager_ = deployManager(
            FEDERATION,
            deployVault(address(token_), slashPool, address(access)),
            address(access),
            manager.epochOf(0)
        );
        RoundDisputes disputes_ = deployDisputes(manager_, address(access), DISPUTE_BOND);
        ConsortiumAccess.Contracts memory parts;
        (parts.roundManager, parts.roundDisputes) = (address(manager_), address(disputes_));
        access.wire(parts, ConsortiumAccess.Holders(council, governor, timelock, 0, 0));
        RoundCommitment memory c = commitmentOf(1);
        c.rewardTotal = 0;
        bytes memory signed = quorum(manager_.commitmentDigest(c));
        vm.prank(coordinator);
        manager_.commitRound(c, signed);
        token_.mint(address(this), 2 * DISPUTE_BOND);
        token_.approve(address(disputes_), DISPUTE_BOND);
        disputes_.challenge(c, 0, DISPUTE_BOND);
        bytes memory transfer = abi.encodeCall(token_.transfer, (address(this), DISPUTE_BOND));
        vm.mockCall(address(token_), transfer, abi.encode(false));
        vm.prank(governor);
        disputes_.resolve(c, true);
        vm.clearMockedCalls();
        require(token_.transfer(address(disputes_), DISPUTE_BOND)); // somebody else's bond
        bytes memory again = abi.encodeCall(ICredits.withdrawBond, (address(this)));
        token_.arm(address(disputes_), again);
        vm.expectRevert(ReentrancyGuardTransient.ReentrancyGuardReentrantCall.selector);
        disputes_.withdrawBond(address(this));
        token_.arm(address(0), "");
        disputes_.withdrawBond(address(this));
        vm.assertEq(token_.balanceOf(address(disputes_)), DISPUTE_BOND);
    }

    function _confirm() private {
        bytes memory signed = signatures(court.rulingDigest(_case, true), hex"0103");
        court.ruleByPanel(_case, true, signed);
    }

    function _refuse(address to, uint256 amount) private {
        vm.mockCall(address(token), abi.encodeCall(token.transfer, (to, amount)), abi.encode(false));
    }
}
