// RoundManager.sol: commitments, voids, convictions, the reward fund. Holds and demands are in
// memory_holds.cpp; epochs, pauses and signatures in memory_epochs.cpp.
#include "contracts/cpp/memory_rounds.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "proto/crypto/keccak256.hpp"
#include "proto/crypto/keccak_tree.hpp"

namespace fedstake::chain {

namespace {

Status require_complete(const crypto::RoundCommitment& c) {
    if (c.sites == 0) return refuse("ZeroField", {"sites"});
    if (c.coordinates == 0) return refuse("ZeroField", {"coordinates"});
    const std::array<std::pair<const char*, const Digest*>, 8> fields{{
        {"contextDigest", &c.context_digest},
        {"parentModel", &c.parent_model},
        {"model", &c.model},
        {"updatesRoot", &c.updates_root},
        {"aggregateRoot", &c.aggregate_root},
        {"reportDigest", &c.report_digest},
        {"scoresRoot", &c.scores_root},
        {"rewardsRoot", &c.rewards_root},
    }};
    for (const auto& [name, value] : fields) {
        if (value->is_zero()) return refuse("ZeroField", {name});
    }
    return {};
}

// ceil(log2(leaves)): the words of a proof.
std::uint64_t depth_of(std::uint64_t leaves) noexcept {
    std::uint64_t depth = 0;
    while (depth < 64 && (std::uint64_t{1} << depth) < leaves) ++depth;
    return depth;
}

// What the leaf and its siblings, lowest first, lead to.
Digest root_of(const Digest& leaf, const rules::RewardClaim& claim) {
    Digest node = leaf;
    std::uint64_t index = claim.index;
    for (const Digest& sibling : claim.proof) {
        const bool on_right = index % 2 == 1;
        ByteWriter inner;
        inner.u8(1);
        inner.raw((on_right ? sibling : node).view()).raw((on_right ? node : sibling).view());
        node = crypto::keccak256(inner.bytes());
        index /= 2;
    }
    ByteWriter top;
    top.u8(2).u64(claim.leaf_count).raw(node.view());
    return crypto::keccak256(top.bytes());
}

Status require_in_tree(const Digest& root, const rules::RewardClaim& claim) {
    if (claim.index >= claim.leaf_count) {
        return refuse("LeafOutOfRange", {claim.index, claim.leaf_count});
    }
    const std::uint64_t depth = depth_of(claim.leaf_count);
    if (claim.proof.size() != depth) {
        return refuse("WrongProofLength", {claim.proof.size(), depth});
    }
    const Digest leaf = crypto::LeafHasher(crypto::LeafTag::kReward)
                            .number(claim.index)
                            .address(claim.site)
                            .amount(claim.cumulative)
                            .word(claim.salt)
                            .finish();
    const Digest computed = root_of(leaf, claim);
    if (computed != root) return refuse("NotInRewardsTree", {computed, root});
    return {};
}

}  // namespace

Status MemoryRounds::fund(const Address& caller, Amount amount) {
    if (amount == 0) return refuse("ZeroAmount");
    if (context_.token.balance_of(caller) >= amount) {
        if (amount > ~Amount{0} - funded_) return refuse_overflow();
        FS_TRY(to_96_bits(funded_ + amount));
    }
    FS_TRY(context_.token.transfer(caller, domain_.verifying_contract, amount));
    funded_ += amount;
    return {};
}

// A ban comes first: it is for ever, while a round that is only out of order may come later.
Status MemoryRounds::require_next(RoundNumber round, const Digest& commitment) const {
    if (voided_.contains(commitment)) return refuse("CommitmentVoided", {round, commitment});
    if (round != 0 && round <= head_) {
        const Held& held = slot(round);
        const Digest stored = held.round == round ? held.commitment : Digest{};
        if (stored == commitment) return refuse("AlreadyCommitted", {round, commitment});
        return refuse("RoundTaken", {round, stored});
    }
    if (round != head_ + 1) return refuse("RoundOutOfOrder", {round, head_ + 1});
    FS_TRY(require_no_dispute());
    if (head_ >= kRing) {
        const RoundNumber oldest = head_ - (kRing - 2);
        if (slot(oldest).round == oldest && !finality_reached(slot(oldest))) {
            return refuse("RingFull", {oldest, slot(oldest).final_at()});
        }
    }
    return {};
}

Status MemoryRounds::require_follows(const crypto::RoundCommitment& c) const {
    if (head_ != 0) {
        if (c.parent_model != head_model_) {
            return refuse("ParentModelMismatch", {c.parent_model, head_model_});
        }
        const Amount parent_total = slot(head_).reward_total;
        if (c.reward_total < parent_total) {
            return refuse("RewardTotalFell", {c.reward_total, parent_total});
        }
    }
    if (c.reward_total > funded_) {
        return refuse("RewardTotalNotFunded", {c.reward_total, funded_});
    }
    return {};
}

Status MemoryRounds::commit_round(const Address& caller, const CommitRound& call) {
    const crypto::RoundCommitment& c = call.commitment;
    FS_TRY(require_coordinator(caller));
    if (c.federation != federation_) {
        return refuse("WrongFederation", {c.federation, federation_});
    }
    const Digest commitment = c.struct_hash();
    FS_TRY(require_next(c.round, commitment));
    FS_TRY(require_complete(c));
    FS_TRY(require_follows(c));
    FS_ASSIGN(const std::uint32_t signers,
              verify_quorum(crypto::typed_data_digest(domain_, commitment), call.signatures));
    Held next{.commitment = commitment,
              .rewards_root = c.rewards_root,
              .round = c.round,
              .signers = signers,
              .epoch = current_epoch(),
              .reward_total = c.reward_total};
    set_window(next);
    head_ = c.round;
    head_model_ = c.model;
    note_history(commitment, false);
    slot(head_) = next;
    return {};
}

// A shorter window of a new epoch makes no round final before its parent, nor does a window that
// was extended or a demand that was answered late.
void MemoryRounds::set_window(Held& next) const {
    next.window_end = context_.now + terms().challenge_window;
    if (head_ == 0) return;
    const Held& parent = slot(head_);
    if (parent.window_end >= next.window_end) {
        next.window_end = parent.window_end;
        next.extended = parent.extended;
    }
    if (parent.final_at() > next.window_end) next.grace = parent.final_at() - next.window_end;
}

bool MemoryRounds::stands(RoundNumber round) const {
    return round != 0 && round <= head_ && slot(round).round == round;
}

Status MemoryRounds::require_committed(RoundNumber round, const Digest& commitment) const {
    const Digest stored = committed(round).value_or(Digest{});
    if (stored == commitment) return {};
    return refuse("CommitmentMismatch", {round, commitment, stored});
}

Status MemoryRounds::require_open(const crypto::RoundCommitment& c) const {
    FS_TRY(require_committed(c.round, c.struct_hash()));
    if (finality_reached(slot(c.round))) return refuse("RoundIsFinal", {c.round});
    return {};
}

Status MemoryRounds::void_round(const Address& caller, const crypto::RoundCommitment& c) {
    FS_TRY(context_.access.require(Role::kVoider, caller));
    FS_TRY(require_open(c));
    void_from(c, false);
    return {};
}

// REQUIRES c to be open. proven: its parties are slashed at once, and answer for nothing more.
void MemoryRounds::void_from(const crypto::RoundCommitment& c, bool proven) {
    std::map<std::uint16_t, Record> unproven;  // by epoch: all who signed, and the latest window
    for (RoundNumber round = c.round; round <= head_; ++round) {
        Record gone = record(slot(round));
        gone.voided = true;
        voided_[slot(round).commitment] = gone;
        if (proven && round == c.round) continue;
        Record& answering = unproven[gone.epoch];
        gone.signers |= answering.signers;
        answering = gone;
    }
    for (const auto& [epoch, gone] : unproven) hold_parties(gone);
    slot(c.round).voided = true;
    head_ = c.round - 1;
    if (held_ > head_) held_ = 0;  // a dispute about a round that is gone holds nothing back
    head_model_ = head_ == 0 ? Digest{} : c.parent_model;
    note_history(c.struct_hash(), true);
}

Result<MemoryRounds::Parties> MemoryRounds::require_convictable(
    const crypto::RoundCommitment& c) const {
    const auto voided = voided_.find(c.struct_hash());
    if (voided == voided_.end()) {
        FS_TRY(require_open(c));
        return parties_of(c.round);
    }
    const Record& gone = voided->second;
    if (gone.convicted) return refuse("AlreadyConvicted", {c.round, c.struct_hash()});
    const std::uint64_t latest = convictable_until(gone.window_end);
    if (context_.now > latest) return refuse("ConvictionTooLate", {c.round, latest});
    return parties(gone.epoch, gone.signers);
}

Status MemoryRounds::convict_round(const Address& caller, const crypto::RoundCommitment& c) {
    FS_TRY(context_.access.require(Role::kProver, caller));
    FS_TRY(require_convictable(c));
    if (!is_voided(c.struct_hash())) void_from(c, true);
    voided_[c.struct_hash()].convicted = true;
    return {};
}

MemoryRounds::Record MemoryRounds::record(const Held& held) const {
    constexpr std::ptrdiff_t kParentBytes = 18;
    Record made;
    made.epoch = held.epoch;
    made.signers = held.signers;
    made.window_end = held.window_end;
    // The parent of every round that may be voided is in the ring; that of the oldest is not.
    const Held& parent = slot(held.round - 1);
    if (held.round == 1 || parent.round != held.round - 1) return made;
    made.parent_epoch = parent.epoch;
    std::copy_n(parent.commitment.bytes.begin(), kParentBytes, made.parent.bytes.begin());
    return made;
}

Result<MemoryRounds::Record> MemoryRounds::record_of(RoundNumber round,
                                                     const Digest& commitment) const {
    if (const auto voided = voided_.find(commitment); voided != voided_.end()) {
        return voided->second;
    }
    if (!stands(round)) return refuse("CommitmentMismatch", {round, commitment, Digest{}});
    FS_TRY(require_committed(round, commitment));
    return record(slot(round));
}

Status MemoryRounds::require_final(const crypto::RoundCommitment& c) const {
    FS_TRY(require_committed(c.round, c.struct_hash()));
    const Held& held = slot(c.round);
    if (!finality_reached(held)) return refuse("RoundNotFinal", {c.round, held.final_at()});
    return {};
}

Status MemoryRounds::claim(const ClaimReward& call) {
    const RoundNumber round = call.commitment.round;
    const rules::RewardClaim& claim = call.claim;
    if (!stands(round)) return refuse("CommitmentMismatch", {round, Digest{}, Digest{}});
    const Held& held = slot(round);
    if (!finality_reached(held)) return refuse("RoundNotFinal", {round, held.final_at()});
    FS_TRY(require_in_tree(held.rewards_root, claim));
    const Amount paid = claimed(claim.site);
    if (claim.cumulative <= paid)
        return refuse("NothingToClaim", {claim.site, claim.cumulative, paid});
    const Amount amount = claim.cumulative - paid;
    if (amount > ~Amount{0} - claimed_total_) return refuse_overflow();
    const Amount total = claimed_total_ + amount;
    if (total > held.reward_total) {
        return refuse("ClaimsExceedRewards", {total, held.reward_total});
    }
    FS_TRY(context_.token.transfer(domain_.verifying_contract, claim.site, amount));
    claimed_[claim.site] = claim.cumulative;
    claimed_total_ = total;
    return {};
}

// keccak256(abi.encode(before, commitment, voided))
void MemoryRounds::note_history(const Digest& commitment, bool voided) {
    ByteWriter words;
    words.raw(history_.view()).raw(commitment.view());
    words.u128(0).u64(0).u64(voided ? 1 : 0);
    history_ = crypto::keccak256(words.bytes());
}

bool MemoryRounds::finality_reached(const Held& held) const {
    const RoundNumber demanded = demanded_round();
    return context_.now >= held.final_at() && (held_ == 0 || held.round < held_) &&
           (demanded == 0 || held.round < demanded);
}

RoundState MemoryRounds::state(RoundNumber round) const {
    if (round == 0) return RoundState::kNone;
    const Held& held = slot(round);
    if (round > head_) {
        return held.round == round && held.voided ? RoundState::kVoided : RoundState::kNone;
    }
    if (held.round != round) return RoundState::kArchived;
    return finality_reached(held) ? RoundState::kFinal : RoundState::kCommitted;
}

bool MemoryRounds::is_final(RoundNumber round) const {
    const RoundState found = state(round);
    return found == RoundState::kFinal || found == RoundState::kArchived;
}

MemoryRounds::Slot MemoryRounds::slot_of(RoundNumber round) const {
    const RoundState found = state(round);
    if (found == RoundState::kNone || found == RoundState::kArchived) return {};
    const Held& held = slot(round);
    return {.commitment = held.commitment,
            .round = held.round,
            .final_at = held.final_at(),
            .voided = held.voided,
            .signers = held.signers,
            .reward_total = held.reward_total,
            .epoch = held.epoch,
            .window_end = held.window_end,
            .rewards_root = held.rewards_root};
}

std::optional<Digest> MemoryRounds::committed(RoundNumber round) const {
    if (!stands(round)) return std::nullopt;
    return slot(round).commitment;
}

bool MemoryRounds::is_voided(const Digest& commitment) const {
    return voided_.contains(commitment);
}

Amount MemoryRounds::claimed(const Address& account) const {
    const auto found = claimed_.find(account);
    return found == claimed_.end() ? Amount{0} : found->second;
}

}  // namespace fedstake::chain
