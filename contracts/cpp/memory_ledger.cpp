// The intent queue over the reference model.
#include "contracts/cpp/memory_ledger.hpp"

#include <algorithm>
#include <set>

#include "contracts/cpp/operation.hpp"
#include "contracts/cpp/refusal.hpp"
#include "proto/crypto/keccak256.hpp"
#include "proto/crypto/keccak_tree.hpp"

namespace fedstake::chain {

namespace {

// Of the tree that these updates make.
std::vector<Digest> leaves_of(const crypto::Eip712Domain& domain,
                              const std::vector<rules::SignedUpdate>& updates) {
    std::vector<Digest> leaves;
    for (const rules::SignedUpdate& update : updates) {
        leaves.push_back(crypto::LeafHasher(crypto::LeafTag::kUpdate)
                             .number(leaves.size())
                             .address(update.statement.site)
                             .word(update.statement.update_root)
                             .word(crypto::signing_digest(domain, update.statement))
                             .word(crypto::keccak256(update.signature.view()))
                             .finish());
    }
    return leaves;
}

// What a refusal means for this operation: the table, and the two cases that need to look.
RefusalKind judge(MemoryChain& chain, const Operation& operation, const Error& error) {
    const std::string_view name = refusal_name(error);
    if (name == "CaseNotPending") {
        const auto executed = static_cast<unsigned>(SlashState::kExecuted);
        return refusal_values(error).ends_with(", " + std::to_string(executed))
                   ? RefusalKind::kAlready
                   : RefusalKind::kFinal;
    }
    if (const auto* publish = std::get_if<PublishModel>(&operation);
        publish != nullptr && name == "VersionOutOfOrder") {
        const Digest record = chain.record_of(publish->model_id, publish->version);
        if (record == provenance_hash(*publish)) return RefusalKind::kAlready;
        return record.is_zero() ? RefusalKind::kWait : RefusalKind::kFinal;
    }
    if (const auto* answer = std::get_if<AnswerDemand>(&operation);
        answer != nullptr && name == "NoOpenDemand") {
        // A reorganisation may bring the demand back.
        const DemandState state = chain.demands().demand_of(answer->commitment.struct_hash()).state;
        if (state == DemandState::kNone) return RefusalKind::kWait;
        return state == DemandState::kAnswered ? RefusalKind::kAlready : RefusalKind::kFinal;
    }
    if (name == "NotAuthorized" && std::holds_alternative<CommitRound>(operation)) {
        return RefusalKind::kWait;  // a later epoch may name this account
    }
    if (name == "CommitmentMismatch") {
        return operation_round(operation) <= chain.head() ? RefusalKind::kFinal
                                                          : RefusalKind::kWait;
    }
    return judge_refusal(name).kind;
}

}  // namespace

Status MemoryLedger::available() const {
    if (!available_) return fail(Errc::kUnavailable, "the chain is switched off");
    return {};
}

Result<StakeAccount> MemoryLedger::stake_of(const SiteId& site) {
    FS_TRY(available());
    const MemoryVault::Account account = chain_->vault().account(site);
    StakeAccount result;
    result.site = site;
    result.signer = account.signer;
    result.stake = account.stake + account.exit;
    result.exiting = account.exit;
    result.jailed = account.jailed;
    result.open_cases = account.open_cases;
    result.claimed = chain_->claimed(site);
    return result;
}

Result<RoundNumber> MemoryLedger::committed_head() {
    FS_TRY(available());
    return chain_->head();
}

Result<Digest> MemoryLedger::committed(RoundNumber round) {
    FS_TRY(available());
    const auto found = chain_->committed(round);
    if (!found) {
        return fail(Errc::kNotFound, "the chain holds no round " + std::to_string(round));
    }
    return *found;
}

Result<bool> MemoryLedger::is_final(RoundNumber round) {
    FS_TRY(available());
    return chain_->is_final(round);
}

Result<bool> MemoryLedger::is_voided(const Digest& commitment) {
    FS_TRY(available());
    return chain_->is_voided(commitment);
}

Result<std::vector<SlashCase>> MemoryLedger::slash_cases() {
    FS_TRY(available());
    return chain_->vault().cases();
}

Result<std::uint64_t> MemoryLedger::chain_time() {
    FS_TRY(available());
    return chain_->now();
}

Result<std::vector<OpenDemand>> MemoryLedger::open_demands() {
    FS_TRY(available());
    std::vector<OpenDemand> open;
    for (const auto& [round, commitment] : chain_->demands().unanswered()) {
        const MemoryDemands::Demand demand = chain_->demands().demand_of(commitment);
        open.push_back({.round = round,
                        .commitment = commitment,
                        .demander = demand.demander,
                        .bond = demand.bond,
                        .deadline = demand.deadline});
    }
    return open;
}

Status MemoryLedger::submit(const Intent& intent) {
    if (const auto known = by_key_.find(intent.key); known != by_key_.end()) {
        if (operation_identity(entries_[known->second].operation) ==
            operation_identity(intent.operation)) {
            return {};
        }
        return fail(Errc::kConflict,
                    "intent " + intent.key + " was submitted before with other contents");
    }
    by_key_[intent.key] = entries_.size();
    entries_.push_back({intent.operation, {.key = intent.key, .transaction = {}, .detail = {}}});
    return {};
}

Status MemoryLedger::drop(const std::string& key, const std::string& reason) {
    const auto known = by_key_.find(key);
    if (known == by_key_.end()) return {};
    IntentStatus& status = entries_[known->second].status;
    if (status.state != IntentState::kQueued) return {};
    status.state = IntentState::kRejected;
    status.detail = reason;
    return {};
}

Status MemoryLedger::perform(const Operation& operation) {
    struct Perform {
        MemoryChain& chain;
        const Address& caller;
        Status operator()(const CommitRound& call) { return chain.commit_round(caller, call); }
        Status operator()(const Accuse& call) { return chain.accuse(call); }
        Status operator()(const ExecuteSlash& call) { return chain.execute_slash(call.case_id); }
        Status operator()(const ClaimReward& call) { return chain.claim(call); }
        Status operator()(const ProveEquivocation& call) {
            return chain.prove_equivocation(caller, call);
        }
        Status operator()(const PublishModel& call) { return chain.publish(caller, call); }
        Status operator()(const AnswerDemand& call) {
            return chain.demands().answer_demand({call.commitment,
                                                  leaves_of(chain.options().domain, call.updates),
                                                  call.report, call.context});
        }
    };
    return std::visit(Perform{*chain_, caller_}, operation);
}

bool MemoryLedger::advance(Entry& entry) {
    const Status performed = perform(entry.operation);
    if (performed) {
        entry.status.state = IntentState::kDone;
        entry.status.block = ++block_;
        entry.status.transaction = crypto::keccak256(as_bytes(entry.status.key));
        entry.status.detail.clear();
        return true;
    }
    const std::string detail =
        describe_refusal(refusal_name(performed.error()), performed.error().message);
    const bool changed = entry.status.detail != detail;
    entry.status.detail = detail;
    switch (judge(*chain_, entry.operation, performed.error())) {
        case RefusalKind::kWait: return changed;
        case RefusalKind::kAlready: entry.status.state = IntentState::kDone; break;
        case RefusalKind::kFinal: entry.status.state = IntentState::kRejected; break;
    }
    return true;
}

bool MemoryLedger::lane_blocked(std::size_t index) const {
    const std::string_view lane = operation_lane(entries_[index].operation);
    if (lane.empty()) return false;
    return std::any_of(entries_.begin(), entries_.begin() + static_cast<std::ptrdiff_t>(index),
                       [&](const Entry& earlier) {
                           return earlier.status.state == IntentState::kQueued &&
                                  operation_lane(earlier.operation) == lane;
                       });
}

Result<std::vector<IntentStatus>> MemoryLedger::pump() {
    FS_TRY(available());
    std::set<std::size_t> changed;
    // What took effect may be what an earlier entry was waiting for: begin again after it.
    for (bool effect = true; effect;) {
        effect = false;
        for (std::size_t i = 0; i < entries_.size() && !effect; ++i) {
            if (entries_[i].status.state != IntentState::kQueued || lane_blocked(i)) continue;
            const std::uint64_t block = block_;
            if (advance(entries_[i])) changed.insert(i);
            effect = block_ != block;
        }
    }
    std::vector<IntentStatus> result;
    for (const std::size_t index : changed) result.push_back(entries_[index].status);
    return result;
}

Result<IntentStatus> MemoryLedger::status(const std::string& key) {
    const auto known = by_key_.find(key);
    if (known == by_key_.end()) return fail(Errc::kNotFound, "no intent " + key);
    return entries_[known->second].status;
}

}  // namespace fedstake::chain
