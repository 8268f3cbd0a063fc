// Opens the EVM ledger of a site.
#include "client/app/chain_access.hpp"

#include <utility>

#include "contracts/cpp/evm/evm_ledger.hpp"
#include "contracts/cpp/evm/json_rpc.hpp"

namespace fedstake::client {

namespace {

class StoppableRpc final : public evm::Rpc {
public:
    StoppableRpc(std::unique_ptr<evm::Rpc> inner, const std::atomic<bool>& stop)
        : inner_(std::move(inner)), stop_(stop) {}
    [[nodiscard]] Result<evm::RpcReply> call(std::string_view method,
                                             const evm::Json& params) override {
        if (stop_) return fail(Errc::kUnavailable, "interrupted");
        return inner_->call(method, params);
    }
    [[nodiscard]] std::string name() const override { return inner_->name(); }

private:
    std::unique_ptr<evm::Rpc> inner_;
    const std::atomic<bool>& stop_;
};

}  // namespace

Status check_chain(const Site& site) {
    if (!site.manifest.chain.enabled) {
        return fail(Errc::kInvalidInput,
                    "this federation runs without a chain: there is nothing on it to look "
                    "up, to claim or to challenge (`verify` recomputes a round)");
    }
    if (site.config.rpc.empty()) {
        return fail(Errc::kInvalidInput,
                    site.config.file.string() +
                        ": no 'rpc' (JSON-RPC address of a chain node), which this "
                        "command needs");
    }
    return {};
}

Result<std::unique_ptr<evm::Rpc>> open_rpc(const Site& site, const std::atomic<bool>& stop) {
    FS_ASSIGN(std::unique_ptr<evm::Rpc> rpc, evm::JsonRpc::open(site.config.rpc));
    return std::make_unique<StoppableRpc>(std::move(rpc), stop);
}

evm::ContractAddresses contract_addresses(const manifest::ChainEntry& chain) {
    return {.chain_id = chain.chain_id,
            .token = chain.token,
            .stake_vault = chain.stake_vault,
            .round_manager = chain.round_manager,
            .fault_prover = chain.fault_prover,
            .slash_court = chain.slash_court,
            .model_registry = chain.model_registry,
            .deployed_block = chain.deployed_block};
}

Result<std::unique_ptr<chain::Ledger>> open_ledger(const Site& site, LedgerUse use,
                                                   const std::atomic<bool>& stop) {
    FS_TRY(check_chain(site));
    FS_ASSIGN(auto rpc, open_rpc(site, stop));
    std::unique_ptr<evm::OutboxStore> store = std::make_unique<evm::MemoryOutboxStore>();
    crypto::SigningKey key = crypto::SigningKey::generate();  // never used by reads
    if (use == LedgerUse::kOwner) {
        FS_ASSIGN(key, read_owner_key(site.config.keys, site.passphrase));
        FS_ASSIGN(store, evm::FileOutboxStore::open(site.config.state / "outbox"));
    }
    FS_ASSIGN(auto ledger,
              evm::EvmLedger::open(std::move(rpc), std::move(key), std::move(store),
                                   {.contracts = contract_addresses(site.manifest.chain),
                                    .federation = site.manifest.federation,
                                    .outbox = {}}));
    FS_TRY(ledger->check());
    return std::unique_ptr<chain::Ledger>(std::move(ledger));
}

}  // namespace fedstake::client
