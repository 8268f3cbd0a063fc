// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {RoundManager} from "../../src/RoundManager.sol";
import {StakeVault} from "../../src/StakeVault.sol";
import {TestToken} from "../../src/TestToken.sol";
import {IRoundManager} from "../../src/interfaces/IRoundManager.sol";
import {IStakeVault} from "../../src/interfaces/IStakeVault.sol";
import {RoundCommitment} from "../../src/libraries/Statements.sol";
import {Deploy} from "../support/Deploy.sol";

/// @notice Drives the vault at random with calls that must succeed, or must fail and are checked to.
contract VaultHandler is Deploy {
    StakeVault private immutable vault;
    TestToken private immutable token;
    address private immutable court;
    address private immutable prover;
    address private immutable council;
    address private immutable minter;

    address[4] public accounts;
    bytes32[] public cases;

    // What the vault must agree with.
    mapping(bytes32 caseId => bool) public vetoed;
    mapping(bytes32 caseId => bool) public executed;
    mapping(address account => uint256) public openCases;
    uint256 public staked;
    uint256 public withdrawn;
    uint256 public slashed;
    uint256 public bountiesPaid;
    uint256 public swept;
    bool public overSlashed;
    bool public escaped;

    constructor(StakeVault vault_, TestToken token_, address court_, address prover_, address c) {
        (vault, token, court, prover, council) = (vault_, token_, court_, prover_, c);
        minter = token_.minter();
        for (uint256 i = 0; i < 4; ++i) {
            accounts[i] = actor(string(abi.encodePacked("site", i)));
        }
    }

    function caseCount() external view returns (uint256) {
        return cases.length;
    }

    function stake(uint256 who, uint96 amount) external {
        address account = _pick(who);
        uint128 value = uint128(amount % (1 << 80)) + 1;
        vm.prank(minter);
        token.mint(account, value);
        vm.startPrank(account);
        token.approve(address(vault), value);
        vault.stake(value);
        vm.stopPrank();
        staked += value;
    }

    function requestExit(uint256 who, uint128 amount) external {
        address account = _pick(who);
        uint128 stake_ = vault.stakeOf(account);
        if (stake_ == 0) return;
        amount = uint128(bound(amount, 1, stake_));
        vm.prank(account);
        vault.requestExit(amount);
    }

    function withdraw(uint256 who) external {
        address account = _pick(who);
        IStakeVault.Account memory before = vault.accountOf(account);
        uint256 back = before.held > before.stake ? before.held - before.stake : 0;
        uint256 free = before.exit > back ? before.exit - back : 0;
        bool allowed = free != 0 && before.exitReadyAt <= vm.getBlockTimestamp();
        uint256 had = token.balanceOf(account);
        vm.prank(account);
        try vault.withdraw() {
            uint256 paid = token.balanceOf(account) - had;
            escaped = escaped || !allowed || paid != free;
            withdrawn += paid;
        } catch {
            escaped = escaped || allowed;
        }
    }

    function propose(uint256 who, uint16 bps, bytes32 caseId) external {
        address account = _pick(who);
        bps = uint16(bound(bps, 1, 700));
        vm.prank(court);
        try vault.proposeSlash(account, bps, 2, caseId) {
            cases.push(caseId);
            openCases[account] += 1;
        } catch {}
    }

    function veto(uint256 which) external {
        if (cases.length == 0) return;
        bytes32 caseId = cases[which % cases.length];
        vm.prank(council);
        try vault.vetoSlash(caseId) {
            vetoed[caseId] = true;
            openCases[vault.caseOf(caseId).account] -= 1;
        } catch {}
    }

    function execute(uint256 which) external {
        if (cases.length == 0) return;
        bytes32 caseId = cases[which % cases.length];
        IStakeVault.Case memory found = vault.caseOf(caseId);
        uint256 before = _bonded(found.account);
        try vault.executeSlash(caseId) {
            executed[caseId] = true;
            openCases[found.account] -= 1;
            uint256 most = before < found.amount ? before : found.amount;
            _noteSlash(found.account, before, most);
        } catch {}
    }

    function slashNow(uint256 who, uint16 bps, uint256 beneficiary) external {
        address account = _pick(who);
        bps = uint16(bound(bps, 1, 10_000));
        uint256 before = _bonded(account);
        vm.prank(prover);
        vault.slashMany(one(account), one(bps), _pick(beneficiary), 1);
        _noteSlash(account, before, (before * bps + 9_999) / 10_000);
    }

    function payBounty(uint256 who) external {
        address account = _pick(who);
        uint128 amount = vault.bountyOf(account);
        if (amount == 0) return;
        vault.payBounty(account);
        bountiesPaid += amount;
    }

    function sweep() external {
        uint128 amount = vault.slashPoolBalance();
        if (amount == 0) return;
        vault.sweepSlashPool();
        swept += amount;
    }

    function wait(uint40 time) external {
        skip(bound(time, 1, 10 days));
    }

    function _noteSlash(address account, uint256 before, uint256 wanted) private {
        uint256 taken = before - _bonded(account);
        slashed += taken;
        overSlashed = overSlashed || taken != wanted;
    }

    function _bonded(address account) private view returns (uint256) {
        IStakeVault.Account memory a = vault.accountOf(account);
        return uint256(a.stake) + a.exit;
    }

    function _pick(uint256 who) private view returns (address) {
        return accounts[who % 4];
    }
}

