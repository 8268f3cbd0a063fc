// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";
import {Initializable} from "@openzeppelin/contracts/proxy/utils/Initializable.sol";

import {StakeVault} from "../../src/StakeVault.sol";
import {TestToken} from "../../src/TestToken.sol";
import {ConsortiumAccess} from "../../src/access/ConsortiumAccess.sol";
import {IStakeVault} from "../../src/interfaces/IStakeVault.sol";
import {Deploy} from "./Deploy.sol";

/// @notice A vault whose roles are held by plain accounts.
abstract contract VaultFixture is Deploy {
    bytes32 internal constant CASE = keccak256("case");

    address internal immutable court = actor("court");
    address internal immutable prover = actor("prover");
    address internal immutable council = actor("council");
    address internal immutable pool = actor("pool");
    address internal immutable alice = actor("alice");
    address internal immutable bob = actor("bob");

    address internal immutable parameters = actor("parameters");

    ConsortiumAccess internal access;
    TestToken internal token;
    StakeVault internal vault;

    function setUp() public virtual {
        vm.warp(1_800_000_000);
        token = new TestToken();
        access = new ConsortiumAccess(address(this));
        vault = deployVault(address(token), pool, address(access));
        ConsortiumAccess.Contracts memory parts;
        parts.stakeVault = address(vault);
        parts.roundManager = address(deployIdleManager(vault, address(access)));
        parts.slashCourt = court;
        parts.faultProver = prover;
        access.wire(parts, ConsortiumAccess.Holders(council, council, parameters, 0, 0));
    }

    function unauthorized(address caller) internal pure returns (bytes memory) {
        return abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, caller);
    }

    function _bind(string memory key, address owner) internal {
        bytes memory proof = possession(vault, key, owner);
        vm.prank(owner);
        vault.setSigner(actor(key), proof);
    }

    function _windowsFail(IStakeVault.Windows memory w, string memory field, uint256 least)
        internal
    {
        vm.expectRevert(
            abi.encodeWithSelector(
                IStakeVault.WindowTooShort.selector, field, uint256(UNBONDING), least
            )
        );
        vm.prank(parameters);
        vault.setWindows(w);
    }

    function _give(address owner, uint128 amount) internal {
        token.mint(owner, amount);
        vm.prank(owner);
        token.approve(address(vault), amount);
    }

    function _stake(address owner, uint128 amount) internal {
        _give(owner, amount);
        vm.prank(owner);
        vault.stake(amount);
    }

    function _propose(address account, uint16 bps, bytes32 caseId) internal {
        vm.prank(court);
        vault.proposeSlash(account, bps, 2, caseId);
    }

    function _expectNotPending(IStakeVault.CaseState state) internal {
        vm.expectRevert(abi.encodeWithSelector(IStakeVault.CaseNotPending.selector, CASE, state));
    }
}
