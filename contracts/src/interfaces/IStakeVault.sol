// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title Stakes of the sites, keyed by owner account.
/// @notice A site's OWNER account holds the stake; its SIGNER key, on the site machine, signs
/// updates. Stake leaves through an exit that stays slashable until it is withdrawn. Proven faults
/// slash at once; attested faults wait, can be vetoed, and hold back what they may take meanwhile.
interface IStakeVault {
    enum CaseState {
        None,
        Pending,
        Vetoed, // by the council
        Executed,
        Dropped // by the court: appeal won, lapsed, or the round was voided
    }

    /// @notice Durations in seconds. See {setWindows} for what must hold between them.
    struct Windows {
        uint40 unbonding; // requestExit to withdraw
        uint40 challenge; // most that an epoch may set for a round's finality
        uint40 resolution; // most that a dispute may hold a round back after its window
        uint40 slashDelay; // proposeSlash to executeSlash
        uint40 appeal; // from executeAfter, when an appealed case lapses
        uint40 evidenceAge; // from a round's window to the last accusation about it
    }

    /// @notice All about one account. Amounts in token wei, times in Unix seconds.
    struct Account {
        uint128 stake; // active stake
        uint128 exit; // requested to leave, still slashable
        uint40 exitReadyAt; // when the exit may be withdrawn
        uint16 openCases; // pending slashes
        bool jailed; // proven equivocation; until the council lifts it
        uint16 attestedBps; // attested slashing counted in the current window
        uint40 lastAccusedAt; // when the window was last extended
        address signer; // current signing key
        uint128 held; // what pending slashes may take; stays in the vault until they close
    }

    /// @notice One attested slash.
    struct Case {
        address account;
        uint40 executeAfter;
        uint16 bps;
        uint16 kind;
        CaseState state;
        uint128 amount; // fixed when proposed; execution takes at most what is left
    }

    event WindowsSet(Windows windows);
    event SignerSet(address indexed owner, address indexed signer, address previous);
    event Staked(address indexed account, address indexed from, uint128 amount, uint128 stake);
    event ExitRequested(address indexed account, uint128 amount, uint40 readyAt);
    event Withdrawn(address indexed account, uint128 amount);
    event SlashProposed(
        bytes32 indexed caseId,
        address indexed account,
        uint16 bps,
        uint16 kind,
        uint40 executeAfter
    );
    event SlashPostponed(bytes32 indexed caseId, uint40 executeAfter);
    event SlashVetoed(bytes32 indexed caseId, address indexed account);
    event SlashDropped(bytes32 indexed caseId, address indexed account);
    event SlashExecuted(bytes32 indexed caseId, address indexed account, uint128 amount);
    event SlashedNow(
        address indexed account,
        uint16 kind,
        uint128 amount,
        address indexed beneficiary,
        uint128 bounty
    );
    event Jailed(address indexed account);
    event Unjailed(address indexed account);
    event BountyPaid(address indexed beneficiary, uint128 amount);
    event SlashPoolSwept(address indexed slashPool, uint128 amount);

    /// @notice An argument that must not be zero is.
    error ZeroAddress();
    error ZeroAmount();
    /// @notice `longer` must be at least `shorter`: else stake could leave before a fault in it is
    /// punished. The names are fields of {Windows}; evidenceAge counts with a tenth on top.
    error WindowTooShort(string field, uint256 length, uint256 least);
    /// @notice The unbonding and challenge windows only grow: rounds in flight rely on them.
    error WindowShrinks(string field, uint40 given, uint40 current);
    /// @notice A signer key belongs to its first owner for ever, also after it was replaced.
    error SignerTaken(address signer, address owner);
    /// @notice Only a key without stake, exit and open cases of its own becomes the signer of another
    /// account: stake must not leave the key that it answers for.
    error SignerHasStake(address signer, uint256 bonded, uint16 openCases);
    /// @notice The account is a signer key of `owner`: stake belongs to the owner.
    error BoundSigner(address account, address owner);
    /// @notice Others may add to the stake of an account that has staked or has bound a signer key.
    error UnknownAccount(address account);
    /// @notice The key's own signature over SignerBinding(owner, signer) is needed.
    error NotSignedBySigner(address signer, address recovered);
    /// @notice More was asked for than there is.
    error InsufficientStake(address account, uint128 requested, uint128 stake);
    error NothingToWithdraw(address account);
    error ExitNotReady(address account, uint40 readyAt);
    /// @notice Pending slash cases hold back all of the exit.
    error WithdrawalsFrozen(address account, uint16 openCases);
    /// @notice The account's key committed or signed `round`, which is not final.
    error AnswersForRound(address account, uint64 round);
    /// @notice The account's key committed or signed rounds that were voided without a proof. They may
    /// be proven until then.
    error AnswersForVoidedRounds(address account, uint40 until);
    error BadBps(uint16 bps, uint16 maximum);
    /// @notice Attested slashing of the account would pass the cap of the window.
    error CapExceeded(address account, uint256 bps, uint16 maximum);
    error NothingAtStake(address account);
    error CaseExists(bytes32 caseId);
    error CaseNotPending(bytes32 caseId, CaseState state);
    error CaseNotReady(bytes32 caseId, uint40 executeAfter);
    error NotJailed(address account);
    /// @notice One share for each account.
    error LengthMismatch(uint256 accounts, uint256 shares);

