// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

// Values of tests are chosen so that casts of them lose nothing.
// forge-lint: disable-start(unsafe-typecast, incorrect-shift)

import {IConviction} from "../../src/interfaces/IConviction.sol";
import {IRoundManager} from "../../src/interfaces/IRoundManager.sol";
import {ISettlementProver} from "../../src/interfaces/ISettlementProver.sol";
import {RoundCommitment, UpdateReceipt} from "../../src/libraries/Statements.sol";
import {ResultProofs} from "../provers/ResultProofs.sol";
import {Typed} from "../support/Typed.sol";

/// @notice A void is no way around a conviction: who lied pays, however the round went.
contract VoidedRoundsTest is ResultProofs {
    function setUp() public override {
        super.setUp();
        stakeAs(coordinator, 1_000 ether);
        for (uint256 i = 0; i < 5; ++i) {
            stakeAs(vm.addr(auditorKeys[i]), 100 ether);
        }
        token.mint(site, 1_000 ether);
        vm.startPrank(site);
        token.approve(address(disputes), 1_000 ether);
        token.approve(address(demands), 1_000 ether);
        vm.stopPrank();
    }

    function test_attack_aVoidByTheCouncilSavesNoLiar() public {
        World memory w = _committedLie();
        voidByCouncil(w.c);
        _slashes(w);
        vm.assertEq(vault.bountyOf(stranger), 140 ether);
    }

    function test_attack_aFriendlyDisputeThatExpiresSavesNoLiar() public {
        World memory w = _committedLie();
        vm.prank(site);
        disputes.challenge(w.c, "friend", DISPUTE_BOND);
        skip(RESOLUTION + 1);
        disputes.expire(w.c);
        _slashes(w);
    }

    function test_attack_aFriendlyDisputeThatIsUpheldSavesNoLiar() public {
        World memory w = _committedLie();
        vm.prank(site);
        disputes.challenge(w.c, "friend", DISPUTE_BOND);
        vm.prank(governor);
        disputes.resolve(w.c, true);
        _slashes(w);
    }

    /// @dev Withholding costs less than lying: it must not be the way out.
    function test_attack_anUnansweredDemandSavesNoLiar() public {
        World memory w = _committedLie();
        vm.prank(site);
        demands.demandLeaves(w.c, DEMAND_BOND);
        skip(ANSWER_TIME + 1);
        demands.expireDemand(w.c);
        vm.assertEq(vault.stakeOf(coordinator), 700 ether);
        _proven(w);
        vm.assertEq(vault.stakeOf(coordinator), 350 ether);
    }

    function test_attack_dyingWithAnEarlierRoundSavesNoLiar() public {
        World memory first = _honest("first", 4, 0, 5);
        commit(first.c);
        World memory second = follow(first, "second");
        second.aggregate[0] += 1;
        apply_(second);
        document(second);
        commit(second.c);
        voidByCouncil(first.c);
        _slashes(second);
        _refuses(IConviction.Fault.BadAggregate, _aggregateProof(first, 0));
    }

    function test_attack_proofReplay_aCommitmentConvictsOnce() public {
        World memory w = _committedLie();
        bytes memory again =
            abi.encodeWithSelector(IRoundManager.AlreadyConvicted.selector, 1, _hash(w));
        _proven(w);
        _failsWith(again, _aggregateProof(w, 0));
        World memory other = _lie(keccak256("other"));
        commit(other.c);
        voidByCouncil(other.c);
        _proven(other);
        _failsWith(
            abi.encodeWithSelector(IRoundManager.AlreadyConvicted.selector, 1, _hash(other)),
            _aggregateProof(other, 0)
        );
        _failsWith(again, _aggregateProof(w, 0));
        vm.assertEq(vault.stakeOf(coordinator), 250 ether);
    }

    /// @dev The next attempt stands in the voided one's slot: neither it nor its parties answer.
    function test_convictRound_slashesThePartiesOfTheVoidedRound() public {
        World memory w = _committedLie();
        voidByCouncil(w.c);
        IRoundManager.Epoch memory terms = manager.epochOf(0);
        terms.coordinator = actor("next coordinator");
        vm.prank(timelock);
        manager.openEpoch(terms);
        stakeAs(terms.coordinator, 1_000 ether);
        World memory next = _honest("next", 4, 0, 5);
        next.c.attempt = 1;
        rebuild(next);
        bytes memory signed = signatures(manager.commitmentDigest(next.c), hex"010203");
        vm.prank(terms.coordinator);
        manager.commitRound(next.c, signed);
        _slashes(w);
        vm.assertEq(manager.head(), 1);
        vm.assertEq(vault.stakeOf(terms.coordinator), 1_000 ether);
        vm.assertEq(vault.stakeOf(vm.addr(auditorKeys[1])), 100 ether);
        vm.assertEq(vault.stakeOf(vm.addr(auditorKeys[4])), 80 ether);
        vm.assertFalse(manager.recordOf(1, _hash(next)).voided);
        vm.assertTrue(manager.recordOf(1, _hash(w)).convicted);
    }

    function test_recordOf_failsForWhatTheChainDoesNotHold() public {
        World memory w = _committedLie();
        bytes32 hash = manager.hashCommitment(w.c);
        bytes memory other = abi.encodeWithSelector(
            IRoundManager.CommitmentMismatch.selector, 1, bytes32("x"), hash
        );
        vm.expectRevert(other);
        manager.recordOf(1, "x");
        vm.expectPartialRevert(IRoundManager.CommitmentMismatch.selector);
        manager.recordOf(2, bytes32(0));
        vm.assertFalse(manager.recordOf(1, hash).voided);
        voidByCouncil(w.c);
        vm.assertTrue(manager.recordOf(1, hash).voided);
    }

    function test_convictRound_endsWithTheEvidenceAge() public {
        World memory w = _committedLie();
        uint40 latest = manager.slotOf(1).windowEnd + EVIDENCE_AGE;
        voidByCouncil(w.c);
        vm.warp(latest + 1);
        _failsWith(
            abi.encodeWithSelector(IRoundManager.ConvictionTooLate.selector, 1, latest),
            _aggregateProof(w, 0)
        );
        vm.warp(latest);
        _slashes(w);
    }

    function test_I12_noProofConvictsAnHonestRoundThatWasVoided() public {
        World memory first = _honest("first", 4, 0, 5);
        commit(first.c);
        World memory second = follow(first, "second");
        commit(second.c);
        voidByCouncil(first.c);
        // Another attempt with the same model and other rewards must not pass for the parent.
        World memory other = _honest("first", 4, 0, 5);
        other.c.attempt = 1;
        other.scores[0] /= 2;
        rebuild(other);
        commit(other.c);
        vm.assertEq(other.c.model, second.c.parentModel);
        _refusesContext(second, first);
        _failsWith2(
            abi.encodeWithSelector(
                ISettlementProver.NotTheParent.selector, _hash(other), bytes18(_hash(first))
            ),
            _contextProof(second, other)
        );
        _refuses(IConviction.Fault.BadAggregate, _aggregateProof(second, 0));
    }

    function test_I13_contextOfAVoidedDescendant() public {
        World memory first = _honest("first", 4, 0, 5);
        commit(first.c);
        World memory second = follow(first, "second");
        second.previousRewards = keccak256("made up");
        rebuild(second);
        commit(second.c);
        voidByCouncil(first.c);
        vm.prank(stranger);
        (bool done,) = address(settlements).call(_contextProof(second, first));
        vm.assertTrue(done);
        vm.assertEq(vault.stakeOf(coordinator), 500 ether);
    }

    /// @dev The receipt's signer is the voided round's coordinator, whoever has the office now.
    function test_proveOmission_ofAVoidedRoundAfterAnotherCoordinatorsAttempt() public {
        World memory w = _honest("omission", 4, 0, 5);
        commit(w.c);
        voidByCouncil(w.c);
        IRoundManager.Epoch memory terms = manager.epochOf(0);
        terms.coordinator = actor("next coordinator");
        vm.prank(timelock);
        manager.openEpoch(terms);
        UpdateReceipt memory receipt = UpdateReceipt(FEDERATION, 1, 0, site, "a", "digest");
        bytes memory signed =
            sign65(keyOf("coordinator"), Typed.digest(manager.domainSeparator(), receipt));
        prover.proveOmission(w.c, w.leaves, receipt, signed);
        vm.assertEq(vault.stakeOf(coordinator), 500 ether);
    }

    function test_convictRound_byProversAndOfCommittedRoundsOnly() public {
        World memory w = _committedLie();
        vm.expectRevert(unauthorized(council));
        vm.prank(council);
        manager.convictRound(w.c);
        RoundCommitment memory other = w.c;
        other.attempt = 9;
        vm.expectPartialRevert(IRoundManager.CommitmentMismatch.selector);
        vm.prank(address(results));
        manager.convictRound(other);
    }

    /// @dev One word a round is written, and the parts of the head.
    function test_gas_voidOfDescendantsIsOneWordEach() public {
        commitUpTo(41);
        vm.prank(council);
        manager.voidRound(commitmentOf(21));
        uint256 many = vm.lastCallGas().gasTotalUsed;
        commit(_attempt(21));
        RoundCommitment memory c = _attempt(21);
        vm.prank(council);
        manager.voidRound(c);
        uint256 one_ = vm.lastCallGas().gasTotalUsed;
        vm.assertLe(many - one_, 20 * 40_000);
    }

    function _attempt(uint64 round) private pure returns (RoundCommitment memory c) {
        c = commitmentOf(round);
        c.attempt = 1;
    }

    function _committedLie() private returns (World memory w) {
        w = _lie(keccak256("lie"));
        commit(w.c);
    }

    function _hash(World memory w) private view returns (bytes32) {
        return manager.hashCommitment(w.c);
    }

    function _proven(World memory w) private {
        bytes memory proof = _aggregateProof(w, 0); // SHA-256 is a call too
        vm.prank(stranger);
        (bool done,) = address(results).call(proof);
        vm.assertTrue(done);
    }

    function _slashes(World memory w) private {
        _proven(w);
        vm.assertEq(vault.stakeOf(coordinator), 500 ether);
        vm.assertEq(vault.stakeOf(vm.addr(auditorKeys[0])), 80 ether);
    }

    function _contextProof(World memory w, World memory parent)
        private
        view
        returns (bytes memory)
    {
        return abi.encodeCall(
            settlements.proveBadContext, (w.c, w.context, parent.c, parent.context, parent.report)
        );
    }

    function _refusesContext(World memory w, World memory parent) private {
        _failsWith2(
            abi.encodeWithSelector(IConviction.NoFault.selector, IConviction.Fault.BadContext),
            _contextProof(w, parent)
        );
    }

    function _failsWith2(bytes memory reason, bytes memory proof) private {
        (bool done, bytes memory got) = address(settlements).call(proof);
        vm.assertFalse(done);
        vm.assertEq(keccak256(got), keccak256(reason));
    }
}
// forge-lint: disable-end(unsafe-typecast, incorrect-shift)
