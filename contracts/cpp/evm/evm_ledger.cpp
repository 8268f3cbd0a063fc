// Reads, and the two entry points of writes.
#include "contracts/cpp/evm/evm_ledger.hpp"

#include <algorithm>

#include "contracts/cpp/evm/leaf_demands.hpp"

namespace fedstake::evm {

namespace {

// Of the views accountOf and claimed.
Result<chain::StakeAccount> account_in(const SiteId& site, const std::vector<AbiValue>& account,
                                       const std::vector<AbiValue>& claimed) {
    // (stake, exit, exitReadyAt, openCases, jailed, attestedBps, lastAccusedAt, signer)
    FS_ASSIGN(const std::vector<AbiValue> fields, account[0].as_list());
    chain::StakeAccount result;
    result.site = site;
    FS_ASSIGN(const Amount staked, fields[0].as_amount());
    FS_ASSIGN(result.exiting, fields[1].as_amount());
    result.stake = staked + result.exiting;
    FS_ASSIGN(const std::uint64_t open_cases, fields[3].as_u64());
    result.open_cases = static_cast<std::uint32_t>(open_cases);
    FS_ASSIGN(result.jailed, fields[4].as_bool());
    FS_ASSIGN(result.signer, fields[7].as_address());
    FS_ASSIGN(result.claimed, claimed[0].as_amount());
    return result;
}

}  // namespace

EvmLedger::EvmLedger(std::unique_ptr<Rpc> rpc, crypto::SigningKey key,
                     std::unique_ptr<OutboxStore> store, ContractAbis abis,
                     EvmLedgerOptions options)
    : rpc_(std::move(rpc)),
      node_(*rpc_),
      key_(std::move(key)),
      store_(std::move(store)),
      abis_(std::move(abis)),
      options_(std::move(options)),
      slash_log_(options_.contracts, abis_.stake_vault) {}

Result<std::unique_ptr<EvmLedger>> EvmLedger::open(std::unique_ptr<Rpc> rpc, crypto::SigningKey key,
                                                   std::unique_ptr<OutboxStore> store,
                                                   EvmLedgerOptions options) {
    FS_ASSIGN(ContractAbis abis, ContractAbis::load());
    options.outbox.chain_id = options.contracts.chain_id;
    std::unique_ptr<EvmLedger> ledger(new EvmLedger(
        std::move(rpc), std::move(key), std::move(store), std::move(abis), std::move(options)));
    EvmLedger& self = *ledger;
    FS_ASSIGN(self.outbox_, Outbox::open(
                                self.node_, self.key_, *self.store_,
                                [&self](const OutboxCall& call, const RpcFault& fault) {
                                    return self.judge(call, fault);
                                },
                                self.options_.outbox));
    return ledger;
}

Status EvmLedger::check() {
    const std::lock_guard lock(mutex_);
    contracts_checked_ = false;
    return ensure_contracts();
}

Status EvmLedger::ensure_contracts() {
    if (contracts_checked_) return {};
    FS_TRY(check_contracts(node_, options_.contracts));
    if (options_.terms) {
        FS_TRY(check_terms(node_, options_.contracts, abis_, *options_.terms));
    }
    contracts_checked_ = true;
    return {};
}

Result<std::vector<AbiValue>> EvmLedger::view(const Address& contract, const ContractAbi& abi,
                                              std::string_view function,
                                              std::vector<AbiValue> arguments) {
    auto result = ensure_contracts().and_then(
        [&] { return call_view(node_, contract, abi, function, std::move(arguments)); });
    // After any failure another node may answer next: check again before believing it.
    if (!result) contracts_checked_ = false;
    return result;
}

Result<chain::StakeAccount> EvmLedger::stake_of(const SiteId& site) {
    FS_ASSIGN(auto accounts, stakes_of({&site, 1}));
    return std::move(accounts.front());
}

Result<std::vector<chain::StakeAccount>> EvmLedger::stakes_of(std::span<const SiteId> sites) {
    const std::lock_guard lock(mutex_);
    FS_TRY(ensure_contracts());
    std::vector<ViewCall> views;
    for (const SiteId& site : sites) {
        views.push_back({options_.contracts.stake_vault,
                         abis_.stake_vault,
                         "accountOf",
                         {AbiValue::address(site)}});
        views.push_back({options_.contracts.round_manager,
                         abis_.round_manager,
                         "claimed",
                         {AbiValue::address(site)}});
    }
    auto results = call_views(node_, std::move(views));
    // After any failure another node may answer next: check again before believing it.
    if (!results) {
        contracts_checked_ = false;
        return tl::unexpected(results.error());
    }
    std::vector<chain::StakeAccount> accounts;
    for (std::size_t i = 0; i < sites.size(); ++i) {
        FS_ASSIGN(auto account, account_in(sites[i], results->at(2 * i), results->at(2 * i + 1)));
        accounts.push_back(std::move(account));
    }
    return accounts;
}

Result<RoundNumber> EvmLedger::head() {
    FS_ASSIGN(const auto result,
              view(options_.contracts.round_manager, abis_.round_manager, "head", {}));
    return result[0].as_u64();
}

Result<RoundNumber> EvmLedger::committed_head() {
    const std::lock_guard lock(mutex_);
    return head();
}

Result<Digest> EvmLedger::committed(RoundNumber round) {
    const std::lock_guard lock(mutex_);
    // (commitment, round, finalAt, voided, signers, rewardTotal)
    FS_ASSIGN(const auto result, view(options_.contracts.round_manager, abis_.round_manager,
                                      "slotOf", {AbiValue::number(round)}));
    FS_ASSIGN(const std::vector<AbiValue> slot, result[0].as_list());
    FS_ASSIGN(const Digest commitment, slot[0].as_digest());
    FS_ASSIGN(const bool voided, slot[3].as_bool());
    if (commitment.is_zero() || voided) {
        return fail(Errc::kNotFound, "the chain holds no round " + std::to_string(round));
    }
    return commitment;
}

Result<bool> EvmLedger::is_final(RoundNumber round) {
    const std::lock_guard lock(mutex_);
    FS_ASSIGN(const auto result, view(options_.contracts.round_manager, abis_.round_manager,
                                      "isFinal", {AbiValue::number(round)}));
    return result[0].as_bool();
}

Result<bool> EvmLedger::is_voided(const Digest& commitment) {
    const std::lock_guard lock(mutex_);
    const std::uint64_t above = std::max<std::uint64_t>(options_.outbox.confirmations, 1) - 1;
    FS_ASSIGN(const auto voided, view(options_.contracts.round_manager, abis_.round_manager,
                                      "isVoided", {AbiValue::word(commitment)}));
    FS_ASSIGN(const bool now, voided[0].as_bool());
    if (!now || above == 0) return now;
    // A void that a reorganisation may still undo is none yet.
    FS_ASSIGN(const BlockHead head, node_.latest_block());
    if (head.number < options_.contracts.deployed_block + above) return false;
    FS_ASSIGN(Bytes data,
              abis_.round_manager.encode_call("isVoided", {AbiValue::word(commitment)}));
    FS_ASSIGN(const CallOutcome outcome,
              node_.call_at({Address{}, options_.contracts.round_manager, std::move(data), 0},
                            head.number - above));
    if (outcome.revert) {
        return fail(Errc::kUnavailable,
                    "the node at " + node_.name() + " does not answer for block " +
                        std::to_string(head.number - above) + ": " + outcome.revert->message);
    }
    FS_ASSIGN(const auto settled, abis_.round_manager.decode_result("isVoided", outcome.output));
    return settled[0].as_bool();
}

Result<std::vector<chain::SlashCase>> EvmLedger::slash_cases() {
    const std::lock_guard lock(mutex_);
    FS_TRY(ensure_contracts());
    auto cases = slash_log_.read(node_);
    if (!cases && cases.error().code != Errc::kNotNow) contracts_checked_ = false;
    return cases;
}

Result<std::uint64_t> EvmLedger::chain_time() {
    const std::lock_guard lock(mutex_);
    FS_ASSIGN(const BlockHead block, node_.latest_block());
    return block.timestamp;
}

Status EvmLedger::find_leaf_demands() {
    if (leaf_demands_) return {};
    FS_ASSIGN(const AssignedContracts found, assigned_contracts(node_, options_.contracts, abis_));
    leaf_demands_ = found.leaf_demands;
    return {};
}

Result<std::vector<chain::OpenDemand>> EvmLedger::open_demands() {
    const std::lock_guard lock(mutex_);
    FS_TRY(ensure_contracts());
    FS_TRY(find_leaf_demands());
    auto open = DemandDesk(node_, options_.contracts, abis_, *leaf_demands_).open();
    if (!open) contracts_checked_ = false;
    return open;
}

Status EvmLedger::submit(const chain::Intent& intent) {
    const std::lock_guard lock(mutex_);
    FS_ASSIGN(OutboxCall call, encode(intent));
    return outbox_->submit(std::move(call));
}

Status EvmLedger::drop(const std::string& key, const std::string& reason) {
    const std::lock_guard lock(mutex_);
    return outbox_->drop(key, reason);
}

Result<std::vector<chain::IntentStatus>> EvmLedger::pump() {
    const std::lock_guard lock(mutex_);
    FS_TRY(ensure_contracts());
    auto result = outbox_->pump();
    if (!result) contracts_checked_ = false;
    return result;
}

Result<chain::IntentStatus> EvmLedger::status(const std::string& key) {
    const std::lock_guard lock(mutex_);
    return outbox_->status(key);
}

}  // namespace fedstake::evm
