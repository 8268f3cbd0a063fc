// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

// Values of tests are chosen so that casts of them lose nothing.
// forge-lint: disable-start(unsafe-typecast, incorrect-shift)

import {ContentTree} from "../src/libraries/ContentTree.sol";
import {PositionTree} from "../src/libraries/PositionTree.sol";
import {RoundCommitment, UpdateReceipt} from "../src/libraries/Statements.sol";
import {Blob} from "./support/Blob.sol";
import {HonestRound} from "./support/HonestRound.sol";
import {Tree} from "./support/Tree.sol";
import {Typed} from "./support/Typed.sol";

/// @notice Gas of proofs, slashing of the coordinator and three signers with stake included. Figures
/// land in snapshots/Proofs.json. Ceilings only ever go down.
contract ProofGasTest is HonestRound {
    uint256 private constant BIG = 1 << 20;
    uint256 private constant TRANSACTION_CAP = 1 << 24;

    function test_gas_proveBadAggregate() public {
        _aggregate(4, 1 << 16, "proveBadAggregate n=4 d=2^16", 455_000);
        _aggregate(8, 1 << 16, "proveBadAggregate n=8 d=2^16", 595_000);
        _aggregate(20, 1 << 16, "proveBadAggregate n=20 d=2^16", 1_320_000);
        _aggregate(20, BIG, "proveBadAggregate n=20 d=2^20", 1_380_000);
    }

    /// @dev EIP-7825: no transaction has more than 2^24 gas. A proof grows by the same for each site,
    /// so what the last fifty cost says how many fit: at least 250.
    function test_attack_blockGasCap_provesBadAggregatesOfTwoHundredAndFiftySites() public {
        uint256 fifty = _aggregate(50, BIG, "proveBadAggregate n=50 d=2^20", 3_270_000);
        uint256 hundred = _aggregate(100, BIG, "proveBadAggregate n=100 d=2^20", 6_500_000);
        vm.assertLe(hundred + 150 * (hundred - fifty) / 50, TRANSACTION_CAP);
    }

    /// @dev The most sites that a report may have fit into one answer to a demand.
    function test_attack_blockGasCap_answersDemandsOfEveryRound() public {
        _answer(20, "answerDemand n=20", 450_000);
        _answer(512, "answerDemand n=512", 9_000_000);
    }

    /// @dev Documents as long as those of `n` sites.
    function _answer(uint256 n, string memory what, uint256 ceiling) private {
        PositionTree.UpdateLeaf[] memory leaves = new PositionTree.UpdateLeaf[](n);
        bytes32[] memory hashes = new bytes32[](n);
        for (uint256 i = 0; i < n; ++i) {
            bytes32 word = keccak256(abi.encode(what, i));
            leaves[i] = PositionTree.UpdateLeaf(siteAt(i), word, word, word);
            hashes[i] = keccak256(abi.encode(uint8(0), i, leaves[i]));
        }
        (bytes memory report, bytes memory context) =
            (_filler(200 * n + 300), _filler(81 * n + 240));
        RoundCommitment memory c = commitmentOf(1);
        c.attempt = uint32(n);
        (c.updatesRoot, c.rewardTotal) = (Tree.root(hashes), 0);
        (c.reportDigest, c.contextDigest) = (sha256(report), sha256(context));
        commit(c);
        _demand(c);
        if (n == 20) _note("demandLeaves", 250_000);
        vm.prank(coordinator);
        demands.answerDemand(c, leaves, report, context);
        _note(what, ceiling);
        voidByCouncil(c);
    }

    function _demand(RoundCommitment memory c) private {
        token.mint(stranger, DEMAND_BOND);
        vm.prank(stranger);
        token.approve(address(demands), DEMAND_BOND);
        vm.prank(stranger);
        demands.demandLeaves(c, DEMAND_BOND);
    }

    function _filler(uint256 length) private pure returns (bytes memory filler) {
        filler = new bytes(length);
        for (uint256 at_ = 0; at_ + 32 <= length; at_ += 32) {
            bytes32 word = keccak256(abi.encode(at_));
            assembly ("memory-safe") {
                mstore(add(add(filler, 32), at_), word)
            }
        }
    }

    function test_gas_expireDemand() public {
        World memory w = makeWorld("mean", 20, 1, "withheld");
        commit(w.c);
        _stake();
        _demand(w.c);
        skip(ANSWER_TIME + 1);
        demands.expireDemand(w.c);
        _note("expireDemand", 330_000);
    }

    function test_gas_proveBadSettlement() public {
        World memory w = makeWorld("mean", 20, 3, "gas");
        w.c.rewardTotal += 1;
        commit(w.c);
        _stake();
        vm.prank(stranger);
        settlements.proveBadSettlement(w.c, documentsOf(w));
        _note("proveBadSettlement n=20", 505_000);
    }

    function test_gas_proveBadModel() public {
        World memory w = makeWorld("mean", 20, 300, "gas");
        w.model[7] += 1;
        document(w);
        commit(w.c);
        _stake();
        ContentTree.Opening memory base = Blob.open(Blob.encode(w.base), 7);
        ContentTree.Opening memory aggregate_ = Blob.open(Blob.encode(w.aggregate), 7);
        ContentTree.Opening memory model = Blob.open(Blob.encode(w.model), 7);
        vm.prank(stranger);
        results.proveBadModel(w.c, documentsOf(w), 7, base, aggregate_, model);
        _note("proveBadModel n=20", 400_000);
    }

    function test_gas_proveOmission() public {
        World memory w = makeWorld("mean", 20, 3, "gas");
        commit(w.c);
        _stake();
        UpdateReceipt memory r = UpdateReceipt({
            federation: FEDERATION,
            round: 1,
            attempt: 0,
            site: siteAt(21),
            updateRoot: keccak256("left out"),
            statementDigest: keccak256("signed")
        });
        bytes memory signed =
            sign65(keyOf("coordinator"), Typed.digest(manager.domainSeparator(), r));
        vm.prank(stranger);
        prover.proveOmission(w.c, w.leaves, r, signed);
        _note("proveOmission n=20", 350_000);
    }

    /// @dev Blobs of which only the opened leaf is known: the proof costs the same.
    function _aggregate(uint256 n, uint256 d, string memory what, uint256 ceiling)
        private
        returns (uint256 used)
    {
        World memory w = makeWorld("mean", n, 1, keccak256(bytes(what)));
        w.coordinates = d;
        for (uint256 i = 0; i < n; ++i) {
            (w.standings[i], w.weights[i]) = (1, 1);
        }
        w.denominator = uint32(n);
        w.c.coordinates = uint64(d);
        ContentTree.Opening[] memory updates = new ContentTree.Opening[](n);
        for (uint256 i = 0; i < n; ++i) {
            bytes memory leaf = _leaf(keccak256(abi.encode(what, i)));
            (w.statements[i].updateRoot, updates[i]) =
                Blob.pretend(leaf, 4 * d, 3, keccak256(abi.encode(i)));
        }
        ContentTree.Opening memory committed;
        (w.c.aggregateRoot, committed) = Blob.pretend(_leaf("aggregate"), 4 * d, 3, "aggregate");
        w.report = encodeReport(w);
        w.c.reportDigest = sha256(w.report);
        w.c.attempt = uint32(n + d);
        commit(w.c);
        _stake();
        vm.prank(stranger);
        results.proveBadAggregate(w.c, documentsOf(w), 3 * 256 + 5, committed, updates);
        used = _note(what, ceiling);
    }

    function _leaf(bytes32 seed) private pure returns (bytes memory leaf) {
        for (uint256 i = 0; i < 32; ++i) {
            leaf = bytes.concat(leaf, keccak256(abi.encode(seed, i)));
        }
    }

    /// @dev Coordinator and signers hold stake under their own addresses.
    function _stake() private {
        stakeAs(coordinator, 1_000 ether);
        for (uint256 i = 0; i < 5; i += 2) {
            stakeAs(vm.addr(auditorKeys[i]), 100 ether);
        }
    }

    function _note(string memory what, uint256 ceiling) private returns (uint256 used) {
        used = vm.snapshotGasLastCall("Proofs", what);
        vm.assertLe(used, ceiling, what);
    }
}
// forge-lint: disable-end(unsafe-typecast, incorrect-shift)
