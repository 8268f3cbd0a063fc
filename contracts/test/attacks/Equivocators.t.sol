// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

// Values of tests are chosen so that casts of them lose nothing.
// forge-lint: disable-start(unsafe-typecast, incorrect-shift)

import {IConviction} from "../../src/interfaces/IConviction.sol";
import {IFaultProver} from "../../src/interfaces/IFaultProver.sol";
import {IRoundManager} from "../../src/interfaces/IRoundManager.sol";
import {UpdateReceipt, UpdateStatement} from "../../src/libraries/Statements.sol";
import {HonestRound} from "../support/HonestRound.sol";
import {Tree} from "../support/Tree.sol";
import {Typed} from "../support/Typed.sol";

/// @notice What a site that signs two updates, or an update for another model, can do to others.
contract EquivocatorsTest is HonestRound {
    /// @dev A site takes a receipt, contradicts itself, and waits for the round without its update.
    function test_attack_anEquivocatorsReceiptVoidsNoHonestRound() public {
        stakeAs(coordinator, 1_000 ether);
        enrolSite(100 ether);
        World memory w = makeWorld("mean", 3, 3, "receipt");
        (UpdateStatement memory a, bytes memory sigA) = _statement(1, 0, "a");
        UpdateReceipt memory receipt = UpdateReceipt(
            FEDERATION, 1, 0, site, a.updateRoot, Typed.digest(manager.domainSeparator(), a)
        );
        bytes memory signed =
            sign65(keyOf("coordinator"), Typed.digest(manager.domainSeparator(), receipt));
        (UpdateStatement memory b, bytes memory sigB) = _statement(1, 0, "b");
        prover.proveEquivocation(a, sigA, b, sigB);
        commit(w.c);
        vm.expectRevert(abi.encodeWithSelector(IFaultProver.SiteEquivocated.selector, site, 1, 0));
        prover.proveOmission(w.c, w.leaves, receipt, signed);
        vm.assertEq(vault.stakeOf(coordinator), 1_000 ether);
    }

    /// @dev In another attempt it has said one thing: its receipt counts there.
    function test_proveOmission_countsReceiptsOfOtherAttemptsOfAnEquivocator() public {
        enrolSite(100 ether);
        (UpdateStatement memory a, bytes memory sigA) = _statement(1, 1, "a");
        (UpdateStatement memory b, bytes memory sigB) = _statement(1, 1, "b");
        prover.proveEquivocation(a, sigA, b, sigB);
        World memory w = makeWorld("mean", 3, 3, "receipt");
        commit(w.c);
        UpdateReceipt memory receipt = UpdateReceipt(FEDERATION, 1, 0, site, "a", "digest");
        bytes memory signed =
            sign65(keyOf("coordinator"), Typed.digest(manager.domainSeparator(), receipt));
        prover.proveOmission(w.c, w.leaves, receipt, signed);
        vm.assertEq(manager.head(), 0);
    }

    /// @dev One stolen signing key must not cost the whole stake, a tenth an attempt.
    function test_attack_aStolenKeyCostsOneSlashUntilTheCouncilActs() public {
        enrolSite(1_000 ether);
        for (uint32 i = 0; i < 5; ++i) {
            (UpdateStatement memory a, bytes memory sigA) = _statement(99 + i, i, "a");
            (UpdateStatement memory b, bytes memory sigB) = _statement(99 + i, i, "b");
            prover.proveEquivocation(a, sigA, b, sigB);
        }
        vm.assertEq(vault.stakeOf(site), 900 ether);
        vm.prank(council);
        vault.unjail(site);
        (UpdateStatement memory c, bytes memory sigC) = _statement(200, 0, "a");
        (UpdateStatement memory d, bytes memory sigD) = _statement(200, 0, "b");
        prover.proveEquivocation(c, sigC, d, sigD);
        vm.assertEq(vault.stakeOf(site), 810 ether);
    }

    /// @dev Nor after the council let the site out, once the site has another key.
    function test_attack_aKeyReplacedInJailCostsNothingMore() public {
        enrolSite(1_000 ether);
        _equivocate(99);
        bytes memory proof = possession(vault, "fresh key", site);
        vm.prank(site);
        vault.setSigner(actor("fresh key"), proof);
        vm.assertTrue(vault.isLost(siteSigner));
        vm.assertFalse(vault.isLost(actor("fresh key")));
        vm.prank(council);
        vault.unjail(site);
        _equivocate(777);
        vm.assertEq(vault.stakeOf(site), 900 ether);
        vm.assertFalse(vault.isJailed(site));
    }

    /// @dev A key that was replaced before anything happened still answers for what it signed.
    function test_proveEquivocation_byAFormerKey() public {
        enrolSite(1_000 ether);
        bytes memory proof = possession(vault, "fresh key", site);
        vm.prank(site);
        vault.setSigner(actor("fresh key"), proof);
        _equivocate(99);
        vm.assertEq(vault.stakeOf(site), 900 ether);
    }

    /// @dev Its incident can be noted, so its receipt of that attempt obliges nobody.
    function test_attack_aJailedEquivocatorsReceiptVoidsNoHonestRound() public {
        stakeAs(coordinator, 1_000 ether);
        enrolSite(1_000 ether);
        World memory w = makeWorld("mean", 3, 3, "receipt");
        (UpdateStatement memory a,) = _statement(1, 0, "a");
        UpdateReceipt memory receipt = UpdateReceipt(
            FEDERATION, 1, 0, site, a.updateRoot, Typed.digest(manager.domainSeparator(), a)
        );
        bytes memory signed = sign65(keyOf("coordinator"), _digest(receipt));
        commit(w.c); // of its two updates the round keeps none
        _equivocate(999);
        _equivocate(1);
        vm.assertEq(vault.stakeOf(site), 900 ether);
        vm.expectRevert(abi.encodeWithSelector(IFaultProver.SiteEquivocated.selector, site, 1, 0));
        prover.proveOmission(w.c, w.leaves, receipt, signed);
        vm.assertEq(vault.stakeOf(coordinator), 1_000 ether);
    }

    function _equivocate(uint64 round) private {
        (UpdateStatement memory a, bytes memory sigA) = _statement(round, 0, "a");
        (UpdateStatement memory b, bytes memory sigB) = _statement(round, 0, "b");
        prover.proveEquivocation(a, sigA, b, sigB);
    }

    /// @dev So with the coordinator's key: one round, one slash, whatever it signed in it.
    function test_attack_aCoordinatorsKeyCostsOneSlashARound() public {
        stakeAs(coordinator, 1_000 ether);
        for (uint32 i = 0; i < 5; ++i) {
            UpdateReceipt memory a = UpdateReceipt(FEDERATION, 3, i, siteAt(i), "a", "digest");
            UpdateReceipt memory b = UpdateReceipt(FEDERATION, 3, i, siteAt(i), "b", "digest");
            bytes memory sigA = sign65(keyOf("coordinator"), _digest(a));
            bytes memory sigB = sign65(keyOf("coordinator"), _digest(b));
            bytes memory reason =
                abi.encodeWithSelector(IFaultProver.AlreadyProven.selector, coordinator, 3, 0);
            if (i != 0) vm.expectRevert(reason);
            prover.proveCoordinatorEquivocation(0, a, sigA, b, sigB);
        }
        vm.assertEq(vault.stakeOf(coordinator), 500 ether);
    }

    function test_proveUnfitAccepted_findsAnotherBaseModelOrSize() public {
        for (uint256 i = 0; i < 2; ++i) {
            World memory w = _unfit(uint32(i), i == 0);
            commit(w.c);
            IFaultProver.LeafPlace memory place = _place(w, 0);
            vm.expectRevert(_noFault());
            prover.proveForeignStatement(w.c, w.leaves[0], place, w.statements[0]);
            prover.proveUnfitAccepted(w.c, w.leaves[0], place, w.statements[0], w.report, 0);
            vm.assertTrue(manager.roundState(1) == IRoundManager.RoundState.Voided);
        }
    }

    /// @dev A report that leaves such an update out is what an honest coordinator writes.
    function test_I12_noUnfitUpdateVoidsTheRoundThatRefusesIt(bytes32 seed, uint8 sites) public {
        World memory w = makeWorld("mean", 1 + sites % 7, 3, seed);
        commit(w.c);
        for (uint256 i = 0; i < w.leaves.length; ++i) {
            IFaultProver.LeafPlace memory place = _place(w, i);
            vm.expectRevert(_noFault());
            prover.proveUnfitAccepted(w.c, w.leaves[i], place, w.statements[i], w.report, i);
        }
        voidByCouncil(w.c);
        w = _unfit(1, true);
        (w.standings[0], w.weights[0], w.scores[0]) = (2, 0, 0);
        w.report = encodeReport(w);
        w.c.reportDigest = sha256(w.report);
        commit(w.c);
        IFaultProver.LeafPlace memory first = _place(w, 0);
        vm.expectRevert(_noFault());
        prover.proveUnfitAccepted(w.c, w.leaves[0], first, w.statements[0], w.report, 0);
        vm.expectRevert(
            abi.encodeWithSelector(IFaultProver.NotTheMember.selector, siteAt(1), siteAt(0))
        );
        prover.proveUnfitAccepted(w.c, w.leaves[0], first, w.statements[0], w.report, 1);
        vm.expectPartialRevert(IConviction.DigestMismatch.selector);
        prover.proveUnfitAccepted(w.c, w.leaves[0], first, w.statements[1], w.report, 0);
    }

    function _unfit(uint32 attempt, bool model) private view returns (World memory w) {
        w = makeWorld("mean", 3, 3, "unfit");
        w.c.attempt = attempt;
        rebuild(w);
        if (model) w.statements[0].baseModel = keccak256("another model");
        else w.statements[0].coordinates += 1;
        w.leaves[0].statementDigest = Typed.digest(manager.domainSeparator(), w.statements[0]);
        w.c.updatesRoot = Tree.root(leafHashes(w));
    }

    function _statement(uint64 round, uint32 attempt, bytes32 root)
        private
        view
        returns (UpdateStatement memory s, bytes memory signed)
    {
        s = UpdateStatement(FEDERATION, round, attempt, site, "base", root, 3, "details");
        signed = sign65(keyOf("site signer"), Typed.digest(manager.domainSeparator(), s));
    }

    function _digest(UpdateReceipt memory receipt) private view returns (bytes32) {
        return Typed.digest(manager.domainSeparator(), receipt);
    }

    function _place(World memory w, uint256 i)
        private
        pure
        returns (IFaultProver.LeafPlace memory)
    {
        bytes32[] memory hashes = leafHashes(w);
        return IFaultProver.LeafPlace(uint64(hashes.length), uint64(i), Tree.proof(hashes, i));
    }

    function _noFault() private pure returns (bytes memory) {
        return
            abi.encodeWithSelector(IConviction.NoFault.selector, IConviction.Fault.ForeignStatement);
    }
}
// forge-lint: disable-end(unsafe-typecast, incorrect-shift)
