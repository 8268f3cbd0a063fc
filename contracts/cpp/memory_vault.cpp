// StakeVault.sol: stakes, exits, keys, windows and payouts. Slashes are in memory_slashes.cpp.
#include "contracts/cpp/memory_vault.hpp"

#include "proto/base/check.hpp"
#include "proto/crypto/statements.hpp"

namespace fedstake::chain {

namespace {

template <class Map, class Key>
auto value_or_default(const Map& map, const Key& key) {
    const auto found = map.find(key);
    return found == map.end() ? typename Map::mapped_type{} : found->second;
}

Status check_windows(const VaultWindows& w) {
    struct Rule {
        const char* field;
        std::uint64_t least;
    };
    for (const Rule& rule : {Rule{"challenge + resolution", w.challenge + w.resolution},
                             Rule{"slashDelay", w.slash_delay},
                             Rule{"challenge + evidenceAge",
                                  w.challenge + w.evidence_age + (w.evidence_age + 9) / 10}}) {
        if (w.unbonding < rule.least) {
            return refuse("WindowTooShort", std::string(rule.field) + " is " +
                                                std::to_string(rule.least) + " s, unbonding " +
                                                std::to_string(w.unbonding));
        }
    }
    return {};
}

}  // namespace

MemoryVault::MemoryVault(VaultOptions options, MemoryContext context)
    : options_(options), context_(context) {
    FS_CHECK(check_windows(options_.windows).has_value());
}

Status MemoryVault::set_windows(const Address& caller, const VaultWindows& windows) {
    FS_TRY(context_.access.require(Role::kParameters, caller));
    if (windows.unbonding < options_.windows.unbonding) return refuse("WindowShrinks", "unbonding");
    if (windows.challenge < options_.windows.challenge) return refuse("WindowShrinks", "challenge");
    FS_TRY(check_windows(windows));
    options_.windows = windows;
    return {};
}

Status MemoryVault::set_signer(const Address& caller, const Address& signer,
                               const crypto::Signature& possession) {
    if (signer.is_zero()) return refuse("ZeroAddress");
    if (owners_.contains(signer)) return set_signer(caller, signer);  // SignerTaken
    const auto recovered = crypto::recover_signer(
        crypto::signing_digest(options_.domain, crypto::SignerBinding{caller, signer}), possession);
    if (!recovered || *recovered != signer) return refuse("NotSignedBySigner", signer.hex());
    return set_signer(caller, signer);
}

Status MemoryVault::set_signer(const Address& caller, const Address& signer) {
    if (signer.is_zero()) return refuse("ZeroAddress");
    if (const auto owner = owners_.find(signer); owner != owners_.end()) {
        return refuse("SignerTaken", signer.hex() + " belongs to " + owner->second.hex());
    }
    owners_[signer] = caller;
    accounts_[caller].signer = signer;
    return {};
}

Status MemoryVault::stake(const Address& caller, Amount amount) {
    return stake_for(caller, caller, amount);
}

Status MemoryVault::stake_for(const Address& caller, const Address& account, Amount amount) {
    if (account.is_zero()) return refuse("ZeroAddress");
    if (amount == 0) return refuse("ZeroAmount");
    if (context_.token.balance_of(caller) >= amount) {
        FS_TRY(to_96_bits(amount));
        FS_TRY(add_96_bits(this->account(account).stake, amount));
    }
    FS_TRY(context_.token.transfer(caller, address(), amount));
    accounts_[account].stake += amount;
    total_bonded_ += amount;
    return {};
}

Status MemoryVault::request_exit(const Address& caller, Amount amount) {
    if (amount == 0) return refuse("ZeroAmount");
    const Account before = account(caller);
    if (amount > before.stake) {
        return refuse("InsufficientStake", amount_to_string(before.stake) + " staked");
    }
    FS_ASSIGN(const Amount leaving, add_96_bits(before.exit, amount));
    Account& changed = accounts_[caller];
    changed.stake -= amount;
    changed.exit = leaving;
    changed.exit_ready_at = context_.now + options_.windows.unbonding;
    return {};
}

Status MemoryVault::withdraw(const Address& caller) {
    const Account before = account(caller);
    if (before.exit == 0) return refuse("NothingToWithdraw", caller.hex());
    if (context_.now < before.exit_ready_at) {
        return refuse("ExitNotReady", std::to_string(before.exit_ready_at));
    }
    const Amount back = before.held > before.stake ? before.held - before.stake : Amount{0};
    const Amount paid = before.exit > back ? before.exit - back : Amount{0};
    if (paid == 0) return refuse("WithdrawalsFrozen", caller.hex());
    FS_TRY(context_.token.transfer(address(), caller, paid));
    total_bonded_ -= paid;
    Account& changed = accounts_[caller];
    changed.exit -= paid;
    if (changed.exit == 0) changed.exit_ready_at = 0;
    return {};
}

Status MemoryVault::unjail(const Address& caller, const SiteId& site) {
    FS_TRY(context_.access.require(Role::kCouncil, caller));
    if (!account(site).jailed) return refuse("NotJailed", site.hex());
    accounts_[site].jailed = false;
    return {};
}

Status MemoryVault::pay_bounty(const Address& beneficiary) {
    const Amount amount = bounty_of(beneficiary);
    if (amount == 0) return refuse("NothingToWithdraw", beneficiary.hex());
    FS_TRY(context_.token.transfer(address(), beneficiary, amount));
    bounties_[beneficiary] = 0;
    return {};
}

Status MemoryVault::sweep_slash_pool() {
    if (slash_pool_balance_ == 0) return refuse("NothingToWithdraw", options_.slash_pool.hex());
    FS_TRY(context_.token.transfer(address(), options_.slash_pool, slash_pool_balance_));
    slash_pool_balance_ = 0;
    return {};
}

MemoryVault::Account MemoryVault::account(const SiteId& site) const {
    return value_or_default(accounts_, site);
}

Address MemoryVault::owner_of_signer(const Address& signer) const {
    return value_or_default(owners_, signer);
}

Amount MemoryVault::bounty_of(const Address& beneficiary) const {
    return value_or_default(bounties_, beneficiary);
}

}  // namespace fedstake::chain
