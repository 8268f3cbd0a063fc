// stake: tokens of the owner account into the vault, and the signer key bound to it.
#include <iostream>

#include <nlohmann/json.hpp>

#include "client/app/chain_access.hpp"
#include "client/app/commands.hpp"
#include "contracts/cpp/evm/site_account.hpp"

namespace fedstake::client {

Status stake(const ChainOptions& options, const std::atomic<bool>& stop) {
    FS_ASSIGN(const Site site, open_site(options.config));
    if (!site.manifest.chain.enabled || site.config.rpc.empty()) {
        return fail(Errc::kInvalidInput,
                    "staking needs a chain: a manifest with one, and 'rpc' in " +
                        site.config.file.string());
    }
    FS_ASSIGN(const auto rpc, open_rpc(site, stop));
    evm::EthNode node(*rpc);
    const evm::ContractAddresses contracts = contract_addresses(site.manifest.chain);
    FS_TRY(evm::check_contracts(node, contracts));
    FS_ASSIGN(const crypto::SigningKey owner, read_owner_key(site.config.keys, site.passphrase));
    FS_ASSIGN(evm::SiteAccount account, evm::SiteAccount::open(node, owner, contracts));
    FS_ASSIGN(const crypto::SigningKey signer, read_signer_key(site.config.keys, site.passphrase));
    FS_TRY(account.set_signer(signer));
    // "Up to", so that a command that was interrupted can be given again.
    FS_TRY(account.stake_up_to(options.amount));
    FS_ASSIGN(const Amount staked, account.active_stake());
    if (options.json) {
        std::cout << nlohmann::json({{"owner", owner.address().hex()},
                                     {"signer", site.keys.signer.hex()},
                                     {"stake", amount_to_string(staked)}})
                         .dump()
                  << "\n";
    } else {
        std::cout << "site '" << site.entry.name << "' has " << amount_to_string(staked)
                  << " wei at stake; its signer is " << site.keys.signer.hex() << "\n";
    }
    return {};
}

}  // namespace fedstake::client
