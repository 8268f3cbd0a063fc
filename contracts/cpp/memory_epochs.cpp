// RoundManager.sol: epochs, pauses, and the signatures of quorums and panels.
#include <algorithm>
#include <utility>

#include "contracts/cpp/memory_rounds.hpp"
#include "proto/base/check.hpp"

namespace fedstake::chain {

namespace {

constexpr std::size_t kAuditorsMax = 32;
constexpr std::uint64_t kPauseMax = 7ULL * 24 * 3600;

Result<std::uint32_t> verify(const EpochTerms& terms, std::size_t threshold, const Digest& digest,
                             const std::vector<AuditorSignature>& signatures) {
    if (signatures.size() < threshold) {
        return refuse("QuorumTooSmall", std::to_string(signatures.size()));
    }
    std::uint32_t signers = 0;
    for (std::size_t i = 0; i < signatures.size(); ++i) {
        const std::uint8_t index = signatures[i].index;
        if (i > 0 && index <= signatures[i - 1].index) return refuse("AuditorsNotIncreasing");
        if (index >= terms.auditors.size()) return refuse("UnknownAuditor", std::to_string(index));
        const auto recovered = crypto::recover_signer(digest, signatures[i].signature);
        if (!recovered || *recovered != terms.auditors[index]) {
            return refuse("NotSignedByAuditor", std::to_string(index));
        }
        signers |= std::uint32_t{1} << index;
    }
    return signers;
}

}  // namespace

MemoryRounds::MemoryRounds(const FederationId& federation, const crypto::Eip712Domain& domain,
                           MemoryContext context, const MemoryVault& vault, EpochTerms first)
    : federation_(federation), domain_(domain), context_(context), vault_(vault), ring_(kRing) {
    FS_CHECK(check_terms(first).has_value());
    epochs_.push_back(std::move(first));
}

Status MemoryRounds::check_terms(const EpochTerms& terms) const {
    if (terms.coordinator.is_zero()) return refuse("ZeroAddress", "coordinator");
    const std::size_t count = terms.auditors.size();
    if (terms.threshold == 0 || terms.threshold > count || count > kAuditorsMax) {
        return refuse("BadQuorum",
                      std::to_string(terms.threshold) + " of " + std::to_string(count));
    }
    for (auto auditor = terms.auditors.begin(); auditor != terms.auditors.end(); ++auditor) {
        if (auditor->is_zero()) return refuse("ZeroAddress", "an auditor");
        if (std::find(terms.auditors.begin(), auditor, *auditor) != auditor) {
            return refuse("DuplicateAuditor", auditor->hex());
        }
    }
    if (terms.challenge_window > vault_.windows().challenge) {
        return refuse("ChallengeTooLong", std::to_string(terms.challenge_window));
    }
    return {};
}

Status MemoryRounds::open_epoch(const Address& caller, EpochTerms terms) {
    FS_TRY(context_.access.require(Role::kParameters, caller));
    FS_TRY(check_terms(terms));
    epochs_.push_back(std::move(terms));
    return {};
}

Status MemoryRounds::pause(const Address& caller, std::uint64_t until) {
    FS_TRY(context_.access.require(Role::kCouncil, caller));
    if (until <= context_.now || until > context_.now + kPauseMax) {
        return refuse("PauseTooLong", std::to_string(until));
    }
    if (paused_until_ != 0 && context_.now < paused_until_ + kPauseMax) {
        return refuse("PauseTooSoon", std::to_string(paused_until_ + kPauseMax));
    }
    paused_until_ = until;
    return {};
}

Status MemoryRounds::unpause(const Address& caller) {
    FS_TRY(context_.access.require(Role::kCouncil, caller));
    paused_until_ = std::min(paused_until_, context_.now);
    return {};
}

Status MemoryRounds::require_coordinator(const Address& caller) const {
    if (context_.now < paused_until_) return refuse("PausedUntil", std::to_string(paused_until_));
    if (caller != terms().coordinator) return refuse("NotAuthorized", caller.hex());
    return {};
}

Result<std::uint32_t> MemoryRounds::verify_quorum(
    const Digest& digest, const std::vector<AuditorSignature>& signatures) const {
    return verify(terms(), terms().threshold, digest, signatures);
}

Result<std::uint32_t> MemoryRounds::verify_panel(
    std::uint16_t epoch, std::uint32_t excluded, const Digest& digest,
    const std::vector<AuditorSignature>& signatures) const {
    const EpochTerms* terms = this->epoch(epoch);
    if (terms == nullptr) return refuse("NoSuchEpoch", std::to_string(epoch));
    std::size_t judges = 0;
    for (std::size_t i = 0; i < terms->auditors.size(); ++i) {
        if (((excluded >> i) & 1U) == 0) ++judges;
    }
    if (judges == 0) return refuse("NoPanel", "every auditor of the epoch is excluded");
    FS_ASSIGN(const std::uint32_t signers, verify(*terms, judges / 2 + 1, digest, signatures));
    if ((signers & excluded) != 0) return refuse("NotOfThePanel", std::to_string(signers));
    return signers;
}

const EpochTerms* MemoryRounds::epoch(std::uint16_t number) const {
    return number < epochs_.size() ? &epochs_[number] : nullptr;
}

MemoryRounds::Parties MemoryRounds::parties_of(RoundNumber round) const {
    const Slot& held = slot(round);
    if (held.round != round || round == 0) return {};
    const EpochTerms& terms = epochs_[held.epoch];
    Parties parties{terms.coordinator, {}};
    for (std::size_t i = 0; i < terms.auditors.size(); ++i) {
        if (((held.signers >> i) & 1U) != 0) parties.signers.push_back(terms.auditors[i]);
    }
    return parties;
}

}  // namespace fedstake::chain
