// Opens site, node, key and account in this order: what is cheap to get wrong comes first.
#include "client/app/owner_access.hpp"

#include <utility>

#include <fmt/format.h>

namespace fedstake::client {

Result<std::unique_ptr<OwnerAccess>> OwnerAccess::open(const std::filesystem::path& config,
                                                       const std::atomic<bool>& stop) {
    FS_ASSIGN(Site site, open_site(config));
    if (!site.manifest.chain.enabled) {
        return fail(Errc::kInvalidInput,
                    "this federation runs without a chain: there is no stake to move");
    }
    if (site.config.rpc.empty()) {
        return fail(Errc::kInvalidInput, site.config.file.string() +
                                             ": no 'rpc' (JSON-RPC address of a chain node), which "
                                             "this command needs");
    }
    FS_ASSIGN(auto rpc, open_rpc(site, stop));
    auto node = std::make_unique<evm::EthNode>(*rpc);
    const evm::ContractAddresses contracts = contract_addresses(site.manifest.chain);
    FS_TRY(evm::check_contracts(*node, contracts));
    FS_ASSIGN(crypto::SigningKey owner, read_owner_key(site.config.keys, site.passphrase));
    auto access = std::make_unique<OwnerAccess>(std::move(site), std::move(owner));
    access->rpc = std::move(rpc);
    access->node = std::move(node);
    FS_ASSIGN(evm::SiteAccount account,
              evm::SiteAccount::open(*access->node, access->owner, contracts));
    access->account = std::make_unique<evm::SiteAccount>(std::move(account));
    return access;
}

evm::Json steps_json(const evm::SiteAccount& account) {
    evm::Json list = evm::Json::array();
    for (const evm::AccountStep& step : account.steps()) {
        evm::Json entry{{"call", step.function}, {"gas", step.gas}};
        if (step.transaction.is_zero()) {
            entry["cost_at_most"] = amount_to_string(step.cost);
        } else {
            entry["transaction"] = step.transaction.hex();
        }
        list.push_back(std::move(entry));
    }
    return list;
}

std::string steps_text(const evm::SiteAccount& account) {
    std::string text;
    for (const evm::AccountStep& step : account.steps()) {
        if (!step.transaction.is_zero()) {
            text += fmt::format("  {:<14} {}, {} gas\n", step.function, step.transaction.hex(),
                                step.gas);
        } else if (step.gas > 0) {
            text += fmt::format("  {:<14} not sent: {} gas, at most {} wei of ether\n",
                                step.function, step.gas, amount_to_string(step.cost));
        } else {
            text += fmt::format("  {:<14} not sent; its gas is known after the step before\n",
                                step.function);
        }
    }
    return text;
}

}  // namespace fedstake::client