/// @notice Commits, voids, funds and claims at random; one auditor signs everything.
contract RoundHandler is Deploy {
    RoundManager private immutable manager;
    TestToken private immutable token;
    address private immutable coordinator;
    address private immutable council;
    bytes32 private immutable federation;
    address private immutable minter;
    address public constant EARNER = address(0xea12e2);

    mapping(uint64 round => RoundCommitment) private _rounds;
    mapping(uint64 round => bytes32) public finalCommitment; // seen final once
    uint64 public lastFinal;
    uint256 public claimedMost;
    bool public badStep;

    constructor(RoundManager manager_, TestToken token_, address coordinator_, address council_) {
        (manager, token) = (manager_, token_);
        (coordinator, council) = (coordinator_, council_);
        federation = manager_.federation();
        minter = token_.minter();
    }

    function fund(uint64 amount) external {
        vm.prank(minter);
        token.mint(address(this), uint256(amount) + 1);
        token.approve(address(manager), uint256(amount) + 1);
        manager.fund(uint128(amount) + 1);
    }

    function commitNext(uint128 reward, bytes32 seed) external {
        _noteFinal();
        uint64 head = manager.head();
        uint128 parentTotal = manager.slotOf(head).rewardTotal;
        RoundCommitment memory c;
        c.federation = federation;
        c.round = head + 1;
        c.sites = 1;
        c.coordinates = 1;
        c.rewardTotal = uint128(bound(reward, parentTotal, uint256(manager.funded()) + 1));
        c.parentModel = head == 0 ? keccak256("genesis") : manager.headModel();
        c.model = keccak256(abi.encode("model", seed));
        c.contextDigest = c.updatesRoot = c.aggregateRoot = keccak256("digest");
        c.reportDigest = c.scoresRoot = c.contextDigest;
        bytes32 leaf = keccak256(abi.encode(uint8(4), uint64(0), EARNER, c.rewardTotal, seed));
        c.rewardsRoot = keccak256(bytes.concat(hex"02", bytes8(uint64(1)), leaf));
        c.scoresRoot = seed == 0 ? bytes32(uint256(1)) : seed;
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(keyOf("auditor"), manager.commitmentDigest(c));
        vm.prank(coordinator);
        try manager.commitRound(c, abi.encodePacked(uint8(0), r, s, v)) {
            _rounds[c.round] = c;
            badStep = badStep || manager.head() != head + 1;
        } catch {
            badStep = badStep || manager.head() != head;
        }
    }

    function voidRound(uint64 which) external {
        _noteFinal();
        uint64 head = manager.head();
        if (head == 0) return;
        // Mostly recent rounds, so that most voids can succeed.
        uint64 round = head - uint64(bound(which, 0, head > 5 ? 5 : head - 1));
        bool wasFinal = manager.isFinal(round);
        vm.prank(council);
        try manager.voidRound(_rounds[round]) {
            badStep = badStep || wasFinal || manager.head() != round - 1;
        } catch {
            badStep = badStep || !wasFinal || manager.head() != head;
        }
    }

    function claim(uint64 which) external {
        uint64 head = manager.head();
        if (head == 0) return;
        uint64 round = uint64(bound(which, 1, head));
        RoundCommitment memory c = _rounds[round];
        bytes32 seed = c.scoresRoot == bytes32(uint256(1)) ? bytes32(0) : c.scoresRoot;
        bool wasFinal = manager.isFinal(round);
        try manager.claim(round, 1, 0, EARNER, c.rewardTotal, seed, new bytes32[](0)) {
            badStep = badStep || !wasFinal;
            if (c.rewardTotal > claimedMost) claimedMost = c.rewardTotal;
        } catch {}
    }

    function hold(uint64 which) external {
        _noteFinal();
        uint64 head = manager.head();
        if (head == 0) return;
        uint64 round = head - uint64(bound(which, 0, head > 5 ? 5 : head - 1));
        bool possible = !manager.isFinal(round) && manager.heldRound() == 0;
        vm.prank(actor("disputes"));
        try manager.holdRound(_rounds[round]) {
            badStep = badStep || !possible || manager.heldRound() != round;
        } catch {
            badStep = badStep || possible;
        }
    }

    function release() external {
        bool possible = manager.heldRound() != 0;
        vm.prank(actor("disputes"));
        try manager.releaseRound() {
            badStep = badStep || !possible || manager.heldRound() != 0;
        } catch {
            badStep = badStep || possible;
        }
        _noteFinal();
    }

    function demand(uint64 which) external {
        _noteFinal();
        uint64 head = manager.head();
        if (head == 0) return;
        uint64 round = head - uint64(bound(which, 0, head > 5 ? 5 : head - 1));
        bool inWindow = vm.getBlockTimestamp() < manager.slotOf(round).windowEnd;
        vm.prank(actor("disputes"));
        try manager.demandRound(_rounds[round]) {
            uint64 first = manager.demandedRound();
            badStep = badStep || !inWindow || first == 0 || first > round;
        } catch {}
    }

    function settle(uint64 which, uint24 late) external {
        uint64 head = manager.head();
        if (head == 0) return;
        uint64 first = manager.demandedRound();
        uint64 round = which % 2 == 0 && first != 0
            ? first
            : head - uint64(bound(which, 0, head > 5 ? 5 : head - 1));
        uint40 until = uint40(vm.getBlockTimestamp() + bound(late, 0, 1 days));
        vm.prank(actor("disputes"));
        try manager.settleDemand(round, until) {
            uint64 next = manager.demandedRound();
            badStep = badStep || first == 0 || (round == first && next != 0 && next <= round);
            badStep = badStep || manager.slotOf(round).finalAt < until;
        } catch {}
        _noteFinal();
    }

    function extend(uint64 which, uint40 time) external {
        _noteFinal();
        uint64 head = manager.head();
        if (head == 0) return;
        uint64 round = head - uint64(bound(which, 0, head > 5 ? 5 : head - 1));
        uint40 until = uint40(vm.getBlockTimestamp() + bound(time, 1, 3 days));
        vm.prank(council);
        try manager.extendWindow(round, until) {
            badStep = badStep || manager.slotOf(round).windowEnd != until;
        } catch {}
    }

    function openEpoch(uint24 window) external {
        IRoundManager.Epoch memory terms = manager.epochOf(manager.currentEpoch());
        terms.challengeWindow = uint24(bound(window, 1, WINDOW));
        vm.prank(council);
        manager.openEpoch(terms);
    }

    function pause(uint40 time) external {
        uint40 until = uint40(vm.getBlockTimestamp() + bound(time, 1, 2 hours));
        vm.prank(council);
        try manager.pause(until) {} catch {}
    }

    function wait(uint40 time) external {
        skip(bound(time, 1, 12 hours));
        _noteFinal();
    }

    function _noteFinal() private {
        while (manager.isFinal(lastFinal + 1)) {
            lastFinal += 1;
            finalCommitment[lastFinal] = manager.slotOf(lastFinal).commitment;
        }
    }
}
