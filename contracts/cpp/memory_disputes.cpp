// RoundDisputes.sol, function by function.
#include "contracts/cpp/memory_disputes.hpp"

#include <algorithm>

#include "contracts/cpp/ruling.hpp"
#include "proto/base/check.hpp"

namespace fedstake::chain {

namespace {

// Doublings after which the bond stays the same.
constexpr std::uint64_t kDoublingsMax = 16;

}  // namespace

MemoryDisputes::MemoryDisputes(DisputesOptions options, MemoryContext context, MemoryRounds& rounds,
                               const MemoryVault& vault)
    : options_(options),
      context_(context),
      rounds_(rounds),
      vault_(vault),
      credits_(options.address, context.token) {
    FS_CHECK(options_.bond != 0);
}

std::uint64_t MemoryDisputes::challenges_of(RoundNumber round) const {
    const auto found = challenges_.find(round);
    return found == challenges_.end() ? 0 : found->second;
}

Result<Amount> MemoryDisputes::bond_for(RoundNumber round) const {
    const Amount factor = Amount{1} << std::min(challenges_of(round), kDoublingsMax);
    if (options_.bond > ~Amount{0} / factor) {
        return refuse("SafeCastOverflowedUintDowncast", {128});
    }
    return options_.bond * factor;
}

Status MemoryDisputes::challenge(const Address& caller, const crypto::RoundCommitment& c,
                                 Amount bond_most) {
    FS_ASSIGN(const Amount bond, bond_for(c.round));
    if (bond > bond_most) return refuse("BondTooHigh", {bond, bond_most});
    if (const RoundNumber held = rounds_.held_round(); held != 0) {
        return refuse("RoundDisputed", {held});
    }
    FS_TRY(rounds_.require_open(c));
    FS_TRY(context_.token.transfer(caller, options_.address, bond));
    FS_TRY(rounds_.hold_round(options_.address, c));
    const MemoryRounds::Slot slot = rounds_.slot_of(c.round);
    challenges_[c.round] += 1;
    disputes_[slot.commitment] = {.challenger = caller,
                                  .bond = bond,
                                  .deadline = context_.now + vault_.windows().resolution,
                                  .signers = slot.signers,
                                  .epoch = slot.epoch,
                                  .round = c.round};
    return {};
}

Status MemoryDisputes::resolve_by_panel(const crypto::RoundCommitment& c, bool upheld,
                                        const std::vector<AuditorSignature>& signatures) {
    const Digest commitment = c.struct_hash();
    FS_ASSIGN(const Dispute dispute, open(commitment));
    if (context_.now > dispute.deadline) {
        return refuse("DeadlinePassed", {dispute.deadline});
    }
    FS_TRY(rounds_.verify_panel(
        dispute.epoch, dispute.signers,
        dispute_ruling_digest(rounds_.domain(), commitment, challenges_of(dispute.round), upheld),
        signatures));
    return decide(c, dispute, upheld);
}

Status MemoryDisputes::resolve(const Address& caller, const crypto::RoundCommitment& c,
                               bool upheld) {
    FS_TRY(context_.access.require(Role::kGovernor, caller));
    FS_ASSIGN(const Dispute dispute, open(c.struct_hash()));
    if (context_.now > dispute.deadline) {
        return refuse("DeadlinePassed", {dispute.deadline});
    }
    return decide(c, dispute, upheld);
}

Status MemoryDisputes::decide(const crypto::RoundCommitment& c, const Dispute& dispute,
                              bool upheld) {
    if (upheld) return void_and_repay(c, dispute);
    const Digest commitment = c.struct_hash();
    // Were the round gone, the hold to end would be that of another one.
    if (rounds_.is_voided(commitment)) return refuse("RoundIsVoided", {commitment});
    FS_TRY(rounds_.release_round(options_.address));
    const EpochTerms* const terms = rounds_.epoch(dispute.epoch);
    FS_CHECK(terms != nullptr);
    const Amount half = dispute.bond / 2;
    credits_.pay(terms->coordinator, half);
    credits_.pay(vault_.slash_pool(), dispute.bond - half);
    disputes_.erase(commitment);
    return {};
}

Status MemoryDisputes::void_and_repay(const crypto::RoundCommitment& c, const Dispute& dispute) {
    FS_TRY(rounds_.void_round(options_.address, c));
    credits_.pay(dispute.challenger, dispute.bond);
    disputes_.erase(c.struct_hash());
    return {};
}

Status MemoryDisputes::expire(const crypto::RoundCommitment& c) {
    FS_ASSIGN(const Dispute dispute, open(c.struct_hash()));
    if (context_.now <= dispute.deadline) {
        return refuse("DeadlineNotPassed", {dispute.deadline});
    }
    return void_and_repay(c, dispute);
}

Status MemoryDisputes::settle_voided(const Digest& commitment) {
    FS_ASSIGN(const Dispute dispute, open(commitment));
    if (!rounds_.is_voided(commitment)) return refuse("RoundNotVoided", {commitment});
    credits_.pay(dispute.challenger, dispute.bond);
    disputes_.erase(commitment);
    return {};
}

Status MemoryDisputes::set_bond(const Address& caller, Amount bond) {
    FS_TRY(context_.access.require(Role::kParameters, caller));
    if (bond == 0) return refuse("ZeroBond");
    options_.bond = bond;
    return {};
}

MemoryDisputes::Dispute MemoryDisputes::dispute_of(const Digest& commitment) const {
    const auto found = disputes_.find(commitment);
    return found == disputes_.end() ? Dispute{} : found->second;
}

Result<MemoryDisputes::Dispute> MemoryDisputes::open(const Digest& commitment) const {
    const Dispute dispute = dispute_of(commitment);
    if (dispute.challenger.is_zero()) return refuse("NotDisputed", {commitment});
    return dispute;
}

}  // namespace fedstake::chain
