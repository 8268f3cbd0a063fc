// RoundHolds.sol: what keeps rounds from becoming final: disputes, demands and the council.
#include <algorithm>
#include <utility>

#include "contracts/cpp/memory_rounds.hpp"

namespace fedstake::chain {

namespace {

constexpr std::uint64_t kExtensionMax = 72ULL * 3600;
constexpr std::uint64_t kGraceMax = (std::uint64_t{1} << 24U) - 1;

}  // namespace

Status MemoryRounds::require_no_dispute() const {
    return held_ == 0 ? Status{} : Status(refuse("RoundDisputed", {held_}));
}

Status MemoryRounds::hold_round(const Address& caller, const crypto::RoundCommitment& c) {
    FS_TRY(context_.access.require(Role::kDisputes, caller));
    FS_TRY(require_no_dispute());
    FS_TRY(require_open(c));
    held_ = c.round;
    return {};
}

Status MemoryRounds::release_round(const Address& caller) {
    FS_TRY(context_.access.require(Role::kDisputes, caller));
    if (held_ == 0) return refuse("NothingHeld");
    held_ = 0;
    return {};
}

RoundNumber MemoryRounds::demanded_round() const {
    const RoundNumber oldest = head_ < kRing ? 1 : head_ - kRing + 1;
    for (RoundNumber round = oldest; round <= head_; ++round) {
        if (slot(round).round == round && slot(round).demanded) return round;
    }
    return 0;
}

Status MemoryRounds::require_demandable(const crypto::RoundCommitment& c) const {
    FS_TRY(require_committed(c.round, c.struct_hash()));
    const Held& held = slot(c.round);
    if (context_.now >= held.window_end) {
        return refuse("WindowPassed", {c.round, held.window_end});
    }
    if (held.demanded) return refuse("RoundDemanded", {c.round});
    return {};
}

Status MemoryRounds::demand_round(const Address& caller, const crypto::RoundCommitment& c) {
    FS_TRY(context_.access.require(Role::kDisputes, caller));
    FS_TRY(require_demandable(c));
    slot(c.round).demanded = true;
    return {};
}

Status MemoryRounds::settle_demand(const Address& caller, RoundNumber round,
                                   std::uint64_t open_until) {
    FS_TRY(context_.access.require(Role::kDisputes, caller));
    if (!stands(round) || !slot(round).demanded) {
        return refuse("NothingDemanded", {round});
    }
    for (RoundNumber later = round; later <= head_; ++later) {
        const Held& held = slot(later);
        if (held.final_at() < open_until && open_until - held.window_end > kGraceMax) {
            return refuse("SafeCastOverflowedUintDowncast", {24, open_until - held.window_end});
        }
    }
    slot(round).demanded = false;
    for (RoundNumber later = round; later <= head_; ++later) {
        Held& held = slot(later);
        if (held.final_at() < open_until) held.grace = open_until - held.window_end;
    }
    return {};
}

// 72 hours, or what the windows leave: stake and accusations must outlast every round.
std::uint64_t MemoryRounds::extension_most() const {
    const VaultWindows& w = vault_.windows();
    const std::uint64_t evidence = w.evidence_age + (w.evidence_age + 9) / 10;
    return std::min({kExtensionMax, (w.unbonding - w.challenge - w.resolution) / 2,
                     w.unbonding - w.challenge - evidence});
}

Status MemoryRounds::extend_window(const Address& caller, RoundNumber round, std::uint64_t until) {
    FS_TRY(context_.access.require(Role::kCouncil, caller));
    if (!stands(round)) return refuse("CommitmentMismatch", {round, Digest{}, Digest{}});
    const std::uint64_t window_end = slot(round).window_end;
    if (context_.now >= window_end) return refuse("WindowPassed", {round, window_end});
    if (slot(round).extended) return refuse("AlreadyExtended", {round});
    const std::uint64_t latest = window_end + extension_most();
    if (until <= window_end || until > latest) {
        return refuse("ExtensionOutOfRange", {until, window_end, latest});
    }
    for (RoundNumber later = round; later <= head_; ++later) {
        Held& held = slot(later);
        if (held.window_end >= until) continue;
        const std::uint64_t final_at = std::max(held.final_at(), until);
        held.window_end = until;
        held.grace = final_at - until;
        held.extended = true;
    }
    return {};
}

// An exit that is due must not leave with a void, before anybody has proven what it hides.
void MemoryRounds::hold_parties(const Record& gone) {
    Parties answering = parties(gone.epoch, gone.signers);
    answering.signers.push_back(answering.coordinator);
    for (const Address& key : answering.signers) {
        const Address owner = vault_.owner_of_signer(key);
        std::uint64_t& latest = accountable_[owner.is_zero() ? key : owner];
        latest = std::max(latest, gone.window_end);
    }
}

std::uint64_t MemoryRounds::answers_until(const Address& account) const {
    const auto found = accountable_.find(account);
    return found == accountable_.end() ? 0 : convictable_until(found->second);
}

RoundNumber MemoryRounds::newest_open() const {
    return head_ != 0 && !is_final(head_) ? head_ : 0;
}

std::vector<OpenRound> MemoryRounds::open_rounds() const {
    std::vector<OpenRound> open;
    for (RoundNumber round = head_; round != 0 && !is_final(round); --round) {
        Parties answering = parties_of(round);
        answering.signers.push_back(answering.coordinator);
        open.push_back({round, std::move(answering.signers)});
    }
    return open;
}

}  // namespace fedstake::chain
