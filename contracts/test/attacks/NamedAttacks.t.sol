// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

// Values of tests are chosen so that casts of them lose nothing.
// forge-lint: disable-start(unsafe-typecast, incorrect-shift)

import {IConviction} from "../../src/interfaces/IConviction.sol";
import {IRoundManager} from "../../src/interfaces/IRoundManager.sol";
import {IStakeVault} from "../../src/interfaces/IStakeVault.sol";
import {ResultProofs} from "../provers/ResultProofs.sol";

/// @notice Attacks whose answers lie in more than one contract.
contract NamedAttacksTest is ResultProofs {
    /// @dev Coordinator and auditors lie together: whoever has the updates proves it alone, the lie
    /// brings nothing, and it costs half of one stake and a fifth of the others.
    function test_attack_coordinatorAndAuditorsColludeAndPayForIt() public {
        stakeAs(coordinator, 1_000 ether);
        for (uint256 i = 0; i < 5; ++i) {
            stakeAs(vm.addr(auditorKeys[i]), 100 ether);
        }
        World memory w = _lie(keccak256("together"));
        commit(w.c);
        bytes32 salt = saltOf(w.salt, 0);
        vm.expectPartialRevert(IRoundManager.RoundNotFinal.selector);
        manager.claim(1, 1, 0, siteAt(0), 1, salt, new bytes32[](0));
        _convicts(_aggregateProof(w, 0));
        vm.assertEq(vault.stakeOf(coordinator), 500 ether);
        vm.assertEq(vault.stakeOf(vm.addr(auditorKeys[0])), 80 ether);
        vm.assertEq(vault.stakeOf(vm.addr(auditorKeys[1])), 100 ether);
        vm.assertEq(vault.bountyOf(stranger), 560 ether / 4);
        skip(WINDOW);
        vm.expectPartialRevert(IRoundManager.CommitmentMismatch.selector);
        manager.claim(1, 1, 0, siteAt(0), 1, salt, new bytes32[](0));
        commitFails(
            w.c,
            abi.encodeWithSelector(
                IRoundManager.CommitmentVoided.selector, 1, manager.hashCommitment(w.c)
            )
        );
    }

    /// @dev Signing unseen saves the work and risks a fifth of the stake: who looked has not signed.
    function test_attack_lazyAuditorsWhoSignUnseenPayAndWhoLookedDoNot() public {
        stakeAs(coordinator, 1_000 ether);
        for (uint256 i = 0; i < 5; ++i) {
            stakeAs(vm.addr(auditorKeys[i]), 100 ether);
        }
        World memory w = _lie(keccak256("unseen"));
        commit(w.c); // 0, 2 and 4 sign
        _convicts(_aggregateProof(w, 0));
        for (uint256 i = 0; i < 5; ++i) {
            uint256 left = i % 2 == 0 ? 80 ether : 100 ether;
            vm.assertEq(vault.stakeOf(vm.addr(auditorKeys[i])), left);
        }
    }

    /// @dev A score is a judgement that may be gamed. What it can bring is bounded by the maximum, by the
    /// stake behind it and by the round's budget: a report that pays more is void.
    function test_attack_gamedScoresAreClippedByMaximumAndStake() public {
        World memory w = makeWorld("mean", 5, 3, "gamed");
        uint256 gamer = _accepted(w);
        w.scores[gamer] = 1_000_001; // above the maximum
        document(w);
        settle(w);
        commit(w.c);
        (bool done,) = address(settlements)
            .call(abi.encodeCall(settlements.proveBadSettlement, (w.c, documentsOf(w))));
        vm.assertTrue(done);
        _isVoided();
    }

    /// @dev Who sends the global model back scores nothing. A round that pays for a score of nothing,
    /// even one wei, is void.
    function test_attack_freeRidingEarnsNothing() public {
        World memory w = makeWorld("mean", 5, 3, "free rider");
        uint256 rider = _accepted(w);
        w.scores[rider] = 0;
        rebuild(w);
        uint128[] memory earned = follow(w, "next").before;
        vm.assertEq(earned[rider], 0);
        commit(w.c);
        _settlementRefuses(w);
        voidByCouncil(w.c);
        w.c.attempt = 1;
        rebuild(w);
        uint256[] memory sums = new uint256[](5);
        for (uint256 i = 0; i < 5; ++i) {
            sums[i] = earned[i];
        }
        sums[rider] = 1;
        w.c.rewardTotal += 1;
        w.c.rewardsRoot = rewardsRoot(sums, w.salt);
        commit(w.c);
        bytes memory proof = abi.encodeCall(settlements.proveBadSettlement, (w.c, documentsOf(w)));
        (bool done,) = address(settlements).call(proof);
        vm.assertTrue(done);
        _isVoided();
    }

    /// @dev Where nobody is accepted there are no columns to recompute: any model would pass.
    function test_attack_aMedianOfNobodyIsNoAggregate() public {
        _nobody("median");
        _nobody("trimmed-mean");
    }

    /// @dev Stake on its way out counts for nothing but slashes, and does not come back.
    function test_attack_anExitIsNoStakeAndNoFreshStake() public {
        enrolSite(100 ether);
        vm.startPrank(site);
        vault.requestExit(60 ether);
        vm.assertEq(vault.stakeOf(site), 40 ether);
        vm.expectRevert(
            abi.encodeWithSelector(
                IStakeVault.InsufficientStake.selector, site, 40 ether + 1, 40 ether
            )
        );
        vault.requestExit(40 ether + 1);
        vm.stopPrank();
        vm.prank(address(prover));
        vault.slashMany(one(site), one(uint16(10_000)), stranger, 1);
        vm.assertEq(vault.totalBonded(), 0);
    }

    function _nobody(string memory rule) private {
        World memory w = makeWorld(rule, 5, 3, "nobody");
        for (uint256 i = 0; i < 5; ++i) {
            w.standings[i] = 2;
            (w.weights[i], w.scores[i]) = (0, 0);
        }
        (w.usedF, w.aggregate[0]) = (0, 123_456);
        apply_(w);
        document(w);
        settle(w);
        commit(w.c);
        _convicts(abi.encodeCall(results.proveBadReport, (w.c, documentsOf(w))));
    }

    function _settlementRefuses(World memory w) private {
        bytes memory proof = abi.encodeCall(settlements.proveBadSettlement, (w.c, documentsOf(w)));
        (bool done, bytes memory reason) = address(settlements).call(proof);
        vm.assertFalse(done);
        vm.assertEq(
            keccak256(reason),
            keccak256(
                abi.encodeWithSelector(
                    IConviction.NoFault.selector, IConviction.Fault.BadSettlement
                )
            )
        );
    }
}
// forge-lint: disable-end(unsafe-typecast, incorrect-shift)
