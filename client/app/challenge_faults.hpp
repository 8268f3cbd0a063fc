// Looks for faults in what a round's parties signed and wrote down: everything that can be seen
// without the values of updates and models.
//
// Each function gives what it found, with the proof that the contracts take. Pure.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "client/app/challenge_papers.hpp"
#include "contracts/cpp/evm/proof_calls.hpp"

namespace fedstake::client {

// Something that is not as it should be.
struct Finding {
    std::string figure;                   // "context", "signature", "aggregate": for scripts
    std::string text;                     // a sentence for people
    std::optional<evm::ProofCall> proof;  // nothing: the contracts take no proof of it
    // Whether this program sees the fault itself. False: the contracts may see one that it does
    // not, and are asked.
    bool seen = true;
};

// What all of them need.
struct ChallengeTerms {
    crypto::Eip712Domain domain;
    const rules::RoundRules* rules = nullptr;
    SiteId self;          // no proof is made against it
    Address coordinator;  // of the round's epoch
    std::uint16_t epoch = 0;
};

// Two statements of one site for one attempt that contradict each other: one finding for each site
// and attempt. REQUIRES updates signed by keys of their sites, which only the chain knows.
[[nodiscard]] std::vector<Finding> find_equivocations(const ChallengeTerms& terms,
                                                      std::span<const rules::SignedUpdate> updates);
// Two receipts of the coordinator for one site and attempt; those of other keys are passed over.
[[nodiscard]] std::vector<Finding> find_two_receipts(const ChallengeTerms& terms,
                                                     std::span<const evm::SignedReceipt> receipts);

// REQUIRES papers.context. parent: nothing for round 1, or where it is not to be had.
[[nodiscard]] Finding find_in_context(const ChallengeTerms& terms, const RoundPapers& papers,
                                      const RoundPapers* parent);
// REQUIRES papers.updates and papers.context.
[[nodiscard]] std::vector<Finding> find_in_signatures(const ChallengeTerms& terms,
                                                      const RoundPapers& papers);
// REQUIRES papers.leaves.
[[nodiscard]] std::vector<Finding> find_omissions(const ChallengeTerms& terms,
                                                  const RoundPapers& papers,
                                                  std::span<const evm::SignedReceipt> receipts);
// Receipts for updates that the report does not list: whether they were left out only the leaves
// show. REQUIRES papers.report.
[[nodiscard]] std::vector<std::string> receipts_not_listed(
    const ChallengeTerms& terms, const RoundPapers& papers,
    std::span<const evm::SignedReceipt> receipts);
// REQUIRES papers.report; uses the leaves and the context where they are there.
[[nodiscard]] std::vector<Finding> find_in_report(const ChallengeTerms& terms,
                                                  const RoundPapers& papers);
// REQUIRES papers.report and papers.context.
[[nodiscard]] Finding find_in_settlement(const ChallengeTerms& terms, const RoundPapers& papers);

// The documents as the provers take them; empty where they are missing.
[[nodiscard]] evm::RoundDocuments documents_of(const ChallengeTerms& terms,
                                               const RoundPapers& papers);

}  // namespace fedstake::client
