// One challenge: looks for a fault of a round from what is cheap to check to what is not, and
// proves the first one that the contracts take.
//
// Order: what parties signed twice; context; signatures; omissions; report; settlement; model;
// aggregate; updates; then the whole round once more, which finds what the contracts cannot
// recompute. A proof is tried on the chain's newest state before it is paid for.
#pragma once

#include <atomic>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "client/app/challenge_demand.hpp"
#include "client/app/challenge_faults.hpp"
#include "client/app/challenge_papers.hpp"
#include "contracts/cpp/evm/proof_desk.hpp"

namespace fedstake::client {

struct ProvenFault {
    Finding finding;
    evm::ProofTrial trial;
    std::optional<evm::Conviction> conviction;  // nothing in a dry run
};

struct UnprovenFault {
    std::string figure;
    std::string text;
    std::string why;  // the contracts take no proof of it
};

struct ChallengeOutcome {
    evm::CommittedRound round;
    std::optional<crypto::RoundCommitment> commitment;
    std::vector<ProvenFault> proven;
    std::vector<UnprovenFault> unproven;
    std::vector<std::string> unchecked;  // what could not be had or recomputed, and why
    std::vector<std::string> left_out;   // what only auditors may read
    std::vector<std::string> notes;      // faults that were punished before
    bool voided = false;                 // by this command or by somebody else
    bool lacks = false;     // something that a demand brings is missing, and proofs need it
    bool complete = false;  // leaves, report and context are all there
    DemandStep demand;
};

class Challenge {
public:
    // prove: sends the fault's proof and waits; empty: a dry run. from: the account that would send
    // it.
    using Prove = std::function<Result<evm::Conviction>(const ProvenFault&)>;
    // Keeps the references.
    Challenge(const Site& site, evm::ProofDesk& desk, PaperSource& source, const Address& from,
              Prove prove, const std::atomic<bool>& stop);

    // RETURNS kNotFound where the chain has no such round, kNotNow where it is final, and the
    // errors of the node. What the coordinator does not give is in the outcome.
    [[nodiscard]] Result<ChallengeOutcome> run(RoundNumber round);

private:
    [[nodiscard]] Status begin(RoundNumber round);
    [[nodiscard]] Result<std::vector<rules::SignedUpdate>> signed_by_their_sites(RoundNumber round);
    [[nodiscard]] Status check_signed_twice(RoundNumber round);
    [[nodiscard]] Status check_state();
    [[nodiscard]] Status read_papers();
    // These RETURN whether a fault of the round was proven.
    [[nodiscard]] Result<bool> check_documents();
    [[nodiscard]] Result<bool> check_values();
    [[nodiscard]] Result<bool> consider(Finding finding);
    [[nodiscard]] Result<bool> consider_all(std::vector<Finding> findings);
    // Findings of a check that may lack its blobs.
    [[nodiscard]] Result<bool> consider_all(const char* what, Result<std::vector<Finding>> found);
    [[nodiscard]] Status recompute();
    void note(std::string text);
    [[nodiscard]] Result<bool> lost_the_race(const Error& error);

    const Site& site_;
    evm::ProofDesk& desk_;
    PaperSource& source_;
    Address from_;
    Prove prove_;
    const std::atomic<bool>& stop_;
    ChallengeTerms terms_;
    std::vector<evm::SignedReceipt> receipts_;
    RoundPapers papers_;
    std::optional<RoundPapers> parent_;
    ChallengeOutcome outcome_;
};

}  // namespace fedstake::client
