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
        return refuse("QuorumTooSmall", {signatures.size(), threshold});
    }
    std::uint32_t signers = 0;
    for (std::size_t i = 0; i < signatures.size(); ++i) {
        const std::uint8_t index = signatures[i].index;
        if (i > 0 && index <= signatures[i - 1].index) {
            return refuse("AuditorsNotIncreasing", {signatures[i - 1].index, index});
        }
        if (index >= terms.auditors.size()) {
            return refuse("UnknownAuditor", {index, terms.auditors.size()});
        }
        const auto recovered = crypto::recover_signer(digest, signatures[i].signature);
        if (!recovered || *recovered != terms.auditors[index]) {
            return refuse("NotSignedByAuditor",
                          {index, terms.auditors[index], recovered.value_or(Address{})});
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
    if (terms.coordinator.is_zero()) return refuse("ZeroAddress");
    const std::size_t count = terms.auditors.size();
    if (terms.threshold == 0 || terms.threshold > count || count > kAuditorsMax) {
        return refuse("BadQuorum", {terms.threshold, count});
    }
    for (auto auditor = terms.auditors.begin(); auditor != terms.auditors.end(); ++auditor) {
        if (auditor->is_zero()) return refuse("ZeroAddress");
        if (std::find(terms.auditors.begin(), auditor, *auditor) != auditor) {
            return refuse("DuplicateAuditor", {*auditor});
        }
    }
    if (terms.challenge_window == 0) return refuse("ZeroField", {"challengeWindow"});
    if (terms.challenge_window > vault_.windows().challenge) {
        return refuse("ChallengeTooLong", {terms.challenge_window, vault_.windows().challenge});
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
        return refuse("PauseTooLong", {until, context_.now + kPauseMax});
    }
    if (paused_until_ != 0 && context_.now < paused_until_ + kPauseMax) {
        return refuse("PauseTooSoon", {paused_until_ + kPauseMax});
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
    if (context_.now < paused_until_) return refuse("PausedUntil", {paused_until_});
    if (caller != terms().coordinator) return refuse("NotAuthorized", {caller});
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
    if (terms == nullptr) return refuse("NoSuchEpoch");
    std::size_t judges = 0;
    for (std::size_t i = 0; i < terms->auditors.size(); ++i) {
        if (((excluded >> i) & 1U) == 0) ++judges;
    }
    if (judges == 0) return refuse("NoPanel", {epoch, excluded});
    FS_ASSIGN(const std::uint32_t signers, verify(*terms, judges / 2 + 1, digest, signatures));
    if ((signers & excluded) != 0) return refuse("NotOfThePanel", {signers, excluded});
    return signers;
}

const EpochTerms* MemoryRounds::epoch(std::uint16_t number) const {
    return number < epochs_.size() ? &epochs_[number] : nullptr;
}

MemoryRounds::Parties MemoryRounds::parties_of(RoundNumber round) const {
    const Held& held = slot(round);
    if (held.round != round || round == 0) return {};
    return parties(held.epoch, held.signers);
}

MemoryRounds::Parties MemoryRounds::parties(std::uint16_t epoch, std::uint32_t signers) const {
    const EpochTerms& terms = epochs_[epoch];
    Parties found{terms.coordinator, {}};
    for (std::size_t i = 0; i < terms.auditors.size(); ++i) {
        if (((signers >> i) & 1U) != 0) found.signers.push_back(terms.auditors[i]);
    }
    return found;
}

}  // namespace fedstake::chain
