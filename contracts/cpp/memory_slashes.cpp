// StakeVault.sol: attested cases, and slashes of proven faults.
#include <algorithm>

#include "contracts/cpp/case_id.hpp"
#include "contracts/cpp/memory_vault.hpp"
#include "proto/base/check.hpp"

namespace fedstake::chain {

namespace {

constexpr std::uint16_t kBountyBps = 2'500;
constexpr std::uint16_t kAttestedCapBps = 2'000;
constexpr std::uint64_t kAttestedWindow = 90ULL * 24 * 3600;

// Takes `wanted`, or what there is, from the stake first.
Amount take_bond(MemoryVault::Account& account, Amount wanted) {
    const Amount amount = std::min(wanted, account.stake + account.exit);
    const Amount from_stake = std::min(amount, account.stake);
    account.stake -= from_stake;
    account.exit -= amount - from_stake;
    return amount;
}

}  // namespace

// The count restarts only after a quiet window since the last accusation.
std::uint16_t MemoryVault::counted_bps(const Account& account) const {
    return context_.now >= account.last_accused_at + kAttestedWindow ? std::uint16_t{0}
                                                                     : account.attested_bps;
}

std::uint16_t MemoryVault::counted_bps(const SiteId& site) const {
    return counted_bps(account(site));
}

Status MemoryVault::propose_slash(const Address& caller, const SiteId& site, std::uint16_t bps,
                                  std::uint16_t kind, const Digest& case_id) {
    FS_TRY(context_.access.require(Role::kCourt, caller));
    if (bps == 0 || bps > kAttestedCapBps) {
        return refuse("BadBps", {bps, kAttestedCapBps});
    }
    if (case_state(case_id) != SlashState::kNone) return refuse("CaseExists", {case_id});
    Account changed = account(site);
    const Amount bonded = changed.stake + changed.exit;
    if (bonded == 0) return refuse("NothingAtStake", {site});
    const std::uint16_t before = counted_bps(changed);
    const auto counted = static_cast<std::uint16_t>(before + bps);
    if (counted > kAttestedCapBps) {
        return refuse("CapExceeded", {site, counted, kAttestedCapBps});
    }
    if (before == 0) ++changed.window;
    changed.attested_bps = counted;
    changed.last_accused_at = context_.now;
    changed.open_cases += 1;
    const Amount amount = share_up(bonded, bps);
    FS_ASSIGN(changed.held, add_96_bits(changed.held, amount));
    case_index_[case_id] = cases_.size();
    cases_.push_back({.id = case_number(case_id),
                      .site = site,
                      .bps = bps,
                      .execute_after = context_.now + options_.windows.slash_delay,
                      .state = SlashState::kPending,
                      .amount = 0,
                      .digest = case_id});
    proposals_.push_back({amount, kind, changed.window});
    accounts_[site] = changed;
    return {};
}

Result<std::size_t> MemoryVault::pending_case(const Digest& case_id) const {
    const SlashState state = case_state(case_id);
    if (state != SlashState::kPending) {
        return refuse("CaseNotPending", {case_id, static_cast<std::uint8_t>(state)});
    }
    return case_index_.at(case_id);
}

Status MemoryVault::postpone_slash(const Address& caller, const Digest& case_id,
                                   std::uint64_t execute_after) {
    FS_TRY(context_.access.require(Role::kCourt, caller));
    FS_ASSIGN(const std::size_t pending, pending_case(case_id));
    cases_[pending].execute_after = execute_after;
    return {};
}

Status MemoryVault::drop_slash(const Address& caller, const Digest& case_id) {
    FS_TRY(context_.access.require(Role::kCourt, caller));
    return close_unslashed(case_id, SlashState::kDropped);
}

Status MemoryVault::veto_slash(const Address& caller, const Digest& case_id) {
    FS_TRY(context_.access.require(Role::kCouncil, caller));
    return close_unslashed(case_id, SlashState::kVetoed);
}

Status MemoryVault::close_unslashed(const Digest& case_id, SlashState state) {
    FS_ASSIGN(const std::size_t pending, pending_case(case_id));
    SlashCase& closed = cases_[pending];
    Account& account = accounts_[closed.site];
    closed.state = state;
    account.open_cases -= 1;
    account.held -= proposals_[pending].amount;
    // A case from before the last restart of the count is not part of it any more.
    if (proposals_[pending].window == account.window) {
        FS_CHECK(account.attested_bps >= closed.bps);
        account.attested_bps = static_cast<std::uint16_t>(account.attested_bps - closed.bps);
    }
    return {};
}

Status MemoryVault::execute_slash(const Digest& case_id) {
    FS_ASSIGN(const std::size_t pending, pending_case(case_id));
    SlashCase& executed = cases_[pending];
    if (context_.now < executed.execute_after) {
        return refuse("CaseNotReady", {case_id, executed.execute_after});
    }
    Account& account = accounts_[executed.site];
    executed.state = SlashState::kExecuted;
    account.open_cases -= 1;
    account.held -= proposals_[pending].amount;
    executed.amount = take_bond(account, proposals_[pending].amount);
    total_bonded_ -= executed.amount;
    slash_pool_balance_ += executed.amount;
    return {};
}

Status MemoryVault::slash_many(const Address& caller, const std::vector<Address>& accounts,
                               const std::vector<std::uint16_t>& bps, const Address& beneficiary,
                               std::uint16_t kind) {
    FS_TRY(context_.access.require(Role::kProver, caller));
    if (accounts.size() != bps.size()) {
        return refuse("LengthMismatch", {accounts.size(), bps.size()});
    }
    const bool own = std::any_of(accounts.begin(), accounts.end(), [&](const Address& accused) {
        return is_of(beneficiary, accused);
    });
    std::map<Address, Account> changed;
    Amount pool = 0;
    Amount bounties = 0;
    for (std::size_t i = 0; i < accounts.size(); ++i) {
        if (bps[i] == 0 || bps[i] > kFullBps) return refuse("BadBps", {bps[i], kFullBps});
        Account& slashed = changed.try_emplace(accounts[i], account(accounts[i])).first->second;
        const Amount wanted = share_up(slashed.stake + slashed.exit, bps[i]);
        FS_TRY(to_96_bits(wanted));
        const Amount amount = take_bond(slashed, wanted);
        const Amount bounty =
            own || beneficiary.is_zero() ? Amount{0} : share_down(amount, kBountyBps);
        bounties += bounty;
        pool += amount - bounty;
        slashed.jailed = slashed.jailed || kind == kKindEquivocation;
    }
    FS_TRY(to_96_bits(bounties));
    FS_ASSIGN(const Amount owed, add_96_bits(bounty_of(beneficiary), bounties));
    FS_TRY(to_96_bits(pool));
    for (const auto& [address, account] : changed) accounts_[address] = account;
    if (bounties != 0) bounties_[beneficiary] = owed;
    slash_pool_balance_ += pool;
    total_bonded_ -= pool + bounties;
    return {};
}

SlashState MemoryVault::case_state(const Digest& case_id) const {
    const SlashCase* found = find_case(case_id);
    return found == nullptr ? SlashState::kNone : found->state;
}

const SlashCase* MemoryVault::find_case(const Digest& case_id) const {
    const auto found = case_index_.find(case_id);
    return found == case_index_.end() ? nullptr : &cases_[found->second];
}

Amount MemoryVault::case_amount(const Digest& case_id) const {
    return proposals_.at(case_index_.at(case_id)).amount;
}

std::uint16_t MemoryVault::case_kind(const Digest& case_id) const {
    return proposals_.at(case_index_.at(case_id)).kind;
}

}  // namespace fedstake::chain
