// A memory chain with a coordinator, three auditors (threshold two) and three sites that have
// tokens.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "contracts/cpp/memory_ledger.hpp"

namespace fedstake::testing {

[[nodiscard]] Digest label(const std::string& text);
[[nodiscard]] Address label_address(const std::string& text);
// The name of a refusal, or "accepted".
[[nodiscard]] std::string refusal(const Status& status);

class MemoryWorld {
public:
    MemoryWorld();

    [[nodiscard]] Address coordinator() const { return label_address("coordinator"); }
    [[nodiscard]] Address council() const { return label_address("council"); }
    // Also changes parameters.
    [[nodiscard]] Address governor() const { return label_address("governor"); }
    [[nodiscard]] Address site(std::size_t index) const {
        return label_address("site " + std::to_string(index));
    }
    [[nodiscard]] const crypto::SigningKey& signer(std::size_t index) const {
        return signers_[index];
    }
    [[nodiscard]] crypto::Eip712Domain domain() const { return chain->options().domain; }

    [[nodiscard]] std::vector<chain::AuditorSignature> audit(const Digest& struct_hash) const;
    // Rulings by the one auditor who signs neither rounds nor accusations; by another one.
    [[nodiscard]] std::vector<chain::AuditorSignature> appeal_ruling(const Digest& case_id,
                                                                     bool upheld,
                                                                     std::size_t auditor = 1) const;
    [[nodiscard]] std::vector<chain::AuditorSignature> dispute_ruling(
        const crypto::RoundCommitment& c, bool upheld, std::size_t auditor = 1) const;
    // The same arguments always make the same commitment; rounds follow each other.
    [[nodiscard]] chain::CommitRound commitment(RoundNumber round, Amount reward_total) const;
    [[nodiscard]] Status commit(RoundNumber round, Amount reward_total);
    [[nodiscard]] Status commit_with(const chain::ClaimReward& reward);
    // With the round's commitment as evidence; before it is on the chain, the one without rewards.
    [[nodiscard]] chain::Accuse accusation(RoundNumber round, const Address& accused,
                                           std::uint16_t bps) const;
    // A round whose rewards tree has these cumulative rewards, and the claim of one site.
    [[nodiscard]] chain::ClaimReward reward(RoundNumber round,
                                            const std::vector<Amount>& cumulative,
                                            std::size_t claimant = 0) const;
    [[nodiscard]] chain::ProveEquivocation equivocation(std::size_t index) const;
    [[nodiscard]] chain::PublishModel release(RoundNumber round) const;

    std::shared_ptr<chain::MemoryChain> chain;

private:
    std::vector<crypto::SigningKey> signers_;
};

}  // namespace fedstake::testing
