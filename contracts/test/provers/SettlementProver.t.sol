// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

// Values of tests are chosen so that casts of them lose nothing.
// forge-lint: disable-start(unsafe-typecast, incorrect-shift)

import {IConviction} from "../../src/interfaces/IConviction.sol";
import {IRoundManager} from "../../src/interfaces/IRoundManager.sol";
import {ISettlementProver} from "../../src/interfaces/ISettlementProver.sol";
import {RulesBytes} from "../../src/libraries/RulesBytes.sol";
import {SettlementMath} from "../../src/libraries/SettlementMath.sol";
import {RoundCommitment} from "../../src/libraries/Statements.sol";
import {HonestRound} from "../support/HonestRound.sol";

/// @notice Lies about scores, rewards and what a round starts from.
contract SettlementProverTest is HonestRound {
    RoundCommitment private _none;

    // I12

    function test_I12_noProofVoidsHonestSettlements(bytes32 seed, uint8 sites) public {
        World memory first = makeWorld("mean", 1 + sites % 9, 3, seed);
        commit(first.c);
        _refuses(IConviction.Fault.BadSettlement, _settlementProof(first));
        _refuses(
            IConviction.Fault.BadContext,
            abi.encodeCall(settlements.proveBadContext, (first.c, first.context, _none, "", ""))
        );
        World memory second = follow(first, keccak256(abi.encode(seed)));
        commit(second.c);
        _refuses(IConviction.Fault.BadSettlement, _settlementProof(second));
        _refuses(IConviction.Fault.BadContext, _contextProof(second, first));
        // Without the parent's documents only its roots are compared.
        _refuses(
            IConviction.Fault.BadContext,
            abi.encodeCall(settlements.proveBadContext, (second.c, second.context, first.c, "", ""))
        );
        vm.assertEq(manager.head(), 2);
    }

    /// @dev Rounding down never pays more than the budget, and nobody's sum falls.
    function test_I3_rewardsStayWithinTheBudget(bytes32 seed, uint8 sites) public view {
        World memory first = makeWorld("mean", 1 + sites % 9, 3, seed);
        World memory second = follow(first, keccak256(abi.encode(seed)));
        vm.assertLe(first.c.rewardTotal, BUDGET);
        vm.assertLe(second.c.rewardTotal, uint256(first.c.rewardTotal) + BUDGET);
        vm.assertTrue(second.c.rewardTotal >= first.c.rewardTotal);
    }

    // I13

    function test_I13_anyBitOfScoresAndRewards(bytes32 seed, uint8 what, uint8 bit) public {
        World memory w = makeWorld("mean", 5, 3, seed);
        bytes32 flip = bytes32(uint256(1) << bit);
        if (what % 4 == 0) w.c.scoresRoot ^= flip;
        if (what % 4 == 1) w.c.rewardsRoot ^= flip;
        if (what % 4 == 2) w.c.scoreSum ^= uint64(1) << (bit % 64);
        if (what % 4 == 3) w.c.rewardTotal ^= uint128(1) << (bit % 60); // within the fund
        commit(w.c);
        _convicts(_settlementProof(w));
    }

    /// @dev One site gets more than its share, everything else follows from it.
    function test_I13_anyWrongReward(bytes32 seed, uint8 who, uint64 more) public {
        World memory w = makeWorld("mean", 5, 3, seed);
        uint256[] memory sums = new uint256[](5);
        sums[who % 5] = uint256(w.c.rewardTotal) + uint256(more) + 1;
        w.c.rewardTotal = uint128(sums[who % 5]);
        w.c.rewardsRoot = rewardsRoot(sums, w.salt);
        commit(w.c);
        _convicts(_settlementProof(w));
    }

    function test_I13_cumulativeRewardThatFalls() public {
        (World memory first, World memory second) = _two("falls");
        uint256 richest = first.c.rewardTotal > 1 ? _earner(second) : 0;
        second.before[richest] -= 1;
        second.before[(richest + 1) % 5] += 1; // the total does not show it
        rebuild(second);
        commit(second.c);
        _refuses(IConviction.Fault.BadSettlement, _settlementProof(second));
        _convictsSecond(_contextProof(second, first));
    }

    function test_I13_scoreOfASiteThatIsNoMemberOrTooLarge() public {
        World memory w = makeWorld("mean", 5, 3, "score");
        w.scores[0] = 1_000_001;
        document(w);
        settle(w);
        commit(w.c);
        _convicts(_settlementProof(w));
        w = makeWorld("mean", 5, 3, "score");
        w.c.attempt = 1;
        (w.standings[1], w.weights[1], w.scores[1]) = (2, 0, 7);
        rebuild(w);
        commit(w.c);
        _convicts(_settlementProof(w));
        // The report's last site is not in the context.
        w = makeWorld("mean", 5, 3, "score");
        w.c.attempt = 2;
        rebuild(w);
        bytes memory context = new bytes(w.context.length - 81);
        for (uint256 i = 0; i < context.length; ++i) {
            context[i] = w.context[i];
        }
        context[239] = 0x04;
        w.context = context;
        w.c.contextDigest = sha256(context);
        commit(w.c);
        _convicts(_settlementProof(w));
    }

    function test_I13_everyFieldOfTheContext() public {
        for (uint256 i = 0; i < 10; ++i) {
            World memory w = makeWorld("mean", 3, 3, "context");
            w.c.attempt = uint32(i);
            document(w);
            bytes memory context = w.context;
            if (i == 0) context[0] ^= 0x01; // federation
            if (i == 1) context[39] ^= 0x01; // round
            if (i == 2) context[43] ^= 0x40; // attempt
            if (i == 3) context[76] ^= 0x01; // base model
            if (i == 4) context[108] ^= 0x01; // previous aggregate
            if (i == 5) context[140] ^= 0x01; // previous rewards
            if (i == 6) context[240 + 80] = 0x02; // barred
            if (i == 7) context[240 + 81 + 2] = 0x00; // order of the sites
            if (i == 8) context[240 + 71] ^= 0x01; // a reward before round 1
            if (i == 9) context[203] ^= 0x01; // previous state
            w.c.contextDigest = sha256(context);
            commit(w.c);
            _convicts(abi.encodeCall(settlements.proveBadContext, (w.c, context, _none, "", "")));
        }
    }

    function test_I13_contextThatIsNone() public {
        for (uint256 i = 0; i < 3; ++i) {
            World memory w = makeWorld("mean", 3, 3, "shape");
            w.c.attempt = uint32(i);
            bytes memory context = i == 0 ? bytes("") : bytes.concat(w.context, hex"00");
            if (i == 2) {
                context = w.context;
                context[238] = 0xff; // more members than there can be
            }
            w.c.contextDigest = sha256(context);
            commit(w.c);
            _convicts(abi.encodeCall(settlements.proveBadContext, (w.c, context, _none, "", "")));
        }
    }

    function test_I13_everyRootOfTheRoundBefore() public {
        for (uint256 i = 0; i < 3; ++i) {
            (World memory first, World memory second) = _two("roots");
            if (i == 0) second.previousAggregate ^= bytes32(uint256(1));
            if (i == 1) second.previousRewards ^= bytes32(uint256(1));
            if (i == 2) second.previousState ^= bytes32(uint256(1));
            second.c.attempt = uint32(i);
            rebuild(second);
            commit(second.c);
            _convictsSecond(
                abi.encodeCall(
                    settlements.proveBadContext,
                    (second.c, second.context, first.c, "", i == 2 ? first.report : bytes(""))
                )
            );
        }
    }

    /// @dev A coordinator cannot run a round by other rules than those of the epoch.
    function test_I13_otherRulesThanTheEpochs() public {
        World memory w = makeWorld("mean", 3, 3, "rules");
        IRoundManager.Epoch memory terms = manager.epochOf(0);
        terms.rulesDigest = sha256(w.rules);
        vm.prank(timelock);
        manager.openEpoch(terms);
        commit(w.c);
        World memory next = follow(w, "next");
        commit(next.c);
        _refuses(IConviction.Fault.BadContext, _contextProof(next, w));
        voidByCouncil(next.c);
        next.f = 0;
        next.usedF = 0;
        next.c.attempt = 1;
        rebuild(next);
        commit(next.c);
        _convictsSecond(_contextProof(next, w));
    }

    // What is refused

    function test_proveBadContext_needsTheParentOfTheChain() public {
        (World memory first, World memory second) = _two("parent");
        commit(second.c);
        RoundCommitment memory other = first.c;
        other.rewardsRoot = keccak256("made up");
        vm.expectPartialRevert(ISettlementProver.NotTheParent.selector);
        settlements.proveBadContext(second.c, second.context, other, "", "");
        vm.expectPartialRevert(ISettlementProver.NotTheParent.selector);
        settlements.proveBadContext(second.c, second.context, second.c, "", "");
    }

    function test_proveBadContext_needsTheParentsContext() public {
        (World memory first, World memory second) = _two("parent context");
        commit(second.c);
        vm.expectPartialRevert(IConviction.DigestMismatch.selector);
        settlements.proveBadContext(second.c, second.context, first.c, second.context, "");
        vm.expectPartialRevert(IConviction.DigestMismatch.selector);
        settlements.proveBadContext(second.c, second.context, first.c, "", second.report);
    }

    function test_proveBadSettlement_needsKnownRules() public {
        World memory w = makeWorld("mean", 3, 3, "version");
        w.rules[3] = 0x02;
        bytes32 digest = sha256(w.rules);
        for (uint256 i = 0; i < 32; ++i) {
            w.context[44 + i] = digest[i];
        }
        w.c.contextDigest = sha256(w.context);
        commit(w.c);
        vm.expectRevert(abi.encodeWithSelector(RulesBytes.UnknownRulesVersion.selector, 2, 1));
        settlements.proveBadSettlement(w.c, documentsOf(w));
    }

    // C5: sybils

    /// @dev min(score, stake / rate) grows with both in proportion, so that dividing a site's score and
    /// stake among identities never raises what they count together.
    function test_attack_splittingAmongIdentitiesNeverPays(
        uint64 score,
        uint128 stake,
        uint64 scorePart,
        uint128 stakePart
    ) public pure {
        score = uint64(bound(score, 0, 1_000_000));
        stake = uint128(bound(stake, 0, type(uint96).max));
        scorePart = uint64(bound(scorePart, 0, score));
        stakePart = uint128(bound(stakePart, 0, stake));
        uint256 whole = _counted(score, stake);
        uint256 split =
            _counted(scorePart, stakePart) + _counted(score - scorePart, stake - stakePart);
        vm.assertLe(split, whole);
    }

    function _counted(uint256 score, uint256 stake) private pure returns (uint256) {
        RulesBytes.Settlement memory rules =
            RulesBytes.Settlement(BUDGET, MIN_STAKE, STAKE_PER_SCORE);
        return SettlementMath.countedScore(score, stake, false, rules);
    }

    // Parts

    function _two(bytes32 seed) private returns (World memory first, World memory second) {
        first = makeWorld("mean", 5, 3, seed);
        if (manager.head() == 0) commit(first.c);
        second = follow(first, keccak256(abi.encode(seed)));
    }

    function _earner(World memory w) private pure returns (uint256 i) {
        while (w.before[i] == 0) ++i;
    }

    function _settlementProof(World memory w) private view returns (bytes memory) {
        return abi.encodeCall(settlements.proveBadSettlement, (w.c, documentsOf(w)));
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

    function _refuses(IConviction.Fault fault, bytes memory proof) private {
        (bool done, bytes memory reason) = address(settlements).call(proof);
        vm.assertFalse(done);
        bytes memory wanted = abi.encodeWithSelector(IConviction.NoFault.selector, fault);
        vm.assertEq(keccak256(reason), keccak256(wanted));
    }

    function _convicts(bytes memory proof) private {
        (bool done,) = address(settlements).call(proof);
        vm.assertTrue(done);
        vm.assertEq(manager.head(), 0);
    }

    function _convictsSecond(bytes memory proof) private {
        (bool done,) = address(settlements).call(proof);
        vm.assertTrue(done);
        vm.assertEq(manager.head(), 1);
        vm.assertTrue(manager.roundState(2) == IRoundManager.RoundState.Voided);
    }
}
// forge-lint: disable-end(unsafe-typecast, incorrect-shift)
