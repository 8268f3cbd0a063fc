// Reference model of the RoundManager, call by call: epochs, pauses, the ring of commitments, what
// keeps rounds from becoming final, the reward fund and claims. Refusals: memory_refusal.hpp.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
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

class MemoryRounds : public OpenRounds {
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
        std::uint64_t window_end = 0;  // final_at is later where a demand was answered late
        Digest rewards_root;
        friend bool operator==(const Slot&, const Slot&) = default;
    };
    // IRoundManager.Record: what a proof needs of a commitment that stands or was voided.
    struct Record {
        std::uint16_t epoch = 0;
        std::uint16_t parent_epoch = 0;
        std::uint32_t signers = 0;
        std::uint64_t window_end = 0;
        bool voided = false;
        bool convicted = false;  // its parties were slashed for it
        Digest parent;           // 18 bytes of the parent's commitment, then zeros
        friend bool operator==(const Record&, const Record&) = default;
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
    // A proof against the round holds: voids it, unless it was voided before. Once a commitment.
    [[nodiscard]] Status convict_round(const Address& caller, const crypto::RoundCommitment& c);
    [[nodiscard]] Status hold_round(const Address& caller, const crypto::RoundCommitment& c);
    [[nodiscard]] Status release_round(const Address& caller);
    [[nodiscard]] Status demand_round(const Address& caller, const crypto::RoundCommitment& c);
    [[nodiscard]] Status settle_demand(const Address& caller, RoundNumber round,
                                       std::uint64_t open_until);
    [[nodiscard]] Status extend_window(const Address& caller, RoundNumber round,
                                       std::uint64_t until);
    // Of the commitment only the round number counts: the chain has its rewards root.
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
    // The first round with an open demand; 0 if none.
    [[nodiscard]] RoundNumber demanded_round() const;
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
    [[nodiscard]] Result<Record> record_of(RoundNumber round, const Digest& commitment) const;
    [[nodiscard]] std::vector<OpenRound> open_rounds() const override;
    // The two of answersFor: the newest round unless it is final, and when what was voided without
    // a proof, and the account answers for, can be proven no more; 0 for none.
    [[nodiscard]] RoundNumber newest_open() const;
    [[nodiscard]] std::uint64_t answers_until(const Address& account) const override;
    [[nodiscard]] Amount claimed(const Address& account) const;
    [[nodiscard]] Amount funded() const noexcept { return funded_; }
    [[nodiscard]] Amount claimed_total() const noexcept { return claimed_total_; }

    // The round stands with this commitment and is not final: it may be held or voided.
    [[nodiscard]] Status require_open(const crypto::RoundCommitment& c) const;
    // It stands inside its window, and no demand about it is open.
    [[nodiscard]] Status require_demandable(const crypto::RoundCommitment& c) const;
    // The commitment may be convicted now. RETURNS who answers for it.
    [[nodiscard]] Result<Parties> require_convictable(const crypto::RoundCommitment& c) const;

private:
    static constexpr std::uint64_t kRing = 64;

    struct Held {
        Digest commitment;
        Digest rewards_root;
        RoundNumber round = 0;
        std::uint64_t window_end = 0;
        std::uint64_t grace = 0;  // from there to finality
        bool voided = false;
        bool demanded = false;  // a demand about it is open
        bool extended = false;  // the council has extended its window
        std::uint32_t signers = 0;
        std::uint16_t epoch = 0;
        Amount reward_total = 0;

        [[nodiscard]] std::uint64_t final_at() const noexcept { return window_end + grace; }
    };

    [[nodiscard]] Held& slot(RoundNumber round) { return ring_[round % kRing]; }
    [[nodiscard]] const Held& slot(RoundNumber round) const { return ring_[round % kRing]; }
    // It is on the chain, neither voided nor dead nor overwritten.
    [[nodiscard]] bool stands(RoundNumber round) const;
    [[nodiscard]] bool finality_reached(const Held& held) const;
    [[nodiscard]] Parties parties(std::uint16_t epoch, std::uint32_t signers) const;
    [[nodiscard]] Record record(const Held& held) const;
    void set_window(Held& next) const;
    void void_from(const crypto::RoundCommitment& c, bool proven);
    void hold_parties(const Record& gone);
    // When the last proof about a round that was voided is heard.
    [[nodiscard]] std::uint64_t convictable_until(std::uint64_t window_end) const {
        return window_end + vault_.windows().evidence_age;
    }
    [[nodiscard]] std::uint64_t extension_most() const;
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
    std::vector<Held> ring_;
    std::map<Digest, Record> voided_;               // for ever, dead descendants too
    std::map<Address, std::uint64_t> accountable_;  // latest window of rounds voided unproven
    Amount funded_ = 0;
    Amount claimed_total_ = 0;
    std::map<Address, Amount> claimed_;
};

}  // namespace fedstake::chain
