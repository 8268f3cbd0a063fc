// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

// Values of tests are chosen so that casts of them lose nothing.
// forge-lint: disable-start(unsafe-typecast, incorrect-shift)

import {IConviction} from "../../src/interfaces/IConviction.sol";
import {IRoundManager} from "../../src/interfaces/IRoundManager.sol";
import {RoundCommitment} from "../../src/libraries/Statements.sol";
import {HonestRound} from "../support/HonestRound.sol";

/// @notice Rules, keys and members that a round may start from.
contract AgreedTermsTest is HonestRound {
    RoundCommitment private _none;

    /// @dev Auditors sign under one epoch; the timelock opens the next in front of the commitment.
    function test_attack_anEpochBetweenSignatureAndCommitmentConvictsNobody() public {
        stakeAs(coordinator, 1_000 ether);
        World memory first = makeWorld("mean", 3, 3, "rules");
        _open(sha256(first.rules));
        bytes memory signed = quorum(manager.commitmentDigest(first.c));
        _open(keccak256("next rules"));
        vm.prank(coordinator);
        manager.commitRound(first.c, signed);
        _refuses(_contextProof(first, _none, ""));
        World memory second = follow(first, "second");
        commit(second.c);
        _convicts(_contextProof(second, first.c, first.context)); // only by the next rules now
        vm.assertEq(vault.stakeOf(coordinator), 500 ether);
    }

    /// @dev All epochs since the round before count, not only the last two.
    function test_I12_rulesOfAnyEpochSinceTheRoundBefore() public {
        World memory first = makeWorld("mean", 3, 3, "rules");
        _open(sha256(first.rules));
        commit(first.c);
        World memory second = follow(first, "second");
        _open(keccak256("next rules"));
        _open(keccak256("and the next"));
        commit(second.c);
        _refuses(_contextProof(second, first.c, first.context));
    }

    function test_I12_anEpochWithoutRulesAgreesToAny() public {
        World memory first = makeWorld("mean", 3, 3, "rules");
        _open(sha256(first.rules));
        commit(first.c);
        World memory second = follow(first, "second");
        second.f = second.usedF = 0;
        rebuild(second);
        _open(0);
        _open(keccak256("next rules"));
        commit(second.c);
        _refuses(_contextProof(second, first.c, first.context));
    }

    /// @dev Keys of the coordinator's own could train for a site that never heard of the round.
    function test_attack_membersWithKeysThatAreNotTheirs() public {
        for (uint256 i = 0; i < 3; ++i) {
            World memory w = makeWorld("mean", 3, 3, "keys");
            w.c.attempt = uint32(i);
            document(w);
            address key = vm.addr(signerKey(i == 0 ? 2 : 99)); // another site's, or nobody's
            if (i == 2) key = address(0);
            w.context = _withKey(w.context, 1, key);
            w.c.contextDigest = sha256(w.context);
            commit(w.c);
            _convicts(_contextProof(w, _none, ""));
        }
    }

    /// @dev Barred members do not train: their keys do not matter. Replaced keys stay the site's.
    function test_I12_keysOfBarredMembersAndFormerKeys() public {
        World memory w = makeWorld("mean", 3, 3, "keys");
        bytes memory proof = possession(vault, "new key", siteAt(1));
        vm.prank(siteAt(1));
        vault.setSigner(actor("new key"), proof);
        w.context = _withKey(w.context, 2, address(0));
        w.context[240 + 2 * 81 + 80] = 0x01;
        w.c.contextDigest = sha256(w.context);
        commit(w.c);
        _refuses(_contextProof(w, _none, ""));
    }

    /// @dev evaluate_round() gives no result where a barred member takes part.
    function test_attack_anAcceptedUpdateOfABarredMember() public {
        World memory w = makeWorld("mean", 5, 5, "barred");
        w.barred[0] = 1;
        rebuild(w);
        commit(w.c);
        (bool done,) = address(settlements)
            .call(abi.encodeCall(settlements.proveBadSettlement, (w.c, documentsOf(w))));
        vm.assertTrue(done);
        vm.assertEq(manager.head(), 0);
    }

    function _open(bytes32 rules) private {
        IRoundManager.Epoch memory terms = manager.epochOf(0);
        terms.rulesDigest = rules;
        vm.prank(timelock);
        manager.openEpoch(terms);
    }

    function _withKey(bytes memory context, uint256 member, address key)
        private
        pure
        returns (bytes memory)
    {
        bytes20 raw = bytes20(key);
        for (uint256 k = 0; k < 20; ++k) {
            context[240 + member * 81 + 20 + k] = raw[k];
        }
        return context;
    }

    function _contextProof(World memory w, RoundCommitment memory parent, bytes memory context)
        private
        view
        returns (bytes memory)
    {
        return abi.encodeCall(settlements.proveBadContext, (w.c, w.context, parent, context, ""));
    }

    function _refuses(bytes memory proof) private {
        (bool done, bytes memory reason) = address(settlements).call(proof);
        vm.assertFalse(done);
        bytes memory wanted =
            abi.encodeWithSelector(IConviction.NoFault.selector, IConviction.Fault.BadContext);
        vm.assertEq(keccak256(reason), keccak256(wanted));
    }

    function _convicts(bytes memory proof) private {
        uint64 before = manager.head();
        (bool done,) = address(settlements).call(proof);
        vm.assertTrue(done);
        vm.assertEq(manager.head(), before - 1);
    }
}
// forge-lint: disable-end(unsafe-typecast, incorrect-shift)
