// stake: tokens of the owner account into the vault, and the signer key bound to it.
#include <iostream>

#include "client/app/commands.hpp"
#include "client/app/owner_access.hpp"

namespace fedstake::client {

Status stake(const ChainOptions& options, const std::atomic<bool>& stop) {
    FS_ASSIGN(const auto access, OwnerAccess::open(options.config, stop));
    const Site& site = access->site;
    evm::SiteAccount& account = *access->account;
    if (options.dry_run) account.dry_run();
    FS_ASSIGN(const crypto::SigningKey signer, read_signer_key(site.config.keys, site.passphrase));
    FS_TRY(account.set_signer(signer));
    // "Up to", so that a command that was interrupted can be given again.
    FS_TRY(account.stake_up_to(options.amount));
    FS_ASSIGN(const Amount staked, account.active_stake());
    if (options.json) {
        std::cout << evm::Json{{"owner", access->owner.address().hex()},
                               {"signer", site.keys.signer.hex()},
                               {"stake", amount_to_string(staked)},
                               {"dry_run", options.dry_run},
                               {"steps", steps_json(account)}}
                         .dump()
                  << "\n";
    } else {
        std::cout << "site '" << site.entry.name << "' has " << amount_to_string(staked)
                  << " wei at stake; its signer is " << site.keys.signer.hex() << "\n";
        if (options.dry_run)
            std::cout << "would bring the stake up to " << amount_to_string(options.amount)
                      << " wei\n"
                      << steps_text(account);
    }
    return {};
}

}  // namespace fedstake::client
