// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

// Values of tests are chosen so that casts of them lose nothing.
// forge-lint: disable-start(unsafe-typecast, incorrect-shift)

import {Initializable} from "@openzeppelin/contracts/proxy/utils/Initializable.sol";

import {FaultProver} from "../src/FaultProver.sol";
import {LeafDemands} from "../src/LeafDemands.sol";
import {ModelRegistry} from "../src/ModelRegistry.sol";
import {ResultProver} from "../src/ResultProver.sol";
import {RoundDisputes} from "../src/RoundDisputes.sol";
import {RoundManager} from "../src/RoundManager.sol";
import {SettlementProver} from "../src/SettlementProver.sol";
import {SlashCourt} from "../src/SlashCourt.sol";
import {StakeVault} from "../src/StakeVault.sol";
import {IFaultProver} from "../src/interfaces/IFaultProver.sol";
import {IRoundManager} from "../src/interfaces/IRoundManager.sol";
import {ISlashCourt} from "../src/interfaces/ISlashCourt.sol";
import {AuditorQuorum} from "../src/libraries/AuditorQuorum.sol";
import {AttestedFault, RoundCommitment, UpdateStatement} from "../src/libraries/Statements.sol";
import {Fixture} from "./support/Fixture.sol";
import {Tree} from "./support/Tree.sol";
import {Typed} from "./support/Typed.sol";

