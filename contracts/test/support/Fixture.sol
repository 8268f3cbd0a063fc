// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";

import {FaultProver} from "../../src/FaultProver.sol";
import {LeafDemands} from "../../src/LeafDemands.sol";
import {ModelRegistry} from "../../src/ModelRegistry.sol";
import {ResultProver} from "../../src/ResultProver.sol";
import {RoundDisputes} from "../../src/RoundDisputes.sol";
import {RoundManager} from "../../src/RoundManager.sol";
import {SettlementProver} from "../../src/SettlementProver.sol";
import {SlashCourt} from "../../src/SlashCourt.sol";
import {StakeVault} from "../../src/StakeVault.sol";
import {TestToken} from "../../src/TestToken.sol";
import {ConsortiumAccess} from "../../src/access/ConsortiumAccess.sol";
import {ILeafDemands} from "../../src/interfaces/ILeafDemands.sol";
import {RoundCommitment} from "../../src/libraries/Statements.sol";
import {Deploy} from "./Deploy.sol";

/// @notice A wired federation: five auditors of whom three must sign, and a funded reward pot.
abstract contract Fixture is Deploy {
    bytes32 internal constant FEDERATION = keccak256("test federation");
    uint8 internal constant THRESHOLD = 3;
    uint16 internal constant MAX_FAULT_BPS = 500;
    uint128 internal constant FUND = 1_000_000 ether;
    uint128 internal constant ROUND_REWARD = 100 ether;
    uint96 internal constant APPEAL_BOND = 10 ether;
    uint128 internal constant DISPUTE_BOND = 20 ether;
    uint128 internal constant DEMAND_BOND = 5 ether;
    uint40 internal constant ANSWER_TIME = 1 days;
    uint16 internal constant WITHHELD_BPS = 3_000;

    address internal immutable coordinator = actor("coordinator");
    address internal immutable council = actor("council");
    address internal immutable governor = actor("governor");
    address internal immutable timelock = actor("timelock");
    address internal immutable publisher = actor("publisher");
    address internal immutable slashPool = actor("slash pool");
    address internal immutable stranger = actor("stranger");
    address internal immutable site = actor("site owner");
    address internal immutable siteSigner = actor("site signer");

    TestToken internal token;
    StakeVault internal vault;
    RoundManager internal manager;
    ConsortiumAccess internal access;
    FaultProver internal prover;
    ResultProver internal results;
    SettlementProver internal settlements;
    SlashCourt internal court;
    RoundDisputes internal disputes;
    ModelRegistry internal registry;
    LeafDemands internal demands;
    uint256[] internal auditorKeys;

    function setUp() public virtual {
        vm.warp(1_800_000_000);
        token = new TestToken();
        access = new ConsortiumAccess(address(this));
        vault = deployVault(address(token), slashPool, address(access));
        manager = deployManager(
            FEDERATION, vault, address(access), epochOf(coordinator, THRESHOLD, _makeAuditors(5))
        );
        prover = deployFaultProver(manager, address(access));
        results = deployResultProver(manager, address(access));
        settlements = deploySettlementProver(manager, address(access));
        court = deployCourt(manager, address(access), MAX_FAULT_BPS, APPEAL_BOND);
        disputes = deployDisputes(manager, address(access), DISPUTE_BOND);
        registry = deployRegistry(manager, address(access), publisher);
        demands = deployDemands(
            manager, address(access), ILeafDemands.Terms(DEMAND_BOND, ANSWER_TIME, WITHHELD_BPS)
        );
        access.wire(contracts_(), ConsortiumAccess.Holders(council, governor, timelock, 0, 0));
        _fund(FUND);
    }

    function contracts_() internal view returns (ConsortiumAccess.Contracts memory) {
        return ConsortiumAccess.Contracts({
            stakeVault: address(vault),
            roundManager: address(manager),
            faultProver: address(prover),
            resultProver: address(results),
            settlementProver: address(settlements),
            slashCourt: address(court),
            roundDisputes: address(disputes),
            modelRegistry: address(registry),
            leafDemands: address(demands)
        });
    }

    // Staking

    function stakeAs(address owner, uint128 amount) internal {
        token.mint(owner, amount);
        vm.startPrank(owner);
        token.approve(address(vault), amount);
        vault.stake(amount);
        vm.stopPrank();
    }

    function enrolSite(uint128 amount) internal {
        bytes memory proof = possession(vault, "site signer", site);
        vm.prank(site);
        vault.setSigner(siteSigner, proof);
        stakeAs(site, amount);
    }

    // Signatures

    function signature65(uint256 key, bytes32 digest) internal pure returns (bytes memory) {
        return sign65(key, digest);
    }

    /// @dev By the auditors at these indices, one byte each.
    function signatures(bytes32 digest, bytes memory indices)
        internal
        view
        returns (bytes memory all)
    {
        for (uint256 i = 0; i < indices.length; ++i) {
            uint256 key = auditorKeys[uint8(indices[i])];
            all = bytes.concat(all, indices[i], signature65(key, digest));
        }
    }

    function quorum(bytes32 digest) internal view returns (bytes memory) {
        return signatures(digest, hex"000204");
    }

    // Rounds

    function modelOf(uint64 round) internal pure returns (bytes32) {
        return keccak256(abi.encode("model", round));
    }

    /// @dev A commitment that the chain accepts as round `round`.
    function commitmentOf(uint64 round) internal pure returns (RoundCommitment memory c) {
        c.federation = FEDERATION;
        c.round = round;
        c.sites = 5;
        c.coordinates = 13;
        c.rewardTotal = round * ROUND_REWARD;
        c.scoreSum = 4_000_000;
        c.contextDigest = keccak256("context");
        c.parentModel = modelOf(round - 1);
        c.model = modelOf(round);
        c.updatesRoot = keccak256(abi.encode("updates", round));
        c.aggregateRoot = keccak256(abi.encode("aggregate", round));
        c.reportDigest = keccak256(abi.encode("report", round));
        c.scoresRoot = keccak256(abi.encode("scores", round));
        c.rewardsRoot = keccak256(abi.encode("rewards", round));
    }

    function commit(RoundCommitment memory c) internal {
        bytes memory signed = quorum(manager.commitmentDigest(c));
        vm.prank(coordinator);
        manager.commitRound(c, signed);
    }

    /// @dev Signs, then expects the commit to fail with `reason`.
    function commitFails(RoundCommitment memory c, bytes memory reason) internal {
        bytes memory signed = quorum(manager.commitmentDigest(c));
        vm.expectRevert(reason);
        vm.prank(coordinator);
        manager.commitRound(c, signed);
    }

    function commitUpTo(uint64 last) internal {
        for (uint64 round = manager.head() + 1; round <= last; ++round) {
            commit(commitmentOf(round));
        }
    }

    function voidByCouncil(RoundCommitment memory c) internal {
        vm.prank(council);
        manager.voidRound(c);
    }

    function unauthorized(address caller) internal pure returns (bytes memory) {
        return abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, caller);
    }

    function _makeAuditors(uint256 count) internal returns (address[] memory auditors) {
        auditors = new address[](count);
        delete auditorKeys;
        for (uint256 i = 0; i < count; ++i) {
            uint256 key = uint256(keccak256(abi.encode("auditor", i))) >> 1;
            auditorKeys.push(key);
            auditors[i] = vm.addr(key);
        }
    }

    function _fund(uint128 amount) internal {
        token.mint(address(this), amount);
        token.approve(address(manager), amount);
        manager.fund(amount);
    }
}
