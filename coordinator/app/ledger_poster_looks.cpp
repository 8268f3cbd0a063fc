// What the poster looks at on the chain: voided and final rounds, demands, stakes, slashes.
#include <algorithm>

#include <fmt/format.h>

#include "coordinator/app/clock.hpp"
#include "coordinator/app/ledger_poster_impl.hpp"

namespace fedstake::coordinator {

std::map<RoundNumber, LedgerPoster::Impl::Watched> LedgerPoster::Impl::watched() const {
    const std::lock_guard lock(mutex_);
    return watched_;
}

// Voiding a round voids every later one that is posted: the newest of them tells for all. Rejected
// ones ask for themselves, since the chain may have voided what another process posted.
Result<bool> LedgerPoster::Impl::any_voided(const std::map<RoundNumber, Watched>& rounds) {
    for (auto entry = rounds.rbegin(); entry != rounds.rend(); ++entry) {
        const auto status = ledger_->status(entry->second.key);
        const auto state = status ? status->state : chain::IntentState::kQueued;
        if (state == chain::IntentState::kQueued || state == chain::IntentState::kSent) {
            continue;
        }
        FS_ASSIGN(const bool voided, ledger_->is_voided(entry->second.commitment));
        if (voided || state != chain::IntentState::kRejected) {
            return voided;
        }
    }
    return false;
}

Status LedgerPoster::Impl::look_at_voids() {
    const auto rounds = watched();
    FS_ASSIGN(const bool any, any_voided(rounds));
    if (!any) {
        return {};
    }
    for (const auto& [round, entry] : rounds) {
        FS_ASSIGN(const bool voided, ledger_->is_voided(entry.commitment));
        if (voided) {
            unwatch(round);
            report(RoundWasVoided{.round = round, .commitment = entry.commitment});
            break;
        }
    }
    return {};
}

Status LedgerPoster::Impl::look_at_finality() {
    for (const auto& [round, entry] : watched()) {
        FS_ASSIGN(const bool final, ledger_->is_final(round));
        if (!final) {
            break;  // rounds become final in order
        }
        {
            const std::lock_guard lock(mutex_);
            watched_.erase(round);
        }
        report(RoundBecameFinal{round});
    }
    return {};
}

Status LedgerPoster::Impl::look_at_demands() {
    FS_ASSIGN(auto open, ledger_->open_demands());
    if (open != demands_) {
        demands_ = open;
        report(DemandsChanged{std::move(open)});
    }
    return {};
}

Status LedgerPoster::Impl::look_at_slashes() {
    const auto cases = ledger_->slash_cases();
    reading_history_ = !cases && cases.error().code == Errc::kNotNow;
    if (reading_history_) {
        return {};
    }
    FS_TRY(cases);
    if (cases->empty()) {
        return {};
    }
    FS_ASSIGN(const std::uint64_t time, ledger_->chain_time());
    bool changed = false;
    for (const chain::SlashCase& slash : *cases) {
        const auto known = slashes_.find(slash.id);
        if (known == slashes_.end() || known->second != slash.state) {
            slashes_[slash.id] = slash.state;
            changed = true;
            stakes_at_ = Timestamp{INT64_MIN / 2};  // stakes have changed too
            report(SlashCaseChanged{slash});
        }
        FS_TRY(execute(slash, time));
    }
    return changed ? look_at_stakes() : Status{};
}

// Executed by the outbox like every other write; until then the case is unsettled.
Status LedgerPoster::Impl::execute(const chain::SlashCase& slash, std::uint64_t chain_time) {
    const std::string key = fmt::format("slash/{}", slash.id);
    const bool pending = slash.state == chain::SlashState::kPending;
    {
        const std::lock_guard lock(mutex_);
        if (!pending || spared_.contains(slash.digest)) {
            open_.erase(key);
            return {};
        }
        open_.insert(key);
    }
    if (chain_time < slash.execute_after) {
        return {};
    }
    return ledger_->submit({.key = key, .operation = chain::ExecuteSlash{slash.id, slash.digest}});
}

Status LedgerPoster::Impl::look_at_stakes() {
    const Timestamp at = now();
    if (at < stakes_at_ + options_.stakes_every) {
        return {};
    }
    FS_ASSIGN(std::vector<chain::StakeAccount> accounts, ledger_->stakes_of(options_.sites));
    std::vector<SiteId> new_signers;
    bool changed = stakes_.empty();
    for (const chain::StakeAccount& account : accounts) {
        const auto known = stakes_.find(account.site);
        if (known == stakes_.end() || known->second.signer != account.signer) {
            new_signers.push_back(account.site);
        }
        changed = changed || !new_signers.empty() || known == stakes_.end() ||
                  known->second.stake != account.stake ||
                  known->second.exiting != account.exiting ||
                  known->second.jailed != account.jailed ||
                  known->second.open_cases != account.open_cases ||
                  known->second.claimed != account.claimed;
    }
    stakes_at_ = at;
    if (!changed) {
        return {};
    }
    for (const chain::StakeAccount& account : accounts) {
        stakes_[account.site] = account;
    }
    report(StakesChanged{std::move(accounts), std::move(new_signers)});
    return {};
}

}  // namespace fedstake::coordinator
