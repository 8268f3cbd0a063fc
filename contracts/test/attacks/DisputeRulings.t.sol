// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

// Values of tests are chosen so that casts of them lose nothing.
// forge-lint: disable-start(unsafe-typecast, incorrect-shift)

import {ICredits} from "../../src/interfaces/ICredits.sol";
import {IRoundManager} from "../../src/interfaces/IRoundManager.sol";
import {RoundCommitment} from "../../src/libraries/Statements.sol";
import {Fixture} from "../support/Fixture.sol";

/// @notice Rulings that are used twice, and receivers that refuse their bond.
contract DisputeRulingsTest is Fixture {
    RoundCommitment private _c;

    function setUp() public override {
        super.setUp();
        _c = commitmentOf(1);
        commit(_c);
        token.mint(stranger, 1_000 ether);
        vm.prank(stranger);
        token.approve(address(disputes), 1_000 ether);
    }

    /// @dev A friend's empty dispute is dismissed; the same signatures must not dismiss the next.
    function test_attack_aRulingDecidesOneDisputeOnly() public {
        _challenge();
        bytes memory signed = _ruling(false);
        disputes.resolveByPanel(_c, false, signed);
        _challenge(); // in the same second: deadlines are equal
        vm.expectPartialRevert(bytes4(keccak256("NotSignedByAuditor(uint256,address,address)")));
        disputes.resolveByPanel(_c, false, signed);
        vm.assertEq(manager.heldRound(), 1);
        vm.assertEq(disputes.challengesOf(1), 2);
        disputes.resolveByPanel(_c, true, _ruling(true));
        vm.assertEq(manager.head(), 0);
    }

    function test_rulingDigest_isThatOfTheOpenDispute() public {
        _challenge();
        bytes32 hash = manager.hashCommitment(_c);
        bytes32 structHash = keccak256(
            abi.encode(
                keccak256("DisputeRuling(bytes32 commitment,uint64 challenge,bool upheld)"),
                hash,
                uint64(1),
                true
            )
        );
        bytes32 digest = keccak256(bytes.concat(hex"1901", manager.domainSeparator(), structHash));
        vm.assertEq(disputes.rulingDigest(hash, true), digest);
    }

    /// @dev Else the round would be held back for ever, and with it the federation.
    function test_attack_aChallengerWhomTheTokenRefusesHoldsNothingBack() public {
        _challenge();
        _refuse(stranger, DISPUTE_BOND);
        skip(RESOLUTION + 1);
        vm.expectEmit();
        emit ICredits.Credited(stranger, DISPUTE_BOND);
        disputes.expire(_c);
        vm.assertEq(manager.heldRound(), 0);
        vm.assertEq(disputes.creditOf(stranger), DISPUTE_BOND);
        vm.clearMockedCalls();
        vm.prank(site);
        disputes.withdrawBond(stranger);
        vm.assertEq(token.balanceOf(stranger), 1_000 ether);
        vm.assertEq(disputes.creditOf(stranger), 0);
        vm.expectRevert(abi.encodeWithSelector(ICredits.NothingCredited.selector, stranger));
        disputes.withdrawBond(stranger);
    }

    function test_attack_aCoordinatorOrPoolWhomTheTokenRefusesStopsNoDismissal() public {
        _challenge();
        _refuse(coordinator, DISPUTE_BOND / 2);
        _refuse(slashPool, DISPUTE_BOND / 2);
        disputes.resolveByPanel(_c, false, _ruling(false));
        vm.assertEq(manager.heldRound(), 0);
        vm.assertEq(disputes.creditOf(coordinator), DISPUTE_BOND / 2);
        vm.assertEq(disputes.creditOf(slashPool), DISPUTE_BOND / 2);
        vm.assertEq(token.balanceOf(address(disputes)), DISPUTE_BOND);
    }

    function test_attack_aDemanderWhomTheTokenRefusesSavesNoCoordinator() public {
        stakeAs(coordinator, 100 ether);
        vm.startPrank(stranger);
        token.approve(address(demands), DEMAND_BOND);
        demands.demandLeaves(_c, DEMAND_BOND);
        vm.stopPrank();
        _refuse(stranger, DEMAND_BOND);
        skip(ANSWER_TIME + 1);
        demands.expireDemand(_c);
        vm.assertEq(manager.head(), 0);
        vm.assertEq(vault.stakeOf(coordinator), 70 ether);
        vm.assertEq(demands.creditOf(stranger), DEMAND_BOND);
        vm.clearMockedCalls();
        demands.withdrawBond(stranger);
        vm.assertEq(token.balanceOf(stranger), 1_000 ether);
    }

    function _challenge() private {
        vm.prank(stranger);
        disputes.challenge(_c, "evidence", 1_000 ether);
    }

    function _ruling(bool upheld) private view returns (bytes memory) {
        return signatures(disputes.rulingDigest(manager.hashCommitment(_c), upheld), hex"0103");
    }

    function _refuse(address to, uint256 amount) private {
        vm.mockCall(address(token), abi.encodeCall(token.transfer, (to, amount)), abi.encode(false));
    }
}
// forge-lint: disable-end(unsafe-typecast, incorrect-shift)
