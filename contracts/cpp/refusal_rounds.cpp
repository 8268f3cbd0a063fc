// Sentences about rounds, auditors' signatures, claims, releases and disputes.
#include <array>

#include "contracts/cpp/refusal_table.hpp"

namespace fedstake::chain {

namespace {

using enum RefusalKind;
using Entry = RefusalEntry;

constexpr std::array kTable{
    // Rounds.
    Entry{"AlreadyCommitted", kAlready,
          "round {round} is on the chain with exactly this commitment, {commitmentHash}",
          "there is nothing left to do"},
    Entry{"RoundTaken", kFinal, "round {round} holds another commitment, {commitmentHash}",
          "FENCED: the chain holds another commitment for this round; is a second coordinator "
          "running with this key? Stop both and compare `status` before going on"},
    Entry{"RoundOutOfOrder", kWait, "round {round} is not the next one, {expected} is",
          "an earlier round has to be committed first"},
    Entry{"CommitmentVoided", kFinal, "commitment {commitmentHash} of round {round} is void",
          "this commitment was voided, by itself or with an earlier round: the round needs a new "
          "attempt"},
    Entry{"RoundDisputed", kWait, "round {round} is in dispute",
          "nothing is committed until the dispute is settled; see `fedstake-coordinator status "
          "--chain` for its deadline"},
    Entry{"PausedUntil", kWait, "the council has paused commitments until {until:time}",
          "the federation goes on by itself then; ask the council why"},
    Entry{"PauseTooLong", kFinal,
          "a pause until {until:time} is too long, {latest:time} is the "
          "latest",
          "name an earlier end: a pause lasts at most 7 days"},
    Entry{"PauseTooSoon", kWait, "the next pause may begin at {earliest:time}",
          "wait until then: the council may pause 7 of any 14 days"},
    Entry{"RingFull", kWait,
          "64 rounds are inside their challenge window; the oldest, round {oldestRound}, is final "
          "at {finalAt:time}",
          "it goes on by itself then"},
    Entry{"ParentModelMismatch", kFinal,
          "the round starts from model {given}, the chain's last round made {expected}",
          "the round was computed on another model than the chain's last one: compare "
          "`fedstake-coordinator rounds` with the chain"},
    Entry{"RewardTotalFell", kFinal,
          "the rewards of all rounds would be {rewardTotal} wei, less than the {parentTotal} of "
          "the round before",
          "rewards never fall: the commitment is wrong, have an auditor verify the round"},
    Entry{"RewardTotalNotFunded", kWait,
          "the rewards of all rounds come to {rewardTotal} wei, the reward fund ever got {funded}",
          "the reward fund is too small: add tokens to it (RoundManager.fund)"},
    Entry{"ZeroField", kFinal, "field {field} is empty", "give it a value"},
    Entry{"WrongFederation", kFinal, "federation {given} is not the contracts' one, {expected}",
          "the contracts belong to another federation: check the addresses in the manifest"},
    Entry{"NothingHeld", kAlready, "no dispute holds a round back", "there is nothing to release"},
    Entry{
        "WindowPassed", kFinal, "the window of round {round} ended at {windowEnd:time}",
        "nothing new can hold the round back: it is final, or will be when what holds it is over"},
    Entry{"RoundDemanded", kAlready, "round {round} is demanded already",
          "wait for the leaves that the coordinator owes"},
    Entry{"NothingDemanded", kFinal, "no demand about round {round} is open",
          "it was answered, or never made"},
    Entry{"DemandedBefore", kAlready,
          "the leaves of commitment {commitmentHash} were demanded before; the demand is "
          "{state:demand}",
          "a commitment is demanded once; an answer is in the log of LeafDemands"},
    Entry{"NoOpenDemand", kAlready,
          "no demand about commitment {commitmentHash} is open; its state is {state:demand}",
          "there is nothing to answer, to expire or to settle"},
    Entry{"EarlierDemandOpen", kWait,
          "round {round} cannot expire while the leaves of round {first} are demanded",
          "the earliest round goes first, and takes the later ones along"},
    Entry{"AnswerTooLong", kFinal,
          "{answerTime:span} to answer a demand is longer than the {most:span} that the vault's "
          "windows leave",
          "raise the unbonding window (setWindows) or shorten the answer time (setTerms)"},
    Entry{"AlreadyConvicted", kAlready,
          "the parties of round {round} were slashed for commitment {commitmentHash} before",
          "a commitment is punished once"},
    Entry{"ConvictionTooLate", kFinal,
          "round {round} was voided, and could be proven wrong until {latest:time}",
          "the time for proofs against it is over"},
    Entry{"AlreadyExtended", kFinal, "the window of round {round} was extended before",
          "the council extends a window once"},
    Entry{"ExtensionOutOfRange", kFinal,
          "{until:time} is not between the window's end, {windowEnd:time}, and {latest:time}",
          "name a time in between"},
    Entry{"NoSuchEpoch", kFinal, "the contracts have no such epoch",
          "name one up to the current epoch (`fedstake-coordinator status --chain`)"},
    Entry{"TermsNotStored", kFinal, "the terms of the epoch could not be stored",
          "give the call more gas, or list fewer auditors"},
    Entry{"ChallengeTooLong", kFinal,
          "a challenge window of {challengeWindow:span} is longer than the vault's {most:span}",
          "choose a shorter window, or raise the vault's first (setWindows)"},
    Entry{"TokenMismatch", kFinal, "the vault pays in token {vaultToken}, the rounds in {token}",
          "deploy both with one token"},
    // Auditors' signatures.
    Entry{"BadSignaturesLength", kFinal, "the signatures have {length} bytes, no multiple of 66",
          "the auditors' signatures are malformed: collect them again"},
    Entry{"QuorumTooSmall", kFinal, "{signatures} signatures are too few, {threshold} are needed",
          "more auditors have to sign"},
    Entry{"AuditorsNotIncreasing", kFinal, "auditor {index} comes after auditor {previous}",
          "the auditors' signatures are out of order or repeated: sort them by index"},
    Entry{"UnknownAuditor", kFinal, "there is no auditor {index}, only {auditors}",
          "the manifest lists other auditors than the contract's epoch: compare them"},
    Entry{"NotSignedByAuditor", kFinal,
          "the signature of auditor {index}, {auditor}, was made by {recovered}",
          "a signature is not that auditor's; does the manifest list the auditors in the order "
          "in which they were deployed?"},
    Entry{"BadQuorum", kFinal, "{threshold} signatures of {auditors} auditors are no quorum",
          "the threshold must be 1 to the number of auditors, at most 32"},
    Entry{"DuplicateAuditor", kFinal, "auditor {auditor} is listed twice", "list each once"},
    Entry{"NoPanel", kFinal, "epoch {epoch} has no panel: auditors {excluded:set} may not judge",
          "every auditor has signed; the governor decides instead"},
    Entry{"NotOfThePanel", kFinal,
          "auditors {signers:set} have signed, auditors {excluded:set} may not judge this",
          "leave out the signatures of those who accused or signed the round"},
    // Claims and releases.
    Entry{"RoundNotFinal", kWait, "round {round} is final at {finalAt:time}, if nobody disputes it",
          "the round is still inside its challenge window, or held by a dispute: try again later"},
    Entry{"RoundIsFinal", kFinal, "round {round} is final", "a final round cannot be voided"},
    Entry{"NothingToClaim", kAlready,
          "account {account} has earned {cumulative} wei and was paid {claimed}",
          "these rewards were paid out before"},
    Entry{"NotInRewardsTree", kFinal,
          "the claim leads to root {computedRoot}, the round's rewards have {rewardsRoot}",
          "the claim does not match the round's rewards: verify the round, then claim anew"},
    Entry{"ClaimsExceedRewards", kFinal,
          "the claims would come to {claimedTotal} wei, the round allows {rewardTotal}",
          "claim against a later round"},
    Entry{"CommitmentMismatch", kWait,
          "the commitment for round {round} is {given}, the chain holds {stored}",
          "the chain does not hold this commitment (yet): wait for it, or use the round's own"},
    Entry{"LeafOutOfRange", kFinal, "there is no leaf {index} in a tree of {leafCount}",
          "the claim or proof does not match the round's tree"},
    Entry{"WrongProofLength", kFinal, "a proof of {length} digests, not {expected}",
          "the claim or proof does not match the round's tree"},
    Entry{"VersionOutOfOrder", kFinal, "version {version} is not the next one, {expected} is",
          "another version of the model has to be published first"},
    Entry{"ParentMismatch", kFinal,
          "the release names predecessor {parent}, the registry {expected}",
          "see what is published (`fedstake-coordinator model show`), then publish again"},
    Entry{"WeightsMismatch", kFinal,
          "the release has the weights {weightsRoot}, the round made {roundModel}",
          "the release is not the round's model"},
    Entry{"RoundMismatch", kFinal,
          "the release names round {provenanceRound}, its commitment round {commitmentRound}",
          "publish the release of one round"},
    Entry{"UnknownVersion", kFinal, "model {modelId} has no version {version}",
          "see what is published (`fedstake-coordinator model show`)"},
    Entry{"AlreadyRevoked", kAlready, "version {version} of model {modelId} is revoked",
          "a revoked version stays revoked: publish a new one"},
    // Disputes.
    Entry{"ZeroBond", kFinal, "the bond of a dispute is zero", "set one above zero"},
    Entry{"BondTooHigh", kFinal, "the bond is {bond} wei, you allowed {most}",
          "the bond doubles with each challenge of a round: allow more, or leave it"},
    Entry{"BondShort", kFinal, "{received} wei of the bond of {bond} arrived",
          "the token takes a part of each transfer; the federation needs one that does not"},
    Entry{"NotDisputed", kFinal, "no dispute about {commitmentHash} is open",
          "it was settled, or never opened"},
    Entry{"DeadlinePassed", kFinal, "the time for it ended at {deadline:time}",
          "the dispute or demand has expired: anyone may close it (RoundDisputes.expire, "
          "LeafDemands.expireDemand)"},
    Entry{"DeadlineNotPassed", kWait, "the time for it ends at {deadline:time}", "wait until then"},
    Entry{"DeadlineNotPassed", kWait, "the time to decide case {caseId} ends at {deadline:time}",
          "wait until then"},
    Entry{"RoundNotVoided", kFinal, "commitment {commitmentHash} is not voided",
          "this works for voided rounds only"},
    Entry{"RoundNotVoided", kFinal, "the commitment {evidenceRoot} that it is about is not voided",
          "a case is dropped this way only with its round: appeal instead"},
    Entry{"RoundIsVoided", kFinal, "commitment {commitmentHash} is voided already",
          "there is nothing left to decide or to answer: give the bond back (settleVoided of "
          "RoundDisputes or LeafDemands)"},
};

}  // namespace

std::span<const RefusalEntry> round_refusals() noexcept {
    return kTable;
}

}  // namespace fedstake::chain
