// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {RoundManager} from "../../src/RoundManager.sol";
import {StakeVault} from "../../src/StakeVault.sol";
import {TestToken} from "../../src/TestToken.sol";
import {ConsortiumAccess} from "../../src/access/ConsortiumAccess.sol";
import {IRoundManager} from "../../src/interfaces/IRoundManager.sol";
import {IStakeVault} from "../../src/interfaces/IStakeVault.sol";
import {Deploy} from "../support/Deploy.sol";
import {RoundHandler, VaultHandler} from "./Handlers.sol";

contract VaultInvariantTest is Deploy {
    TestToken private token;
    StakeVault private vault;
    VaultHandler private handler;

    function setUp() public {
        vm.warp(1_800_000_000);
        token = new TestToken();
        ConsortiumAccess access = new ConsortiumAccess(address(this));
        vault = deployVault(address(token), actor("pool"), address(access));
        ConsortiumAccess.Contracts memory parts;
        parts.stakeVault = address(vault);
        parts.roundManager = address(deployIdleManager(vault, address(access)));
        (parts.slashCourt, parts.faultProver) = (actor("court"), actor("prover"));
        address council = actor("council");
        access.wire(parts, ConsortiumAccess.Holders(council, council, council, 0, 0));
        handler = new VaultHandler(vault, token, actor("court"), actor("prover"), actor("council"));
    }

    function targetContracts() external view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(handler);
    }

    /// @notice Every token in the vault belongs to a stake, an exit, a bounty or the slash pool.
    function invariant_vault_balanceIsAccountedFor() public view {
        uint256 bonded;
        uint256 bounties;
        for (uint256 i = 0; i < 4; ++i) {
            address account = handler.accounts(i);
            IStakeVault.Account memory a = vault.accountOf(account);
            bonded += uint256(a.stake) + a.exit;
            bounties += vault.bountyOf(account);
        }
        vm.assertEq(vault.totalBonded(), bonded, "total bonded");
        uint256 owed = bonded + bounties + vault.slashPoolBalance();
        vm.assertEq(token.balanceOf(address(vault)), owed, "balance");
        uint256 gone = handler.withdrawn() + handler.bountiesPaid() + handler.swept();
        vm.assertEq(handler.staked(), owed + gone, "nothing made or lost");
    }

    function invariant_vault_slashesExactlyTheShare() public view {
        vm.assertFalse(handler.overSlashed());
    }

    function invariant_vault_paysExitsOnlyWhenReadyAndThawed() public view {
        vm.assertFalse(handler.escaped());
    }

    function invariant_vault_vetoedCasesNeverExecute() public view {
        for (uint256 i = 0; i < handler.caseCount(); ++i) {
            bytes32 caseId = handler.cases(i);
            vm.assertFalse(handler.vetoed(caseId) && handler.executed(caseId));
            IStakeVault.CaseState state = vault.caseOf(caseId).state;
            vm.assertTrue(handler.vetoed(caseId) == (state == IStakeVault.CaseState.Vetoed));
        }
    }

    function invariant_vault_frozenWhileCasesAreOpen() public view {
        for (uint256 i = 0; i < 4; ++i) {
            IStakeVault.Account memory a = vault.accountOf(handler.accounts(i));
            vm.assertEq(a.openCases, handler.openCases(handler.accounts(i)));
            vm.assertTrue(a.openCases != 0 || a.held == 0);
            vm.assertLe(a.attestedBps, 2_000);
        }
    }
}

contract RoundInvariantTest is Deploy {
    TestToken private token;
    RoundManager private manager;
    RoundHandler private handler;

    function setUp() public {
        vm.warp(1_800_000_000);
        token = new TestToken();
        ConsortiumAccess access = new ConsortiumAccess(address(this));
        StakeVault vault = deployVault(address(token), actor("pool"), address(access));
        manager = deployManager(
            keccak256("federation"),
            vault,
            address(access),
            epochOf(actor("coordinator"), 1, one(actor("auditor")))
        );
        ConsortiumAccess.Contracts memory parts;
        (parts.roundManager, parts.roundDisputes) = (address(manager), actor("disputes"));
        address council = actor("council");
        access.wire(parts, ConsortiumAccess.Holders(council, council, council, 0, 0));
        handler = new RoundHandler(manager, token, actor("coordinator"), actor("council"));
    }

    function targetContracts() external view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(handler);
    }

    /// @notice The head moves by one commit or back by a void, and no final round is ever voided.
    function invariant_rounds_headMovesByOneOrAVoid() public view {
        vm.assertFalse(handler.badStep());
        vm.assertLe(handler.lastFinal(), manager.head());
    }

    function invariant_rounds_finalRoundsStayFinal() public view {
        for (uint64 round = 1; round <= handler.lastFinal(); ++round) {
            vm.assertTrue(manager.isFinal(round));
            IRoundManager.Slot memory slot = manager.slotOf(round);
            if (slot.round == round) {
                vm.assertEq(slot.commitment, handler.finalCommitment(round));
            }
        }
    }

    /// @notice What is held back is committed and not final, and so is everything after it.
    function invariant_rounds_heldRoundsAreNotFinal() public view {
        uint64 held = manager.heldRound();
        if (held == 0) return;
        vm.assertLe(held, manager.head());
        for (uint64 round = held; round <= manager.head(); ++round) {
            vm.assertTrue(manager.roundState(round) == IRoundManager.RoundState.Committed);
        }
    }

    /// @notice The same for demands; and times never fall from round to round.
    function invariant_rounds_demandedRoundsAreNotFinalAndTimesNeverFall() public view {
        uint64 head = manager.head();
        uint64 demanded = manager.demandedRound();
        vm.assertLe(demanded, head);
        for (uint64 round = head > 40 ? head - 40 : 1; round <= head; ++round) {
            IRoundManager.Slot memory slot = manager.slotOf(round);
            vm.assertLe(slot.windowEnd, slot.finalAt);
            vm.assertFalse(demanded != 0 && round >= demanded && manager.isFinal(round));
            if (round < 2 || manager.slotOf(round - 1).round == 0) continue;
            vm.assertLe(manager.slotOf(round - 1).windowEnd, slot.windowEnd);
            vm.assertLe(manager.slotOf(round - 1).finalAt, slot.finalAt);
        }
    }

    function invariant_rounds_claimsStayWithinRewardsAndFund() public view {
        uint128 headTotal = manager.slotOf(manager.head()).rewardTotal;
        vm.assertLe(headTotal, manager.funded(), "rewards within the fund");
        vm.assertLe(manager.claimedTotal(), headTotal, "claims within the rewards");
        vm.assertEq(manager.claimedTotal(), handler.claimedMost(), "cumulative claims");
        vm.assertEq(
            token.balanceOf(address(manager)),
            uint256(manager.funded()) - manager.claimedTotal(),
            "balance"
        );
    }
}
