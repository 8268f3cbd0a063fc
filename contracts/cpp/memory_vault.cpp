// StakeVault.sol, function by function.
#include "contracts/cpp/memory_vault.hpp"

#include <algorithm>

#include "contracts/cpp/case_id.hpp"
#include "proto/base/check.hpp"

namespace fedstake::chain {

namespace {

constexpr std::uint16_t kFullBps = 10'000;
constexpr std::uint16_t kBountyBps = 2'500;
constexpr std::uint16_t kAttestedCapBps = 2'000;
constexpr std::uint64_t kAttestedWindow = 90ULL * 24 * 3600;

tl::unexpected<Error> refuse(std::string_view name, const std::string& details = "") {
    return fail(Errc::kNotNow, std::string(name) + ": " + details);
}

template <class Map, class Key>
auto value_or_default(const Map& map, const Key& key) {
    const auto found = map.find(key);
    return found == map.end() ? typename Map::mapped_type{} : found->second;
}

// The count restarts only after a quiet window since the last accusation.
std::uint16_t counted_bps(const MemoryVault::Account& account, std::uint64_t now) {
    return now >= account.last_accused_at + kAttestedWindow ? std::uint16_t{0}
                                                            : account.attested_bps;
}

}  // namespace

std::string_view refusal_name(const Error& error) noexcept {
    return std::string_view(error.message).substr(0, error.message.find(':'));
}

Amount share_down(Amount amount, std::uint16_t bps) noexcept {
    return amount / kFullBps * bps + amount % kFullBps * bps / kFullBps;
}

Amount share_up(Amount amount, std::uint16_t bps) noexcept {
    return amount / kFullBps * bps + (amount % kFullBps * bps + kFullBps - 1) / kFullBps;
}

Status MemoryToken::mint(const Address& to, Amount amount) {
    if (amount > ~Amount{0} - supply_) {
        return fail(Errc::kLimitExceeded, "more than 2^128 tokens in all");
    }
    supply_ += amount;
    balances_[to] += amount;
    return {};
}

Status MemoryToken::transfer(const Address& from, const Address& to, Amount amount) {
    const Amount available = balance_of(from);
    if (available < amount) {
        return refuse(
            "ERC20InsufficientBalance",
            from.hex() + " has " + amount_to_string(available) + " of " + amount_to_string(amount));
    }
    balances_[from] = available - amount;
    balances_[to] += amount;
    return {};
}

Amount MemoryToken::balance_of(const Address& account) const {
    return value_or_default(balances_, account);
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
    if (amount == 0) return refuse("ZeroAmount");
    FS_TRY(token_.transfer(caller, options_.address, amount));
    accounts_[caller].stake += amount;
    total_bonded_ += amount;
    return {};
}

Status MemoryVault::request_exit(const Address& caller, Amount amount, std::uint64_t now) {
    if (amount == 0) return refuse("ZeroAmount");
    Account& account = accounts_[caller];
    if (amount > account.stake) {
        return refuse("InsufficientStake", amount_to_string(account.stake) + " staked");
    }
    account.stake -= amount;
    account.exit += amount;
    account.exit_ready_at = now + options_.unbonding_delay;
    return {};
}

Status MemoryVault::withdraw(const Address& caller, std::uint64_t now) {
    Account& account = accounts_[caller];
    if (account.exit == 0) return refuse("NothingToWithdraw", caller.hex());
    if (now < account.exit_ready_at) {
        return refuse("ExitNotReady", std::to_string(account.exit_ready_at));
    }
    const Amount back = account.held > account.stake ? account.held - account.stake : Amount{0};
    const Amount paid = account.exit > back ? account.exit - back : Amount{0};
    if (paid == 0) return refuse("WithdrawalsFrozen", caller.hex());
    FS_TRY(token_.transfer(options_.address, caller, paid));
    total_bonded_ -= paid;
    account.exit -= paid;
    if (account.exit == 0) account.exit_ready_at = 0;
    return {};
}

Status MemoryVault::propose_slash(const SiteId& site, std::uint16_t bps, const Digest& case_id,
                                  std::uint64_t now) {
    if (bps == 0 || bps > kAttestedCapBps) return refuse("BadBps", std::to_string(bps));
    if (case_state(case_id) != SlashState::kNone) return refuse("CaseExists", case_id.hex());
    const Account before = account(site);
    if (before.stake == 0 && before.exit == 0) return refuse("NothingAtStake", site.hex());
    const std::uint16_t counted_before = counted_bps(before, now);
    const auto counted = static_cast<std::uint16_t>(counted_before + bps);
    if (counted > kAttestedCapBps) {
        return refuse("CapExceeded", site.hex() + " at " + std::to_string(counted) + " bps");
    }
    Account& changed = accounts_[site];
    if (counted_before == 0) changed.window_started_at = now;
    changed.attested_bps = counted;
    changed.last_accused_at = now;
    changed.open_cases += 1;
    pending_amounts_.push_back(share_up(before.stake + before.exit, bps));
    changed.held += pending_amounts_.back();
    case_index_[case_id] = cases_.size();
    cases_.push_back({.id = case_number(case_id),
                      .site = site,
                      .bps = bps,
                      .execute_after = now + options_.slash_delay,
                      .state = SlashState::kPending,
                      .amount = 0,
                      .digest = case_id});
    return {};
}

Result<SlashCase*> MemoryVault::pending_case(const Digest& case_id) {
    const SlashState state = case_state(case_id);
    if (state != SlashState::kPending) {
        return refuse("CaseNotPending", std::string(slash_state_name(state)));
    }
    return &cases_[case_index_.at(case_id)];
}

Status MemoryVault::veto_slash(const Address& caller, const Digest& case_id) {
    if (caller != options_.council) return refuse("AccessManagedUnauthorized", caller.hex());
    FS_ASSIGN(SlashCase* const pending, pending_case(case_id));
    Account& account = accounts_[pending->site];
    pending->state = SlashState::kVetoed;
    account.open_cases -= 1;
    account.held -= pending_amounts_[case_index_.at(case_id)];
    // A case from before the last restart of the count is not part of it any more.
    const std::uint64_t proposed_at = pending->execute_after - options_.slash_delay;
    if (proposed_at >= account.window_started_at) {
        FS_CHECK(account.attested_bps >= pending->bps);
        account.attested_bps = static_cast<std::uint16_t>(account.attested_bps - pending->bps);
    }
    return {};
}

Status MemoryVault::execute_slash(const Digest& case_id, std::uint64_t now) {
    FS_ASSIGN(SlashCase* const pending, pending_case(case_id));
    if (now < pending->execute_after) {
        return refuse("CaseNotReady", std::to_string(pending->execute_after));
    }
    Account& account = accounts_[pending->site];
    pending->state = SlashState::kExecuted;
    account.open_cases -= 1;
    const Amount wanted = pending_amounts_[case_index_.at(case_id)];
    account.held -= wanted;
    pending->amount = take_bond(account, wanted);
    slash_pool_balance_ += pending->amount;
    return {};
}

Status MemoryVault::slash_equivocation(const SiteId& site, std::uint16_t bps,
                                       const Address& beneficiary) {
    if (bps == 0 || bps > kFullBps) return refuse("BadBps", std::to_string(bps));
    Account& account = accounts_[site];
    const Amount amount = take_bond(account, share_up(account.stake + account.exit, bps));
    const bool own = beneficiary == site || owner_of_signer(beneficiary) == site;
    const Amount bounty = own ? Amount{0} : share_down(amount, kBountyBps);
    if (bounty != 0) bounties_[beneficiary] += bounty;
    slash_pool_balance_ += amount - bounty;
    account.jailed = true;
    return {};
}

Status MemoryVault::unjail(const Address& caller, const SiteId& site) {
    if (caller != options_.council) return refuse("AccessManagedUnauthorized", caller.hex());
    if (!account(site).jailed) return refuse("NotJailed", site.hex());
    accounts_[site].jailed = false;
    return {};
}

Status MemoryVault::pay_bounty(const Address& beneficiary) {
    const Amount amount = bounty_of(beneficiary);
    if (amount == 0) return refuse("NothingToWithdraw", beneficiary.hex());
    FS_TRY(token_.transfer(options_.address, beneficiary, amount));
    bounties_[beneficiary] = 0;
    return {};
}

Status MemoryVault::sweep_slash_pool() {
    if (slash_pool_balance_ == 0) return refuse("NothingToWithdraw", options_.slash_pool.hex());
    FS_TRY(token_.transfer(options_.address, options_.slash_pool, slash_pool_balance_));
    slash_pool_balance_ = 0;
    return {};
}

// Takes `wanted`, or what there is, from the stake first.
Amount MemoryVault::take_bond(Account& account, Amount wanted) {
    const Amount amount = std::min(wanted, account.stake + account.exit);
    const Amount from_stake = amount < account.stake ? amount : account.stake;
    account.stake -= from_stake;
    account.exit -= amount - from_stake;
    total_bonded_ -= amount;
    return amount;
}

MemoryVault::Account MemoryVault::account(const SiteId& site) const {
    return value_or_default(accounts_, site);
}

Address MemoryVault::owner_of_signer(const Address& signer) const {
    return value_or_default(owners_, signer);
}

SlashState MemoryVault::case_state(const Digest& case_id) const {
    const auto found = case_index_.find(case_id);
    return found == case_index_.end() ? SlashState::kNone : cases_[found->second].state;
}

Amount MemoryVault::bounty_of(const Address& beneficiary) const {
    return value_or_default(bounties_, beneficiary);
}

}  // namespace fedstake::chain
