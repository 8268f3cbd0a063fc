// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

// Values of tests are chosen so that casts of them lose nothing.
// forge-lint: disable-start(unsafe-typecast, incorrect-shift)

import {Initializable} from "@openzeppelin/contracts/proxy/utils/Initializable.sol";
import {UUPSUpgradeable} from "@openzeppelin/contracts/proxy/utils/UUPSUpgradeable.sol";

import {LeafDemands} from "../src/LeafDemands.sol";
import {ModelRegistry} from "../src/ModelRegistry.sol";
import {ResultProver} from "../src/ResultProver.sol";
import {RoundDisputes} from "../src/RoundDisputes.sol";
import {RoundManager} from "../src/RoundManager.sol";
import {SlashCourt} from "../src/SlashCourt.sol";
import {StakeVault} from "../src/StakeVault.sol";
import {Provenance} from "../src/interfaces/IModelRegistry.sol";
import {IRoundManager} from "../src/interfaces/IRoundManager.sol";

import {AttestedFault, RoundCommitment} from "../src/libraries/Statements.sol";
import {Fixture} from "./support/Fixture.sol";

/// @notice The next version of two contracts: the same layout and one function more.
contract RoundManagerV2 is RoundManager {
    function version() external pure returns (uint256) {
        return 2;
    }
}

contract StakeVaultV2 is StakeVault {
    function version() external pure returns (uint256) {
        return 2;
    }
}

/// @notice Not made for proxies.
contract NotUpgradeable {}

