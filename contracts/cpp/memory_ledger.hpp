// Ledger over a MemoryChain: what the simulator and the tests use instead of a node.
//
// Intents end in the same states, in the same order, as with EvmLedger; transaction digests are the
// Keccak-256 of the intent's key.
#pragma once

#include <map>
#include <memory>
#include <vector>

#include "contracts/cpp/memory_chain.hpp"

namespace fedstake::chain {

class MemoryLedger final : public Ledger {
public:
    // `caller` sends the writes: the coordinator, or a site that claims for itself. Several ledgers
    // may share one chain.
    MemoryLedger(std::shared_ptr<MemoryChain> chain, const Address& caller)
        : chain_(std::move(chain)), caller_(caller) {}

    // While unavailable, reads and pump() fail with kUnavailable; submit() goes on to queue.
    void set_available(bool available) noexcept { available_ = available; }
    [[nodiscard]] MemoryChain& chain() noexcept { return *chain_; }

    [[nodiscard]] Result<StakeAccount> stake_of(const SiteId& site) override;
    [[nodiscard]] Result<RoundNumber> committed_head() override;
    [[nodiscard]] Result<Digest> committed(RoundNumber round) override;
    [[nodiscard]] Result<bool> is_final(RoundNumber round) override;
    [[nodiscard]] Result<bool> is_voided(const Digest& commitment) override;
    [[nodiscard]] Result<std::vector<SlashCase>> slash_cases() override;
    [[nodiscard]] Result<std::uint64_t> chain_time() override;
    [[nodiscard]] Result<std::vector<OpenDemand>> open_demands() override;

    [[nodiscard]] Status submit(const Intent& intent) override;
    [[nodiscard]] Status drop(const std::string& key, const std::string& reason) override;
    [[nodiscard]] Result<std::vector<IntentStatus>> pump() override;
    [[nodiscard]] Result<IntentStatus> status(const std::string& key) override;

private:
    struct Entry {
        Operation operation;
        IntentStatus status;
    };
    [[nodiscard]] Status available() const;
    [[nodiscard]] Status perform(const Operation& operation);
    // Whether the entry changed.
    bool advance(Entry& entry);
    [[nodiscard]] bool lane_blocked(std::size_t index) const;

    std::shared_ptr<MemoryChain> chain_;
    Address caller_;
    bool available_ = true;
    std::vector<Entry> entries_;
    std::map<std::string, std::size_t> by_key_;
    std::uint64_t block_ = 0;  // one for every effect
};

}  // namespace fedstake::chain
