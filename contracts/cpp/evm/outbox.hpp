// Sends intents to the chain exactly once, through restarts, lost answers and reorganisations.
//
//   kQueued --sign, save, broadcast--> kSent --receipt--> kMined --confirmations--> kDone
//                                        ^                  |
//                                        +--receipt gone----+
// One transaction is in flight at a time: automine development chains wedge on more, and a lost one
// would hold up the rest anyway. Before a transaction is made the contract is asked (by estimating
// the gas) whether it would accept the call; its refusal says whether to wait, whether the effect
// is there already, or whether it can never succeed. The whole state is in the store.
//
// Reference: Optimism's op-service/txmgr, from which the treatment of nonces, "already known"
// answers and fee replacement is taken.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "contracts/cpp/evm/eth_node.hpp"
#include "contracts/cpp/evm/outbox_store.hpp"
#include "contracts/cpp/refusal.hpp"
#include "proto/base/time.hpp"
#include "proto/crypto/secp256k1.hpp"

namespace fedstake::evm {

struct OutboxOptions {
    std::uint64_t chain_id = 0;
    std::uint64_t confirmations = 1;           // blocks, the transaction's own included
    std::uint64_t replace_after_blocks = 3;    // blocks mined without it: raise the fees
    Amount priority_fee = 1'000'000'000;       // wei per gas
    Amount max_fee_cap = 500'000'000'000;      // never offer more, wei per gas
    std::uint64_t gas_limit_max = 16'777'216;  // EIP-7825
    // How often pump() looks for a receipt right after sending, and how long it waits in between.
    unsigned quick_polls = 25;
    Duration quick_poll_interval{20};
};

// What a revert means for a call.
struct Verdict {
    chain::RefusalKind kind = chain::RefusalKind::kFinal;
    std::string text;
};
using RevertJudge = std::function<Result<Verdict>(const OutboxCall&, const RpcFault&)>;

// Not thread-safe. Keeps references: node, key and store outlive it.
class Outbox {
public:
    [[nodiscard]] static Result<std::unique_ptr<Outbox>> open(EthNode& node,
                                                              const crypto::SigningKey& key,
                                                              OutboxStore& store, RevertJudge judge,
                                                              OutboxOptions options);

    // Durable on return; does not talk to the node. A known key with the same identity is a no-op,
    // with another one kConflict.
    [[nodiscard]] Status submit(OutboxCall call);

    // Gives up a record for good. What was not sent is kRejected at once; a transaction that was
    // sent may not be followed by another for the same record, but for a higher fee: its nonce has
    // to be used up. Durable on return; a no-op for unknown and finished records.
    [[nodiscard]] Status drop(std::string_view key, std::string reason);

    // Moves records forward as far as the node lets it and returns those that changed. RETURNS the
    // first failure: kUnavailable (node down, account without gas money; call again later),
    // kConflict (another chain, or one that lost transactions: a person has to look).
    [[nodiscard]] Result<std::vector<chain::IntentStatus>> pump();

    [[nodiscard]] Result<chain::IntentStatus> status(const std::string& key) const;
    [[nodiscard]] const std::vector<OutboxRecord>& records() const noexcept { return records_; }

private:
    Outbox(EthNode& node, const crypto::SigningKey& key, OutboxStore& store, RevertJudge judge,
           OutboxOptions options, std::vector<OutboxRecord> records);

    [[nodiscard]] Status check_chain();
    [[nodiscard]] Status advance_all();
    [[nodiscard]] Status confirm(OutboxRecord& record);
    // Whether the record left kSent.
    [[nodiscard]] Result<bool> settle(OutboxRecord& record);
    [[nodiscard]] Result<bool> release_taken_nonce(OutboxRecord& record);
    [[nodiscard]] Result<bool> look_for_receipt(OutboxRecord& record);
    [[nodiscard]] Status take_receipt(OutboxRecord& record, const Receipt& receipt);
    [[nodiscard]] Status take_failure(OutboxRecord& record, const Receipt& receipt);
    [[nodiscard]] Status rebroadcast(OutboxRecord& record);
    [[nodiscard]] Status replace(OutboxRecord& record);
    [[nodiscard]] Status broadcast(OutboxRecord& record);
    // Whether a transaction was sent.
    [[nodiscard]] Result<bool> start(OutboxRecord& record);
    [[nodiscard]] Status apply(OutboxRecord& record, const Verdict& verdict);
    [[nodiscard]] Result<std::uint64_t> next_nonce();
    void sign(OutboxRecord& record, Amount max_fee, Amount max_priority_fee);
    [[nodiscard]] Status save(OutboxRecord& record);
    [[nodiscard]] bool lane_blocked(const OutboxRecord& record) const;
    [[nodiscard]] OutboxRecord* in_flight();
    [[nodiscard]] CallRequest request(const OutboxRecord& record) const;

    EthNode& node_;
    const crypto::SigningKey& key_;
    OutboxStore& store_;
    RevertJudge judge_;
    OutboxOptions options_;
    std::vector<OutboxRecord> records_;   // by sequence
    std::optional<Error> store_failure_;  // once set, every call fails with it
    bool chain_checked_ = false;
    std::uint64_t head_ = 0;                // block number at the start of this pump
    Amount base_fee_ = 0;                   // of that block
    std::set<std::uint64_t> changed_;       // sequences saved since pump() began
    std::uint64_t broadcast_sequence_ = 0;  // record broadcast by this process ...
    std::uint64_t broadcast_block_ = 0;     // ... when the head was this
    unsigned missing_polls_ = 0;  // pumps in a row that found its nonce used, but no receipt
};

}  // namespace fedstake::evm
