// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

// Values of tests are chosen so that casts of them lose nothing.
// forge-lint: disable-start(unsafe-typecast, incorrect-shift)

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

import {FaultProver} from "../../src/FaultProver.sol";
import {LeafDemands} from "../../src/LeafDemands.sol";
import {ModelRegistry} from "../../src/ModelRegistry.sol";
import {ResultProver} from "../../src/ResultProver.sol";
import {RoundDisputes} from "../../src/RoundDisputes.sol";
import {RoundManager} from "../../src/RoundManager.sol";
import {SettlementProver} from "../../src/SettlementProver.sol";
import {SlashCourt} from "../../src/SlashCourt.sol";
import {StakeVault} from "../../src/StakeVault.sol";
import {ConsortiumAccess} from "../../src/access/ConsortiumAccess.sol";
import {Proxy} from "../../src/access/Proxy.sol";
import {IConviction} from "../../src/interfaces/IConviction.sol";
import {ILeafDemands} from "../../src/interfaces/ILeafDemands.sol";
import {IRoundManager} from "../../src/interfaces/IRoundManager.sol";
import {IStakeVault} from "../../src/interfaces/IStakeVault.sol";
import {TestBase} from "./Vm.sol";

/// @notice Implementations and proxies, in the order of docs/contracts.md.
abstract contract Deploy is TestBase {
    uint40 internal constant WINDOW = 1 days;
    uint40 internal constant RESOLUTION = 3 days;
    uint40 internal constant UNBONDING = 14 days;
    uint40 internal constant SLASH_DELAY = 7 days;
    uint40 internal constant APPEAL = 3 days;
    uint40 internal constant EVIDENCE_AGE = 10 days;

    function defaultWindows() internal pure returns (IStakeVault.Windows memory) {
        return IStakeVault.Windows({
            unbonding: UNBONDING,
            challenge: WINDOW,
            resolution: RESOLUTION,
            slashDelay: SLASH_DELAY,
            appeal: APPEAL,
            evidenceAge: EVIDENCE_AGE
        });
    }

    function epochOf(address coordinator, uint8 threshold, address[] memory auditors)
        internal
        pure
        returns (IRoundManager.Epoch memory)
    {
        return IRoundManager.Epoch({
            coordinator: coordinator,
            threshold: threshold,
            challengeWindow: uint24(WINDOW),
            rulesDigest: 0,
            auditors: auditors
        });
    }

    function defaultShares() internal pure returns (IConviction.Shares memory) {
        return IConviction.Shares({equivocation: 1_000, coordinator: 5_000, signer: 2_000});
    }

    function proxy(address implementation, bytes memory initialization) internal returns (address) {
        return address(new Proxy(implementation, initialization));
    }

    function deployVault(address token, address pool, address authority)
        internal
        returns (StakeVault)
    {
        return StakeVault(
            proxy(
                address(new StakeVault()),
                abi.encodeCall(
                    StakeVault.initialize, (IERC20(token), pool, authority, defaultWindows())
                )
            )
        );
    }

    function deployManager(
        bytes32 federation,
        StakeVault vault,
        address authority,
        IRoundManager.Epoch memory terms
    ) internal returns (RoundManager) {
        return RoundManager(
            proxy(
                address(new RoundManager()),
                abi.encodeCall(RoundManager.initialize, (federation, vault, authority, terms))
            )
        );
    }

    /// @notice One that never commits, for tests of the vault alone.
    function deployIdleManager(StakeVault vault, address authority)
        internal
        returns (RoundManager)
    {
        address[] memory auditors = new address[](1);
        auditors[0] = actor("idle auditor");
        IRoundManager.Epoch memory terms = epochOf(actor("idle coordinator"), 1, auditors);
        return deployManager(keccak256("idle"), vault, authority, terms);
    }

    function deployFaultProver(RoundManager manager, address authority)
        internal
        returns (FaultProver)
    {
        return FaultProver(
            proxy(
                address(new FaultProver()),
                abi.encodeWithSelector(
                    FaultProver.initialize.selector, manager, authority, defaultShares()
                )
            )
        );
    }

    function deployResultProver(RoundManager manager, address authority)
        internal
        returns (ResultProver)
    {
        return ResultProver(
            proxy(
                address(new ResultProver()),
                abi.encodeWithSelector(
                    ResultProver.initialize.selector, manager, authority, defaultShares()
                )
            )
        );
    }

    function deploySettlementProver(RoundManager manager, address authority)
        internal
        returns (SettlementProver)
    {
        return SettlementProver(
            proxy(
                address(new SettlementProver()),
                abi.encodeWithSelector(
                    SettlementProver.initialize.selector, manager, authority, defaultShares()
                )
            )
        );
    }

    function deployCourt(RoundManager manager, address authority, uint16 maxBps, uint96 bond)
        internal
        returns (SlashCourt)
    {
        return SlashCourt(
            proxy(
                address(new SlashCourt()),
                abi.encodeCall(SlashCourt.initialize, (manager, authority, maxBps, bond))
            )
        );
    }

    function deployDisputes(RoundManager manager, address authority, uint128 bond)
        internal
        returns (RoundDisputes)
    {
        return RoundDisputes(
            proxy(
                address(new RoundDisputes()),
                abi.encodeCall(RoundDisputes.initialize, (manager, authority, bond))
            )
        );
    }

    function deployDemands(RoundManager manager, address authority, ILeafDemands.Terms memory terms)
        internal
        returns (LeafDemands)
    {
        return LeafDemands(
            proxy(
                address(new LeafDemands()),
                abi.encodeCall(LeafDemands.initialize, (manager, authority, terms))
            )
        );
    }

    function deployRegistry(RoundManager manager, address authority, address publisher)
        internal
        returns (ModelRegistry)
    {
        return ModelRegistry(
            proxy(
                address(new ModelRegistry()),
                abi.encodeCall(ModelRegistry.initialize, (manager, authority, publisher))
            )
        );
    }

    /// @dev Signature of a key over its binding to `owner` in `vault`.
    function possession(StakeVault vault, string memory key, address owner)
        internal
        view
        returns (bytes memory)
    {
        bytes32 structHash = keccak256(
            abi.encode(keccak256("SignerBinding(address owner,address signer)"), owner, actor(key))
        );
        bytes32 digest = keccak256(bytes.concat(hex"1901", vault.domainSeparator(), structHash));
        return sign65(keyOf(key), digest);
    }

    function sign65(uint256 key, bytes32 digest) internal pure returns (bytes memory) {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, digest);
        return abi.encodePacked(r, s, v);
    }

    function one(address account) internal pure returns (address[] memory list) {
        list = new address[](1);
        list[0] = account;
    }

    function one(uint16 bps) internal pure returns (uint16[] memory list) {
        list = new uint16[](1);
        list[0] = bps;
    }
}
// forge-lint: disable-end(unsafe-typecast, incorrect-shift)
