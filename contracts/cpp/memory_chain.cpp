// RoundManager.sol and SlashCourt.sol, function by function.
#include "contracts/cpp/memory_chain.hpp"

#include <array>

#include "contracts/cpp/case_id.hpp"
#include "proto/base/check.hpp"
#include "proto/crypto/keccak_tree.hpp"

namespace fedstake::chain {

namespace {

tl::unexpected<Error> refuse(std::string_view name, const std::string& details = "") {
    return fail(Errc::kNotNow, std::string(name) + ": " + details);
}

VaultOptions vault_options(const MemoryChainOptions& options) {
    Address vault;
    vault.bytes.fill(0xfe);  // any address that no account has
    return {vault, options.slash_pool, options.council, options.unbonding_delay,
            options.slash_delay};
}

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

}  // namespace

MemoryChain::MemoryChain(MemoryChainOptions options)
    : options_(std::move(options)),
      now_(options_.start_time),
      vault_(vault_options(options_), token_),
      ring_(kRing) {
    FS_CHECK(options_.threshold >= 1 && options_.threshold <= options_.auditors.size());
    FS_CHECK(options_.unbonding_delay >= options_.challenge_window);
}

void MemoryChain::set_time(std::uint64_t now) {
    FS_CHECK(now >= now_);
    now_ = now;
}

Status MemoryChain::fund(const Address& caller, Amount amount) {
    if (amount == 0) return refuse("ZeroAmount");
    FS_TRY(token_.transfer(caller, options_.domain.verifying_contract, amount));
    funded_ += amount;
    return {};
}

Status MemoryChain::verify_quorum(const Digest& digest,
                                  const std::vector<AuditorSignature>& signatures) const {
    if (signatures.size() < options_.threshold) {
        return refuse("QuorumTooSmall", std::to_string(signatures.size()));
    }
    for (std::size_t i = 0; i < signatures.size(); ++i) {
        const std::uint8_t index = signatures[i].index;
        if (i > 0 && index <= signatures[i - 1].index) return refuse("AuditorsNotIncreasing");
        if (index >= options_.auditors.size()) {
            return refuse("UnknownAuditor", std::to_string(index));
        }
        const auto recovered = crypto::recover_signer(digest, signatures[i].signature);
        if (!recovered || *recovered != options_.auditors[index]) {
            return refuse("NotSignedByAuditor", std::to_string(index));
        }
    }
    return {};
}

Status MemoryChain::require_next(RoundNumber round, const Digest& commitment) const {
    if (voided_.contains(commitment)) return refuse("CommitmentVoided", std::to_string(round));
    if (round != 0 && round <= head_) {
        const Slot& held = slot(round);
        if (held.round == round && held.commitment == commitment) {
            return refuse("AlreadyCommitted", std::to_string(round));
        }
        return refuse("RoundTaken", std::to_string(round));
    }
    if (round != head_ + 1) return refuse("RoundOutOfOrder", std::to_string(head_ + 1));
    if (head_ >= kRing) {
        const RoundNumber oldest = head_ - (kRing - 2);
        if (slot(oldest).round == oldest && now_ < slot(oldest).final_at) {
            return refuse("RingFull", std::to_string(oldest));
        }
    }
    return {};
}

Status MemoryChain::commit_round(const Address& caller, const CommitRound& call) {
    const crypto::RoundCommitment& c = call.commitment;
    if (caller != options_.coordinator) return refuse("NotAuthorized", caller.hex());
    if (c.federation != options_.federation) return refuse("WrongFederation");
    const Digest commitment = c.struct_hash();
    FS_TRY(require_next(c.round, commitment));
    FS_TRY(require_complete(c));
    if (head_ != 0 && c.parent_model != head_model_) return refuse("ParentModelMismatch");
    const Amount parent_total = head_ == 0 ? Amount{0} : slot(head_).reward_total;
    if (c.reward_total < parent_total) return refuse("RewardTotalFell");
    if (c.reward_total > funded_) return refuse("RewardTotalNotFunded");
    FS_TRY(verify_quorum(crypto::typed_data_digest(options_.domain, commitment), call.signatures));
    head_ = c.round;
    head_model_ = c.model;
    slot(head_) = {commitment, head_, now_ + options_.challenge_window, c.reward_total};
    return {};
}

Status MemoryChain::require_committed(RoundNumber round, const Digest& commitment) const {
    const Slot& held = slot(round);
    const bool stands = held.round == round && round != 0 && round <= head_;
    if (!stands || held.commitment != commitment) {
        return refuse("CommitmentMismatch", std::to_string(round));
    }
    return {};
}

Status MemoryChain::void_round(const Address& caller, const crypto::RoundCommitment& commitment) {
    if (caller != options_.council) return refuse("AccessManagedUnauthorized", caller.hex());
    FS_TRY(require_committed(commitment.round, commitment.struct_hash()));
    const RoundNumber first = commitment.round;
    if (now_ >= slot(first).final_at) return refuse("RoundIsFinal", std::to_string(first));
    for (RoundNumber round = first; round <= head_; ++round) voided_.insert(slot(round).commitment);
    head_ = first - 1;
    head_model_ = first == 1 ? Digest{} : commitment.parent_model;
    return {};
}

Status MemoryChain::claim(const ClaimReward& call) {
    const RoundNumber round = call.commitment.round;
    const rules::RewardClaim& claim = call.claim;
    FS_TRY(require_committed(round, call.commitment.struct_hash()));
    if (now_ < slot(round).final_at) return refuse("RoundNotFinal", std::to_string(round));
    const Digest leaf = crypto::LeafHasher(crypto::LeafTag::kReward)
                            .number(claim.index)
                            .address(claim.site)
                            .amount(claim.cumulative)
                            .word(claim.salt)
                            .finish();
    if (!crypto::verify_keccak_proof(call.commitment.rewards_root, claim.leaf_count, claim.index,
                                     leaf, claim.proof)) {
        return refuse("NotInRewardsTree", claim.site.hex());
    }
    const Amount paid = claimed(claim.site);
    if (claim.cumulative <= paid) return refuse("NothingToClaim", claim.site.hex());
    const Amount amount = claim.cumulative - paid;
    if (amount > call.commitment.reward_total ||
        claimed_total_ > call.commitment.reward_total - amount) {
        return refuse("ClaimsExceedRewards", std::to_string(round));
    }
    FS_TRY(token_.transfer(options_.domain.verifying_contract, claim.site, amount));
    claimed_[claim.site] = claim.cumulative;
    claimed_total_ += amount;
    return {};
}

std::optional<Digest> MemoryChain::committed(RoundNumber round) const {
    const Slot& held = slot(round);
    if (held.round != round || round == 0 || round > head_) return std::nullopt;
    return held.commitment;
}

bool MemoryChain::is_final(RoundNumber round) const {
    if (round == 0 || round > head_) return false;
    return slot(round).round != round || now_ >= slot(round).final_at;
}

Amount MemoryChain::claimed(const Address& account) const {
    const auto found = claimed_.find(account);
    return found == claimed_.end() ? Amount{0} : found->second;
}

Status MemoryChain::accuse(const Accuse& call) {
    const crypto::AttestedFault& fault = call.fault;
    if (fault.federation != options_.federation) return refuse("WrongFederation");
    if (fault.kind != crypto::FaultKind::kPoisoning &&
        fault.kind != crypto::FaultKind::kFreeRiding) {
        return refuse("NotAttestable");
    }
    if (fault.bps == 0 || fault.bps > options_.accusation_bps_max) {
        return refuse("BadBps", std::to_string(fault.bps));
    }
    if (now_ > fault.deadline) return refuse("AccusationExpired", std::to_string(fault.deadline));
    if (fault.round == 0 || fault.round > head_) {
        return refuse("UnknownRound", std::to_string(fault.round));
    }
    const Digest id = case_digest(fault);
    if (vault_.case_state(id) != SlashState::kNone) return refuse("AlreadyAccused", id.hex());
    if (committed(fault.round) != fault.evidence_root) {
        return refuse("EvidenceMismatch", std::to_string(fault.round));
    }
    if (now_ > slot(fault.round).final_at + options_.evidence_age) {
        return refuse("EvidenceTooOld", std::to_string(fault.round));
    }
    FS_TRY(verify_quorum(crypto::signing_digest(options_.domain, fault), call.signatures));
    return vault_.propose_slash(fault.site, fault.bps, id, now_);
}

Status MemoryChain::execute_slash(std::uint64_t case_id) {
    for (const SlashCase& entry : vault_.cases()) {
        if (entry.id == case_id) return vault_.execute_slash(entry.digest, now_);
    }
    return refuse("CaseNotPending", "none");
}

}  // namespace fedstake::chain
