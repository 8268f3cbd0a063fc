// RoundManager.sol: commitments, voids, holds, the reward fund. Epochs, pauses and signatures are
// in memory_epochs.cpp.
#include "contracts/cpp/memory_rounds.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "proto/base/check.hpp"
#include "proto/crypto/keccak256.hpp"
#include "proto/crypto/keccak_tree.hpp"

namespace fedstake::chain {

namespace {

Status require_complete(const crypto::RoundCommitment& c) {
    if (c.sites == 0) return refuse("ZeroField", "sites");
    if (c.coordinates == 0) return refuse("ZeroField", "coordinates");
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
        if (value->is_zero()) return refuse("ZeroField", name);
    }
    return {};
}

// ceil(log2(leaves)): the words of a proof.
std::uint64_t depth_of(std::uint64_t leaves) noexcept {
    std::uint64_t depth = 0;
    while (depth < 64 && (std::uint64_t{1} << depth) < leaves) ++depth;
    return depth;
}

Status require_in_tree(const Digest& root, const rules::RewardClaim& claim) {
    if (claim.index >= claim.leaf_count) {
        return refuse("LeafOutOfRange", std::to_string(claim.index));
    }
    if (claim.proof.size() != depth_of(claim.leaf_count)) {
        return refuse("WrongProofLength", std::to_string(claim.proof.size()));
    }
    const Digest leaf = crypto::LeafHasher(crypto::LeafTag::kReward)
                            .number(claim.index)
                            .address(claim.site)
                            .amount(claim.cumulative)
                            .word(claim.salt)
                            .finish();
    if (!crypto::verify_keccak_proof(root, claim.leaf_count, claim.index, leaf, claim.proof)) {
        return refuse("NotInRewardsTree", claim.site.hex());
    }
    return {};
}

}  // namespace

Status MemoryRounds::fund(const Address& caller, Amount amount) {
    if (amount == 0) return refuse("ZeroAmount");
    if (context_.token.balance_of(caller) >= amount) {
        if (amount > ~Amount{0} - funded_) return refuse("Panic", "a sum of more than 128 bits");
        FS_TRY(to_96_bits(funded_ + amount));
    }
    FS_TRY(context_.token.transfer(caller, domain_.verifying_contract, amount));
    funded_ += amount;
    return {};
}

Status MemoryRounds::require_no_dispute() const {
    return held_ == 0 ? Status{} : Status(refuse("RoundDisputed", std::to_string(held_)));
}

// A ban comes first: it is for ever, while a round that is only out of order may come later.
Status MemoryRounds::require_next(RoundNumber round, const Digest& commitment) const {
    if (voided_.contains(commitment)) return refuse("CommitmentVoided", std::to_string(round));
    if (round != 0 && round <= head_) {
        const Slot& held = slot(round);
        if (held.round == round && held.commitment == commitment) {
            return refuse("AlreadyCommitted", std::to_string(round));
        }
        return refuse("RoundTaken", std::to_string(round));
    }
    if (round != head_ + 1) return refuse("RoundOutOfOrder", std::to_string(head_ + 1));
    FS_TRY(require_no_dispute());
    if (head_ >= kRing) {
        const RoundNumber oldest = head_ - (kRing - 2);
        if (slot(oldest).round == oldest && context_.now < slot(oldest).final_at) {
            return refuse("RingFull", std::to_string(oldest));
        }
    }
    return {};
}

Status MemoryRounds::require_follows(const crypto::RoundCommitment& c) const {
    if (head_ != 0) {
        if (c.parent_model != head_model_) return refuse("ParentModelMismatch");
        if (c.reward_total < slot(head_).reward_total) return refuse("RewardTotalFell");
    }
    if (c.reward_total > funded_) return refuse("RewardTotalNotFunded");
    return {};
}

