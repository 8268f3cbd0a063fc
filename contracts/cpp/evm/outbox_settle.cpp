// What happens to a record whose transaction is signed: broadcast, receipts, replacement,
// confirmation.
#include <chrono>
#include <thread>

#include "contracts/cpp/evm/outbox.hpp"
#include "proto/base/log.hpp"

namespace fedstake::evm {

using chain::IntentState;

namespace {

// A nonce that the chain says is used must have shown a receipt after this many pumps; nodes
// publish the two in either order.
constexpr unsigned kMissingPollsMax = 3;

// Reverted transactions cost gas: no more than this many for one intent.
constexpr std::uint32_t kRevertsMax = 3;

bool has_event(const Receipt& receipt, const OutboxCall& call) {
    for (const Log& log : receipt.logs) {
        if (log.address == call.to && !log.topics.empty() && log.topics[0] == call.event_topic) {
            return true;
        }
    }
    return false;
}

// At least an eighth more, the least that nodes accept in place of a pending transaction.
Amount bumped(Amount fee) {
    return fee + fee / 8 + 1;
}

}  // namespace

Result<bool> Outbox::settle(OutboxRecord& record) {
    FS_ASSIGN(const bool found, look_for_receipt(record));
    if (found) return true;
    FS_TRY(rebroadcast(record));
    for (unsigned i = 0; i < options_.quick_polls; ++i) {
        FS_ASSIGN(const bool mined, look_for_receipt(record));
        if (mined) return true;
        std::this_thread::sleep_for(std::chrono::milliseconds(options_.quick_poll_interval.ms));
    }
    return release_taken_nonce(record);
}

// Another transaction took the nonce: the key is used elsewhere too. The record is queued again and
// the contract asked anew; if ours did get through after all, it says so.
Result<bool> Outbox::release_taken_nonce(OutboxRecord& record) {
    FS_ASSIGN(const std::uint64_t mined, node_.nonce(key_.address(), false));
    if (mined <= *record.nonce) {
        missing_polls_ = 0;
        return false;
    }
    if (++missing_polls_ < kMissingPollsMax) return false;
    missing_polls_ = 0;
    FS_LOG(kWarn, "outbox", "nonce taken by another transaction key={} nonce={}", record.call.key,
           *record.nonce);
    record.state = record.dropped ? IntentState::kRejected : IntentState::kQueued;
    record.nonce.reset();
    record.transactions.clear();
    FS_TRY(save(record));
    return true;
}

Result<bool> Outbox::look_for_receipt(OutboxRecord& record) {
    for (std::size_t i = record.transactions.size(); i-- > 0;) {
        FS_ASSIGN(const auto receipt, node_.receipt(record.transactions[i].hash));
        if (!receipt) continue;
        missing_polls_ = 0;
        FS_TRY(take_receipt(record, *receipt));
        return true;
    }
    return false;
}

Status Outbox::take_receipt(OutboxRecord& record, const Receipt& receipt) {
    if (!receipt.succeeded) return take_failure(record, receipt);
    record.mined = receipt.transaction;
    record.block = receipt.block;
    if (!has_event(receipt, record.call)) {
        record.state = IntentState::kRejected;
        record.detail = "the node reports success in block " + std::to_string(receipt.block) +
                        ", but the contract at " + record.call.to.hex() +
                        " logged no event for it: check the contract's address and the node";
        return save(record);
    }
    record.state = IntentState::kMined;
    record.detail.clear();
    return save(record);
}

// Mined but reverted, which estimating the gas should have prevented: the chain moved in between.
// The contract's present answer decides; if it would accept the call now, it is sent once more.
Status Outbox::take_failure(OutboxRecord& record, const Receipt& receipt) {
    if (record.dropped) {  // as it should be: nothing of it is on the chain
        record.state = IntentState::kRejected;
        record.nonce.reset();
        record.transactions.clear();
        return save(record);
    }
    FS_ASSIGN(const CallOutcome now, node_.estimate_gas(request(record)));
    const std::string where = "reverted in block " + std::to_string(receipt.block);
    Verdict verdict{chain::RefusalKind::kWait, where + "; trying again"};
    record.reverts += 1;
    if (record.reverts >= kRevertsMax) {
        verdict = {chain::RefusalKind::kFinal,
                   where + " for the " + std::to_string(record.reverts) +
                       "th time although the contract accepts the call when asked"};
    }
    if (now.revert) {
        FS_ASSIGN(verdict, judge_(record.call, *now.revert));
    }
    record.nonce.reset();
    record.transactions.clear();
    return apply(record, verdict);
}

Status Outbox::rebroadcast(OutboxRecord& record) {
    const bool sent_here = broadcast_sequence_ == record.sequence;
    if (!sent_here) return broadcast(record);
    const std::uint64_t since = record.transactions.back().sent_block;
    if (head_ >= since + options_.replace_after_blocks) return replace(record);
    // Nodes may forget; every new block is a reason to remind them.
    return head_ > broadcast_block_ ? broadcast(record) : Status{};
}

Status Outbox::replace(OutboxRecord& record) {
    const SentTransaction& last = record.transactions.back();
    const Amount tip = bumped(last.max_priority_fee);
    const Amount max_fee = std::max(bumped(last.max_fee), 2 * base_fee_ + tip);
    if (max_fee > options_.max_fee_cap) {
        const std::string text = "the chain asks for more than the configured fee of " +
                                 amount_to_string(options_.max_fee_cap) +
                                 " wei per gas: waiting for it to fall";
        if (record.detail != text && !record.dropped) {
            record.detail = text;
            FS_TRY(save(record));
        }
        return broadcast(record);
    }
    FS_LOG(kWarn, "outbox", "transaction replaced key={} nonce={} max_fee={}", record.call.key,
           *record.nonce, amount_to_string(max_fee));
    sign(record, max_fee, tip);
    FS_TRY(save(record));
    return broadcast(record);
}

Status Outbox::broadcast(OutboxRecord& record) {
    FS_ASSIGN(const BroadcastOutcome outcome, node_.send_raw(record.transactions.back().raw));
    broadcast_sequence_ = record.sequence;
    broadcast_block_ = head_;
    switch (outcome.kind) {
        case Broadcast::kAccepted:
        case Broadcast::kAlreadyKnown:
        case Broadcast::kNonceTooLow:  // mined: the receipt will tell
        case Broadcast::kUnderpriced:  // replaced once blocks go by without it
            return {};
        case Broadcast::kUnfunded:
            return fail(Errc::kUnavailable, "account " + key_.address().hex() +
                                                " cannot pay for the " + record.call.text +
                                                ": send it ether");
        case Broadcast::kRefused: break;
    }
    return fail(Errc::kUnavailable, "the node at " + node_.name() + " refuses the " +
                                        record.call.text + ": " + outcome.message);
}

// Done when deep enough. A receipt that went away means a reorganisation: back to kSent.
Status Outbox::confirm(OutboxRecord& record) {
    FS_ASSIGN(const auto receipt, node_.receipt(record.mined));
    if (!receipt) {
        FS_LOG(kWarn, "outbox", "transaction left the chain key={} block={}", record.call.key,
               record.block);
        record.state = IntentState::kSent;
        record.mined = {};
        record.block = 0;
        broadcast_sequence_ = 0;
        return save(record);
    }
    if (!receipt->succeeded || !has_event(*receipt, record.call)) {
        return take_receipt(record, *receipt);
    }
    const std::uint64_t head = std::max(head_, receipt->block);
    if (head - receipt->block + 1 < options_.confirmations) {
        if (record.block == receipt->block) return {};
        record.block = receipt->block;
        return save(record);
    }
    record.block = receipt->block;
    record.state = IntentState::kDone;
    return save(record);
}

}  // namespace fedstake::evm
