// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";

import {ConsortiumAccess} from "./access/ConsortiumAccess.sol";
import {IRoundManager} from "./interfaces/IRoundManager.sol";
import {IStakeVault} from "./interfaces/IStakeVault.sol";
import {Domain} from "./libraries/Domain.sol";
import {SignerBinding, Statements} from "./libraries/Statements.sol";
import {StakeStorage} from "./storage/StakeStorage.sol";

/// @title StakeVault
/// @notice See {IStakeVault}.
contract StakeVault is StakeStorage, ReentrancyGuardTransient {
    using SafeERC20 for IERC20;
    using SafeCast for uint256;
    using Statements for SignerBinding;

    uint16 internal constant FULL_BPS = 10_000;
    uint16 internal constant BOUNTY_BPS = 2_500;
    uint16 internal constant ATTESTED_CAP_BPS = 2_000;

    /// @param token_ the staking token; fee-on-transfer is credited at what arrives
    /// @param slashPool_ where slashed stake goes: a burn address or an insurance fund
    /// @param authority_ the ConsortiumAccess of the federation
    function initialize(
        IERC20 token_,
        address slashPool_,
        address authority_,
        Windows calldata windows_
    ) external initializer {
        require(
            address(token_) != address(0) && slashPool_ != address(0) && authority_ != address(0),
            ZeroAddress()
        );
        __AccessManaged_init(authority_);
        _store().token = token_;
        _store().slashPool = slashPool_;
        _setWindows(windows_);
    }

    /// @inheritdoc IStakeVault
    function setWindows(Windows calldata windows_) external restricted {
        Windows memory old = _store().windows;
        require(
            windows_.unbonding >= old.unbonding,
            WindowShrinks("unbonding", windows_.unbonding, old.unbonding)
        );
        require(
            windows_.challenge >= old.challenge,
            WindowShrinks("challenge", windows_.challenge, old.challenge)
        );
        _setWindows(windows_);
    }

    /// @inheritdoc IStakeVault
    function setSigner(address signer, bytes calldata possession) external {
        require(signer != address(0), ZeroAddress());
        Store storage s = _store();
        address owner = s.owners[signer];
        require(owner == address(0), SignerTaken(signer, owner));
        if (signer != msg.sender) _requireNoStake(signer);
        bytes32 digest = Domain.digest(address(this), SignerBinding(msg.sender, signer).hash());
        (address recovered,,) = ECDSA.tryRecoverCalldata(digest, possession);
        require(recovered == signer, NotSignedBySigner(signer, recovered));
        address previous = s.keys[msg.sender].signer;
        if (s.bonds[msg.sender].jailed) s.lost[previous] = true;
        s.owners[signer] = msg.sender;
        s.keys[msg.sender].signer = signer;
        emit SignerSet(msg.sender, signer, previous);
    }

    /// @inheritdoc IStakeVault
    function stake(uint128 amount) external nonReentrant {
        _stake(msg.sender, amount);
    }

    /// @inheritdoc IStakeVault
    function stakeFor(address account, uint128 amount) external nonReentrant {
        require(account != address(0), ZeroAddress());
        _requireKnown(account);
        _stake(account, amount);
    }

    /// @inheritdoc IStakeVault
    function requestExit(uint128 amount) external {
        require(amount != 0, ZeroAmount());
        Bond storage bond = _store().bonds[msg.sender];
        uint96 staked = bond.stake;
        require(amount <= staked, InsufficientStake(msg.sender, amount, staked));
        uint40 readyAt = _now() + _store().windows.unbonding;
        Exit storage exit = _store().exits[msg.sender];
        uint96 moved = uint256(amount).toUint96();
        bond.stake = staked - moved;
        exit.amount += moved;
        exit.readyAt = readyAt;
        emit ExitRequested(msg.sender, amount, readyAt);
    }

    /// @inheritdoc IStakeVault
    function withdraw() external nonReentrant {
        Store storage s = _store();
        Exit memory exit = s.exits[msg.sender];
        require(exit.amount != 0, NothingToWithdraw(msg.sender));
        require(_now() >= exit.readyAt, ExitNotReady(msg.sender, exit.readyAt));
        _requireNoOpenRound(msg.sender);
        Bond storage bond = s.bonds[msg.sender];
        uint96 payable_ = exit.amount;
        if (bond.openCases != 0) {
            uint96 held = s.keys[msg.sender].held;
            uint96 staked = bond.stake;
            uint96 back = held > staked ? held - staked : 0;
            payable_ = exit.amount > back ? exit.amount - back : 0;
            require(payable_ != 0, WithdrawalsFrozen(msg.sender, bond.openCases));
        }
        if (payable_ == exit.amount) delete s.exits[msg.sender];
        else s.exits[msg.sender].amount = exit.amount - payable_;
        s.totals.bonded -= payable_;
        emit Withdrawn(msg.sender, payable_);
        s.token.safeTransfer(msg.sender, payable_);
    }

    /// @inheritdoc IStakeVault
    function proposeSlash(address account, uint16 bps, uint16 kind, bytes32 caseId)
        external
        restricted
    {
        require(bps != 0 && bps <= ATTESTED_CAP_BPS, BadBps(bps, ATTESTED_CAP_BPS));
        Store storage s = _store();
        require(s.cases[caseId].state == CaseState.None, CaseExists(caseId));
        Bond memory bond = s.bonds[account];
        uint256 bonded = uint256(bond.stake) + s.exits[account].amount;
        require(bonded != 0, NothingAtStake(account));
        uint16 before = _countedBps(bond);
        uint16 counted = before + bps;
        require(counted <= ATTESTED_CAP_BPS, CapExceeded(account, counted, ATTESTED_CAP_BPS));
        if (before == 0) ++bond.window;
        bond.attestedBps = counted;
        bond.lastAccusedAt = _now();
        bond.openCases += 1;
        s.bonds[account] = bond;
        uint96 amount = Math.ceilDiv(bonded * bps, FULL_BPS).toUint96();
        s.keys[account].held += amount;
        uint40 executeAfter = _now() + s.windows.slashDelay;
        s.cases[caseId] = Stored({
            account: account,
            executeAfter: executeAfter,
            bps: bps,
            kind: kind,
            state: CaseState.Pending,
            window: bond.window,
            amount: amount
        });
        emit SlashProposed(caseId, account, bps, kind, executeAfter);
    }

    /// @inheritdoc IStakeVault
    function postponeSlash(bytes32 caseId, uint40 executeAfter) external restricted {
        _pendingCase(caseId).executeAfter = executeAfter;
        emit SlashPostponed(caseId, executeAfter);
    }

    /// @inheritdoc IStakeVault
    function dropSlash(bytes32 caseId) external restricted {
        address account = _closeUnslashed(caseId, CaseState.Dropped);
        emit SlashDropped(caseId, account);
    }

    /// @inheritdoc IStakeVault
    function vetoSlash(bytes32 caseId) external restricted {
        address account = _closeUnslashed(caseId, CaseState.Vetoed);
        emit SlashVetoed(caseId, account);
    }

    /// @inheritdoc IStakeVault
    function executeSlash(bytes32 caseId) external {
        Stored storage pending = _pendingCase(caseId);
        require(_now() >= pending.executeAfter, CaseNotReady(caseId, pending.executeAfter));
        address account = pending.account;
        uint96 amount = pending.amount;
        pending.state = CaseState.Executed;
        _store().bonds[account].openCases -= 1;
        _store().keys[account].held -= amount;
        amount = _take(account, amount);
        _store().totals.slashed += amount;
        emit SlashExecuted(caseId, account, amount);
    }

    /// @inheritdoc IStakeVault
    function slashMany(
        address[] calldata accounts,
        uint16[] calldata bps,
        address beneficiary,
        uint16 kind
    ) external restricted {
        require(accounts.length == bps.length, LengthMismatch(accounts.length, bps.length));
        bool accused = false;
        for (uint256 i = 0; i < accounts.length; ++i) {
            accused = accused || _isOf(beneficiary, accounts[i]);
        }
        address rewarded = accused ? address(0) : beneficiary;
        uint256 pool = 0;
        uint256 bounties = 0;
        for (uint256 i = 0; i < accounts.length; ++i) {
            (uint96 amount, uint96 bounty) = _slash(accounts[i], bps[i], rewarded, kind);
            bounties += bounty;
            pool += amount - bounty;
        }
        if (bounties != 0) _store().bounties[beneficiary] += bounties.toUint96();
        if (pool != 0) _store().totals.slashed += pool.toUint96();
    }

    /// @inheritdoc IStakeVault
    function unjail(address account) external restricted {
        require(_store().bonds[account].jailed, NotJailed(account));
        _store().bonds[account].jailed = false;
        emit Unjailed(account);
    }

    /// @inheritdoc IStakeVault
    function payBounty(address beneficiary) external nonReentrant {
        Store storage s = _store();
        uint96 amount = s.bounties[beneficiary];
        require(amount != 0, NothingToWithdraw(beneficiary));
        s.bounties[beneficiary] = 0;
        emit BountyPaid(beneficiary, amount);
        s.token.safeTransfer(beneficiary, amount);
    }

    /// @inheritdoc IStakeVault
    function sweepSlashPool() external nonReentrant {
        Store storage s = _store();
        address pool = s.slashPool;
        uint128 amount = s.totals.slashed;
        require(amount != 0, NothingToWithdraw(pool));
        s.totals.slashed = 0;
        emit SlashPoolSwept(pool, amount);
        s.token.safeTransfer(pool, amount);
    }

    function _setWindows(Windows calldata w) private {
        uint256 unbonding = w.unbonding;
        uint256 rounds = uint256(w.challenge) + w.resolution;
        require(unbonding >= rounds, WindowTooShort("challenge + resolution", unbonding, rounds));
        uint256 delay = w.slashDelay;
        require(unbonding >= delay, WindowTooShort("slashDelay", unbonding, delay));
        uint256 evidence = uint256(w.challenge) + w.evidenceAge + Math.ceilDiv(w.evidenceAge, 10);
        require(
            unbonding >= evidence, WindowTooShort("challenge + evidenceAge", unbonding, evidence)
        );
        _store().windows = w;
        emit WindowsSet(w);
    }

    /// @dev Credits what arrived, not what was asked for: a token may take a fee.
    function _stake(address account, uint128 amount) private {
        require(amount != 0, ZeroAmount());
        Store storage s = _store();
        address owner = s.owners[account];
        require(owner == address(0) || owner == account, BoundSigner(account, owner));
        IERC20 token_ = s.token;
        uint256 before = token_.balanceOf(address(this));
        token_.safeTransferFrom(msg.sender, address(this), amount);
        uint96 received = (token_.balanceOf(address(this)) - before).toUint96();
        require(received != 0, ZeroAmount());
        uint96 staked = s.bonds[account].stake + received;
        s.bonds[account].stake = staked;
        s.totals.bonded += received;
        emit Staked(account, msg.sender, received, staked);
    }

    /// @dev Else an exit that is due could be left in place, a lie be signed, and the stake be gone
    /// before anybody has proven it. The rounds that are not final are the newest, 64 at most.
    function _requireNoOpenRound(address account) private view {
        IRoundManager rounds = IRoundManager(ConsortiumAccess(authority()).roundManager());
        (uint64 open, uint40 until) = rounds.answersFor(account);
        for (uint64 round = open; round != 0 && !rounds.isFinal(round); --round) {
            (address coordinator, address[] memory signers) = rounds.partiesOf(round);
            bool answers = _isOf(coordinator, account);
            for (uint256 i = 0; i < signers.length; ++i) {
                answers = answers || _isOf(signers[i], account);
            }
            require(!answers, AnswersForRound(account, round));
        }
        // What was voided without a proof is gone from the ring, and may be proven still.
        require(_now() > until, AnswersForVoidedRounds(account, until));
    }

    /// @dev Else a key that answers for a lie with its own stake could move to an empty account.
    function _requireNoStake(address signer) private view {
        Store storage s = _store();
        uint256 bonded = uint256(s.bonds[signer].stake) + s.exits[signer].amount;
        uint16 openCases = s.bonds[signer].openCases;
        require(bonded == 0 && openCases == 0, SignerHasStake(signer, bonded, openCases));
    }

    /// @dev Strangers add to accounts that took part before; a gift to any other address could keep
    /// it from becoming somebody's signer.
    function _requireKnown(address account) private view {
        Store storage s = _store();
        bool known = account == msg.sender || s.bonds[account].stake != 0
            || s.exits[account].amount != 0 || s.keys[account].signer != address(0);
        require(known, UnknownAccount(account));
    }

    function _slash(address account, uint16 bps, address beneficiary, uint16 kind)
        private
        returns (uint96 amount, uint96 bounty)
    {
        require(bps != 0 && bps <= FULL_BPS, BadBps(bps, FULL_BPS));
        Store storage s = _store();
        Bond storage bond = s.bonds[account];
        uint256 bonded = uint256(bond.stake) + s.exits[account].amount;
        amount = _take(account, Math.ceilDiv(bonded * bps, FULL_BPS).toUint96());
        if (beneficiary != address(0)) {
            bounty = (uint256(amount) * BOUNTY_BPS / FULL_BPS).toUint96();
        }
        emit SlashedNow(account, kind, amount, beneficiary, bounty);
        if (kind == Statements.EQUIVOCATION) {
            bond.jailed = true;
            emit Jailed(account);
        }
    }

    /// @dev Takes `wanted`, or what there is, from the stake first.
    function _take(address account, uint96 wanted) private returns (uint96 amount) {
        Store storage s = _store();
        Bond storage bond = s.bonds[account];
        Exit storage exit = s.exits[account];
        uint96 staked = bond.stake;
        uint96 leaving = exit.amount;
        uint256 bonded = uint256(staked) + leaving;
        amount = wanted < bonded ? wanted : bonded.toUint96();
        if (amount == 0) return 0;
        uint96 fromStake = amount < staked ? amount : staked;
        bond.stake = staked - fromStake;
        if (amount != fromStake) exit.amount = leaving - (amount - fromStake);
        s.totals.bonded -= amount;
    }

    function _pendingCase(bytes32 caseId) private view returns (Stored storage found) {
        found = _store().cases[caseId];
        require(found.state == CaseState.Pending, CaseNotPending(caseId, found.state));
    }

    function _closeUnslashed(bytes32 caseId, CaseState state) private returns (address account) {
        Stored storage pending = _pendingCase(caseId);
        account = pending.account;
        Bond storage bond = _store().bonds[account];
        pending.state = state;
        bond.openCases -= 1;
        _store().keys[account].held -= pending.amount;
        // A case from before the last restart of the count is not part of it any more.
        if (pending.window == bond.window) bond.attestedBps -= pending.bps;
    }

    function _isOf(address beneficiary, address account) private view returns (bool) {
        return beneficiary == account || _store().owners[beneficiary] == account;
    }
}