Status MemoryRounds::commit_round(const Address& caller, const CommitRound& call) {
    const crypto::RoundCommitment& c = call.commitment;
    FS_TRY(require_coordinator(caller));
    if (c.federation != federation_) return refuse("WrongFederation");
    const Digest commitment = c.struct_hash();
    FS_TRY(require_next(c.round, commitment));
    FS_TRY(require_complete(c));
    FS_TRY(require_follows(c));
    FS_ASSIGN(const std::uint32_t signers,
              verify_quorum(crypto::typed_data_digest(domain_, commitment), call.signatures));
    // A shorter window of a new epoch makes no round final before its parent.
    const std::uint64_t own = context_.now + terms().challenge_window;
    const std::uint64_t final_at = head_ == 0 ? own : std::max(own, slot(head_).final_at);
    head_ = c.round;
    head_model_ = c.model;
    note_history(commitment, false);
    slot(head_) = {.commitment = commitment,
                   .round = head_,
                   .final_at = final_at,
                   .voided = false,
                   .signers = signers,
                   .reward_total = c.reward_total,
                   .epoch = current_epoch()};
    return {};
}

Status MemoryRounds::require_committed(RoundNumber round, const Digest& commitment) const {
    if (committed(round).value_or(Digest{}) == commitment) return {};
    return refuse("CommitmentMismatch", std::to_string(round));
}

Status MemoryRounds::require_open(const crypto::RoundCommitment& c) const {
    FS_TRY(require_committed(c.round, c.struct_hash()));
    if (finality_reached(slot(c.round))) return refuse("RoundIsFinal", std::to_string(c.round));
    return {};
}

Status MemoryRounds::void_round(const Address& caller, const crypto::RoundCommitment& c) {
    FS_TRY(context_.access.require(Role::kVoider, caller));
    FS_TRY(require_open(c));
    for (RoundNumber round = c.round; round <= head_; ++round) {
        voided_.insert(slot(round).commitment);
    }
    slot(c.round).voided = true;
    head_ = c.round - 1;
    if (held_ > head_) held_ = 0;  // a dispute about a round that is gone holds nothing back
    head_model_ = head_ == 0 ? Digest{} : c.parent_model;
    note_history(c.struct_hash(), true);
    return {};
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

Status MemoryRounds::require_final(const crypto::RoundCommitment& c) const {
    FS_TRY(require_committed(c.round, c.struct_hash()));
    if (!finality_reached(slot(c.round))) return refuse("RoundNotFinal", std::to_string(c.round));
    return {};
}

Status MemoryRounds::claim(const ClaimReward& call) {
    const rules::RewardClaim& claim = call.claim;
    FS_TRY(require_final(call.commitment));
    FS_TRY(require_in_tree(call.commitment.rewards_root, claim));
    const Amount paid = claimed(claim.site);
    if (claim.cumulative <= paid) return refuse("NothingToClaim", claim.site.hex());
    const Amount amount = claim.cumulative - paid;
    if (amount > ~Amount{0} - claimed_total_) return refuse("Panic", "claimed of 128 bits");
    if (claimed_total_ + amount > call.commitment.reward_total) {
        return refuse("ClaimsExceedRewards", std::to_string(call.commitment.round));
    }
    FS_TRY(context_.token.transfer(domain_.verifying_contract, claim.site, amount));
    claimed_[claim.site] = claim.cumulative;
    claimed_total_ += amount;
    return {};
}

// keccak256(abi.encode(before, commitment, voided))
void MemoryRounds::note_history(const Digest& commitment, bool voided) {
    ByteWriter words;
    words.raw(history_.view()).raw(commitment.view());
    words.u128(0).u64(0).u64(voided ? 1 : 0);
    history_ = crypto::keccak256(words.bytes());
}

bool MemoryRounds::finality_reached(const Slot& held) const {
    return context_.now >= held.final_at && (held_ == 0 || held.round < held_);
}

RoundState MemoryRounds::state(RoundNumber round) const {
    if (round == 0) return RoundState::kNone;
    const Slot& held = slot(round);
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
    return slot(round);
}

std::optional<Digest> MemoryRounds::committed(RoundNumber round) const {
    const Slot& held = slot(round);
    if (held.round != round || round == 0 || round > head_) return std::nullopt;
    return held.commitment;
}

bool MemoryRounds::is_voided(const Digest& commitment) const {
    return voided_.contains(commitment);
}

Amount MemoryRounds::claimed(const Address& account) const {
    const auto found = claimed_.find(account);
    return found == claimed_.end() ? Amount{0} : found->second;
}

}  // namespace fedstake::chain
