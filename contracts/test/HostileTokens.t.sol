// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";

import {RoundManager} from "../src/RoundManager.sol";
import {StakeVault} from "../src/StakeVault.sol";
import {Fixture} from "./support/Fixture.sol";
import {FalseToken, FeeToken, NoReturnToken, ReentrantToken} from "./support/HostileTokens.sol";

/// @notice Vault and reward fund against tokens that do not behave.
contract HostileTokensTest is Fixture {
    uint128 private constant AMOUNT = 100 ether;

    function test_stake_creditsWhatArrivesAfterAFee() public {
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

    function test_fund_creditsWhatArrivesAfterAFee() public {
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

    function test_stake_failsOnReentry() public {
        (ReentrantToken token_, StakeVault vault_) = _reentrant();
        token_.arm(address(vault_), abi.encodeCall(StakeVault.stake, (1)));
        vm.expectRevert(ReentrancyGuardTransient.ReentrancyGuardReentrantCall.selector);
        vault_.stake(1 ether);
    }

    function test_withdraw_failsOnReentry() public {
        (ReentrantToken token_, StakeVault vault_) = _reentrant();
        vault_.requestExit(AMOUNT);
        skip(UNBONDING);
        token_.arm(address(vault_), abi.encodeCall(StakeVault.withdraw, ()));
        vm.expectRevert(ReentrancyGuardTransient.ReentrancyGuardReentrantCall.selector);
        vault_.withdraw();
    }

    function test_fund_failsOnReentry() public {
        ReentrantToken token_ = new ReentrantToken();
        RoundManager manager_ = _manager(address(token_));
        token_.mint(address(this), AMOUNT);
        token_.approve(address(manager_), AMOUNT);
        token_.arm(address(manager_), abi.encodeCall(RoundManager.fund, (1)));
        vm.expectRevert(ReentrancyGuardTransient.ReentrancyGuardReentrantCall.selector);
        manager_.fund(1 ether);
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
