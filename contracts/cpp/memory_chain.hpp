// Reference model of all contracts of one federation on a chain of its own, call by call: vault,
// rounds, court, disputes, demands, provers and registry (memory_*.hpp).
//
// Time stands still until the host moves it. A refused call changes nothing and returns kNotNow
// with the contract's error name in front (memory_refusal.hpp). Signatures are checked.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "contracts/cpp/memory_convictions.hpp"
#include "contracts/cpp/memory_court.hpp"
#include "contracts/cpp/memory_demands.hpp"
#include "contracts/cpp/memory_disputes.hpp"
#include "contracts/cpp/memory_registry.hpp"

namespace fedstake::chain {

// Where the contracts are; the RoundManager's address is that of the domain.
struct MemoryAddresses {
    Address vault = fill(0xf1);
    Address court = fill(0xf2);
    Address disputes = fill(0xf3);
    std::array<Address, kProvers> provers{fill(0xf4), fill(0xf5), fill(0xf6)};  // by Prover
    Address demands = fill(0xf7);

    // An address that no key leads to.
    [[nodiscard]] static Address fill(std::uint8_t byte) {
        Address address;
        address.bytes.fill(byte);
        return address;
    }
};

struct MemoryChainOptions {
    FederationId federation;
    crypto::Eip712Domain domain;  // chain id and RoundManager address
    MemoryAddresses addresses{};
    Address coordinator;   // commits rounds
    Address publisher{};   // releases models; zero: the coordinator
    Address council;       // vetoes slashes, voids rounds, pauses
    Address governor{};    // last instance of appeals and disputes; zero: the council
    Address parameters{};  // windows, shares, bonds, epochs; zero: the governor
    Address slash_pool;    // where slashed stake goes
    std::vector<Address> auditors;
    std::uint32_t threshold = 1;
    Digest rules_digest{};
    // Seconds. Resolution and evidence age are lowered where the unbonding delay is too short.
    std::uint64_t challenge_window = 86'400;
    std::uint64_t resolution = 3 * 86'400;
    std::uint64_t slash_delay = 7 * 86'400;
    std::uint64_t appeal = 3 * 86'400;
    std::uint64_t unbonding_delay = 14 * 86'400;
    std::uint64_t evidence_age = 10 * 86'400;  // from the window's end to the last accusation
    std::uint16_t accusation_bps_max = 2'000;
    std::uint16_t equivocation_bps = 1'000;
    std::uint16_t coordinator_bps = 5'000;  // of a coordinator that committed a false round
    std::uint16_t signer_bps = 2'000;       // of each auditor who signed it
    Amount appeal_bond = 1'000'000;
    Amount dispute_bond = 1'000'000;
    Amount demand_bond = 1'000'000;
    std::uint64_t answer_time = 86'400;  // to answer a demand, and then to prove
    std::uint16_t withheld_bps = 5'000;  // of a coordinator that does not answer
    std::uint64_t start_time = 1'700'000'000;
};

class MemoryChain {
public:
    // REQUIRES options that the contracts' initializers accept.
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
    [[nodiscard]] MemoryRounds& rounds() noexcept { return rounds_; }
    [[nodiscard]] MemoryCourt& court() noexcept { return court_; }
    [[nodiscard]] MemoryDisputes& disputes() noexcept { return disputes_; }
    [[nodiscard]] MemoryDemands& demands() noexcept { return demands_; }
    [[nodiscard]] MemoryConvictions& convictions() noexcept { return convictions_; }
    [[nodiscard]] MemoryRegistry& registry() noexcept { return registry_; }

    // The calls and reads of the Ledger port.
    [[nodiscard]] Status fund(const Address& caller, Amount amount) {
        return rounds_.fund(caller, amount);
    }
    [[nodiscard]] Status commit_round(const Address& caller, const CommitRound& call) {
        return rounds_.commit_round(caller, call);
    }
    [[nodiscard]] Status void_round(const Address& caller, const crypto::RoundCommitment& c) {
        return rounds_.void_round(caller, c);
    }
    [[nodiscard]] Status claim(const ClaimReward& call) { return rounds_.claim(call); }
    [[nodiscard]] Status accuse(const Accuse& call) { return court_.accuse(call); }
    [[nodiscard]] Status prove_equivocation(const Address& caller, const ProveEquivocation& call) {
        return convictions_.prove_equivocation(caller, call);
    }
    [[nodiscard]] Status publish(const Address& caller, const PublishModel& call) {
        return registry_.publish(caller, call);
    }
    // By the port's short number of the case.
    [[nodiscard]] Status execute_slash(std::uint64_t case_id);
    [[nodiscard]] Status request_exit(const Address& caller, Amount amount) {
        return vault_.request_exit(caller, amount);
    }
    [[nodiscard]] Status withdraw(const Address& caller) { return vault_.withdraw(caller); }

    [[nodiscard]] RoundNumber head() const noexcept { return rounds_.head(); }
    [[nodiscard]] std::optional<Digest> committed(RoundNumber round) const {
        return rounds_.committed(round);
    }
    [[nodiscard]] bool is_final(RoundNumber round) const { return rounds_.is_final(round); }
    [[nodiscard]] bool is_voided(const Digest& commitment) const {
        return rounds_.is_voided(commitment);
    }
    [[nodiscard]] Amount claimed(const Address& account) const { return rounds_.claimed(account); }
    [[nodiscard]] Amount funded() const noexcept { return rounds_.funded(); }
    [[nodiscard]] Digest record_of(const Digest& model_id, std::uint64_t version) const {
        return registry_.record_of(model_id, version);
    }

private:
    MemoryChainOptions options_;
    std::uint64_t now_;
    MemoryToken token_;
    MemoryAccess access_;
    MemoryVault vault_;
    MemoryRounds rounds_;
    MemoryCourt court_;
    MemoryDisputes disputes_;
    MemoryDemands demands_;
    MemoryConvictions convictions_;
    MemoryRegistry registry_;
};

}  // namespace fedstake::chain
