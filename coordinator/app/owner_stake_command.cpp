// stake: tokens of the coordinator's account into the vault. Nobody else can begin its stake.
#include <cstdio>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "contracts/cpp/evm/site_account.hpp"
#include "coordinator/app/record_commands.hpp"

namespace fedstake::coordinator {

namespace {

nlohmann::json steps_json(const evm::SiteAccount& account) {
    nlohmann::json list = nlohmann::json::array();
    for (const evm::AccountStep& step : account.steps()) {
        list.push_back({{"call", step.function},
                        {"gas", step.gas},
                        {"cost_at_most", amount_to_string(step.cost)},
                        {"transaction", step.transaction.is_zero() ? "" : step.transaction.hex()}});
    }
    return list;
}

}  // namespace

Status stake(const CoordinatorStakeOptions& options) {
    FS_ASSIGN(ChainLink link, ChainLink::open(options.config));
    FS_ASSIGN(const crypto::SigningKey key,
              payer_key({.key_file = {}, .key_passphrase = {}, .passphrase = options.passphrase},
                        link.config));
    FS_ASSIGN(evm::SiteAccount account, evm::SiteAccount::open(*link.node, key, link.contracts));
    if (options.dry_run) {
        account.dry_run();
    }
    // "Up to", so that a command that was interrupted can be given again.
    FS_TRY(account.stake_up_to(options.amount));
    FS_ASSIGN(const Amount staked, account.active_stake());
    if (options.json) {
        fmt::print("{}\n", nlohmann::json{{"account", key.address().hex()},
                                          {"stake", amount_to_string(staked)},
                                          {"dry_run", options.dry_run},
                                          {"steps", steps_json(account)}}
                               .dump());
        return {};
    }
    fmt::print("the coordinator's account {} has {} wei at stake\n", key.address().hex(),
               amount_to_string(staked));
    if (options.dry_run) {
        fmt::print("would bring it up to {} wei\n", amount_to_string(options.amount));
    }
    for (const evm::AccountStep& step : account.steps()) {
        fmt::print("  {:<10} {}, {} gas\n", step.function,
                   step.transaction.is_zero() ? "not sent" : step.transaction.hex(), step.gas);
    }
    return {};
}

}  // namespace fedstake::coordinator
