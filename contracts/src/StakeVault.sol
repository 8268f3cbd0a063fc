// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";

import {IStakeVault} from "./interfaces/IStakeVault.sol";
import {Statements} from "./libraries/Statements.sol";

/// @title StakeVault
/// @notice See {IStakeVault}.
contract StakeVault is IStakeVault, ReentrancyGuardTransient {
    using SafeERC20 for IERC20;
    using SafeCast for uint256;

    uint16 internal constant FULL_BPS = 10_000;
    uint16 internal constant BOUNTY_BPS = 2_500;
    uint16 internal constant ATTESTED_CAP_BPS = 2_000;
    uint40 internal constant ATTESTED_WINDOW = 90 days;

    /// @dev First word of an account: what most calls touch.
    struct Bond {
        uint128 stake;
        uint40 windowStartedAt;
        uint40 lastAccusedAt;
        uint16 attestedBps;
        uint16 openCases;
        bool jailed;
    }

    struct Exit {
        uint128 amount;
        uint40 readyAt;
    }

    IERC20 private immutable _token;
    address private immutable _slashPool;
    uint40 private immutable _unbondingDelay;
    uint40 private immutable _slashDelay;
    address private immutable _deployer;

    address private _slashCourt;
    address private _faultProver;
    address private _council;

    uint128 private _totalBonded;
    uint128 private _slashPoolBalance;

    mapping(address owner => Bond) private _bonds;
    mapping(address owner => Exit) private _exits;
    mapping(address owner => address) private _signers;
    mapping(address signer => address) private _owners;
    mapping(bytes32 caseId => Case) private _cases;
    mapping(address beneficiary => uint128) private _bounties;

    modifier only(address role) {
        _requireRole(role);
        _;
    }

    /// @param token_ the staking token; fee-on-transfer is credited at what arrives
    /// @param slashPool_ where slashed stake goes: a burn address or an insurance fund
    /// @param unbondingDelay_ seconds between requestExit and withdraw
    /// @param slashDelay_ seconds between proposeSlash and executeSlash
    constructor(IERC20 token_, address slashPool_, uint40 unbondingDelay_, uint40 slashDelay_) {
        require(address(token_) != address(0) && slashPool_ != address(0), ZeroAddress());
        _token = token_;
        _slashPool = slashPool_;
        _unbondingDelay = unbondingDelay_;
        _slashDelay = slashDelay_;
        _deployer = msg.sender;
    }

    /// @inheritdoc IStakeVault
    function setRoles(address slashCourt, address faultProver, address council)
        external
        only(_deployer)
    {
        require(_slashCourt == address(0), RolesAlreadySet());
        require(
            slashCourt != address(0) && faultProver != address(0) && council != address(0),
            ZeroAddress()
        );
        _slashCourt = slashCourt;
        _faultProver = faultProver;
        _council = council;
        emit RolesSet(slashCourt, faultProver, council);
    }

    /// @inheritdoc IStakeVault
    function setSigner(address signer) external {
        require(signer != address(0), ZeroAddress());
        address owner = _owners[signer];
        require(owner == address(0), SignerTaken(signer, owner));
        address previous = _signers[msg.sender];
        _owners[signer] = msg.sender;
        _signers[msg.sender] = signer;
        emit SignerSet(msg.sender, signer, previous);
    }

    /// @inheritdoc IStakeVault
    function stake(uint128 amount) external nonReentrant {
        _stake(msg.sender, amount);
    }

    /// @inheritdoc IStakeVault
    function stakeFor(address account, uint128 amount) external nonReentrant {
        require(account != address(0), ZeroAddress());
        _stake(account, amount);
    }

    /// @inheritdoc IStakeVault
    function requestExit(uint128 amount) external {
        require(amount != 0, ZeroAmount());
        Bond storage bond = _bonds[msg.sender];
        uint128 staked = bond.stake;
        require(amount <= staked, InsufficientStake(msg.sender, amount, staked));
        uint40 readyAt = _now() + _unbondingDelay;
        Exit storage exit = _exits[msg.sender];
        bond.stake = staked - amount;
        exit.amount += amount;
        exit.readyAt = readyAt;
        emit ExitRequested(msg.sender, amount, readyAt);
    }

    /// @inheritdoc IStakeVault
    function withdraw() external nonReentrant {
        Exit memory exit = _exits[msg.sender];
        uint16 openCases = _bonds[msg.sender].openCases;
        require(exit.amount != 0, NothingToWithdraw(msg.sender));
        require(_now() >= exit.readyAt, ExitNotReady(msg.sender, exit.readyAt));
        require(openCases == 0, WithdrawalsFrozen(msg.sender, openCases));
        delete _exits[msg.sender];
        _totalBonded -= exit.amount;
        emit Withdrawn(msg.sender, exit.amount);
        _token.safeTransfer(msg.sender, exit.amount);
    }

    /// @inheritdoc IStakeVault
    function proposeSlash(address account, uint16 bps, uint16 kind, bytes32 caseId)
        external
        only(_slashCourt)
    {
        require(bps != 0 && bps <= ATTESTED_CAP_BPS, BadBps(bps, ATTESTED_CAP_BPS));
        require(_cases[caseId].state == CaseState.None, CaseExists(caseId));
        Bond memory bond = _bonds[account];
        require(bond.stake != 0 || _exits[account].amount != 0, NothingAtStake(account));
        uint16 before = _countedBps(bond);
        uint16 counted = before + bps;
        require(counted <= ATTESTED_CAP_BPS, CapExceeded(account, counted, ATTESTED_CAP_BPS));
        if (before == 0) bond.windowStartedAt = _now();
        bond.attestedBps = counted;
        bond.lastAccusedAt = _now();
        bond.openCases += 1;
        _bonds[account] = bond;
        uint40 executeAfter = _now() + _slashDelay;
        _cases[caseId] = Case(account, executeAfter, bps, kind, CaseState.Pending);
        emit SlashProposed(caseId, account, bps, kind, executeAfter);
    }

    /// @inheritdoc IStakeVault
    function vetoSlash(bytes32 caseId) external only(_council) {
        Case storage pending = _pendingCase(caseId);
        address account = pending.account;
        Bond storage bond = _bonds[account];
        pending.state = CaseState.Vetoed;
        bond.openCases -= 1;
        // A case from before the last restart of the count is not part of it any more.
        uint40 proposedAt = pending.executeAfter - _slashDelay;
        if (proposedAt >= bond.windowStartedAt) bond.attestedBps -= pending.bps;
        emit SlashVetoed(caseId, account);
    }

    /// @inheritdoc IStakeVault
    function executeSlash(bytes32 caseId) external {
        Case storage pending = _pendingCase(caseId);
        require(_now() >= pending.executeAfter, CaseNotReady(caseId, pending.executeAfter));
        address account = pending.account;
        pending.state = CaseState.Executed;
        _bonds[account].openCases -= 1;
        uint128 amount = _takeBond(account, pending.bps);
        _slashPoolBalance += amount;
        emit SlashExecuted(caseId, account, amount);
    }

    /// @inheritdoc IStakeVault
    function slashNow(address account, uint16 bps, address beneficiary, uint16 kind)
        external
        only(_faultProver)
    {
        require(bps != 0 && bps <= FULL_BPS, BadBps(bps, FULL_BPS));
        uint128 amount = _takeBond(account, bps);
        uint128 bounty =
            _isOf(beneficiary, account) ? 0 : (uint256(amount) * BOUNTY_BPS / FULL_BPS).toUint128();
        if (bounty != 0) _bounties[beneficiary] += bounty;
        _slashPoolBalance += amount - bounty;
        emit SlashedNow(account, kind, amount, beneficiary, bounty);
        if (kind == Statements.EQUIVOCATION) {
            _bonds[account].jailed = true;
            emit Jailed(account);
        }
    }

    /// @inheritdoc IStakeVault
    function unjail(address account) external only(_council) {
        require(_bonds[account].jailed, NotJailed(account));
        _bonds[account].jailed = false;
        emit Unjailed(account);
    }

    /// @inheritdoc IStakeVault
    function payBounty(address beneficiary) external nonReentrant {
        uint128 amount = _bounties[beneficiary];
        require(amount != 0, NothingToWithdraw(beneficiary));
        _bounties[beneficiary] = 0;
        emit BountyPaid(beneficiary, amount);
        _token.safeTransfer(beneficiary, amount);
    }

    /// @inheritdoc IStakeVault
    function sweepSlashPool() external nonReentrant {
        uint128 amount = _slashPoolBalance;
        require(amount != 0, NothingToWithdraw(_slashPool));
        _slashPoolBalance = 0;
        emit SlashPoolSwept(_slashPool, amount);
        _token.safeTransfer(_slashPool, amount);
    }

    /// @inheritdoc IStakeVault
    function token() external view returns (address) {
        return address(_token);
    }

    /// @inheritdoc IStakeVault
    function slashPool() external view returns (address) {
        return _slashPool;
    }

    /// @inheritdoc IStakeVault
    function unbondingDelay() external view returns (uint40) {
        return _unbondingDelay;
    }

    /// @inheritdoc IStakeVault
    function slashDelay() external view returns (uint40) {
        return _slashDelay;
    }

    /// @inheritdoc IStakeVault
    function roles() external view returns (address, address, address) {
        return (_slashCourt, _faultProver, _council);
    }

    /// @inheritdoc IStakeVault
    function stakeOf(address account) external view returns (uint128) {
        return _bonds[account].stake;
    }

    /// @inheritdoc IStakeVault
    function exitOf(address account) external view returns (uint128, uint40) {
        return (_exits[account].amount, _exits[account].readyAt);
    }

    /// @inheritdoc IStakeVault
    function accountOf(address account) external view returns (Account memory) {
        Bond memory bond = _bonds[account];
        Exit memory exit = _exits[account];
        return Account({
            stake: bond.stake,
            exit: exit.amount,
            exitReadyAt: exit.readyAt,
            openCases: bond.openCases,
            jailed: bond.jailed,
            attestedBps: _countedBps(bond),
            lastAccusedAt: bond.lastAccusedAt,
            signer: _signers[account]
        });
    }

    /// @inheritdoc IStakeVault
    function isJailed(address account) external view returns (bool) {
        return _bonds[account].jailed;
    }

    /// @inheritdoc IStakeVault
    function signerOf(address owner) external view returns (address) {
        return _signers[owner];
    }

    /// @inheritdoc IStakeVault
    function ownerOfSigner(address signer) external view returns (address) {
        return _owners[signer];
    }

    /// @inheritdoc IStakeVault
    function caseOf(bytes32 caseId) external view returns (Case memory) {
        return _cases[caseId];
    }

    /// @inheritdoc IStakeVault
    function bountyOf(address beneficiary) external view returns (uint128) {
        return _bounties[beneficiary];
    }

    /// @inheritdoc IStakeVault
    function totalBonded() external view returns (uint128) {
        return _totalBonded;
    }

    /// @inheritdoc IStakeVault
    function slashPoolBalance() external view returns (uint128) {
        return _slashPoolBalance;
    }

    /// @dev Credits what arrived, not what was asked for: a token may take a fee.
    function _stake(address account, uint128 amount) private {
        require(amount != 0, ZeroAmount());
        uint256 before = _token.balanceOf(address(this));
        _token.safeTransferFrom(msg.sender, address(this), amount);
        uint128 received = (_token.balanceOf(address(this)) - before).toUint128();
        require(received != 0, ZeroAmount());
        uint128 staked = _bonds[account].stake + received;
        _bonds[account].stake = staked;
        _totalBonded += received;
        emit Staked(account, msg.sender, received, staked);
    }

    /// @dev Takes `bps` of stake plus exit, rounded up, from the stake first.
    function _takeBond(address account, uint16 bps) private returns (uint128 amount) {
        Bond storage bond = _bonds[account];
        Exit storage exit = _exits[account];
        uint128 staked = bond.stake;
        uint128 leaving = exit.amount;
        uint256 share = (uint256(staked) + leaving) * bps;
        amount = Math.ceilDiv(share, FULL_BPS).toUint128();
        uint128 fromStake = amount < staked ? amount : staked;
        bond.stake = staked - fromStake;
        if (amount != fromStake) exit.amount = leaving - (amount - fromStake);
        _totalBonded -= amount;
    }

    function _pendingCase(bytes32 caseId) private view returns (Case storage found) {
        found = _cases[caseId];
        require(found.state == CaseState.Pending, CaseNotPending(caseId, found.state));
    }

    /// @dev The count restarts only after a quiet window since the last accusation. So the
    /// accusations accepted in any 90 days add up to at most the cap, also across a restart.
    function _countedBps(Bond memory bond) private view returns (uint16) {
        bool quiet = _now() >= bond.lastAccusedAt + ATTESTED_WINDOW;
        return quiet ? 0 : bond.attestedBps;
    }

    function _isOf(address beneficiary, address account) private view returns (bool) {
        return beneficiary == account || _owners[beneficiary] == account;
    }

    function _requireRole(address role) private view {
        require(msg.sender == role, NotAuthorized(msg.sender));
    }

    function _now() private view returns (uint40) {
        return uint40(block.timestamp);
    }
}