/// @notice Attacks that do not belong to one contract, and bugs that a first version had.
contract AttacksTest is Fixture {
    bytes32 private constant _COMMITMENT_TYPE = keccak256(
        "RoundCommitment(bytes32 federation,uint64 round,uint32 attempt,uint32 sites,uint64 coordinates,uint128 rewardTotal,uint64 scoreSum,bytes32 contextDigest,bytes32 parentModel,bytes32 model,bytes32 updatesRoot,bytes32 aggregateRoot,bytes32 reportDigest,bytes32 scoresRoot,bytes32 rewardsRoot)"
    );

    // Replays and front-running

    /// @dev A claim pays once, in whatever order and against whatever round it is repeated.
    function test_attack_doubleClaim() public {
        (RoundCommitment memory c, bytes32[] memory proof) = _rewarded();
        manager.claim(1, 2, 0, site, 3 ether, FEDERATION, proof);
        bytes memory reason =
            abi.encodeWithSelector(IRoundManager.NothingToClaim.selector, site, 3 ether, 3 ether);
        vm.expectRevert(reason);
        manager.claim(1, 2, 0, site, 3 ether, FEDERATION, proof);
        RoundCommitment memory next = commitmentOf(2);
        (next.rewardsRoot, next.rewardTotal) = (c.rewardsRoot, c.rewardTotal);
        commit(next);
        skip(WINDOW);
        vm.expectRevert(reason);
        vm.prank(site);
        manager.claim(2, 2, 0, site, 3 ether, FEDERATION, proof);
        vm.assertEq(token.balanceOf(site), 3 ether);
    }

    /// @dev Who copies a proof from the mempool takes its bounty. The slash is the same, and the
    /// incident is punished once.
    function test_attack_frontRunProofChangesNoSlashAndPaysOnce() public {
        enrolSite(100 ether);
        (UpdateStatement memory a, bytes memory sigA) = _statement("a");
        (UpdateStatement memory b, bytes memory sigB) = _statement("b");
        address thief = actor("copies what it sees");
        vm.prank(thief);
        prover.proveEquivocation(a, sigA, b, sigB);
        vm.expectRevert(
            abi.encodeWithSelector(IFaultProver.AlreadyProven.selector, site, uint64(1), uint32(0))
        );
        vm.prank(stranger);
        prover.proveEquivocation(b, sigB, a, sigA);
        vm.assertEq(vault.stakeOf(site), 90 ether);
        vm.assertEq(vault.bountyOf(thief), 2.5 ether);
        vm.assertEq(vault.bountyOf(stranger), 0);
    }

    /// @dev Everything that is signed names chain and contract: what was said elsewhere proves and
    /// decides nothing here.
    function test_attack_crossChainReplay() public {
        enrolSite(100 ether);
        commitUpTo(1);
        (UpdateStatement memory a, bytes memory sigA) = _statement("a");
        (UpdateStatement memory b, bytes memory sigB) = _statement("b");
        bytes32 evidence = manager.hashCommitment(commitmentOf(1));
        AttestedFault memory fault =
            AttestedFault(FEDERATION, 1, site, 2, 200, evidence, type(uint64).max);
        bytes memory accusation = quorum(court.faultDigest(fault));
        RoundCommitment memory c = commitmentOf(2);
        bytes memory signed = quorum(manager.commitmentDigest(c));
        bytes memory binding = possession(vault, "other key", site);
        vm.chainId(4242);
        vm.expectPartialRevert(IFaultProver.NotSignedBySite.selector);
        prover.proveEquivocation(a, sigA, b, sigB);
        vm.expectPartialRevert(AuditorQuorum.NotSignedByAuditor.selector);
        court.accuse(fault, accusation);
        vm.expectPartialRevert(AuditorQuorum.NotSignedByAuditor.selector);
        vm.prank(coordinator);
        manager.commitRound(c, signed);
        vm.expectPartialRevert(bytes4(keccak256("NotSignedBySigner(address,address)")));
        vm.prank(site);
        vault.setSigner(actor("other key"), binding);
    }

    /// @dev A second federation on one chain, with the same auditors: its contracts have addresses
    /// of their own, which every signature names.
    function test_attack_replayInAnotherFederationOfTheChain() public {
        RoundManager other = deployManager(FEDERATION, vault, address(access), manager.epochOf(0));
        RoundCommitment memory c = commitmentOf(1);
        c.rewardTotal = 0;
        bytes memory signed = quorum(manager.commitmentDigest(c));
        vm.expectPartialRevert(AuditorQuorum.NotSignedByAuditor.selector);
        vm.prank(coordinator);
        other.commitRound(c, signed);
    }

    /// @dev An accusation is a message, not a signature: another set of signers on it is the same
    /// accusation.
    function test_attack_accusationReplayWithOtherSigners() public {
        enrolSite(100 ether);
        commitUpTo(1);
        bytes32 evidence = manager.hashCommitment(commitmentOf(1));
        AttestedFault memory fault =
            AttestedFault(FEDERATION, 1, site, 2, 200, evidence, type(uint64).max);
        bytes32 digest = court.faultDigest(fault);
        bytes32 caseId = court.accuse(fault, signatures(digest, hex"000204"));
        vm.expectRevert(abi.encodeWithSelector(ISlashCourt.AlreadyAccused.selector, caseId));
        court.accuse(fault, signatures(digest, hex"000103"));
    }

    // Dilution and sentinels

    /// @dev Money and stake that come later change no round that is committed: totals only grow by
    /// what a new commitment says, and an account outside the tree has no leaf.
    function test_attack_lateJoinAndLateFundingDiluteNothing() public {
        (RoundCommitment memory c, bytes32[] memory proof) = _rewarded();
        stakeAs(stranger, 10_000 ether);
        _fund(1_000_000 ether);
        vm.expectPartialRevert(IRoundManager.NotInRewardsTree.selector);
        manager.claim(1, 2, 0, stranger, 3 ether, FEDERATION, proof);
        manager.claim(1, 2, 0, site, 3 ether, FEDERATION, proof);
        vm.assertEq(manager.slotOf(1).rewardTotal, c.rewardTotal);
        vm.assertEq(token.balanceOf(site), 3 ether);
    }

    /// @dev No field of zero means anything: each is refused, so that no state can be forged by it.
    function test_attack_zeroSentinels() public {
        RoundCommitment memory c = commitmentOf(1);
        c.rewardsRoot = 0;
        commitFails(c, abi.encodeWithSelector(IRoundManager.ZeroField.selector, "rewardsRoot"));
        // Slots that were never used hold zero: they stand for no round.
        vm.expectRevert(abi.encodeWithSelector(IRoundManager.CommitmentMismatch.selector, 1, 0, 0));
        manager.claim(1, 1, 0, site, 1, 0, new bytes32[](0));
        vm.assertTrue(manager.roundState(0) == IRoundManager.RoundState.None);
        vm.assertFalse(manager.isFinal(0));
        vm.assertFalse(manager.isVoided(0));
        vm.expectRevert(abi.encodeWithSelector(ISlashCourt.UnknownRound.selector, 0, 0));
        court.accuse(AttestedFault(FEDERATION, 0, site, 2, 200, 0, type(uint64).max), "");
    }

    /// @dev C3.7: a number wider than its type reverts before anything is hashed.
    function test_bug_numbersTooWideForTheirTypeAreRefused() public {
        bytes memory good = abi.encodeCall(manager.hashCommitment, (commitmentOf(1)));
        uint256[6] memory fields = [uint256(1), 2, 3, 4, 5, 6]; // round to scoreSum
        for (uint256 i = 0; i < 6; ++i) {
            bytes memory wide = bytes.concat(good);
            wide[4 + 32 * fields[i]] = 0x80;
            (bool done,) = address(manager).call(wide);
            vm.assertFalse(done);
        }
        (bool fits, bytes memory hash) = address(manager).call(good);
        vm.assertTrue(fits);
        vm.assertEq(bytes32(hash), keccak256(abi.encode(_COMMITMENT_TYPE, commitmentOf(1))));
    }

    // Implementations

    /// @dev GHSA-q4h9-46xg-m3x9: nobody can initialize an implementation, nor a proxy again.
    function test_attack_uninitialisedImplementations() public {
        bytes[9] memory calls = [
            abi.encodeCall(
                StakeVault.initialize, (token, slashPool, address(access), defaultWindows())
            ),
            abi.encodeCall(
                RoundManager.initialize, (FEDERATION, vault, address(access), manager.epochOf(0))
            ),
            abi.encodeCall(FaultProver.initialize, (manager, address(access), defaultShares())),
            abi.encodeCall(ResultProver.initialize, (manager, address(access), defaultShares())),
            abi.encodeCall(
                SettlementProver.initialize, (manager, address(access), defaultShares())
            ),
            abi.encodeCall(SlashCourt.initialize, (manager, address(access), 1, 1)),
            abi.encodeCall(RoundDisputes.initialize, (manager, address(access), 1)),
            abi.encodeCall(ModelRegistry.initialize, (manager, address(access), publisher)),
            abi.encodeCall(LeafDemands.initialize, (manager, address(access), demands.terms()))
        ];
        address[9] memory codes = [
            address(new StakeVault()),
            address(new RoundManager()),
            address(new FaultProver()),
            address(new ResultProver()),
            address(new SettlementProver()),
            address(new SlashCourt()),
            address(new RoundDisputes()),
            address(new ModelRegistry()),
            address(new LeafDemands())
        ];
        address[9] memory proxies = [
            address(vault),
            address(manager),
            address(prover),
            address(results),
            address(settlements),
            address(court),
            address(disputes),
            address(registry),
            address(demands)
        ];
        bytes32 refused = bytes32(Initializable.InvalidInitialization.selector);
        for (uint256 i = 0; i < 9; ++i) {
            (bool done, bytes memory reason) = codes[i].call(calls[i]);
            vm.assertFalse(done);
            vm.assertEq(bytes32(bytes4(reason)), refused);
            (done, reason) = proxies[i].call(calls[i]);
            vm.assertFalse(done);
            vm.assertEq(bytes32(bytes4(reason)), refused);
        }
    }

    // What a round costs in storage

    /// @dev C3.5: one field too many in a word costs 5,000 gas a round. A commitment writes the hot
    /// word, model, history and the three words of its slot, and nothing else.
    function test_bug_aCommitmentWritesSixWords() public {
        commitUpTo(3);
        RoundCommitment memory c = commitmentOf(4);
        bytes memory signed = quorum(manager.commitmentDigest(c));
        vm.record();
        vm.prank(coordinator);
        manager.commitRound(c, signed);
        (, bytes32[] memory writes) = vm.accesses(address(manager));
        vm.assertEq(writes.length, 6);
        for (uint256 i = 0; i < 6; ++i) {
            for (uint256 j = 0; j < i; ++j) {
                vm.assertTrue(writes[i] != writes[j]);
            }
        }
    }

    // Support

    /// @dev Round 1, final, with 3 for the site and 4 for somebody else; the site's proof.
    function _rewarded() private returns (RoundCommitment memory c, bytes32[] memory proof) {
        bytes32[] memory leaves = new bytes32[](2);
        leaves[0] = keccak256(abi.encode(uint8(4), uint64(0), site, 3 ether, FEDERATION));
        leaves[1] = keccak256(abi.encode(uint8(4), uint64(1), coordinator, 4 ether, FEDERATION));
        c = commitmentOf(1);
        (c.rewardsRoot, c.rewardTotal) = (Tree.root(leaves), 7 ether);
        commit(c);
        skip(WINDOW);
        proof = Tree.proof(leaves, 0);
    }

    function _statement(string memory root)
        private
        view
        returns (UpdateStatement memory statement, bytes memory signed)
    {
        statement = UpdateStatement(
            FEDERATION, 1, 0, site, modelOf(0), keccak256(bytes(root)), 13, keccak256("details")
        );
        bytes32 digest = Typed.digest(manager.domainSeparator(), statement);
        signed = signature65(keyOf("site signer"), digest);
    }
}
// forge-lint: disable-end(unsafe-typecast, incorrect-shift)
