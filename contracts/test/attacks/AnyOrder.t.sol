// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

// Values of tests are chosen so that casts of them lose nothing.
// forge-lint: disable-start(unsafe-typecast, incorrect-shift)

import {ILeafDemands} from "../../src/interfaces/ILeafDemands.sol";
import {IRoundManager} from "../../src/interfaces/IRoundManager.sol";
import {PositionTree} from "../../src/libraries/PositionTree.sol";
import {RoundCommitment} from "../../src/libraries/Statements.sol";
import {Fixture} from "../support/Fixture.sol";

/// @notice Demands, disputes, voids, convictions, extensions, epochs and pauses in any order: what is
/// final stays final, times keep their order and bounds, and everything ends.
contract AnyOrderTest is Fixture {
    uint256 private constant STEPS = 40;
    bytes private constant REPORT = "report";
    bytes private constant CONTEXT = "context";

    RoundCommitment[] private _made;
    mapping(uint64 round => uint256) private _standing; // in _made
    uint64 private _lastFinal;
    mapping(uint64 round => bytes32) private _final;

    function setUp() public override {
        super.setUp();
        stakeAs(coordinator, 1_000 ether);
        token.mint(stranger, 1e9 ether);
        vm.startPrank(stranger);
        token.approve(address(demands), 1e9 ether);
        token.approve(address(disputes), 1e9 ether);
        vm.stopPrank();
    }

    function test_attack_noOrderOfEventsLocksATokenOrARound(uint256 seed) public {
        for (uint256 i = 0; i < STEPS; ++i) {
            _act(uint256(keccak256(abi.encode(seed, i))));
            _check();
        }
        _endEverything();
        vm.assertEq(token.balanceOf(address(demands)), 0);
        vm.assertEq(token.balanceOf(address(disputes)), 0);
        skip(WINDOW + 3 days + 2 * ANSWER_TIME);
        vm.assertTrue(manager.head() == 0 || manager.isFinal(manager.head()));
        uint128 left = vault.stakeOf(coordinator);
        if (left == 0) return;
        vm.prank(coordinator);
        vault.requestExit(left);
        skip(UNBONDING);
        vm.prank(coordinator);
        vault.withdraw();
        vm.assertEq(token.balanceOf(address(vault)), vault.slashPoolBalance());
    }

    function _act(uint256 dice) private {
        uint256 what = dice % 19;
        dice >>= 8;
        if (what < 5) return _commit();
        if (what < 8) return skip(dice % 30 hours);
        RoundCommitment memory c = _some(dice);
        if (c.round == 0) return;
        uint40 time = uint40(vm.getBlockTimestamp());
        if (what < 10) _try(stranger, address(demands), _demandCall(c));
        if (what == 10) {
            _try(stranger, address(disputes), abi.encodeCall(disputes.challenge, (c, 0, 1e9 ether)));
        }
        if (what == 11) _try(stranger, address(demands), _answerCall(c));
        if (what == 12) {
            _try(stranger, address(demands), abi.encodeCall(demands.expireDemand, (c)));
        }
        if (what == 13) _try(council, address(manager), abi.encodeCall(manager.voidRound, (c)));
        if (what == 14) {
            uint40 until = time + uint40(dice % 3 days);
            _try(council, address(manager), abi.encodeCall(manager.extendWindow, (c.round, until)));
        }
        if (what == 15) {
            bool upheld = dice & 0x10000 != 0;
            _try(governor, address(disputes), abi.encodeCall(disputes.resolve, (c, upheld)));
        }
        if (what == 16) _try(stranger, address(disputes), abi.encodeCall(disputes.expire, (c)));
        if (what == 17) _openEpoch(dice);
        if (what == 18) _try(address(results), address(manager), _convictCall(c));
    }

    function _commit() private {
        uint64 round = manager.head() + 1;
        RoundCommitment memory c = commitmentOf(round);
        c.attempt = uint32(_made.length);
        c.rewardTotal = 0;
        if (round > 1) c.parentModel = manager.headModel();
        c.model = keccak256(abi.encode("model", _made.length));
        c.updatesRoot = keccak256(abi.encodePacked(uint8(2), uint64(0), bytes32(0)));
        (c.reportDigest, c.contextDigest) = (sha256(REPORT), sha256(CONTEXT));
        bytes memory signed = quorum(manager.commitmentDigest(c));
        if (!_try(coordinator, address(manager), abi.encodeCall(manager.commitRound, (c, signed))))
        {
            return;
        }
        _standing[round] = _made.length;
        _made.push(c);
    }

    function _openEpoch(uint256 dice) private {
        IRoundManager.Epoch memory terms = manager.epochOf(0);
        terms.challengeWindow = uint24(1 + dice % WINDOW);
        vm.prank(timelock);
        manager.openEpoch(terms);
    }

    /// @dev Times never fall, final stays final, and no grace is longer than two answer times.
    function _check() private {
        uint64 head = manager.head();
        for (uint64 round = 1; round <= head; ++round) {
            IRoundManager.Slot memory slot = manager.slotOf(round);
            vm.assertLe(slot.windowEnd, slot.finalAt);
            vm.assertLe(slot.finalAt, uint256(slot.windowEnd) + 2 * ANSWER_TIME);
            if (round == 1) continue;
            IRoundManager.Slot memory before = manager.slotOf(round - 1);
            vm.assertLe(before.windowEnd, slot.windowEnd);
            vm.assertLe(before.finalAt, slot.finalAt);
        }
        for (uint64 round = 1; round <= _lastFinal; ++round) {
            vm.assertTrue(manager.isFinal(round));
            vm.assertEq(manager.slotOf(round).commitment, _final[round]);
        }
        while (manager.isFinal(_lastFinal + 1)) {
            ++_lastFinal;
            _final[_lastFinal] = manager.slotOf(_lastFinal).commitment;
        }
    }

    /// @dev What anyone may do, without anybody's leave, when all deadlines have passed.
    function _endEverything() private {
        skip(RESOLUTION + ANSWER_TIME + 1);
        for (uint64 first; (first = manager.demandedRound()) != 0;) {
            demands.expireDemand(_made[_standing[first]]);
        }
        for (uint64 held; (held = manager.heldRound()) != 0;) {
            disputes.expire(_made[_standing[held]]);
        }
        for (uint256 i = 0; i < _made.length; ++i) {
            bytes32 hash = manager.hashCommitment(_made[i]);
            if (demands.demandOf(hash).state == ILeafDemands.State.Open) {
                demands.settleVoided(hash);
            }
            if (disputes.disputeOf(hash).challenger != address(0)) disputes.settleVoided(hash);
        }
    }

    /// @dev One of the newest, or any that was ever made.
    function _some(uint256 dice) private view returns (RoundCommitment memory c) {
        uint256 count = _made.length;
        if (count == 0) return c;
        uint256 recent = count < 6 ? count : 6;
        return dice % 4 == 0 ? _made[(dice >> 8) % count] : _made[count - 1 - (dice >> 8) % recent];
    }

    function _demandCall(RoundCommitment memory c) private view returns (bytes memory) {
        return abi.encodeCall(demands.demandLeaves, (c, DEMAND_BOND));
    }

    function _answerCall(RoundCommitment memory c) private view returns (bytes memory) {
        PositionTree.UpdateLeaf[] memory none;
        return abi.encodeCall(demands.answerDemand, (c, none, REPORT, CONTEXT));
    }

    function _convictCall(RoundCommitment memory c) private view returns (bytes memory) {
        return abi.encodeCall(manager.convictRound, (c));
    }

    function _try(address from, address to, bytes memory call) private returns (bool done) {
        vm.prank(from);
        (done,) = to.call(call);
    }
}
// forge-lint: disable-end(unsafe-typecast, incorrect-shift)
