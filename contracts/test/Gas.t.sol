// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Provenance} from "../src/interfaces/IModelRegistry.sol";
import {AttestedFault, RoundCommitment, UpdateStatement} from "../src/libraries/Statements.sol";
import {Fixture} from "./support/Fixture.sol";
import {Tree} from "./support/Tree.sol";
import {Typed} from "./support/Typed.sol";

/// @notice Gas of whole transactions, calldata and intrinsic cost included, against ceilings.
/// Figures land in snapshots/Gas.json. Ceilings only ever go down.
contract GasTest is Fixture {
    uint64 private constant RING = 64;

    function test_gas_commitRound() public {
        commitUpTo(1);
        _note("commitRound first ever, M=3", 180_000);
        commitUpTo(2);
        _note("commitRound cold slot, M=3", 147_000);
        commitUpTo(RING);
        skip(WINDOW);
        commitUpTo(RING + 2);
        _note("commitRound ring reused, M=3", 95_000);
        RoundCommitment memory c = commitmentOf(RING + 3);
        bytes memory signed = signatures(manager.commitmentDigest(c), hex"0001020304");
        vm.prank(coordinator);
        manager.commitRound(c, signed);
        _note("commitRound ring reused, M=5", 104_500);
        c = commitmentOf(RING + 4);
        signed = signatures(manager.commitmentDigest(c), hex"00010203");
        vm.prank(coordinator);
        manager.commitRound(c, signed);
        _note("commitRound ring reused, M=4", 100_000);
    }

    function test_gas_voidRound() public {
        commitUpTo(1);
        skip(WINDOW);
        commitUpTo(RING);
        voidByCouncil(commitmentOf(RING));
        _note("voidRound newest", 235_000);
        voidByCouncil(commitmentOf(2));
        _note("voidRound with 61 descendants", 2_100_000);
    }

    function test_gas_claim() public {
        bytes32[] memory leaves = new bytes32[](20);
        for (uint64 round = 1; round <= 2; ++round) {
            for (uint64 i = 0; i < 20; ++i) {
                address who = i == 7 ? stranger : site;
                leaves[i] = keccak256(abi.encode(uint8(4), i, who, round * 1 ether, FEDERATION));
            }
            RoundCommitment memory c = commitmentOf(round);
            c.rewardsRoot = Tree.root(leaves);
            commit(c);
            skip(WINDOW);
            manager.claim(round, 20, 3, site, round * 1 ether, FEDERATION, Tree.proof(leaves, 3));
            if (round == 1) _note("claim first of all, depth 5", 107_000);
            else _note("claim later, depth 5", 72_500);
            if (round == 1) _claimAsAnother(c, leaves);
        }
    }

    function _claimAsAnother(RoundCommitment memory c, bytes32[] memory leaves) private {
        token.mint(stranger, 1); // it holds tokens already, as a site that stakes does
        manager.claim(c.round, 20, 7, stranger, 1 ether, FEDERATION, Tree.proof(leaves, 7));
        _note("claim first of an account, depth 5", 90_000);
    }

    function test_gas_stake() public {
        bytes memory proof = possession(vault, "site signer", site);
        token.mint(site, 10 ether);
        vm.startPrank(site);
        token.approve(address(vault), 10 ether);
        vault.stake(1 ether);
        _note("stake first", 121_000);
        vault.stake(1 ether);
        _note("stake top-up", 70_000);
        vault.setSigner(siteSigner, proof);
        _note("setSigner", 89_000);
        vault.requestExit(1 ether);
        _note("requestExit", 60_000);
        vm.stopPrank();
        skip(UNBONDING);
        vm.prank(site);
        vault.withdraw();
        _note("withdraw", 76_000);
    }

    function test_gas_slash() public {
        enrolSite(100 ether);
        commitUpTo(1);
        bytes32 evidence = manager.hashCommitment(commitmentOf(1));
        AttestedFault memory fault =
            AttestedFault(FEDERATION, 1, site, 2, 200, evidence, type(uint64).max);
        bytes memory signed = quorum(court.faultDigest(fault));
        bytes32 caseId = court.accuse(fault, signed);
        _note("accuse, M=3", 206_000);
        skip(SLASH_DELAY);
        vault.executeSlash(caseId);
        _note("executeSlash", 58_000);
        fault.kind = 3;
        caseId = court.accuse(fault, quorum(court.faultDigest(fault)));
        vm.prank(council);
        vault.vetoSlash(caseId);
        _note("vetoSlash", 63_000);
    }

    function test_gas_proveEquivocation() public {
        enrolSite(100 ether);
        UpdateStatement memory a = UpdateStatement(
            FEDERATION, 1, 0, site, modelOf(0), keccak256("a"), 13, keccak256("details")
        );
        UpdateStatement memory b = UpdateStatement(
            FEDERATION, 1, 0, site, modelOf(0), keccak256("b"), 13, keccak256("details")
        );
        bytes32 domain = manager.domainSeparator();
        bytes memory sigA = signature65(keyOf("site signer"), Typed.digest(domain, a));
        bytes memory sigB = signature65(keyOf("site signer"), Typed.digest(domain, b));
        vm.prank(stranger);
        prover.proveEquivocation(a, sigA, b, sigB);
        _note("proveEquivocation with slash and bounty", 178_000);
    }

    function test_gas_publish() public {
        commitUpTo(1);
        skip(WINDOW);
        Provenance memory p;
        p.modelId = keccak256("model");
        p.round = 1;
        p.weightsRoot = modelOf(1);
        p.weightsSha256 = keccak256("file");
        p.weightsBytes = 4_096;
        p.datasetsRoot = p.codeCommit = p.configHash = p.evalHash = keccak256("digest");
        RoundCommitment memory c = commitmentOf(1);
        for (uint64 version = 1; version <= 2; ++version) {
            p.version = version;
            p.parent = registry.recordOf(p.modelId, version - 1);
            vm.prank(publisher);
            registry.publish(c, p);
            if (version == 1) _note("publish first version", 92_000);
            else _note("publish next version", 90_000);
        }
    }

    function _note(string memory what, uint256 ceiling) private {
        uint256 used = vm.snapshotGasLastCall("Gas", what);
        vm.assertLe(used, ceiling, what);
    }
}
