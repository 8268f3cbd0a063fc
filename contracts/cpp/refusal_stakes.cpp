// Sentences about stakes, accusations, appeals and proofs.
#include <array>

#include "contracts/cpp/refusal_table.hpp"

namespace fedstake::chain {

namespace {

using enum RefusalKind;
using Entry = RefusalEntry;

constexpr std::string_view kNotThisRound =
    "take the documents and blobs of the round that the commitment is about";

constexpr std::array kTable{
    // Accusations and cases.
    Entry{"AlreadyAccused", kAlready, "case {caseId} exists", "the case was opened before"},
    Entry{"UnknownRound", kWait, "the chain has no round {round} yet, its last one is {head}",
          "the accusation's round is not on the chain yet"},
    Entry{"EvidenceMismatch", kFinal,
          "the accusation is about commitment {given}, the chain holds {stored} for round {round}",
          "the accusation is about another commitment than the chain holds for its round, which "
          "was voided or is more than 64 rounds old"},
    Entry{"EvidenceTooOld", kFinal, "round {round} could be accused about until {latest:time}",
          "the accusation comes too long after its round was final"},
    Entry{"AccusationExpired", kFinal,
          "the accusation was to be posted by {deadline:time}, it is {timestamp:time}",
          "the accusation's deadline has passed: the auditors have to sign a new one"},
    Entry{"NotAttestable", kFinal, "auditors cannot attest the fault '{kind:kind}'",
          "this kind of fault needs a proof: `fedstake-client challenge`"},
    Entry{"BadBps", kFinal, "a share of {bps:percent} is not between 0.01 % and {maximum:percent}",
          "the share to slash is out of range"},
    Entry{"CapExceeded", kFinal,
          "the attested slashes of {account} would come to {bps:percent}, {maximum:percent} is the "
          "most",
          "the site would lose more than the contracts allow within 90 days"},
    Entry{"NothingAtStake", kFinal, "account {account} has no stake", "there is nothing to slash"},
    Entry{"CaseExists", kAlready, "case {caseId} exists", "the case was opened before"},
    Entry{"CaseNotReady", kWait, "case {caseId} may be executed at {executeAfter:time}",
          "the delay of the slash has not passed: wait until then"},
    Entry{"CaseNotPending", kFinal, "case {caseId} is not pending but {state:case}",
          "the case is closed or never existed: see `fedstake-client appeal` for the open ones"},
    Entry{"NoOpenCase", kFinal, "the court has no open case {caseId}",
          "see `fedstake-client appeal` for the open ones"},
    Entry{"CaseStillOpen", kFinal, "case {caseId} is still open in the vault",
          "the bond comes back when the case is decided, or vetoed by the council"},
    Entry{"WrongStage", kFinal, "case {caseId} is {stage:stage}",
          "`fedstake-client appeal` says what can be done at this stage"},
    Entry{"NotTheAccused", kFinal, "account {caller} is not the accused, {site}",
          "only the accused site may appeal: use its owner key"},
    Entry{"AppealTooLate", kFinal, "case {caseId} could be appealed until {executeAfter:time}",
          "the slash may be carried out already; ask the council for a veto"},
    Entry{"RulingTooLate", kFinal, "case {caseId} was to be decided by {deadline:time}",
          "the time for a ruling has passed; the case lapses"},
    // Proofs of what was signed.
    Entry{"AlreadyProven", kAlready,
          "the fault of {who} in round {round}, attempt index {attempt}, was punished before",
          "there is nothing left to do"},
    Entry{"StatementsNotComparable", kFinal, "the two statements are about different updates",
          "take two statements of one site for one round and attempt"},
    Entry{"NoContradiction", kFinal, "the two statements do not contradict each other",
          "there is no fault to prove"},
    Entry{"NotSignedBySite", kFinal, "a statement of site {site} was signed by {recovered}",
          "a statement was not signed by a key of that site: it proves nothing"},
    Entry{"NotSignedByCoordinator", kFinal,
          "a receipt was signed by {recovered}, the epoch's coordinator is {coordinator}",
          "name the epoch in which the receipt was signed"},
    Entry{"NotTheUpdates", kFinal,
          "the leaves given make root {computedRoot}, the round has {updatesRoot}", kNotThisRound},
    Entry{"NotTheMember", kFinal, "that place of the context is of {member}, not of {site}",
          kNotThisRound},
    // Proofs of what was computed.
    Entry{"NoFault", kFinal, "there is no {fault:fault} to prove",
          "what was opened is as it should be: the round stands"},
    Entry{"DigestMismatch", kFinal,
          "the {what} given has digest {given}, the round's is {expected}",
          "the bytes given are not those that the round committed to"},
    Entry{"NotProvable", kFinal, "rule {rule} cannot be recomputed by the contracts",
          "open a dispute instead: `fedstake-client challenge --dispute`"},
    Entry{"NotInContent", kFinal, "the opened leaf leads to {computedRoot}, the root is {root}",
          "the opened leaf is not in that update, aggregate or model"},
    Entry{"WrongOpeningCount", kFinal, "{count} updates are opened, {expected} have a weight",
          "open every update with a weight, in the report's order"},
    Entry{"CoordinateOutOfRange", kFinal, "there is no coordinate {coordinate}, only {coordinates}",
          "coordinates count from 0"},
    Entry{"SiteOutOfRange", kFinal, "there is no site {index} in a report of {sites}",
          "sites count from 0, in the report's order"},
    Entry{"NotAccepted", kFinal, "site {index} of the report is {standing:standing}, not accepted",
          "only the update of an accepted site must have passed the gate"},
    Entry{"NoSuchLeaf", kFinal, "a content of {totalBytes} bytes has no leaf {leafIndex}",
          kNotThisRound},
    Entry{"WrongLeafLength", kFinal, "the opened leaf has {length} bytes, not {expected}",
          kNotThisRound},
    Entry{"WrongSiblingCount", kFinal, "the opening has {count} siblings, not {expected}",
          kNotThisRound},
    Entry{"NotFinite", kFinal, "the parameter with the bits {bits} is no finite number",
          "a released model has none such: the blob is not a model"},
    Entry{"NothingToAverage", kFinal, "{values} values less {dropped} at each end leave nothing",
          "the report lists too few updates for its rule: prove a bad report instead"},
    Entry{"BadScale", kFinal, "a fixed point of {scaleBits} bits is not between 8 and 30",
          kNotThisRound},
    Entry{"TooManySteps", kFinal,
          "the rules have {steps} steps or parameters, {maximum} is the most", kNotThisRound},
    Entry{"UnknownRulesVersion", kFinal,
          "the rules are of version {version}, the contracts read {expected}",
          "the consortium has to upgrade the provers first"},
    Entry{"Truncated", kFinal, "a document ends at byte {length}, {needed} are needed",
          kNotThisRound},
    Entry{"MalformedContext", kFinal, "the context given is malformed", kNotThisRound},
    Entry{"MalformedReport", kFinal, "the report given is malformed",
          "prove a bad report, or take the round's own"},
    Entry{"ZeroStakePerScore", kFinal, "the rules given count no stake for a score", kNotThisRound},
    Entry{"NotTheParent", kFinal,
          "the parent commitment given is {given}, the chain holds {stored} for the round before",
          "take the commitment of the round before"},
    // Stakes.
    Entry{"NotSignedBySigner", kFinal, "the binding of signer {signer} was signed by {recovered}",
          "the signing key has not signed that it speaks for this owner account"},
    Entry{"SignerTaken", kFinal, "signer {signer} belongs to owner {owner} for ever",
          "the signer key was bound to an account before: make a new one with keygen or "
          "rotate-key"},
    Entry{"InsufficientStake", kFinal,
          "account {account} asks for {requested} wei of an active stake of {stake}",
          "more was asked for than is staked: ask for less, or leave --amount out"},
    Entry{"NothingToWithdraw", kFinal, "account {account} has no exit",
          "there is nothing to pay out: `fedstake-client exit` comes first"},
    Entry{"ExitNotReady", kWait, "the exit of {account} may be withdrawn at {readyAt:time}",
          "the unbonding delay has not passed: wait until then"},
    Entry{"WithdrawalsFrozen", kWait,
          "{openCases} open slash cases hold back the exit of {account}",
          "wait until they are decided: `fedstake-client appeal` lists them"},
    Entry{"NotJailed", kAlready, "account {account} is not in jail", "there is nothing to lift"},
    Entry{"LengthMismatch", kFinal, "{accounts} accounts, but {shares} shares",
          "give one share for each account"},
    Entry{"WindowTooShort", kFinal, "window {field} of {length:span} is shorter than {least:span}",
          "else stake could leave before a fault in it is punished: choose a longer one"},
    Entry{"WindowShrinks", kFinal,
          "window {field} would shrink from {current:span} to {given:span}",
          "rounds in flight rely on it: it only grows"},
    Entry{"ZeroAmount", kFinal, "the amount is zero", "name one above zero"},
    Entry{"ZeroAddress", kFinal, "an address is zero", "name an account"},
    Entry{"ZeroHolder", kFinal, "the holder of a role is the zero address", "name an account"},
    Entry{"NotAuthorized", kFinal, "account {caller} is not the one that may do this",
          "only the epoch's coordinator commits rounds, only the registry's publisher releases "
          "models; is it the right key file?"},
    Entry{"NotMinter", kFinal, "account {caller} did not deploy the test token",
          "only the deployer of the test token may mint"},
    // Members.
    Entry{"AlreadyMember", kAlready, "account {account} is a member", "there is nothing to admit"},
    Entry{"NotMember", kFinal, "account {account} is not a member",
          "only members can be removed; check the address"},
};

}  // namespace

std::span<const RefusalEntry> stake_refusals() noexcept {
    return kTable;
}

}  // namespace fedstake::chain
