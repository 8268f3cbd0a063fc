// The Ledger on a real chain, through any Ethereum JSON-RPC node.
//
// Reads are view calls on the latest block. Writes go through an Outbox; nothing is lost while the
// node is away. On development chains that mine on transactions only, the latest block's time
// stands still between them, and so does everything that waits for a time to pass.
#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <span>

#include "contracts/cpp/evm/contract_set.hpp"
#include "contracts/cpp/evm/contract_terms.hpp"
#include "contracts/cpp/evm/outbox.hpp"
#include "contracts/cpp/evm/slash_log.hpp"
#include "contracts/cpp/ledger.hpp"

namespace fedstake::evm {

struct EvmLedgerOptions {
    ContractAddresses contracts;
    FederationId federation;
    OutboxOptions outbox;  // chain_id is taken from `contracts`
    // Where they are given, nothing is read from or sent to contracts that have others.
    std::optional<ContractTerms> terms{};
};

// Thread-safe: calls take turns.
class EvmLedger final : public chain::Ledger {
public:
    // `key` is the account that sends: the coordinator's for commitments and releases; anybody's
    // for the rest. Does not talk to the node: a federation starts while its chain is down.
    [[nodiscard]] static Result<std::unique_ptr<EvmLedger>> open(std::unique_ptr<Rpc> rpc,
                                                                 crypto::SigningKey key,
                                                                 std::unique_ptr<OutboxStore> store,
                                                                 EvmLedgerOptions options);

    // Asks the node at once: right chain, contracts at their addresses, with the right terms. For
    // start-up checks; every call does the same after a failure, when another node may answer.
    [[nodiscard]] Status check();

    [[nodiscard]] Result<chain::StakeAccount> stake_of(const SiteId& site) override;
    [[nodiscard]] Result<std::vector<chain::StakeAccount>> stakes_of(
        std::span<const SiteId> sites) override;
    [[nodiscard]] Result<RoundNumber> committed_head() override;
    [[nodiscard]] Result<Digest> committed(RoundNumber round) override;
    [[nodiscard]] Result<bool> is_final(RoundNumber round) override;
    // As of the block that has as many confirmations as the outbox asks for.
    [[nodiscard]] Result<bool> is_voided(const Digest& commitment) override;
    [[nodiscard]] Result<std::vector<chain::SlashCase>> slash_cases() override;
    [[nodiscard]] Result<std::uint64_t> chain_time() override;
    [[nodiscard]] Result<std::vector<chain::OpenDemand>> open_demands() override;

    [[nodiscard]] Status submit(const chain::Intent& intent) override;
    [[nodiscard]] Status drop(const std::string& key, const std::string& reason) override;
    [[nodiscard]] Result<std::vector<chain::IntentStatus>> pump() override;
    [[nodiscard]] Result<chain::IntentStatus> status(const std::string& key) override;

private:
    EvmLedger(std::unique_ptr<Rpc> rpc, crypto::SigningKey key, std::unique_ptr<OutboxStore> store,
              ContractAbis abis, EvmLedgerOptions options);

    [[nodiscard]] Status ensure_contracts();
    [[nodiscard]] Result<std::vector<AbiValue>> view(const Address& contract,
                                                     const ContractAbi& abi,
                                                     std::string_view function,
                                                     std::vector<AbiValue> arguments);
    [[nodiscard]] Result<RoundNumber> head();
    // Asks the node once.
    [[nodiscard]] Status find_leaf_demands();
    [[nodiscard]] Result<OutboxCall> encode(const chain::Intent& intent);
    // What a revert means for a call: the table, and where that is not enough, the contract.
    [[nodiscard]] Result<Verdict> judge(const OutboxCall& call, const RpcFault& fault);

    std::mutex mutex_;
    std::unique_ptr<Rpc> rpc_;
    EthNode node_;
    crypto::SigningKey key_;
    std::unique_ptr<OutboxStore> store_;
    ContractAbis abis_;
    EvmLedgerOptions options_;
    SlashLog slash_log_;
    std::unique_ptr<Outbox> outbox_;
    std::optional<Address> leaf_demands_;
    bool contracts_checked_ = false;
};

}  // namespace fedstake::evm
