// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {RoundCommitment} from "../libraries/Statements.sol";

/// @title Round commitments of one federation, their finality, and the rewards paid from them.
/// @notice The coordinator posts one commitment a round, co-signed by M of N auditors. A round is
/// final when its challenge window has passed; no transaction is needed for that. Rewards are
/// cumulative sums in a Merkle tree, so a site claims against any final round, as seldom as it likes.
interface IRoundManager {
    enum RoundState {
        None, // never committed, or dead since an earlier round was voided
        Committed, // inside its challenge window
        Final,
        Voided,
        Archived // final, and its slot was reused by a later round
    }

    /// @notice What the chain remembers of a round while it is in the ring.
    struct Slot {
        bytes32 commitment; // hashCommitment of the posted commitment
        uint40 round;
        uint40 finalAt; // Unix seconds
        bool voided;
        uint32 signers; // bit i: auditor i signed
        uint128 rewardTotal;
    }

    event RolesSet(address indexed prover, address indexed council);
    event Funded(address indexed from, uint128 amount, uint128 funded);
    event RoundCommitted(
        uint64 indexed round, bytes32 indexed commitmentHash, bytes32 model, uint128 rewardTotal
    );
    event RoundVoided(uint64 indexed round, bytes32 indexed commitmentHash, uint64 previousHead);
    event Claimed(
        address indexed account, uint64 indexed round, uint128 amount, uint128 cumulative
    );

    error ZeroAddress();
    error ZeroAmount();
    error NotAuthorized(address caller);
    /// @notice Roles are set once.
    error RolesAlreadySet();
    /// @notice The threshold must be 1 to the number of auditors, at most 32.
    error BadQuorum(uint256 threshold, uint256 auditors);
    error DuplicateAuditor(address auditor);
    /// @notice Stake must not be able to leave before a round can be challenged.
    error UnbondingTooShort(uint40 unbondingDelay, uint40 challengeWindow);
    /// @notice Vault and round manager must use one token.
    error TokenMismatch(address vaultToken, address token);

    error WrongFederation(bytes32 given, bytes32 expected);
    /// @notice Exactly this commitment is on the chain already: the caller's work is done.
    error AlreadyCommitted(uint64 round, bytes32 commitmentHash);
    /// @notice Another commitment holds the round (zero hash: its slot was reused since).
    error RoundTaken(uint64 round, bytes32 commitmentHash);
    error RoundOutOfOrder(uint64 round, uint64 expected);
    /// @notice Exactly this commitment was voided, by itself or with an earlier round. It can never
    /// be posted again.
    error CommitmentVoided(uint64 round, bytes32 commitmentHash);
    /// @notice Too many rounds are inside their challenge window.
    error RingFull(uint64 oldestRound, uint40 finalAt);
    error ZeroField(string field);
    error ParentModelMismatch(bytes32 given, bytes32 expected);
    /// @notice The sum of cumulative rewards never falls.
    error RewardTotalFell(uint128 rewardTotal, uint128 parentTotal);
    error RewardTotalNotFunded(uint128 rewardTotal, uint128 funded);

    error RoundNotFinal(uint64 round, uint40 finalAt);
    error RoundIsFinal(uint64 round);
    /// @notice The chain holds another commitment for the round, or none.
    error CommitmentMismatch(uint64 round, bytes32 given, bytes32 stored);
    error NotInRewardsTree(bytes32 computedRoot, bytes32 rewardsRoot);
    error NothingToClaim(address account, uint128 cumulative, uint128 claimed);
    /// @notice Paying would pass the total of the round claimed against. Claim against a later one.
    error ClaimsExceedRewards(uint128 claimedTotal, uint128 rewardTotal);

    /// @notice Wires the roles that may void a round. By the deployer, once; locked afterwards.
    function setRoles(address prover, address council) external;

    /// @notice Adds `amount` of the token, taken from the caller, to the reward fund.
    function fund(uint128 amount) external;

    /// @notice Posts the next round. Coordinator only.
    /// @param c the commitment
    /// @param signatures of M or more auditors: 66-byte items u8 index | r | s | v, index increasing
    function commitRound(RoundCommitment calldata c, bytes calldata signatures) external;

    /// @notice Removes a round that is not final yet, and all rounds after it. None of these
    /// commitments can be posted again. Prover or council.
    function voidRound(RoundCommitment calldata c) external;

    /// @notice Pays `account` what it earned up to the final round `c` and has not been paid yet.
    /// Anyone may call; the money goes to `account`.
    /// @param leafCount number of leaves of the rewards tree
    /// @param index position of the account's leaf
    /// @param cumulative all rewards of the account up to this round
    /// @param salt blinds the leaf
    /// @param proof siblings, lowest first
    function claim(
        RoundCommitment calldata c,
        uint64 leafCount,
        uint64 index,
        address account,
        uint128 cumulative,
        bytes32 salt,
        bytes32[] calldata proof
    ) external;

    /// @notice Checks M-of-N auditor signatures over an EIP-712 digest; reverts with the reason.
    /// @return signers bit i is set when auditor i signed
    function verifyQuorum(bytes32 digest, bytes calldata signatures)
        external
        view
        returns (uint32 signers);

    /// @notice The last committed round; 0 before the first.
    function head() external view returns (uint64);
    /// @notice Model of the last committed round, the parent of the next; zero before the first.
    function headModel() external view returns (bytes32);
    /// @notice The round's slot; all zero when the ring does not hold the round.
    function slotOf(uint64 round) external view returns (Slot memory);
    function roundState(uint64 round) external view returns (RoundState);
    function isFinal(uint64 round) external view returns (bool);
    /// @notice The EIP-712 struct hash, which names a commitment in slots and events.
    function hashCommitment(RoundCommitment calldata c) external pure returns (bytes32);
    /// @notice The EIP-712 digest that auditors sign.
    function commitmentDigest(RoundCommitment calldata c) external view returns (bytes32);
    function domainSeparator() external view returns (bytes32);
    function claimed(address account) external view returns (uint128);
    function funded() external view returns (uint128);
    function claimedTotal() external view returns (uint128);

    function federation() external view returns (bytes32);
    function token() external view returns (address);
    function vault() external view returns (address);
    function coordinator() external view returns (address);
    function threshold() external view returns (uint8);
    function challengeWindow() external view returns (uint40);
    function auditorsCount() external view returns (uint256);
    function auditorAt(uint256 index) external view returns (address);
    function roles() external view returns (address prover, address council);
}
