// Reference model of all contracts of one federation on a chain of its own: StakeVault,
// RoundManager, SlashCourt, FaultProver and ModelRegistry, call by call.
//
// Time stands still until the host moves it. A refused call changes nothing and returns kNotNow
// with the contract's error name in front (see memory_vault.hpp). Signatures are checked.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <tuple>
#include <vector>

#include "contracts/cpp/memory_vault.hpp"

namespace fedstake::chain {

struct MemoryChainOptions {
    FederationId federation;
    crypto::Eip712Domain domain;  // chain id and RoundManager address
    Address coordinator;          // commits rounds and publishes models
    Address council;              // vetoes slashes, voids rounds
    Address slash_pool;           // where slashed stake goes
    std::vector<Address> auditors;
    std::uint32_t threshold = 1;
    std::uint64_t challenge_window = 86'400;
    std::uint64_t slash_delay = 7 * 86'400;
    std::uint64_t unbonding_delay = 14 * 86'400;
    std::uint64_t evidence_age = 10 * 86'400;  // from finality to the last accusation
    std::uint16_t accusation_bps_max = 2'000;
    std::uint16_t equivocation_bps = 1'000;
    std::uint64_t start_time = 1'700'000'000;
};

class MemoryChain {
public:
    explicit MemoryChain(MemoryChainOptions options);
    MemoryChain(const MemoryChain&) = delete;
    MemoryChain& operator=(const MemoryChain&) = delete;

    [[nodiscard]] const MemoryChainOptions& options() const noexcept { return options_; }
    [[nodiscard]] std::uint64_t now() const noexcept { return now_; }
    // REQUIRES time not to go back.
    void set_time(std::uint64_t now);
    void advance(std::uint64_t seconds) { set_time(now_ + seconds); }

    [[nodiscard]] MemoryToken& token() noexcept { return token_; }
    [[nodiscard]] MemoryVault& vault() noexcept { return vault_; }

    // RoundManager.
    [[nodiscard]] Status fund(const Address& caller, Amount amount);
    [[nodiscard]] Status commit_round(const Address& caller, const CommitRound& call);
    [[nodiscard]] Status void_round(const Address& caller,
                                    const crypto::RoundCommitment& commitment);
    [[nodiscard]] Status claim(const ClaimReward& call);
    [[nodiscard]] RoundNumber head() const noexcept { return head_; }
    [[nodiscard]] std::optional<Digest> committed(RoundNumber round) const;
    [[nodiscard]] bool is_final(RoundNumber round) const;
    [[nodiscard]] Amount claimed(const Address& account) const;
    [[nodiscard]] Amount funded() const noexcept { return funded_; }

    // SlashCourt, FaultProver, ModelRegistry, and the vault's calls that depend on time.
    [[nodiscard]] Status accuse(const Accuse& call);
    [[nodiscard]] Status prove_equivocation(const Address& caller, const ProveEquivocation& call);
    [[nodiscard]] Status publish(const Address& caller, const PublishModel& call);
    [[nodiscard]] Status execute_slash(std::uint64_t case_id);
    [[nodiscard]] Status request_exit(const Address& caller, Amount amount) {
        return vault_.request_exit(caller, amount, now_);
    }
    [[nodiscard]] Status withdraw(const Address& caller) { return vault_.withdraw(caller, now_); }
    // keccak256(abi.encode(provenance)) of a published version; zero when there is none.
    [[nodiscard]] Digest record_of(const Digest& model_id, std::uint64_t version) const;

private:
    static constexpr std::uint64_t kRing = 64;

    struct Slot {
        Digest commitment;
        RoundNumber round = 0;
        std::uint64_t final_at = 0;
        Amount reward_total = 0;
    };

    [[nodiscard]] Slot& slot(RoundNumber round) { return ring_[round % kRing]; }
    [[nodiscard]] const Slot& slot(RoundNumber round) const { return ring_[round % kRing]; }
    [[nodiscard]] Status verify_quorum(const Digest& digest,
                                       const std::vector<AuditorSignature>& signatures) const;
    [[nodiscard]] Status require_next(RoundNumber round, const Digest& commitment) const;
    [[nodiscard]] Status require_committed(RoundNumber round, const Digest& commitment) const;
    [[nodiscard]] Status require_signed_by_site(const crypto::UpdateStatement& statement,
                                                const crypto::Signature& signature) const;

    MemoryChainOptions options_;
    std::uint64_t now_;
    MemoryToken token_;
    MemoryVault vault_;
    RoundNumber head_ = 0;
    Digest head_model_;
    std::vector<Slot> ring_;
    std::set<Digest> voided_;  // for ever, dead descendants too
    Amount funded_ = 0;
    Amount claimed_total_ = 0;
    std::map<Address, Amount> claimed_;
    std::map<std::tuple<SiteId, RoundNumber, std::uint32_t>, bool> proven_;
    std::map<Digest, std::vector<Digest>> records_;  // by model; version v at index v-1
};

// keccak256(abi.encode(Provenance)): the record hash that the registry keeps for a release.
[[nodiscard]] Digest provenance_hash(const PublishModel& release);

}  // namespace fedstake::chain
