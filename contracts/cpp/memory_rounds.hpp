// Reference model of the RoundManager, call by call: epochs, pauses, the ring of commitments, the
// reward fund and claims. Refusals: memory_refusal.hpp.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <vector>

#include "contracts/cpp/memory_vault.hpp"

namespace fedstake::chain {

// What holds for the rounds of one epoch (IRoundManager.Epoch).
struct EpochTerms {
    Address coordinator;
    std::uint8_t threshold = 1;
    std::uint64_t challenge_window = 0;  // seconds
    Digest rules_digest;                 // zero: not pinned
    std::vector<Address> auditors;
};

// IRoundManager.RoundState; the numbers are the contract's.
enum class RoundState : std::uint8_t { kNone, kCommitted, kFinal, kVoided, kArchived };

class MemoryRounds {
public:
    // REQUIRES terms that openEpoch accepts.
    MemoryRounds(const FederationId& federation, const crypto::Eip712Domain& domain,
                 MemoryContext context, const MemoryVault& vault, EpochTerms first);

    struct Slot {
        Digest commitment;
        RoundNumber round = 0;
        std::uint64_t final_at = 0;
        bool voided = false;
        std::uint32_t signers = 0;  // bit i: auditor i of the epoch signed
        Amount reward_total = 0;
        std::uint16_t epoch = 0;
        friend bool operator==(const Slot&, const Slot&) = default;
    };
    // Who answers for a round: its epoch's coordinator, and the auditors who signed it.
    struct Parties {
        Address coordinator;
        std::vector<Address> signers;
    };

    [[nodiscard]] Status open_epoch(const Address& caller, EpochTerms terms);
    [[nodiscard]] Status pause(const Address& caller, std::uint64_t until);
    [[nodiscard]] Status unpause(const Address& caller);
    [[nodiscard]] Status fund(const Address& caller, Amount amount);
    [[nodiscard]] Status commit_round(const Address& caller, const CommitRound& call);
    [[nodiscard]] Status void_round(const Address& caller, const crypto::RoundCommitment& c);
    [[nodiscard]] Status hold_round(const Address& caller, const crypto::RoundCommitment& c);
    [[nodiscard]] Status release_round(const Address& caller);
    [[nodiscard]] Status claim(const ClaimReward& call);
    [[nodiscard]] Status require_final(const crypto::RoundCommitment& c) const;

    // RETURN a bitmap of who signed.
    [[nodiscard]] Result<std::uint32_t> verify_quorum(
        const Digest& digest, const std::vector<AuditorSignature>& signatures) const;
    [[nodiscard]] Result<std::uint32_t> verify_panel(
        std::uint16_t epoch, std::uint32_t excluded, const Digest& digest,
        const std::vector<AuditorSignature>& signatures) const;

    [[nodiscard]] const FederationId& federation() const noexcept { return federation_; }
    [[nodiscard]] const crypto::Eip712Domain& domain() const noexcept { return domain_; }
    [[nodiscard]] RoundNumber head() const noexcept { return head_; }
    [[nodiscard]] const Digest& head_model() const noexcept { return head_model_; }
    [[nodiscard]] const Digest& history() const noexcept { return history_; }
    // The round that a dispute holds back; 0 if none.
    [[nodiscard]] RoundNumber held_round() const noexcept { return held_; }
    [[nodiscard]] std::uint64_t paused_until() const noexcept { return paused_until_; }
    [[nodiscard]] std::uint16_t current_epoch() const noexcept {
        return static_cast<std::uint16_t>(epochs_.size() - 1);
    }
    // Nothing when no epoch has this number.
    [[nodiscard]] const EpochTerms* epoch(std::uint16_t number) const;
    [[nodiscard]] const EpochTerms& terms() const { return epochs_.back(); }
    // As IRoundManager.slotOf: all zero when the ring does not hold the round.
    [[nodiscard]] Slot slot_of(RoundNumber round) const;
    [[nodiscard]] RoundState state(RoundNumber round) const;
    [[nodiscard]] bool is_final(RoundNumber round) const;
    // The commitment of a round that stands, i.e. is not voided, and is still in the ring.
    [[nodiscard]] std::optional<Digest> committed(RoundNumber round) const;
    [[nodiscard]] bool is_voided(const Digest& commitment) const;
    [[nodiscard]] Parties parties_of(RoundNumber round) const;
    [[nodiscard]] Amount claimed(const Address& account) const;
    [[nodiscard]] Amount funded() const noexcept { return funded_; }
    [[nodiscard]] Amount claimed_total() const noexcept { return claimed_total_; }

    // The round stands with this commitment and is not final: it may be held or voided.
    [[nodiscard]] Status require_open(const crypto::RoundCommitment& c) const;

private:
    static constexpr std::uint64_t kRing = 64;

    [[nodiscard]] Slot& slot(RoundNumber round) { return ring_[round % kRing]; }
    [[nodiscard]] const Slot& slot(RoundNumber round) const { return ring_[round % kRing]; }
    [[nodiscard]] bool finality_reached(const Slot& held) const;
    [[nodiscard]] Status check_terms(const EpochTerms& terms) const;
    [[nodiscard]] Status require_coordinator(const Address& caller) const;
    [[nodiscard]] Status require_next(RoundNumber round, const Digest& commitment) const;
    [[nodiscard]] Status require_follows(const crypto::RoundCommitment& c) const;
    [[nodiscard]] Status require_committed(RoundNumber round, const Digest& commitment) const;
    [[nodiscard]] Status require_no_dispute() const;
    void note_history(const Digest& commitment, bool voided);

    FederationId federation_;
    crypto::Eip712Domain domain_;
    MemoryContext context_;
    const MemoryVault& vault_;
    std::vector<EpochTerms> epochs_;
    RoundNumber head_ = 0;
    RoundNumber held_ = 0;
    Digest head_model_;
    Digest history_;
    std::uint64_t paused_until_ = 0;
    std::vector<Slot> ring_;
    std::set<Digest> voided_;  // for ever, dead descendants too
    Amount funded_ = 0;
    Amount claimed_total_ = 0;
    std::map<Address, Amount> claimed_;
};

}  // namespace fedstake::chain
