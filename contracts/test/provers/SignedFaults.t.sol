// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

// Values of tests are chosen so that casts of them lose nothing.
// forge-lint: disable-start(unsafe-typecast, incorrect-shift)

import {FaultProver} from "../../src/FaultProver.sol";
import {IConviction} from "../../src/interfaces/IConviction.sol";
import {IFaultProver} from "../../src/interfaces/IFaultProver.sol";
import {IRoundManager} from "../../src/interfaces/IRoundManager.sol";
import {PositionTree} from "../../src/libraries/PositionTree.sol";
import {UpdateReceipt} from "../../src/libraries/Statements.sol";
import {TermsCode} from "../../src/libraries/TermsCode.sol";
import {HonestRound} from "../support/HonestRound.sol";
import {Tree} from "../support/Tree.sol";
import {Typed} from "../support/Typed.sol";

/// @notice Receipts, leaves and statements of a round against each other.
contract SignedFaultsTest is HonestRound {
    // initialize

    function test_initialize_failsOnBadSharesOrZeroAuthority() public {
        address implementation = address(new FaultProver());
        IConviction.Shares[4] memory bad = [
            IConviction.Shares(0, 1, 1),
            IConviction.Shares(1, 0, 1),
            IConviction.Shares(1, 1, 0),
            IConviction.Shares(10_001, 1, 1)
        ];
        for (uint256 i = 0; i < 4; ++i) {
            bytes memory call = abi.encodeCall(
                FaultProver.initialize, (IRoundManager(manager), address(access), bad[i])
            );
            uint16 bps = i == 3 ? 10_001 : 0;
            vm.expectRevert(abi.encodeWithSelector(IConviction.BadBps.selector, bps, 10_000));
            proxy(implementation, call);
        }
        bytes memory none = abi.encodeCall(
            FaultProver.initialize, (IRoundManager(manager), address(0), defaultShares())
        );
        vm.expectRevert(IConviction.ZeroAddress.selector);
        proxy(implementation, none);
    }

    function test_setShares_byTheParametersRole() public {
        IConviction.Shares memory shares = IConviction.Shares(1, 2, 3);
        vm.expectRevert(unauthorized(council));
        vm.prank(council);
        prover.setShares(shares);
        vm.prank(timelock);
        prover.setShares(shares);
        vm.assertEq(prover.shares().signer, 3);
        vm.assertEq(prover.roundManager(), address(manager));
        vm.assertEq(prover.vault(), address(vault));
    }

    // two receipts

    function test_proveCoordinatorEquivocation_slashesOnceARound() public {
        stakeAs(coordinator, 100 ether);
        UpdateReceipt memory a = _receipt(makeWorld("mean", 3, 3, "r"), 0);
        for (uint256 i = 0; i < 2; ++i) {
            UpdateReceipt memory b = _copy(a);
            if (i == 0) b.updateRoot = keccak256("other");
            else b.statementDigest = keccak256("other");
            a.round = b.round = uint64(1 + i);
            (bytes memory sigA, bytes memory sigB) = (_signed(a), _signed(b));
            vm.prank(stranger);
            prover.proveCoordinatorEquivocation(0, a, sigA, b, sigB);
            vm.expectRevert(
                abi.encodeWithSelector(IFaultProver.AlreadyProven.selector, coordinator, 1 + i, 0)
            );
            prover.proveCoordinatorEquivocation(0, b, sigB, a, sigA);
        }
        vm.assertEq(vault.stakeOf(coordinator), 25 ether);
        vm.assertEq(vault.bountyOf(stranger), 12.5 ether + 6.25 ether);
        vm.assertFalse(vault.isJailed(coordinator));
    }

    function test_proveCoordinatorEquivocation_refusesWhatIsNone() public {
        UpdateReceipt memory a = _receipt(makeWorld("mean", 3, 3, "r"), 0);
        bytes memory sigA = _signed(a);
        vm.expectRevert(IFaultProver.NoContradiction.selector);
        prover.proveCoordinatorEquivocation(0, a, sigA, a, sigA);
        UpdateReceipt memory b = _copy(a);
        b.updateRoot = keccak256("other");
        b.site = siteAt(1);
        bytes memory sigB = _signed(b);
        vm.expectRevert(IFaultProver.StatementsNotComparable.selector);
        prover.proveCoordinatorEquivocation(0, a, sigA, b, sigB);
        b.site = a.site;
        bytes memory forged = sign65(keyOf("stranger"), Typed.digest(manager.domainSeparator(), b));
        vm.expectRevert(
            abi.encodeWithSelector(
                IFaultProver.NotSignedByCoordinator.selector, stranger, coordinator
            )
        );
        prover.proveCoordinatorEquivocation(0, a, sigA, b, forged);
        b.federation = keccak256("other federation");
        vm.expectPartialRevert(IConviction.WrongFederation.selector);
        prover.proveCoordinatorEquivocation(0, a, sigA, b, forged);
        b = _copy(a);
        b.updateRoot = keccak256("other");
        vm.expectRevert(
            abi.encodeWithSelector(
                IFaultProver.NotSignedByCoordinator.selector, address(0), coordinator
            )
        );
        prover.proveCoordinatorEquivocation(0, a, hex"00", b, hex"00");
        vm.expectRevert(TermsCode.NoSuchEpoch.selector);
        prover.proveCoordinatorEquivocation(9, a, hex"00", b, hex"00");
    }

    // omission

    function test_I12_noReceiptVoidsTheRoundThatKeepsIt(bytes32 seed, uint8 sites) public {
        World memory w = makeWorld("mean", 1 + sites % 7, 3, seed);
        commit(w.c);
        for (uint256 i = 0; i < w.leaves.length; ++i) {
            UpdateReceipt memory receipt = _receipt(w, i);
            bytes memory signed = _signed(receipt);
            vm.expectRevert(_noFault(IConviction.Fault.Omission));
            prover.proveOmission(w.c, w.leaves, receipt, signed);
        }
    }

    function test_proveOmission_findsWhatWasLeftOutOrAltered() public {
        for (uint256 i = 0; i < 3; ++i) {
            World memory w = makeWorld("mean", 5, 3, "omission");
            w.c.attempt = uint32(i);
            rebuild(w);
            UpdateReceipt memory receipt = _receipt(w, 2);
            if (i == 0) receipt.site = siteAt(6);
            if (i == 1) receipt.updateRoot = keccak256("what was really sent");
            if (i == 2) receipt.statementDigest = keccak256("what was really signed");
            bytes memory signed = _signed(receipt);
            commit(w.c);
            prover.proveOmission(w.c, w.leaves, receipt, signed);
            vm.assertEq(manager.head(), 0);
        }
    }

    function test_proveOmission_needsTheRoundsLeavesAndReceipt() public {
        World memory w = makeWorld("mean", 5, 3, "omission");
        commit(w.c);
        UpdateReceipt memory receipt = _receipt(w, 2);
        receipt.updateRoot = keccak256("other");
        bytes memory signed = _signed(receipt);
        PositionTree.UpdateLeaf[] memory fewer = new PositionTree.UpdateLeaf[](4);
        for (uint256 i = 0; i < 4; ++i) {
            fewer[i] = w.leaves[i];
        }
        vm.expectPartialRevert(IFaultProver.NotTheUpdates.selector);
        prover.proveOmission(w.c, fewer, receipt, signed);
        vm.expectPartialRevert(IFaultProver.NotTheUpdates.selector);
        prover.proveOmission(w.c, new PositionTree.UpdateLeaf[](0), receipt, signed);
        vm.expectPartialRevert(IFaultProver.NotSignedByCoordinator.selector);
        prover.proveOmission(w.c, w.leaves, receipt, hex"00");
        receipt.attempt = 1;
        vm.expectRevert(IFaultProver.StatementsNotComparable.selector);
        prover.proveOmission(w.c, w.leaves, receipt, signed);
    }

    // leaves

    function test_I12_noLeafVoidsAnHonestRound(bytes32 seed, uint8 sites, uint8 which) public {
        World memory w = makeWorld("mean", 1 + sites % 7, 3, seed);
        commit(w.c);
        uint256 i = which % w.leaves.length;
        IFaultProver.LeafPlace memory place = _place(w, i);
        vm.expectRevert(_noFault(IConviction.Fault.BadSignature));
        prover.proveBadSignature(w.c, w.leaves[i], place, w.signatures[i], w.context, i);
        vm.expectRevert(_noFault(IConviction.Fault.ForeignStatement));
        prover.proveForeignStatement(w.c, w.leaves[i], place, w.statements[i]);
        vm.expectRevert(_noFault(IConviction.Fault.UpdatesDiffer));
        prover.proveUpdatesDiffer(w.c, w.leaves, w.report);
    }

    function test_I13_anyBitOfASignature(uint8 which, uint16 bit) public {
        World memory w = makeWorld("mean", 5, 3, "signature");
        uint256 i = which % 5;
        w.signatures[i][bit % 65] ^= bytes1(uint8(1 << (bit % 8)));
        w.leaves[i].signatureHash = keccak256(w.signatures[i]);
        w.c.updatesRoot = Tree.root(leafHashes(w));
        commit(w.c);
        prover.proveBadSignature(w.c, w.leaves[i], _place(w, i), w.signatures[i], w.context, i);
        vm.assertTrue(manager.roundState(1) == IRoundManager.RoundState.Voided);
    }

    function test_proveBadSignature_findsAnotherKeyThanTheContexts() public {
        World memory w = makeWorld("mean", 5, 3, "key");
        w.signatures[1] = sign65(keyOf("stranger"), w.leaves[1].statementDigest);
        w.leaves[1].signatureHash = keccak256(w.signatures[1]);
        w.c.updatesRoot = Tree.root(leafHashes(w));
        commit(w.c);
        IFaultProver.LeafPlace memory place = _place(w, 1);
        vm.expectRevert(
            abi.encodeWithSelector(IFaultProver.NotTheMember.selector, siteAt(2), siteAt(1))
        );
        prover.proveBadSignature(w.c, w.leaves[1], place, w.signatures[1], w.context, 2);
        vm.expectRevert(
            abi.encodeWithSelector(IFaultProver.NotTheMember.selector, address(0), siteAt(1))
        );
        prover.proveBadSignature(w.c, w.leaves[1], place, w.signatures[1], w.context, 5);
        vm.expectPartialRevert(IConviction.DigestMismatch.selector);
        prover.proveBadSignature(w.c, w.leaves[1], place, hex"00", w.context, 1);
        place.index = 2;
        vm.expectPartialRevert(IFaultProver.NotTheUpdates.selector);
        prover.proveBadSignature(w.c, w.leaves[1], place, w.signatures[1], w.context, 1);
        place.index = 1;
        prover.proveBadSignature(w.c, w.leaves[1], place, w.signatures[1], w.context, 1);
        vm.assertEq(manager.head(), 0);
    }

    function test_proveForeignStatement_findsEachOtherThing() public {
        for (uint256 i = 0; i < 5; ++i) {
            World memory w = makeWorld("mean", 3, 3, "foreign");
            w.c.attempt = uint32(i + 1);
            rebuild(w);
            if (i == 0) w.statements[1].federation = keccak256("other");
            if (i == 1) w.statements[1].round = 7;
            if (i == 2) w.statements[1].attempt = 0; // a replay of the attempt before
            if (i == 3) w.statements[1].site = siteAt(0);
            if (i == 4) w.statements[1].updateRoot = keccak256("other");
            w.leaves[1].statementDigest = Typed.digest(manager.domainSeparator(), w.statements[1]);
            w.c.updatesRoot = Tree.root(leafHashes(w));
            commit(w.c);
            IFaultProver.LeafPlace memory place = _place(w, 1);
            prover.proveForeignStatement(w.c, w.leaves[1], place, w.statements[1]);
            vm.assertEq(manager.head(), 0);
        }
    }

    function test_proveForeignStatement_needsTheCommittedStatement() public {
        World memory w = makeWorld("mean", 3, 3, "statement");
        commit(w.c);
        IFaultProver.LeafPlace memory place = _place(w, 1);
        w.statements[1].round = 2;
        vm.expectPartialRevert(IConviction.DigestMismatch.selector);
        prover.proveForeignStatement(w.c, w.leaves[1], place, w.statements[1]);
    }

    function test_proveUpdatesDiffer_findsAnotherSiteRootOrNumber() public {
        for (uint256 i = 0; i < 3; ++i) {
            World memory w = makeWorld("mean", 3, 3, "differ");
            w.c.attempt = uint32(i);
            rebuild(w);
            if (i == 0) w.leaves[1].site = siteAt(7);
            if (i == 1) w.leaves[1].updateRoot = keccak256("other");
            if (i == 2) {
                PositionTree.UpdateLeaf[] memory fewer = new PositionTree.UpdateLeaf[](2);
                (fewer[0], fewer[1]) = (w.leaves[0], w.leaves[1]);
                w.leaves = fewer;
            }
            w.c.updatesRoot = Tree.root(leafHashes(w));
            commit(w.c);
            prover.proveUpdatesDiffer(w.c, w.leaves, w.report);
            vm.assertEq(manager.head(), 0);
        }
    }

    function _place(World memory w, uint256 i)
        private
        pure
        returns (IFaultProver.LeafPlace memory)
    {
        bytes32[] memory hashes = leafHashes(w);
        return IFaultProver.LeafPlace(uint64(hashes.length), uint64(i), Tree.proof(hashes, i));
    }

    function _receipt(World memory w, uint256 i) private pure returns (UpdateReceipt memory) {
        return UpdateReceipt({
            federation: FEDERATION,
            round: w.c.round,
            attempt: w.c.attempt,
            site: w.leaves[i].site,
            updateRoot: w.leaves[i].updateRoot,
            statementDigest: w.leaves[i].statementDigest
        });
    }

    function _copy(UpdateReceipt memory r) private pure returns (UpdateReceipt memory) {
        return abi.decode(abi.encode(r), (UpdateReceipt));
    }

    function _signed(UpdateReceipt memory receipt) private view returns (bytes memory) {
        return sign65(keyOf("coordinator"), Typed.digest(manager.domainSeparator(), receipt));
    }

    function _noFault(IConviction.Fault fault) private pure returns (bytes memory) {
        return abi.encodeWithSelector(IConviction.NoFault.selector, fault);
    }
}
// forge-lint: disable-end(unsafe-typecast, incorrect-shift)
