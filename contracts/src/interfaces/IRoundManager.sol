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
        uint32 signers; // bit i: auditor i of the epoch signed
        uint128 rewardTotal;
        uint16 epoch;
        uint40 windowEnd; // finalAt is later where a demand was answered late
        bytes32 rewardsRoot;
    }

    /// @notice What holds for the rounds of one epoch. Rounds keep the terms that they started with.
    struct Epoch {
        address coordinator; // the only account that commits rounds
        uint8 threshold; // how many auditors must sign (M)
        uint24 challengeWindow; // seconds from a commitment to its finality
        bytes32 rulesDigest; // of the RoundRules; zero: not pinned
        address[] auditors; // signer addresses; the position is the index used in signatures
    }

    /// @notice What a proof needs of a round that stands or was voided, by its commitment.
    struct Record {
        uint16 epoch;
        uint16 parentEpoch; // of the round before; 0 for round 1
        uint32 signers;
        uint40 windowEnd;
        bool voided;
        bool convicted; // its parties were slashed for it
        bytes18 parent; // the first bytes of the parent's commitment hash; 0 for round 1
    }

    event EpochOpened(uint16 indexed epoch, uint64 firstRound, Epoch terms);
    event Paused(uint40 until);
    event RoundHeld(uint64 indexed round);
    event RoundReleased(uint64 indexed round);
    event DemandOpened(uint64 indexed round);
    event DemandSettled(uint64 indexed round, uint40 finalAt);
    event WindowExtended(uint64 indexed round, uint40 windowEnd);
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
    /// @notice No commitments before `until`: the council has paused the federation.
    error PausedUntil(uint40 until);
    /// @notice A pause ends within 7 days, and the next one may begin 7 days after its end.
    error PauseTooLong(uint40 until, uint40 latest);
    error PauseTooSoon(uint40 earliest);
    /// @notice A dispute is open about `round`: nothing is committed until it is settled.
    error RoundDisputed(uint64 round);
    /// @notice Every auditor of the epoch is excluded: there is no panel.
    error NoPanel(uint16 epoch, uint32 excluded);
    /// @notice An auditor signed who may not judge this.
    error NotOfThePanel(uint32 signers, uint32 excluded);
    /// @notice No dispute holds a round back.
    error NothingHeld();
    /// @notice The round's window is over: nothing new can hold it back.
    error WindowPassed(uint64 round, uint40 windowEnd);
    /// @notice A demand about the round is open already.
    error RoundDemanded(uint64 round);
    /// @notice No demand about the round is open.
    error NothingDemanded(uint64 round);
    /// @notice The council extends a window once.
    error AlreadyExtended(uint64 round);
    error ExtensionOutOfRange(uint40 until, uint40 windowEnd, uint256 latest);
    /// @notice The threshold must be 1 to the number of auditors, at most 32.
    error BadQuorum(uint256 threshold, uint256 auditors);
    error DuplicateAuditor(address auditor);
    /// @notice Stake must not be able to leave before a round can be challenged: the vault's windows
    /// bound the window of every epoch.
    error ChallengeTooLong(uint40 challengeWindow, uint40 most);
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
    /// @notice The coordinator and signers of exactly this commitment were slashed for it.
    error AlreadyConvicted(uint64 round, bytes32 commitmentHash);
    /// @notice The round was voided, and stake that answered for it may have left since.
    error ConvictionTooLate(uint64 round, uint40 latest);
    error NotInRewardsTree(bytes32 computedRoot, bytes32 rewardsRoot);
    error NothingToClaim(address account, uint128 cumulative, uint128 claimed);
    /// @notice Paying would pass the total of the round claimed against. Claim against a later one.
    error ClaimsExceedRewards(uint128 claimedTotal, uint128 rewardTotal);

    /// @notice The terms of all rounds from the next one on. Role PARAMETERS.
    function openEpoch(Epoch calldata terms) external;

    /// @notice Stops commitments until `until`. Claims, proofs and disputes go on. Role COUNCIL.
    function pause(uint40 until) external;

    /// @notice Ends a pause early. Role COUNCIL.
    function unpause() external;

    /// @notice Adds `amount` of the token, taken from the caller, to the reward fund.
    function fund(uint128 amount) external;

    /// @notice Posts the next round. Coordinator only.
    /// @param c the commitment
    /// @param signatures of M or more auditors: 66-byte items u8 index | r | s | v, index increasing
    function commitRound(RoundCommitment calldata c, bytes calldata signatures) external;

    /// @notice Removes a round that is not final yet, and all rounds after it. None of these
    /// commitments can be posted again. Role VOIDER.
    function voidRound(RoundCommitment calldata c) external;

    /// @notice A proof against the round holds. Voids it as {voidRound} does, unless it was voided
    /// before, by itself or with an earlier round: then it must be proven until its window's end plus
    /// the vault's evidenceAge. Once a commitment. Role PROVER.
    /// @return coordinator the account that committed it
    /// @return signers the auditors who signed
    function convictRound(RoundCommitment calldata c)
        external
        returns (address coordinator, address[] memory signers);

    /// @notice Keeps a round that is not final, and those after it, from becoming final. One at a
    /// time. Role DISPUTES.
    function holdRound(RoundCommitment calldata c) external;

    /// @notice Ends what {holdRound} began. Role DISPUTES.
    function releaseRound() external;

    /// @notice Keeps a round inside its window, and those after it, from becoming final until the
    /// demand is settled or the round is voided. Commitments go on. Role DISPUTES.
    function demandRound(RoundCommitment calldata c) external;

    /// @notice Ends what {demandRound} began. The round and those after it become final at
    /// `openUntil`, if that is later: time to prove what the answer shows. Role DISPUTES.
    function settleDemand(uint64 round, uint40 openUntil) external;

    /// @notice Extends the window of a round, and of those after it, to `until`: when the chain
    /// stood still, or proofs are kept out of it. Once a round; by at most 72 hours, less where the
    /// vault's windows leave less. Role COUNCIL.
    function extendWindow(uint64 round, uint40 until) external;

    /// @notice Pays `account` what it earned up to the final round `round` and has not been paid
    /// yet. Anyone may call; the money goes to `account`.
    /// @param leafCount number of leaves of the rewards tree
    /// @param index position of the account's leaf
    /// @param cumulative all rewards of the account up to this round
    /// @param salt blinds the leaf
    /// @param proof siblings, lowest first
    function claim(
        uint64 round,
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

    /// @notice Checks signatures of a panel over a digest: auditors of `epoch` outside `excluded`
    /// (bit i: auditor i), more than half of those. Reverts with the reason.
    function verifyPanel(uint16 epoch, uint32 excluded, bytes32 digest, bytes calldata signatures)
        external
        view
        returns (uint32 signers);

    /// @notice Reverts unless `c` is what the chain holds for its round, and final.
    function requireFinal(RoundCommitment calldata c) external view;

    /// @notice Whether exactly this commitment was voided, by itself or with an earlier round.
    function isVoided(bytes32 commitmentHash) external view returns (bool);

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
    /// @notice What keeps the stake of an account where it is.
    /// @return open the newest round, unless it is final: 0 if nobody answers for an open round
    /// @return until when rounds that were voided without a proof, and that a key of the account
    /// committed or signed, can be proven no more; 0 if there are none
    function answersFor(address account) external view returns (uint64 open, uint40 until);
    function claimed(address account) external view returns (uint128);
    /// @notice Rolling hash over all commitments and voids, in their order:
    /// keccak256(abi.encode(before, commitment, voided)).
    function history() external view returns (bytes32);
    /// @notice The round that a dispute holds back; 0 if none.
    function heldRound() external view returns (uint64);
    /// @notice The first round with an open demand; 0 if none.
    function demandedRound() external view returns (uint64);
    function pausedUntil() external view returns (uint40);
    function currentEpoch() external view returns (uint16);
    function epochOf(uint16 epoch) external view returns (Epoch memory);
    /// @notice Who committed a round and who signed it, from its epoch and signers bitmap.
    /// @return coordinator the account that committed it
    /// @return signers the auditors who signed
    function partiesOf(uint64 round)
        external
        view
        returns (address coordinator, address[] memory signers);
    /// @notice The same by commitment, of a round that stands or was voided.
    function recordOf(uint64 round, bytes32 commitmentHash) external view returns (Record memory);
    function funded() external view returns (uint128);
    function claimedTotal() external view returns (uint128);

    function federation() external view returns (bytes32);
    function token() external view returns (address);
    function vault() external view returns (address);
    function coordinator() external view returns (address);
    function threshold() external view returns (uint8);
    function challengeWindow() external view returns (uint40);
    function rulesDigest() external view returns (bytes32);
    function auditorsCount() external view returns (uint256);
    function auditorAt(uint256 index) external view returns (address);
}
