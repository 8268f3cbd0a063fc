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
            return refuse("WindowTooShort", {rule.field, w.unbonding, rule.least});
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
    const VaultWindows& old = options_.windows;
    if (windows.unbonding < old.unbonding) {
        return refuse("WindowShrinks", {"unbonding", windows.unbonding, old.unbonding});
    }
    if (windows.challenge < old.challenge) {
        return refuse("WindowShrinks", {"challenge", windows.challenge, old.challenge});
    }
    FS_TRY(check_windows(windows));
    options_.windows = windows;
    return {};
}

bool MemoryVault::is_of(const Address& key, const Address& account) const {
    return key == account || owner_of_signer(key) == account;
}

// A key that answers for a lie with its own stake must not move to an empty account.
Status MemoryVault::check_signer(const Address& caller, const Address& signer) const {
    if (signer.is_zero()) return refuse("ZeroAddress");
    if (const auto owner = owners_.find(signer); owner != owners_.end()) {
        return refuse("SignerTaken", {signer, owner->second});
    }
    const Account own = account(signer);
    if (signer != caller && (own.stake != 0 || own.exit != 0 || own.open_cases != 0)) {
        return refuse("SignerHasStake", {signer, own.stake + own.exit, own.open_cases});
    }
    return {};
}

Status MemoryVault::set_signer(const Address& caller, const Address& signer,
                               const crypto::Signature& possession) {
    FS_TRY(check_signer(caller, signer));
    const auto recovered = crypto::recover_signer(
        crypto::signing_digest(options_.domain, crypto::SignerBinding{caller, signer}), possession);
    if (!recovered || *recovered != signer) {
        return refuse("NotSignedBySigner", {signer, recovered.value_or(Address{})});
    }
    return set_signer(caller, signer);
}

Status MemoryVault::set_signer(const Address& caller, const Address& signer) {
    FS_TRY(check_signer(caller, signer));
    Account& changed = accounts_[caller];
    if (changed.jailed) lost_.insert(changed.signer);
    owners_[signer] = caller;
    changed.signer = signer;
    return {};
}

Status MemoryVault::stake(const Address& caller, Amount amount) {
    return add_stake(caller, caller, amount);
}

Status MemoryVault::stake_for(const Address& caller, const Address& account, Amount amount) {
    if (account.is_zero()) return refuse("ZeroAddress");
    FS_TRY(require_known(caller, account));
    return add_stake(caller, account, amount);
}

// A gift to an address that never took part could keep it from becoming somebody's signer.
Status MemoryVault::require_known(const Address& caller, const Address& account) const {
    const Account found = this->account(account);
    if (account == caller || found.stake != 0 || found.exit != 0 || !found.signer.is_zero()) {
        return {};
    }
    return refuse("UnknownAccount", {account});
}

Status MemoryVault::add_stake(const Address& caller, const Address& account, Amount amount) {
    if (amount == 0) return refuse("ZeroAmount");
    const Address owner = owner_of_signer(account);
    if (!owner.is_zero() && owner != account) {
        return refuse("BoundSigner", {account, owner});
    }
    if (context_.token.balance_of(caller) >= amount) {
        FS_TRY(to_96_bits(amount));
        FS_TRY(add_96_bits(this->account(account).stake, amount));
    }
    FS_TRY(context_.token.transfer(caller, address(), amount));
    accounts_[account].stake += amount;
    total_bonded_ += amount;
    return {};
}

// An exit that is due must not go between a lie and its proof.
Status MemoryVault::require_no_open_round(const Address& account) const {
    if (rounds_ == nullptr) return {};
    for (const OpenRound& open : rounds_->open_rounds()) {
        for (const Address& key : open.keys) {
            if (is_of(key, account)) return refuse("AnswersForRound", {account, open.round});
        }
    }
    // What was voided without a proof may be proven still.
    const std::uint64_t until = rounds_->answers_until(account);
    if (context_.now <= until) return refuse("AnswersForVoidedRounds", {account, until});
    return {};
}

Status MemoryVault::request_exit(const Address& caller, Amount amount) {
    if (amount == 0) return refuse("ZeroAmount");
    const Account before = account(caller);
    if (amount > before.stake) {
        return refuse("InsufficientStake", {caller, amount, before.stake});
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
    if (before.exit == 0) return refuse("NothingToWithdraw", {caller});
    if (context_.now < before.exit_ready_at) {
        return refuse("ExitNotReady", {caller, before.exit_ready_at});
    }
    FS_TRY(require_no_open_round(caller));
    const Amount back = before.held > before.stake ? before.held - before.stake : Amount{0};
    const Amount paid = before.exit > back ? before.exit - back : Amount{0};
    if (paid == 0) return refuse("WithdrawalsFrozen", {caller, before.open_cases});
    FS_TRY(context_.token.transfer(address(), caller, paid));
    total_bonded_ -= paid;
    Account& changed = accounts_[caller];
    changed.exit -= paid;
    if (changed.exit == 0) changed.exit_ready_at = 0;
    return {};
}

Status MemoryVault::unjail(const Address& caller, const SiteId& site) {
    FS_TRY(context_.access.require(Role::kCouncil, caller));
    if (!account(site).jailed) return refuse("NotJailed", {site});
    accounts_[site].jailed = false;
    return {};
}

Status MemoryVault::pay_bounty(const Address& beneficiary) {
    const Amount amount = bounty_of(beneficiary);
    if (amount == 0) return refuse("NothingToWithdraw", {beneficiary});
    FS_TRY(context_.token.transfer(address(), beneficiary, amount));
    bounties_[beneficiary] = 0;
    return {};
}

Status MemoryVault::sweep_slash_pool() {
    if (slash_pool_balance_ == 0) return refuse("NothingToWithdraw", {options_.slash_pool});
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

bool MemoryVault::is_lost(const Address& signer) const {
    return lost_.contains(signer);
}

Amount MemoryVault::bounty_of(const Address& beneficiary) const {
    return value_or_default(bounties_, beneficiary);
}

}  // namespace fedstake::chain