    /// @notice Changes the windows. Role PARAMETERS. unbonding >= challenge + resolution,
    /// unbonding >= slashDelay, unbonding >= challenge + 1.1 evidenceAge; unbonding and challenge never shrink.
    function setWindows(Windows calldata windows_) external;

    /// @notice Makes `signer` the caller's signing key. Earlier keys stay bound to the caller;
    /// one that is replaced while the caller is in jail counts as lost.
    /// @param possession 65 bytes r | s | v by `signer` over the EIP-712 statement
    /// SignerBinding(address owner,address signer) in this contract's domain
    function setSigner(address signer, bytes calldata possession) external;

    /// @notice Adds `amount` of the token, taken from the caller, to the caller's stake.
    function stake(uint128 amount) external;

    /// @notice Adds `amount` of the token, taken from the caller, to the stake of `account`.
    function stakeFor(address account, uint128 amount) external;

    /// @notice Moves `amount` from the stake to the exit. Starts the unbonding delay of the whole
    /// exit anew.
    function requestExit(uint128 amount) external;

    /// @notice Pays the exit out after the delay, except for what pending cases may take and the
    /// stake does not cover. Refused while a round is open that a key of the account committed or signed,
    /// and while one that was voided may still be proven.
    function withdraw() external;

    /// @notice Opens an attested slash of `bps` of stake and exit as they are now. Role COURT.
    function proposeSlash(address account, uint16 bps, uint16 kind, bytes32 caseId) external;

    /// @notice Moves a pending case's execution to `executeAfter`. Role COURT.
    function postponeSlash(bytes32 caseId, uint40 executeAfter) external;

    /// @notice Closes a pending case without a slash. Role COURT.
    function dropSlash(bytes32 caseId) external;

    /// @notice Closes a pending case without a slash. Role COUNCIL.
    function vetoSlash(bytes32 caseId) external;

    /// @notice Carries out a pending case after its delay. Anyone.
    function executeSlash(bytes32 caseId) external;

    /// @notice Slashes a proven fault of one or several accounts at once; equivocation also jails.
    /// Role PROVER. A quarter is the beneficiary's bounty, unless it is one of the accused or of
    /// their keys. Accounts without stake are passed over.
    function slashMany(
        address[] calldata accounts,
        uint16[] calldata bps,
        address beneficiary,
        uint16 kind
    ) external;

    /// @notice Lifts the jail. Role COUNCIL.
    function unjail(address account) external;

    /// @notice Pays the collected bounties of `beneficiary` to it. Anyone.
    function payBounty(address beneficiary) external;

    /// @notice Sends everything slashed, less bounties, to the slash pool address. Anyone.
    function sweepSlashPool() external;

    function token() external view returns (address);
    function slashPool() external view returns (address);
    function windows() external view returns (Windows memory);
    function unbondingDelay() external view returns (uint40);
    function slashDelay() external view returns (uint40);
    function domainSeparator() external view returns (bytes32);
    /// @notice Active stake, without the exit.
    function stakeOf(address account) external view returns (uint128);
    function exitOf(address account) external view returns (uint128 amount, uint40 readyAt);
    function accountOf(address account) external view returns (Account memory);
    function isJailed(address account) external view returns (bool);
    function signerOf(address owner) external view returns (address);
    /// @notice The owner that a signing key is or ever was bound to; zero if none.
    function ownerOfSigner(address signer) external view returns (address);
    /// @notice A key that was replaced while its owner was in jail: what it signs is nobody's fault.
    function isLost(address signer) external view returns (bool);
    function caseOf(bytes32 caseId) external view returns (Case memory);
    function bountyOf(address beneficiary) external view returns (uint128);
    /// @notice Sum of all stakes and exits.
    function totalBonded() external view returns (uint128);
    /// @notice Slashed and not yet swept.
    function slashPoolBalance() external view returns (uint128);
}
