// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {TestToken} from "../../src/TestToken.sol";
import {IRoundDisputes} from "../../src/interfaces/IRoundDisputes.sol";
import {IRoundManager} from "../../src/interfaces/IRoundManager.sol";
import {ISlashCourt} from "../../src/interfaces/ISlashCourt.sol";
import {IStakeVault} from "../../src/interfaces/IStakeVault.sol";
import {AuditorQuorum} from "../../src/libraries/AuditorQuorum.sol";
import {AttestedFault} from "../../src/libraries/Statements.sol";
import {Fixture} from "../support/Fixture.sol";
import {FeeToken} from "../support/HostileTokens.sol";

interface VmEtch {
    function etch(address target, bytes calldata code) external;
}

/// @notice Says yes to every transfer and moves nothing.
contract SilentToken {
    function balanceOf(address) external pure returns (uint256) {
        return 0;
    }

    function transferFrom(address, address, uint256) external pure returns (bool) {
        return true;
    }
}

/// @notice Tokens that change under the contracts, and what else other tests do not reach.
contract ContractsTest is Fixture {
    function test_deposits_failWhereNothingArrives() public {
        _become(address(new SilentToken()));
        vm.expectRevert(IStakeVault.ZeroAmount.selector);
        vault.stake(1 ether);
        vm.expectRevert(IRoundManager.ZeroAmount.selector);
        manager.fund(1 ether);
    }

    /// @dev A bond of which a fee was taken could not be paid back.
    function test_challenge_failsIfTheBondIsShort() public {
        commitUpTo(1);
        _approve(stranger, address(disputes));
        _become(address(new FeeToken()));
        vm.expectRevert(
            abi.encodeWithSelector(
                IRoundDisputes.BondShort.selector, DISPUTE_BOND - DISPUTE_BOND / 100, DISPUTE_BOND
            )
        );
        vm.prank(stranger);
        disputes.challenge(commitmentOf(1), "", DISPUTE_BOND);
    }

    function test_appeal_failsIfTheBondIsShort() public {
        bytes32 caseId = _accuse();
        _approve(site, address(court));
        _become(address(new FeeToken()));
        vm.expectRevert(
            abi.encodeWithSelector(
                ISlashCourt.BondShort.selector, APPEAL_BOND - APPEAL_BOND / 100, APPEAL_BOND
            )
        );
        vm.prank(site);
        court.appeal(caseId);
    }

    /// @dev Nothing is taken and nothing given back.
    function test_appeal_worksWithoutABond() public {
        vm.prank(timelock);
        court.setAppealBond(0);
        for (uint256 upheld = 0; upheld < 2; ++upheld) {
            bytes32 caseId = _accuse();
            vm.prank(site);
            court.appeal(caseId);
            vm.prank(governor);
            court.ruleByGovernor(caseId, upheld == 1);
            vm.assertEq(token.balanceOf(site) + token.balanceOf(slashPool), 0);
            IStakeVault.CaseState state = vault.caseOf(caseId).state;
            vm.assertTrue((state == IStakeVault.CaseState.Dropped) == (upheld == 0));
        }
    }

    function test_views_ofTheCourt() public view {
        vm.assertEq(court.roundManager(), address(manager));
        vm.assertEq(court.vault(), address(vault));
        vm.assertEq(court.maxBps(), MAX_FAULT_BPS);
    }

    function test_auditorAt_failsPastTheLast() public {
        vm.assertEq(manager.auditorAt(4), vm.addr(auditorKeys[4]));
        vm.expectRevert(abi.encodeWithSelector(AuditorQuorum.UnknownAuditor.selector, 5, 5));
        manager.auditorAt(5);
    }

    function test_slashMany_failsOnListsOfOtherLengths() public {
        vm.expectRevert(abi.encodeWithSelector(IStakeVault.LengthMismatch.selector, 1, 0));
        vm.prank(address(prover));
        vault.slashMany(one(site), new uint16[](0), stranger, 1);
    }

    function test_mint_byTheDeployerOnly() public {
        vm.expectRevert(abi.encodeWithSelector(TestToken.NotMinter.selector, stranger));
        vm.prank(stranger);
        token.mint(stranger, 1);
    }

    /// @dev The token's address has other code from now on; balances and allowances stay.
    function _become(address other) private {
        VmEtch(address(vm)).etch(address(token), other.code);
    }

    function _approve(address from, address spender) private {
        token.mint(from, 100 ether);
        vm.prank(from);
        token.approve(spender, 100 ether);
    }

    /// @dev The site is accused of what it did in the next round.
    function _accuse() private returns (bytes32) {
        if (manager.head() == 0) enrolSite(100 ether);
        commitUpTo(manager.head() + 1);
        AttestedFault memory fault = AttestedFault({
            federation: FEDERATION,
            round: manager.head(),
            site: site,
            kind: 2,
            bps: 100,
            evidenceRoot: manager.hashCommitment(commitmentOf(manager.head())),
            deadline: uint64(vm.getBlockTimestamp() + 1 days)
        });
        return court.accuse(fault, quorum(court.faultDigest(fault)));
    }
}
