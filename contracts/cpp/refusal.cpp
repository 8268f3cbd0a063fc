// The table of custom errors.
#include "contracts/cpp/refusal.hpp"

#include <algorithm>
#include <array>

namespace fedstake::chain {

namespace {

using enum RefusalKind;

struct Entry {
    std::string_view name;
    RefusalKind kind;
    std::string_view advice;
};

constexpr std::array kTable{
    // Rounds.
    Entry{"AlreadyCommitted", kAlready, "exactly this commitment is on the chain"},
    Entry{"RoundTaken", kFinal,
          "FENCED: the chain holds another commitment for this round; is a second coordinator "
          "running with this key? Stop both and compare `status` before going on"},
    Entry{"RoundOutOfOrder", kWait, "an earlier round has to be committed first"},
    Entry{"CommitmentVoided", kFinal,
          "this commitment was voided, by itself or with an earlier round: the round needs a new "
          "attempt"},
    Entry{"RoundDisputed", kWait,
          "a dispute about an earlier round is open; nothing is committed until it is settled"},
    Entry{"PausedUntil", kWait, "the council has paused the federation until that time"},
    Entry{"RingFull", kWait, "too many rounds are inside their challenge window"},
    Entry{"ParentModelMismatch", kFinal,
          "the round was computed on another model than the chain's last one"},
    Entry{"RewardTotalFell", kFinal, "the round pays less in all than its parent"},
    Entry{"RewardTotalNotFunded", kWait,
          "the reward fund is too small: add tokens to it (RoundManager.fund)"},
    Entry{"ZeroField", kFinal, "a field of the commitment is empty"},
    Entry{"WrongFederation", kFinal, "the contracts belong to another federation"},
    // Auditors' signatures.
    Entry{"BadSignaturesLength", kFinal, "the auditors' signatures are malformed"},
    Entry{"QuorumTooSmall", kFinal, "more auditors have to sign"},
    Entry{"AuditorsNotIncreasing", kFinal, "the auditors' signatures are out of order"},
    Entry{"UnknownAuditor", kFinal, "the contract knows no auditor with that index"},
    Entry{"NotSignedByAuditor", kFinal,
          "a signature is not that auditor's; does the manifest list the auditors in the order "
          "in which they were deployed?"},
    // Claims and releases.
    Entry{"RoundNotFinal", kWait, "the round is still inside its challenge window"},
    Entry{"RoundIsFinal", kFinal, "a final round cannot be voided"},
    Entry{"NothingToClaim", kAlready, "these rewards were paid out before"},
    Entry{"NotInRewardsTree", kFinal, "the claim does not match the round's rewards"},
    Entry{"ClaimsExceedRewards", kFinal, "claim against a later round"},
    Entry{"CommitmentMismatch", kWait, "the chain does not hold this commitment (yet)"},
    Entry{"LeafOutOfRange", kFinal, "the claim does not match the round's rewards"},
    Entry{"WrongProofLength", kFinal, "the claim does not match the round's rewards"},
    Entry{"VersionOutOfOrder", kFinal, "another version of the model has to be published first"},
    Entry{"ParentMismatch", kFinal, "the release names another predecessor than the registry"},
    Entry{"WeightsMismatch", kFinal, "the release is not the round's model"},
    Entry{"RoundMismatch", kFinal, "the release names another round"},
    // Accusations and proofs.
    Entry{"AlreadyAccused", kAlready, "the case was opened before"},
    Entry{"AlreadyProven", kAlready, "this fault was punished before"},
    Entry{"UnknownRound", kWait, "the accusation's round is not on the chain yet"},
    Entry{
        "EvidenceMismatch", kFinal,
        "the accusation is about another commitment than the chain holds for its round, which was "
        "voided or is more than 64 rounds old"},
    Entry{"EvidenceTooOld", kFinal, "the accusation comes too long after its round was final"},
    Entry{"AccusationExpired", kFinal, "the accusation's deadline has passed"},
    Entry{"NotAttestable", kFinal, "this kind of fault needs a proof"},
    Entry{"BadBps", kFinal, "the share to slash is out of range"},
    Entry{"CapExceeded", kFinal,
          "the site would lose more than the contracts allow within 90 days"},
    Entry{"NothingAtStake", kFinal, "the site has no stake"},
    Entry{"CaseExists", kAlready, "the case was opened before"},
    Entry{"CaseNotReady", kWait, "the delay of the slash has not passed"},
    Entry{"CaseNotPending", kFinal, "the case is closed or never existed"},
    Entry{"StatementsNotComparable", kFinal, "the statements are about different updates"},
    Entry{"NoContradiction", kFinal, "the statements do not contradict each other"},
    Entry{"NotSignedBySite", kFinal, "a statement was not signed by a key of that site"},
    // Accounts.
    Entry{"NotAuthorized", kFinal,
          "this account has not the role for it; is it the right key file?"},
    Entry{"AccessManagedUnauthorized", kFinal,
          "this account does not hold the role for it; is it the right key file?"},
    Entry{"NotSignedBySigner", kFinal,
          "the signing key has not signed that it speaks for this owner account"},
    Entry{"NoFault", kFinal, "what was opened is as it should be: the round stands"},
    Entry{"DigestMismatch", kFinal, "the bytes given are not those that the round committed to"},
    Entry{"NotProvable", kFinal,
          "the aggregate of this rule cannot be recomputed on the chain; open a dispute instead"},
    Entry{"NotInContent", kFinal, "the opened leaf is not in that update, aggregate or model"},
    Entry{"BondTooHigh", kFinal, "the bond has risen above what you allowed"},
    Entry{"NotTheAccused", kFinal, "only the accused site may appeal"},
    Entry{"AppealTooLate", kFinal, "the slash may be carried out already"},
    Entry{"RulingTooLate", kFinal, "the time for a ruling has passed; the case lapses"},
    Entry{"SignerTaken", kFinal,
          "the signer key was bound to an account before: make a new one with keygen"},
    Entry{"InsufficientStake", kFinal, "more was asked for than is staked"},
    Entry{"NothingToWithdraw", kFinal, "there is nothing to pay out"},
    Entry{"ExitNotReady", kWait, "the unbonding delay has not passed"},
    Entry{"WithdrawalsFrozen", kWait, "open slash cases may take all that is leaving"},
    Entry{"ZeroAmount", kFinal, "the amount is zero"},
    Entry{"ZeroAddress", kFinal, "an address is zero"},
    Entry{"ERC20InsufficientBalance", kFinal, "the account does not have that many tokens"},
    Entry{"ERC20InsufficientAllowance", kFinal, "the token was not approved for the contract"},
    Entry{"NotMinter", kFinal, "only the deployer of the test token may mint"},
};

const Entry* find(std::string_view name) noexcept {
    const auto* const found =
        std::find_if(kTable.begin(), kTable.end(), [&](const Entry& e) { return e.name == name; });
    return found == kTable.end() ? nullptr : found;
}

}  // namespace

Refusal judge_refusal(std::string_view error_name) noexcept {
    const Entry* entry = find(error_name);
    return entry == nullptr ? Refusal{} : Refusal{entry->kind, entry->advice};
}

std::string describe_refusal(std::string_view error_name, std::string_view error_text) {
    const Entry* entry = find(error_name);
    std::string text(error_text);
    if (entry != nullptr) text += ": " + std::string(entry->advice);
    return text;
}

}  // namespace fedstake::chain
