// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title Stakes of the sites, keyed by owner account.
/// @notice A site's OWNER account holds the stake; its SIGNER key, on the site machine, signs
/// updates. Stake leaves through an exit that stays slashable until it is withdrawn. Proven faults
/// slash at once; attested faults wait, can be vetoed, and freeze withdrawals meanwhile.
interface IStakeVault {
    enum CaseState {
        None,
        Pending,
        Vetoed,
        Executed
    }

    /// @notice All about one account. Amounts in token wei, times in Unix seconds.
    struct Account {
        uint128 stake; // active stake
        uint128 exit; // requested to leave, still slashable
        uint40 exitReadyAt; // when the exit may be withdrawn
        uint16 openCases; // pending slashes; withdrawals are frozen while not zero
        bool jailed; // proven equivocation; until the council lifts it
        uint16 attestedBps; // attested slashing counted in the current window
        uint40 lastAccusedAt; // when the window was last extended
        address signer; // current signing key
    }

    /// @notice One attested slash.
    struct Case {
        address account;
        uint40 executeAfter;
        uint16 bps;
        uint16 kind;
        CaseState state;
    }

    event RolesSet(address indexed slashCourt, address indexed faultProver, address council);
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
    event SlashVetoed(bytes32 indexed caseId, address indexed account);
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
    /// @notice `caller` does not hold the role that the function asks for.
    error NotAuthorized(address caller);
    /// @notice Roles are set once.
    error RolesAlreadySet();
    /// @notice A signer key belongs to its first owner for ever, also after it was replaced.
    error SignerTaken(address signer, address owner);
    /// @notice More was asked for than there is.
    error InsufficientStake(address account, uint128 requested, uint128 stake);
    error NothingToWithdraw(address account);
    error ExitNotReady(address account, uint40 readyAt);
    /// @notice The account has pending slash cases.
    error WithdrawalsFrozen(address account, uint16 openCases);
    error BadBps(uint16 bps, uint16 maximum);
    /// @notice Attested slashing of the account would pass the cap of the window.
    error CapExceeded(address account, uint256 bps, uint16 maximum);
    error NothingAtStake(address account);
    error CaseExists(bytes32 caseId);
    error CaseNotPending(bytes32 caseId, CaseState state);
    error CaseNotReady(bytes32 caseId, uint40 executeAfter);
    error NotJailed(address account);

    /// @notice Wires the roles. By the deployer, once; locked afterwards.
    function setRoles(address slashCourt, address faultProver, address council) external;

    /// @notice Makes `signer` the caller's signing key. Earlier keys stay bound to the caller.
    function setSigner(address signer) external;

    /// @notice Adds `amount` of the token, taken from the caller, to the caller's stake.
    function stake(uint128 amount) external;

    /// @notice Adds `amount` of the token, taken from the caller, to the stake of `account`.
    function stakeFor(address account, uint128 amount) external;

    /// @notice Moves `amount` from the stake to the exit. Starts the unbonding delay of the whole
    /// exit anew.
    function requestExit(uint128 amount) external;

    /// @notice Pays the exit out, after the delay and with no case pending.
    function withdraw() external;

    /// @notice Opens an attested slash of `bps` of stake and exit. SlashCourt only.
    function proposeSlash(address account, uint16 bps, uint16 kind, bytes32 caseId) external;

    /// @notice Closes a pending case without a slash. Council only.
    function vetoSlash(bytes32 caseId) external;

    /// @notice Carries out a pending case after its delay. Anyone.
    function executeSlash(bytes32 caseId) external;

    /// @notice Slashes a proven fault at once; equivocation also jails. FaultProver only.
    /// @dev A quarter is the beneficiary's bounty, unless it is the accused or one of its keys.
    function slashNow(address account, uint16 bps, address beneficiary, uint16 kind) external;

    /// @notice Lifts the jail. Council only.
    function unjail(address account) external;

    /// @notice Pays the collected bounties of `beneficiary` to it. Anyone.
    function payBounty(address beneficiary) external;

    /// @notice Sends everything slashed, less bounties, to the slash pool address. Anyone.
    function sweepSlashPool() external;

    function token() external view returns (address);
    function slashPool() external view returns (address);
    function unbondingDelay() external view returns (uint40);
    function slashDelay() external view returns (uint40);
    function roles()
        external
        view
        returns (address slashCourt, address faultProver, address council);
    /// @notice Active stake, without the exit.
    function stakeOf(address account) external view returns (uint128);
    function exitOf(address account) external view returns (uint128 amount, uint40 readyAt);
    function accountOf(address account) external view returns (Account memory);
    function isJailed(address account) external view returns (bool);
    function signerOf(address owner) external view returns (address);
    /// @notice The owner that a signing key is or ever was bound to; zero if none.
    function ownerOfSigner(address signer) external view returns (address);
    function caseOf(bytes32 caseId) external view returns (Case memory);
    function bountyOf(address beneficiary) external view returns (uint128);
    /// @notice Sum of all stakes and exits.
    function totalBonded() external view returns (uint128);
    /// @notice Slashed and not yet swept.
    function slashPoolBalance() external view returns (uint128);
}
