// The life of a record up to its signed transaction, and the bookkeeping around it.
#include "contracts/cpp/evm/outbox.hpp"

#include <algorithm>

#include "contracts/cpp/evm/transaction.hpp"

namespace fedstake::evm {

using chain::IntentState;
using chain::IntentStatus;
using chain::RefusalKind;

namespace {

IntentStatus status_of(const OutboxRecord& record) {
    IntentStatus status;
    status.key = record.call.key;
    status.state = record.state;
    status.transaction = record.mined;
    if (status.transaction.is_zero() && !record.transactions.empty()) {
        status.transaction = record.transactions.back().hash;
    }
    status.block = record.block;
    status.detail = record.detail;
    return status;
}

bool finished(const OutboxRecord& record) {
    return record.state == IntentState::kDone || record.state == IntentState::kRejected;
}

}  // namespace

Outbox::Outbox(EthNode& node, const crypto::SigningKey& key, OutboxStore& store, RevertJudge judge,
               OutboxOptions options, std::vector<OutboxRecord> records)
    : node_(node),
      key_(key),
      store_(store),
      judge_(std::move(judge)),
      options_(options),
      records_(std::move(records)) {}

Result<std::unique_ptr<Outbox>> Outbox::open(EthNode& node, const crypto::SigningKey& key,
                                             OutboxStore& store, RevertJudge judge,
                                             OutboxOptions options) {
    FS_ASSIGN(std::vector<OutboxRecord> records, store.load());
    return std::unique_ptr<Outbox>(
        new Outbox(node, key, store, std::move(judge), options, std::move(records)));
}

Status Outbox::submit(OutboxCall call) {
    if (store_failure_) return tl::unexpected<Error>(*store_failure_);
    for (const OutboxRecord& record : records_) {
        if (record.call.key != call.key) continue;
        if (record.call.identity == call.identity) return {};
        return fail(Errc::kConflict,
                    "intent " + call.key + " was submitted before with other contents");
    }
    OutboxRecord record;
    record.sequence = records_.empty() ? 1 : records_.back().sequence + 1;
    record.call = std::move(call);
    FS_TRY(save(record));
    records_.push_back(std::move(record));
    return {};
}

Status Outbox::drop(std::string_view key, std::string reason) {
    if (store_failure_) return tl::unexpected<Error>(*store_failure_);
    const auto record = std::find_if(records_.begin(), records_.end(),
                                     [&](const auto& entry) { return entry.call.key == key; });
    if (record == records_.end() || finished(*record) || record->dropped) return {};
    record->dropped = true;
    record->detail = std::move(reason);
    if (record->state == IntentState::kQueued) record->state = IntentState::kRejected;
    return save(*record);
}

Result<IntentStatus> Outbox::status(const std::string& key) const {
    for (const OutboxRecord& record : records_) {
        if (record.call.key == key) return status_of(record);
    }
    return fail(Errc::kNotFound, "no intent " + key);
}

Result<std::vector<IntentStatus>> Outbox::pump() {
    if (store_failure_) return tl::unexpected<Error>(*store_failure_);
    // Statuses that were saved by a pump that then failed are reported by the next one.
    if (const Status advanced = advance_all(); !advanced) {
        chain_checked_ = false;  // who knows what answers there next
        return tl::unexpected<Error>(advanced.error());
    }
    std::vector<IntentStatus> result;
    for (const OutboxRecord& record : records_) {
        if (changed_.contains(record.sequence)) result.push_back(status_of(record));
    }
    changed_.clear();
    return result;
}

Status Outbox::advance_all() {
    const bool idle = std::all_of(records_.begin(), records_.end(), finished);
    if (idle) return {};
    FS_TRY(check_chain());
    FS_ASSIGN(const BlockHead head, node_.latest_block());
    head_ = head.number;
    base_fee_ = head.base_fee;
    for (OutboxRecord& record : records_) {
        if (record.state == IntentState::kMined) FS_TRY(confirm(record));
    }
    for (;;) {
        if (OutboxRecord* const sent = in_flight(); sent != nullptr) {
            FS_ASSIGN(const bool settled, settle(*sent));
            if (!settled) return {};
            if (sent->state == IntentState::kMined) FS_TRY(confirm(*sent));
        }
        bool started = false;
        for (OutboxRecord& record : records_) {
            if (record.state != IntentState::kQueued || lane_blocked(record)) continue;
            FS_ASSIGN(started, start(record));
            if (started) break;
        }
        if (!started && in_flight() == nullptr) return {};
    }
}

Status Outbox::check_chain() {
    if (chain_checked_) return {};
    FS_ASSIGN(const std::uint64_t chain_id, node_.chain_id());
    if (chain_id != options_.chain_id) {
        return fail(Errc::kConflict, "the node at " + node_.name() + " is on chain " +
                                         std::to_string(chain_id) + ", the federation on chain " +
                                         std::to_string(options_.chain_id) +
                                         ": correct the node's URL");
    }
    chain_checked_ = true;
    return {};
}

OutboxRecord* Outbox::in_flight() {
    OutboxRecord* first = nullptr;
    for (OutboxRecord& record : records_) {
        const bool sent = record.state == IntentState::kSent;
        if (sent && (first == nullptr || *record.nonce < *first->nonce)) first = &record;
    }
    return first;
}

bool Outbox::lane_blocked(const OutboxRecord& record) const {
    if (record.call.lane.empty()) return false;
    return std::any_of(records_.begin(), records_.end(), [&](const OutboxRecord& other) {
        return other.sequence < record.sequence && other.call.lane == record.call.lane &&
               (other.state == IntentState::kQueued || other.state == IntentState::kSent);
    });
}

CallRequest Outbox::request(const OutboxRecord& record) const {
    return {key_.address(), record.call.to, record.call.data, 0};
}

Result<bool> Outbox::start(OutboxRecord& record) {
    FS_ASSIGN(const CallOutcome estimate, node_.estimate_gas(request(record)));
    if (estimate.revert) {
        FS_ASSIGN(const Verdict verdict, judge_(record.call, *estimate.revert));
        FS_TRY(apply(record, verdict));
        return false;
    }
    const std::uint64_t gas = estimate.gas + estimate.gas / 5;
    record.gas_limit = std::min(std::max(gas, estimate.gas), options_.gas_limit_max);
    const Amount tip = std::min(options_.priority_fee, options_.max_fee_cap);
    const Amount max_fee = std::min(2 * base_fee_ + tip, options_.max_fee_cap);

    FS_ASSIGN(const Amount balance, node_.balance(key_.address()));
    if (balance < max_fee * record.gas_limit) {
        return fail(Errc::kUnavailable, "account " + key_.address().hex() + " has " +
                                            amount_to_string(balance) + " wei and needs " +
                                            amount_to_string(max_fee * record.gas_limit) +
                                            " for the " + record.call.text + ": send it ether");
    }
    FS_ASSIGN(const std::uint64_t nonce, next_nonce());
    record.nonce = nonce;
    record.transactions.clear();
    record.mined = {};
    record.detail.clear();
    sign(record, max_fee, tip);
    record.state = IntentState::kSent;
    // From here on a restart finds the transaction and sends the same one.
    FS_TRY(save(record));
    FS_TRY(broadcast(record));
    return true;
}

// Stays the state that it was when nothing new was learnt.
Status Outbox::apply(OutboxRecord& record, const Verdict& verdict) {
    OutboxRecord next = record;
    next.detail = verdict.text;
    switch (verdict.kind) {
        case RefusalKind::kWait: next.state = IntentState::kQueued; break;
        case RefusalKind::kAlready: next.state = IntentState::kDone; break;
        case RefusalKind::kFinal: next.state = IntentState::kRejected; break;
    }
    if (next == record) return {};
    record = std::move(next);
    return save(record);
}

Result<std::uint64_t> Outbox::next_nonce() {
    std::uint64_t stored = 0;
    for (const OutboxRecord& record : records_) {
        const bool used = record.state == IntentState::kSent ||
                          record.state == IntentState::kMined ||
                          (record.state == IntentState::kDone && !record.mined.is_zero());
        if (used && record.nonce) stored = std::max(stored, *record.nonce + 1);
    }
    FS_ASSIGN(const std::uint64_t pending, node_.nonce(key_.address(), true));
    if (stored > pending) {
        return fail(Errc::kConflict,
                    "the chain at " + node_.name() + " knows " + std::to_string(pending) +
                        " transactions of " + key_.address().hex() + ", but " +
                        std::to_string(stored) +
                        " were confirmed: was the chain reset, or is it a stale node?");
    }
    return pending;
}

void Outbox::sign(OutboxRecord& record, Amount max_fee, Amount max_priority_fee) {
    Transaction tx;
    tx.chain_id = options_.chain_id;
    tx.nonce = *record.nonce;
    tx.max_priority_fee = max_priority_fee;
    tx.max_fee = max_fee;
    tx.gas_limit = record.gas_limit;
    tx.to = record.call.to;
    tx.data = record.call.data;
    SignedTransaction made = sign_transaction(tx, key_);
    record.transactions.push_back(
        {made.hash, std::move(made.raw), max_fee, max_priority_fee, head_});
}

Status Outbox::save(OutboxRecord& record) {
    if (const Status saved = store_.save(record); !saved) {
        // Memory is now ahead of the store: nothing may be sent from it any more.
        store_failure_ =
            Error{saved.error().code, "the outbox cannot be stored (" + saved.error().message +
                                          "): repair the disk and restart"};
        return tl::unexpected<Error>(*store_failure_);
    }
    changed_.insert(record.sequence);
    return {};
}

}  // namespace fedstake::evm
