// Sentences about the errors of Solidity, of OpenZeppelin's contracts, and of governance.
#include <array>

#include "contracts/cpp/refusal_table.hpp"

namespace fedstake::chain {

namespace {

using enum RefusalKind;
using Entry = RefusalEntry;

constexpr std::string_view kOurBug =
    "the contracts rule this out, so it is a bug or another contract: report it with the "
    "transaction";
constexpr std::string_view kSchedule =
    "a change of this role is scheduled in ConsortiumAccess first, and waits its delay";
constexpr std::string_view kAddresses = "check the addresses in the manifest";

constexpr std::array kTable{
    Entry{"Error", kFinal, "the contract says '{0}'",
          "it is not one of ours, or its token's words"},
    Entry{"Panic", kFinal, "the contract stopped with panic code {0}", kOurBug},
    // Roles.
    Entry{"AccessManagedUnauthorized", kFinal, "account {caller} does not hold the role for this",
          "this account does not hold the role for it; is it the right key file?"},
    Entry{"AccessManagedRequiredDelay", kFinal,
          "account {caller} may do this only {delay:span} after it was announced", kSchedule},
    Entry{"AccessManagedInvalidAuthority", kFinal, "{authority} is no ConsortiumAccess contract",
          kAddresses},
    Entry{"AccessManagerAlreadyScheduled", kAlready, "operation {operationId} is scheduled",
          "wait until its delay has passed"},
    Entry{"AccessManagerNotScheduled", kFinal, "operation {operationId} is not scheduled",
          kSchedule},
    Entry{"AccessManagerNotReady", kWait, "operation {operationId} waits for its delay",
          "try again when the delay has passed"},
    Entry{"AccessManagerExpired", kFinal, "operation {operationId} was not carried out in its week",
          "schedule it again"},
    Entry{"AccessManagerLockedRole", kFinal, "role {roleId:role} cannot be changed",
          "the admin and public roles are fixed"},
    Entry{"AccessManagerLockedFunction", kFinal, "function {selector} cannot be given to a role",
          "it belongs to the admin for good"},
    Entry{"AccessManagerInvalidInitialAdmin", kFinal, "{initialAdmin} cannot be the admin",
          "name an account that is not zero"},
    Entry{"AccessManagerBadConfirmation", kFinal, "a role is renounced by its holder only",
          "confirm with the calling account"},
    Entry{"AccessManagerUnauthorizedAccount", kFinal,
          "account {msgsender} does not hold role {roleId:role}",
          "the timelock holds it once the consortium was handed over: make a proposal"},
    Entry{"AccessManagerUnauthorizedCall", kFinal,
          "account {caller} may not call function {selector} of {target}",
          "make a proposal, or use the account that holds the role"},
    Entry{"AccessManagerUnauthorizedConsume", kFinal, "{target} may not consume a schedule",
          kAddresses},
    Entry{"AccessManagerUnauthorizedCancel", kFinal,
          "account {msgsender} may not cancel what {caller} scheduled: function {selector} of "
          "{target}",
          "the council may, and the account that scheduled it"},
    Entry{"AccessControlBadConfirmation", kFinal, "a role is renounced by its holder only",
          "confirm with the calling account"},
    Entry{"AccessControlUnauthorizedAccount", kFinal,
          "account {account} does not hold role {neededRole} of the timelock",
          "proposals go through the governor; the council may cancel them"},
    // Tokens.
    Entry{"ERC20InsufficientBalance", kFinal,
          "account {sender} has {balance} wei of the token and needs {needed}",
          "the account does not have that many tokens: send it some"},
    Entry{"ERC20InsufficientAllowance", kFinal,
          "{spender} may take {allowance} wei of the token and needs {needed}",
          "the token was not approved for the contract: give the command again, it approves first"},
    Entry{"ERC20InvalidSender", kFinal, "tokens cannot come from {sender}", kOurBug},
    Entry{"ERC20InvalidReceiver", kFinal, "tokens cannot go to {receiver}", kAddresses},
    Entry{"ERC20InvalidApprover", kFinal, "{approver} cannot approve", kOurBug},
    Entry{"ERC20InvalidSpender", kFinal, "{spender} cannot be approved", kAddresses},
    Entry{"SafeERC20FailedOperation", kFinal, "token {token} did not move the tokens",
          "is it an ERC-20, is it paused, and has the account enough of it?"},
    Entry{"InsufficientBalance", kFinal,
          "the contract has {balance} wei of ether, {needed} are "
          "needed",
          "send it ether"},
    // Calls, proxies, initialization.
    Entry{"AddressEmptyCode", kFinal, "there is no contract at {target}", kAddresses},
    Entry{"FailedCall", kFinal, "a call inside of the transaction failed without a reason",
          "is the target a contract of this federation?"},
    Entry{"ERC1967InvalidImplementation", kFinal, "{implementation} is no implementation",
          "deploy the new code first and name its address"},
    Entry{"ERC1967NonPayable", kFinal, "an upgrade without a call takes no ether",
          "send it without ether"},
    Entry{"ERC1967ProxyUninitialized", kFinal, "the proxy was made without its initialization",
          "use fedstake-coordinator deploy, which gives it"},
    Entry{"InvalidInitialization", kFinal, "the contract is initialized already",
          "there is nothing to initialize"},
    Entry{"NotInitializing", kFinal, "this works during initialization only", kOurBug},
    Entry{"UUPSUnauthorizedCallContext", kFinal, "upgrades go through the proxy",
          "call the proxy, not the implementation behind it"},
    Entry{"UUPSUnsupportedProxiableUUID", kFinal, "the new code keeps its state at {slot}",
          "it is not made for this kind of proxy: see contracts/src/access/Managed.sol"},
    Entry{"ReentrancyGuardReentrantCall", kFinal, "the token called the contract back",
          "the federation needs a token that does not"},
    // Numbers, signatures, text, votes.
    Entry{"SafeCastOverflowedUintDowncast", kFinal, "{value} does not fit {bits} bits",
          "name a smaller number"},
    Entry{"ECDSAInvalidSignature", kFinal, "the signature is not one", "sign again"},
    Entry{"ECDSAInvalidSignatureLength", kFinal, "a signature of {length} bytes, not 65",
          "sign again"},
    Entry{"ECDSAInvalidSignatureS", kFinal, "the signature's s, {s}, is in the upper half",
          "sign again: only the lower one is accepted"},
    Entry{"InvalidAccountNonce", kFinal, "the next signature of {account} has nonce {currentNonce}",
          "sign again with it"},
    Entry{"InvalidShortString", kFinal, "a short text is malformed", kOurBug},
    Entry{"StringTooLong", kFinal, "the text '{str}' is too long", "31 bytes are the most"},
    Entry{"CheckpointUnorderedInsertion", kFinal, "votes were recorded out of order", kOurBug},
    Entry{"ERC5805FutureLookup", kWait, "votes of block {timepoint} are asked for at block {clock}",
          "wait until that block is mined"},
    Entry{"ERC6372InconsistentClock", kFinal, "the clock of the votes is not the block number",
          kOurBug},
    Entry{"VotesExpiredSignature", kFinal, "the signed delegation ended at {expiry:time}",
          "sign again"},
    // The governor.
    Entry{"GovernorAlreadyCastVote", kAlready, "{voter} has voted", "there is one vote a member"},
    Entry{"GovernorAlreadyQueuedProposal", kAlready, "proposal {proposalId} is queued",
          "wait for the timelock's delay, then execute it"},
    Entry{"GovernorDisabledDeposit", kFinal, "the governor takes no tokens or ether",
          "send them to the timelock"},
    Entry{"GovernorInsufficientProposerVotes", kFinal,
          "{proposer} has {votes} votes and needs {threshold} to propose",
          "members propose: use a member's key"},
    Entry{"GovernorInvalidProposalLength", kFinal,
          "a proposal of {targets} targets, {calldatas} calls and {values} values",
          "give as many of each"},
    Entry{"GovernorInvalidQuorumFraction", kFinal,
          "a quorum of {quorumNumerator} of {quorumDenominator} is none", "name at most the whole"},
    Entry{"GovernorInvalidSignature", kFinal, "the vote was not signed by {voter}", "sign again"},
    Entry{"GovernorInvalidVoteParams", kFinal, "the vote has parameters, which are not used",
          "vote without them"},
    Entry{"GovernorInvalidVoteType", kFinal, "that is no vote",
          "0 is against, 1 for, 2 abstention"},
    Entry{"GovernorInvalidVotingPeriod", kFinal, "a vote of {votingPeriod} blocks is too short",
          "name at least one"},
    Entry{"GovernorNonexistentProposal", kFinal, "there is no proposal {proposalId}",
          "targets, calls and description must be exactly those that were proposed"},
    Entry{"GovernorOnlyExecutor", kFinal, "account {account} is not the timelock",
          "make a proposal"},
    Entry{"GovernorPreventLateQuorumVoteExtensionTooLarge", kFinal,
          "an extension of {newVoteExtension} blocks is longer than {maxVoteExtension}",
          "name a shorter one"},
    Entry{"GovernorProposalQueueingFailed", kFinal, "proposal {proposalId} could not be queued",
          kOurBug},
    Entry{"GovernorProposalQueueingNotRequired", kFinal, "proposal {proposalId} needs no queue",
          "execute it"},
    Entry{"GovernorRestrictedProposer", kFinal, "{proposer} may not make this proposal",
          "its description names another proposer"},
    Entry{"GovernorUnableToCancel", kFinal,
          "account {account} may not cancel proposal {proposalId}",
          "its proposer may before the vote, the council in the timelock"},
    Entry{"GovernorUnexpectedProposalState", kFinal,
          "proposal {proposalId} is {current:proposal} (allowed states: {expectedStates})",
          "wait for its next state, or propose again"},
    // The timelock.
    Entry{"TimelockInsufficientDelay", kFinal,
          "a delay of {delay:span} is less than {minDelay:span}",
          "schedule it with the least delay or a longer one"},
    Entry{"TimelockInvalidOperationLength", kFinal,
          "an operation of {targets} targets, {payloads} calls and {values} values",
          "give as many of each"},
    Entry{"TimelockUnauthorizedCaller", kFinal, "account {caller} is not the timelock",
          "make a proposal"},
    Entry{"TimelockUnexecutedPredecessor", kWait, "operation {predecessorId} comes first",
          "execute it, then this one"},
    Entry{"TimelockUnexpectedOperationState", kWait,
          "operation {operationId} is not in a state for this (allowed states: {expectedStates})",
          "wait for its delay, or schedule it; a cancelled one is proposed anew"},
};

}  // namespace

std::span<const RefusalEntry> library_refusals() noexcept {
    return kTable;
}

}  // namespace fedstake::chain