/// @notice Code changes under a federation that is at work.
contract UpgradesTest is Fixture {
    /// @dev Rounds archived, final, committed, disputed, demanded, voided and dead; a case pending, one under
    /// appeal; an exit; a claim; a release: all stand after the upgrade and go on.
    function test_rehearsal_liveRoundsInEveryStateSurvive() public {
        _makeHistory();
        bytes32 before = _picture();
        UUPSUpgradeable[7] memory proxies =
            [UUPSUpgradeable(manager), vault, court, disputes, results, registry, demands];
        address[7] memory next = [
            address(new RoundManagerV2()),
            address(new StakeVaultV2()),
            address(new SlashCourt()),
            address(new RoundDisputes()),
            address(new ResultProver()),
            address(new ModelRegistry()),
            address(new LeafDemands())
        ];
        for (uint256 i = 0; i < 7; ++i) {
            vm.prank(timelock);
            proxies[i].upgradeToAndCall(next[i], "");
        }
        vm.assertEq(before, _picture());
        vm.assertEq(RoundManagerV2(address(manager)).version(), 2);
        vm.assertEq(StakeVaultV2(address(vault)).version(), 2);
        _goOn();
    }

    function test_upgrade_byTheUpgraderOnly() public {
        address next = address(new RoundManagerV2());
        address[4] memory others = [council, governor, coordinator, stranger];
        for (uint256 i = 0; i < 4; ++i) {
            vm.expectRevert(unauthorized(others[i]));
            vm.prank(others[i]);
            manager.upgradeToAndCall(next, "");
        }
        vm.prank(timelock);
        manager.upgradeToAndCall(next, "");
    }

    function test_upgrade_refusesCodeThatCouldNotBeReplacedAgain() public {
        address broken = address(new NotUpgradeable());
        vm.expectRevert();
        vm.prank(timelock);
        manager.upgradeToAndCall(broken, "");
    }

    /// @dev GHSA-q4h9-46xg-m3x9: an implementation that anyone may initialize.
    function test_bug_implementationsCannotBeInitializedOrUpgraded() public {
        RoundManager bare = new RoundManager();
        IRoundManager.Epoch memory terms = manager.epochOf(0);
        vm.expectRevert(Initializable.InvalidInitialization.selector);
        bare.initialize(FEDERATION, vault, address(access), terms);
        vm.expectRevert(UUPSUpgradeable.UUPSUnauthorizedCallContext.selector);
        bare.upgradeToAndCall(address(bare), "");
        vm.expectRevert(Initializable.InvalidInitialization.selector);
        manager.initialize(FEDERATION, vault, address(access), terms);
    }

    /// @dev The words of ERC-7201 namespaces, as the sources name them.
    function test_layout_namespacesAreWhereTheyAreSaidToBe() public {
        commitUpTo(2);
        uint256 hot = uint256(vm.load(address(manager), _place("fedstake.RoundManager")));
        vm.assertEq(uint32(hot), 2);
        vm.assertEq(uint24(hot >> 32), WINDOW);
        uint256 windows = uint256(vm.load(address(vault), _place("fedstake.StakeVault")));
        vm.assertEq(uint40(windows), UNBONDING);
        uint256 words = uint256(vm.load(address(court), _place("fedstake.SlashCourt")));
        vm.assertEq(address(uint160(words)), address(manager));
        words = uint256(vm.load(address(prover), _place("fedstake.FaultProver")));
        vm.assertEq(address(uint160(words)), address(manager));
        words = uint256(vm.load(address(disputes), _place("fedstake.RoundDisputes")));
        vm.assertEq(address(uint160(words)), address(manager));
        words = uint256(vm.load(address(demands), _place("fedstake.LeafDemands")));
        vm.assertEq(address(uint160(words)), address(manager));
        words = uint256(vm.load(address(registry), _place("fedstake.ModelRegistry")));
        vm.assertEq(address(uint160(words)), address(manager));
    }

    function _makeHistory() private {
        enrolSite(100 ether);
        commitUpTo(64);
        skip(WINDOW);
        commitUpTo(66); // archives rounds 1 and 2
        _publish(1, 66 - 3);
        vm.prank(site);
        vault.requestExit(10 ether);
        AttestedFault memory fault = _fault(66, 2);
        court.accuse(fault, quorum(court.faultDigest(fault)));
        fault = _fault(65, 3);
        bytes32 appealed = court.accuse(fault, quorum(court.faultDigest(fault)));
        token.mint(site, 1_000 ether);
        vm.startPrank(site);
        token.approve(address(court), 1_000 ether);
        token.approve(address(disputes), 1_000 ether);
        court.appeal(appealed);
        vm.stopPrank();
        commitUpTo(70);
        voidByCouncil(commitmentOf(69)); // round 70 is dead
        vm.startPrank(site);
        token.approve(address(demands), DEMAND_BOND);
        disputes.challenge(commitmentOf(68), "late", DISPUTE_BOND);
        demands.demandLeaves(commitmentOf(67), DEMAND_BOND);
        vm.stopPrank();
    }

    function _goOn() private {
        vm.prank(governor);
        disputes.resolve(commitmentOf(68), false);
        vm.assertEq(manager.demandedRound(), 67);
        vm.prank(address(demands));
        manager.settleDemand(67, 0);
        RoundCommitment memory c = commitmentOf(69);
        c.attempt = 1;
        commit(c);
        skip(SLASH_DELAY);
        vault.executeSlash(court.caseIdOf(66, site, 2, _evidence(66)));
        bytes32 appealed = court.caseIdOf(65, site, 3, _evidence(65));
        vm.prank(governor);
        court.ruleByGovernor(appealed, false);
        skip(UNBONDING);
        vm.prank(site);
        vault.withdraw();
        vm.assertEq(vault.stakeOf(site), 88 ether);
        _publish(2, 68);
    }

    /// @dev Everything that views show, in one hash.
    function _picture() private view returns (bytes32 all) {
        for (uint64 round = 0; round <= 71; ++round) {
            all = keccak256(
                abi.encode(
                    all, manager.roundState(round), manager.isFinal(round), manager.slotOf(round)
                )
            );
        }
        all = keccak256(
            abi.encode(
                all,
                manager.head(),
                manager.history(),
                manager.heldRound(),
                manager.epochOf(0),
                manager.funded(),
                manager.domainSeparator()
            )
        );
        all =
            keccak256(abi.encode(all, vault.accountOf(site), vault.windows(), vault.totalBonded()));
        all = keccak256(
            abi.encode(
                all,
                court.trialOf(court.caseIdOf(65, site, 3, _evidence(65))),
                disputes.disputeOf(_evidence(68)),
                manager.demandedRound(),
                demands.demandOf(_evidence(67)),
                demands.terms(),
                registry.latestVersion(keccak256("model")),
                results.shares()
            )
        );
    }

    function _evidence(uint64 round) private view returns (bytes32) {
        return manager.hashCommitment(commitmentOf(round));
    }

    function _fault(uint64 round, uint16 kind) private view returns (AttestedFault memory) {
        return AttestedFault(FEDERATION, round, site, kind, 200, _evidence(round), type(uint64).max);
    }

    function _publish(uint64 version, uint64 round) private {
        Provenance memory p;
        p.modelId = keccak256("model");
        p.version = version;
        p.round = round;
        p.weightsRoot = modelOf(round);
        p.weightsSha256 = keccak256("file");
        p.weightsBytes = 4;
        p.parent = registry.recordOf(p.modelId, version - 1);
        vm.prank(publisher);
        registry.publish(commitmentOf(round), p);
    }

    function _place(string memory name) private pure returns (bytes32) {
        return keccak256(abi.encode(uint256(keccak256(bytes(name))) - 1)) & ~bytes32(uint256(0xff));
    }
}
// forge-lint: disable-end(unsafe-typecast, incorrect-shift)
