// FaultProver.sol and Conviction.sol.
#include "contracts/cpp/memory_convictions.hpp"

#include "proto/base/check.hpp"

namespace fedstake::chain {

namespace {

// Statements.sol.
constexpr std::uint16_t kKindFalseReceipt = 4;
constexpr std::uint16_t kKindFalseRound = 5;

Status check_shares(const SlashShares& shares) {
    for (const std::uint16_t bps : {shares.equivocation, shares.coordinator, shares.signer}) {
        if (bps == 0 || bps > kFullBps) return refuse("BadBps", {bps, kFullBps});
    }
    return {};
}

template <class Statement>
bool comparable(const Statement& a, const Statement& b) {
    return a.round == b.round && a.attempt == b.attempt && a.site == b.site;
}

}  // namespace

Prover prover_of(RoundFault fault) noexcept {
    switch (fault) {
        case RoundFault::kOmission:
        case RoundFault::kBadSignature:
        case RoundFault::kForeignStatement:
        case RoundFault::kUpdatesDiffer: return Prover::kFault;
        case RoundFault::kBadContext:
        case RoundFault::kBadSettlement: return Prover::kSettlement;
        case RoundFault::kBadReport:
        case RoundFault::kCopyAccepted:
        case RoundFault::kBadAggregate:
        case RoundFault::kBadModel:
        case RoundFault::kWrongSize:
        case RoundFault::kGateMissed: return Prover::kResult;
    }
    return Prover::kResult;
}

MemoryConvictions::MemoryConvictions(const ProverOptions& options, MemoryContext context,
                                     MemoryRounds& rounds, MemoryVault& vault)
    : addresses_(options.addresses), context_(context), rounds_(rounds), vault_(vault) {
    FS_CHECK(check_shares(options.shares).has_value());
    shares_.fill(options.shares);
}

Status MemoryConvictions::set_shares(const Address& caller, Prover prover,
                                     const SlashShares& shares) {
    FS_TRY(context_.access.require(Role::kParameters, caller));
    FS_TRY(check_shares(shares));
    shares_[static_cast<std::size_t>(prover)] = shares;
    return {};
}

Result<Address> MemoryConvictions::key_of_site(const crypto::UpdateStatement& statement,
                                               const crypto::Signature& signature) const {
    const auto recovered =
        crypto::recover_signer(crypto::signing_digest(rounds_.domain(), statement), signature);
    if (!recovered || vault_.owner_of_signer(*recovered) != statement.site) {
        return refuse("NotSignedBySite", {recovered.value_or(Address{}), statement.site});
    }
    return *recovered;
}

Status MemoryConvictions::require_federation(const FederationId& given) const {
    if (given == rounds_.federation()) return {};
    return refuse("WrongFederation", {given, rounds_.federation()});
}

Status MemoryConvictions::require_signed_by(const Address& coordinator,
                                            const crypto::UpdateReceipt& receipt,
                                            const crypto::Signature& signature) const {
    const auto recovered =
        crypto::recover_signer(crypto::signing_digest(rounds_.domain(), receipt), signature);
    if (!recovered || *recovered != coordinator) {
        return refuse("NotSignedByCoordinator", {recovered.value_or(Address{}), coordinator});
    }
    return {};
}

Status MemoryConvictions::prove_equivocation(const Address& caller, const ProveEquivocation& call) {
    const crypto::UpdateStatement& a = call.first;
    const crypto::UpdateStatement& b = call.second;
    FS_TRY(require_federation(a.federation));
    FS_TRY(require_federation(b.federation));
    if (!comparable(a, b)) return refuse("StatementsNotComparable");
    if (!crypto::contradict(a, b)) return refuse("NoContradiction");
    const Incident incident{kKindEquivocation, a.site, a.round, a.attempt};
    if (proven_.contains(incident)) return refuse("AlreadyProven", {a.site, a.round, a.attempt});
    FS_ASSIGN(const Address first, key_of_site(a, call.first_signature));
    FS_ASSIGN(const Address second, key_of_site(b, call.second_signature));
    // A key that is known to be lost must not cost the rest. Its receipts end all the same.
    if (!vault_.account(a.site).jailed && !vault_.is_lost(first) && !vault_.is_lost(second)) {
        FS_TRY(vault_.slash_many(address(Prover::kFault), {a.site},
                                 {shares(Prover::kFault).equivocation}, caller, kKindEquivocation));
    }
    proven_.insert(incident);
    return {};
}

Status MemoryConvictions::prove_coordinator_equivocation(const Address& caller,
                                                         const ProveCoordinatorEquivocation& call) {
    const crypto::UpdateReceipt& a = call.first;
    const crypto::UpdateReceipt& b = call.second;
    FS_TRY(require_federation(a.federation));
    FS_TRY(require_federation(b.federation));
    if (!comparable(a, b)) return refuse("StatementsNotComparable");
    if (a.update_root == b.update_root && a.statement_digest == b.statement_digest) {
        return refuse("NoContradiction");
    }
    const EpochTerms* const terms = rounds_.epoch(call.epoch);
    if (terms == nullptr) return refuse("NoSuchEpoch");
    const Address coordinator = terms->coordinator;
    // Once a round, whatever attempts and sites the receipts are about.
    const Incident incident{kKindFalseReceipt, coordinator, a.round, 0};
    if (proven_.contains(incident)) return refuse("AlreadyProven", {coordinator, a.round, 0});
    FS_TRY(require_signed_by(coordinator, a, call.first_signature));
    FS_TRY(require_signed_by(coordinator, b, call.second_signature));
    FS_TRY(vault_.slash_many(address(Prover::kFault), {owner_of(coordinator)},
                             {shares(Prover::kFault).coordinator}, caller, kKindFalseReceipt));
    proven_.insert(incident);
    return {};
}

Status MemoryConvictions::prove_omission(const Address& caller, const crypto::RoundCommitment& c,
                                         const crypto::UpdateReceipt& receipt,
                                         const crypto::Signature& signature) {
    if (receipt.federation != c.federation || receipt.round != c.round ||
        receipt.attempt != c.attempt) {
        return refuse("StatementsNotComparable");
    }
    // Of two contradicting updates a round may keep either or none.
    if (is_proven(receipt.site, receipt.round, receipt.attempt)) {
        return refuse("SiteEquivocated", {receipt.site, receipt.round, receipt.attempt});
    }
    FS_ASSIGN(const MemoryRounds::Record record, rounds_.record_of(c.round, c.struct_hash()));
    FS_TRY(require_signed_by(rounds_.epoch(record.epoch)->coordinator, receipt, signature));
    return convict(caller, RoundFault::kOmission, c);
}

Status MemoryConvictions::convict(const Address& caller, RoundFault fault,
                                  const crypto::RoundCommitment& c) {
    const Prover prover = prover_of(fault);
    FS_ASSIGN(const MemoryRounds::Parties parties, rounds_.require_convictable(c));
    std::vector<Address> accused{owner_of(parties.coordinator)};
    std::vector<std::uint16_t> bps{shares(prover).coordinator};
    for (const Address& signer : parties.signers) {
        accused.push_back(owner_of(signer));
        bps.push_back(shares(prover).signer);
    }
    FS_TRY(vault_.slash_many(address(prover), accused, bps, caller, kKindFalseRound));
    return rounds_.convict_round(address(prover), c);
}

bool MemoryConvictions::is_proven(const Address& site, RoundNumber round,
                                  std::uint32_t attempt) const {
    return proven_.contains({kKindEquivocation, site, round, attempt});
}

Address MemoryConvictions::owner_of(const Address& key) const {
    const Address owner = vault_.owner_of_signer(key);
    return owner.is_zero() ? key : owner;
}

}  // namespace fedstake::chain
