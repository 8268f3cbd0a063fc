// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IConviction} from "../src/interfaces/IConviction.sol";
import {IResultProver} from "../src/interfaces/IResultProver.sol";
import {ContentTree} from "../src/libraries/ContentTree.sol";
import {RoundCommitment} from "../src/libraries/Statements.sol";
import {Blob} from "./support/Blob.sol";
import {Fixture} from "./support/Fixture.sol";

/// @notice Rounds that the C++ evaluate_round() committed (tests/contracts/cpp/committed_rounds_test.cpp
/// keeps the file): no proof voids them, and one changed byte of aggregate, model, scores or rewards
/// does. So encodings and arithmetic are the same on both sides.
contract CommittedTest is Fixture {
    uint256 private constant CASES = 10;
    uint256 private constant SHARED_MEAN = 7;
    uint256 private constant SHARED_MEDIAN = 8;
    uint256 private constant MIXED_MEDIAN = 9; // nearest-neighbour mixing in front
    uint256 private constant COORDINATES = 300;

    struct Round {
        RoundCommitment c;
        bytes report;
        bytes context;
        bytes rules;
        bytes base;
        bytes aggregate;
        bytes model;
        bytes[] updates;
    }

    bytes private _file;
    uint256 private _next;

    function setUp() public override {
        super.setUp();
        _file = vm.parseBytes(string.concat("0x", vm.readFile("test/fixtures/rounds.hex")));
    }

    function test_I12_noProofVoidsWhatEvaluateRoundCommits() public {
        bytes memory file = _file;
        for (uint256 i = 0; i < CASES; ++i) {
            uint256 rounds = _length(file);
            Round memory first;
            Round memory parent;
            for (uint256 k = 0; k < rounds; ++k) {
                Round memory round = _round(file);
                if (k == 0) (first, parent) = (round, round);
                commit(round.c);
                _bindMembers(round.context);
                _standsUp(round, parent, i);
                parent = round;
            }
            vm.assertTrue(_sharesWeight(parent) == (i == SHARED_MEAN || i == SHARED_MEDIAN));
            vm.assertEq(manager.head(), rounds);
            voidByCouncil(first.c);
            _freshManager();
        }
        vm.assertEq(_next, file.length);
    }

    function test_I13_oneChangedBitVoidsWhatEvaluateRoundCommits(uint16 where, uint8 bit) public {
        bytes memory file = _file;
        _length(file);
        Round memory first = _round(file);
        uint256 j = where % COORDINATES;
        first.aggregate[4 * j + bit / 8 % 4] ^= bytes1(uint8(1) << (bit % 8));
        first.c.aggregateRoot = Blob.root(first.aggregate);
        bytes memory root = bytes.concat(first.c.aggregateRoot);
        for (uint256 k = 0; k < 32; ++k) {
            first.report[first.report.length - 192 + k] = root[k];
        }
        first.c.reportDigest = sha256(first.report);
        commit(first.c);
        (bool done,) = address(results).call(_aggregateProof(first, j));
        vm.assertTrue(done);
        vm.assertEq(manager.head(), 0);
    }

    function _standsUp(Round memory r, Round memory parent, uint256 i) private {
        uint256 j = 17 + 31 * i;
        IConviction.Documents memory d = IConviction.Documents(r.report, r.context, r.rules);
        bytes memory proof = _aggregateProof(r, j);
        if (i == MIXED_MEDIAN || (i == SHARED_MEDIAN && _sharesWeight(r))) {
            _refuses(
                address(results),
                abi.encodeWithSelector(IResultProver.NotProvable.selector, keccak256("median")),
                proof
            );
        } else {
            _refuses(address(results), _noFault(IConviction.Fault.BadAggregate), proof);
        }
        proof = abi.encodeCall(
            results.proveBadModel,
            (r.c, d, j, Blob.open(r.base, j), Blob.open(r.aggregate, j), Blob.open(r.model, j))
        );
        _refuses(address(results), _noFault(IConviction.Fault.BadModel), proof);
        proof = abi.encodeCall(results.proveBadReport, (r.c, d));
        _refuses(address(results), _noFault(IConviction.Fault.BadReport), proof);
        proof = abi.encodeCall(settlements.proveBadSettlement, (r.c, d));
        _refuses(address(settlements), _noFault(IConviction.Fault.BadSettlement), proof);
        proof = abi.encodeCall(
            settlements.proveBadContext, (r.c, r.context, parent.c, parent.context, parent.report)
        );
        _refuses(address(settlements), _noFault(IConviction.Fault.BadContext), proof);
    }

    function _refuses(address target, bytes memory wanted, bytes memory proof) private {
        (bool done, bytes memory reason) = target.call(proof);
        vm.assertFalse(done);
        vm.assertEq(keccak256(reason), keccak256(wanted));
    }

    function _noFault(IConviction.Fault fault) private pure returns (bytes memory) {
        return abi.encodeWithSelector(IConviction.NoFault.selector, fault);
    }

    function _aggregateProof(Round memory r, uint256 j) private view returns (bytes memory) {
        uint256 used = 0;
        for (uint256 i = 0; i < r.updates.length; ++i) {
            if (_weightOf(r, i) != 0) ++used;
        }
        ContentTree.Opening[] memory openings = new ContentTree.Opening[](used);
        used = 0;
        for (uint256 i = 0; i < r.updates.length; ++i) {
            if (_weightOf(r, i) != 0) openings[used++] = Blob.open(r.updates[i], j);
        }
        IConviction.Documents memory d = IConviction.Documents(r.report, r.context, r.rules);
        return
            abi.encodeCall(
                results.proveBadAggregate, (r.c, d, j, Blob.open(r.aggregate, j), openings)
            );
    }

    /// @dev The vault knows the members' keys. From 240 bytes on, 81 each: site, key and more.
    function _bindMembers(bytes memory context) private {
        for (uint256 place = 240; place < context.length; place += 81) {
            vm.mockCall(
                address(vault),
                abi.encodeCall(vault.ownerOfSigner, (_addressAt(context, place + 20))),
                abi.encode(_addressAt(context, place))
            );
        }
    }

    function _addressAt(bytes memory data, uint256 from) private pure returns (address found) {
        assembly ("memory-safe") {
            found := shr(96, mload(add(add(data, 32), from)))
        }
    }

    function _sharesWeight(Round memory r) private pure returns (bool) {
        uint256 sites = r.report.length - 192 - 200 * r.updates.length;
        for (uint256 i = 0; i < r.updates.length; ++i) {
            if (uint8(r.report[sites + 200 * i + 53]) == 11) return true;
        }
        return false;
    }

    /// @dev From the end: 192 bytes of roots and limits, 200 a site, the weight 54 into an entry.
    function _weightOf(Round memory r, uint256 i) private pure returns (uint256 weight) {
        uint256 from = r.report.length - 192 - 200 * (r.updates.length - i) + 54;
        for (uint256 k = from; k < from + 8; ++k) {
            weight = (weight << 8) | uint8(r.report[k]);
        }
    }

    function _round(bytes memory file) private returns (Round memory r) {
        r.c = abi.decode(_blob(file), (RoundCommitment));
        r.report = _blob(file);
        r.context = _blob(file);
        r.rules = _blob(file);
        r.base = _blob(file);
        r.aggregate = _blob(file);
        r.model = _blob(file);
        r.updates = new bytes[](_length(file));
        for (uint256 i = 0; i < r.updates.length; ++i) {
            r.updates[i] = _blob(file);
        }
    }

    function _blob(bytes memory file) private returns (bytes memory piece) {
        uint256 length = _length(file);
        uint256 from = _next;
        piece = new bytes(length);
        assembly ("memory-safe") {
            mcopy(add(piece, 32), add(add(file, 32), from), length)
        }
        _next = from + length;
    }

    function _length(bytes memory file) private returns (uint256 value) {
        for (uint256 i = 0; i < 4; ++i) {
            value = (value << 8) | uint8(file[_next + i]);
        }
        _next += 4;
    }

    /// @dev Another chain with the same accounts: every case starts with round 1.
    function _freshManager() private {
        uint256 next = _next;
        bytes memory file = _file;
        super.setUp();
        (_file, _next) = (file, next);
    }
}
