// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";

import {LeafDemands} from "../src/LeafDemands.sol";
import {RoundDisputes} from "../src/RoundDisputes.sol";
import {RoundManager} from "../src/RoundManager.sol";
import {StakeVault} from "../src/StakeVault.sol";
import {ConsortiumAccess} from "../src/access/ConsortiumAccess.sol";
import {ILeafDemands} from "../src/interfaces/ILeafDemands.sol";
import {IRoundDisputes} from "../src/interfaces/IRoundDisputes.sol";
import {RoundCommitment} from "../src/libraries/Statements.sol";
import {Fixture} from "./support/Fixture.sol";
import {FalseToken, FeeToken, NoReturnToken, ReentrantToken} from "./support/HostileTokens.sol";

/// @notice Vault and reward fund against tokens that do not behave.
contract HostileTokensTest is Fixture {
    uint128 private constant AMOUNT = 100 ether;

    function test_bug_stakeCreditsWhatArrivesAfterAFee() public {
        FeeToken fee = new FeeToken();
        StakeVault vault_ = _vault(address(fee));
        fee.mint(address(this), AMOUNT);
        fee.approve(address(vault_), AMOUNT);
        vault_.stake(AMOUNT);
        vm.assertEq(vault_.stakeOf(address(this)), 99 ether);
        vm.assertEq(vault_.totalBonded(), fee.balanceOf(address(vault_)));
        vault_.requestExit(99 ether);
        skip(UNBONDING);
        vault_.withdraw();
        vm.assertEq(fee.balanceOf(address(vault_)), 0);
    }

    function test_bug_fundCreditsWhatArrivesAfterAFee() public {
        FeeToken fee = new FeeToken();
        RoundManager manager_ = _manager(address(fee));
        fee.mint(address(this), AMOUNT);
        fee.approve(address(manager_), AMOUNT);
        manager_.fund(AMOUNT);
        vm.assertEq(manager_.funded(), 99 ether);
    }

    function test_stake_acceptsTokenThatReturnsNothing() public {
        NoReturnToken plain = new NoReturnToken();
        StakeVault vault_ = _vault(address(plain));
        plain.mint(address(this), AMOUNT);
        plain.approve(address(vault_), AMOUNT);
        vault_.stake(AMOUNT);
        vault_.requestExit(AMOUNT);
        skip(UNBONDING);
        vault_.withdraw();
        vm.assertEq(plain.balanceOf(address(this)), AMOUNT);
    }

    function test_stake_failsIfTheTokenSaysNo() public {
        FalseToken no = new FalseToken();
        StakeVault vault_ = _vault(address(no));
        vm.expectRevert(
            abi.encodeWithSelector(SafeERC20.SafeERC20FailedOperation.selector, address(no))
        );
        vault_.stake(AMOUNT);
    }

    function test_attack_reentrancyByStake() public {
        (ReentrantToken token_, StakeVault vault_) = _reentrant();
        token_.arm(address(vault_), abi.encodeCall(StakeVault.stake, (1)));
        vm.expectRevert(ReentrancyGuardTransient.ReentrancyGuardReentrantCall.selector);
        vault_.stake(1 ether);
    }

    function test_attack_reentrancyByWithdrawal() public {
        (ReentrantToken token_, StakeVault vault_) = _reentrant();
        vault_.requestExit(AMOUNT);
        skip(UNBONDING);
        token_.arm(address(vault_), abi.encodeCall(StakeVault.withdraw, ()));
        vm.expectRevert(ReentrancyGuardTransient.ReentrancyGuardReentrantCall.selector);
        vault_.withdraw();
    }

    function test_attack_reentrancyByFunding() public {
        ReentrantToken token_ = new ReentrantToken();
        RoundManager manager_ = _manager(address(token_));
        token_.mint(address(this), AMOUNT);
        token_.approve(address(manager_), AMOUNT);
        token_.arm(address(manager_), abi.encodeCall(RoundManager.fund, (1)));
        vm.expectRevert(ReentrancyGuardTransient.ReentrancyGuardReentrantCall.selector);
        manager_.fund(1 ether);
    }

    /// @dev Bounties, bonds and rewards too: wherever a token may call back.
    function test_attack_reentrancyByBounty() public {
        (ReentrantToken token_, StakeVault vault_) = _reentrant();
        ConsortiumAccess.Contracts memory parts;
        (parts.stakeVault, parts.faultProver) = (address(vault_), address(this));
        access.wire(parts, ConsortiumAccess.Holders(council, governor, timelock, 0, 0));
        vault_.slashMany(one(address(this)), one(uint16(1_000)), stranger, 1);
        uint128 bounty = vault_.bountyOf(stranger);
        token_.arm(address(vault_), abi.encodeCall(StakeVault.payBounty, (stranger)));
        vm.expectRevert(ReentrancyGuardTransient.ReentrancyGuardReentrantCall.selector);
        vault_.payBounty(stranger);
        token_.arm(address(0), "");
        vault_.payBounty(stranger);
        vm.assertEq(token_.balanceOf(stranger), bounty);
    }

    function test_attack_reentrancyByClaim() public {
        (ReentrantToken token_, RoundManager manager_) = _funded();
        bytes32 leaf =
            keccak256(abi.encode(uint8(4), uint64(0), address(token_), 3 ether, FEDERATION));
        RoundCommitment memory c = commitmentOf(1);
        c.rewardsRoot = keccak256(bytes.concat(hex"02", bytes8(uint64(1)), leaf));
        c.rewardTotal = 3 ether;
        _commitTo(manager_, c);
        skip(WINDOW);
        bytes memory call = abi.encodeCall(
            RoundManager.claim, (1, 1, 0, address(token_), 3 ether, FEDERATION, new bytes32[](0))
        );
        token_.arm(address(manager_), call);
        vm.expectRevert(ReentrancyGuardTransient.ReentrancyGuardReentrantCall.selector);
        manager_.claim(1, 1, 0, address(token_), 3 ether, FEDERATION, new bytes32[](0));
    }

    function test_attack_reentrancyByBond() public {
        (ReentrantToken token_, RoundManager manager_) = _funded();
        RoundDisputes disputes_ = deployDisputes(manager_, address(access), 1 ether);
        LeafDemands demands_ = deployDemands(manager_, address(access), demands.terms());
        ConsortiumAccess.Contracts memory parts;
        parts.roundManager = address(manager_);
        (parts.roundDisputes, parts.leafDemands) = (address(disputes_), address(demands_));
        access.wire(parts, ConsortiumAccess.Holders(council, governor, timelock, 0, 0));
        RoundCommitment memory c = commitmentOf(1);
        c.rewardTotal = 0;
        _commitTo(manager_, c);
        RoundCommitment memory second = commitmentOf(2);
        second.rewardTotal = 0;
        _commitTo(manager_, second);
        token_.approve(address(disputes_), AMOUNT);
        token_.approve(address(demands_), AMOUNT);
        token_.arm(address(disputes_), abi.encodeCall(RoundDisputes.challenge, (second, 0, AMOUNT)));
        vm.expectRevert(ReentrancyGuardTransient.ReentrancyGuardReentrantCall.selector);
        disputes_.challenge(c, 0, AMOUNT);
        token_.arm(address(demands_), abi.encodeCall(LeafDemands.demandLeaves, (second, AMOUNT)));
        vm.expectRevert(ReentrancyGuardTransient.ReentrancyGuardReentrantCall.selector);
        demands_.demandLeaves(c, AMOUNT);
    }

    /// @dev A bond that arrives short would be paid back from somebody else's.
    function test_attack_bondsShortByAFee() public {
        FeeToken fee = new FeeToken();
        RoundManager manager_ = _manager(address(fee));
        LeafDemands demands_ = deployDemands(manager_, address(access), demands.terms());
        RoundDisputes disputes_ = deployDisputes(manager_, address(access), 1 ether);
        ConsortiumAccess.Contracts memory parts;
        (parts.roundManager, parts.leafDemands) = (address(manager_), address(demands_));
        parts.roundDisputes = address(disputes_);
        access.wire(parts, ConsortiumAccess.Holders(council, governor, timelock, 0, 0));
        RoundCommitment memory c = commitmentOf(1);
        c.rewardTotal = 0;
        _commitTo(manager_, c);
        fee.mint(address(this), AMOUNT);
        fee.approve(address(demands_), AMOUNT);
        fee.approve(address(disputes_), AMOUNT);
        vm.expectRevert(
            abi.encodeWithSelector(
                ILeafDemands.BondShort.selector, DEMAND_BOND * 99 / 100, DEMAND_BOND
            )
        );
        demands_.demandLeaves(c, DEMAND_BOND);
        vm.expectRevert(
            abi.encodeWithSelector(IRoundDisputes.BondShort.selector, 0.99 ether, 1 ether)
        );
        disputes_.challenge(c, 0, 1 ether);
    }

    function _funded() private returns (ReentrantToken token_, RoundManager manager_) {
        token_ = new ReentrantToken();
        manager_ = _manager(address(token_));
        token_.mint(address(this), 3 * AMOUNT);
        token_.approve(address(manager_), AMOUNT);
        manager_.fund(AMOUNT);
    }

    function _commitTo(RoundManager manager_, RoundCommitment memory c) private {
        bytes memory signed = quorum(manager_.commitmentDigest(c));
        vm.prank(coordinator);
        manager_.commitRound(c, signed);
    }

    function _reentrant() private returns (ReentrantToken token_, StakeVault vault_) {
        token_ = new ReentrantToken();
        vault_ = _vault(address(token_));
        token_.mint(address(this), 2 * AMOUNT);
        token_.approve(address(vault_), 2 * AMOUNT);
        vault_.stake(AMOUNT);
    }

    function _vault(address token_) private returns (StakeVault) {
        return deployVault(token_, slashPool, address(access));
    }

    function _manager(address token_) private returns (RoundManager) {
        return deployManager(
            FEDERATION,
            _vault(token_),
            address(access),
            epochOf(coordinator, THRESHOLD, _makeAuditors(5))
        );
    }
}
