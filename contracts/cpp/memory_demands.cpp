// LeafDemands.sol, function by function.
#include "contracts/cpp/memory_demands.hpp"

#include "proto/base/check.hpp"
#include "proto/crypto/keccak_tree.hpp"
#include "proto/crypto/sha256.hpp"

namespace fedstake::chain {

namespace {

constexpr std::uint16_t kKindDataWithheld = 6;  // Statements.sol
// Two of them fit into the grace of a round.
constexpr std::uint64_t kAnswerMax = 90ULL * 24 * 3600;

Status check_terms(const DemandTerms& terms) {
    if (terms.bond == 0) return refuse("ZeroField", {"bond"});
    if (terms.answer_time == 0) return refuse("ZeroField", {"answerTime"});
    if (terms.answer_time > kAnswerMax) {
        return refuse("AnswerTooLong", {terms.answer_time, kAnswerMax});
    }
    if (terms.coordinator_bps == 0 || terms.coordinator_bps > kFullBps) {
        return refuse("BadBps", {terms.coordinator_bps, kFullBps});
    }
    return {};
}

// Answer, proofs and a dispute fit between the window and the day when stake may leave; extensions
// by the council may use the other half.
Status require_time(const VaultWindows& w, std::uint64_t answer_time) {
    const std::uint64_t most = (w.unbonding - w.challenge - w.resolution) / 4;
    if (answer_time <= most) return {};
    return refuse("AnswerTooLong", {answer_time, most});
}

Status require_digest(const char* what, const Bytes& document, const Digest& expected) {
    const Digest given = crypto::sha256(document);
    if (given == expected) return {};
    return refuse("DigestMismatch", {what, given, expected});
}

}  // namespace

MemoryDemands::MemoryDemands(const DemandsOptions& options, MemoryContext context,
                             MemoryRounds& rounds, MemoryVault& vault)
    : address_(options.address),
      terms_(options.terms),
      context_(context),
      rounds_(rounds),
      vault_(vault),
      credits_(options.address, context.token) {
    FS_CHECK(check_terms(terms_).has_value());
}

Status MemoryDemands::demand_leaves(const Address& caller, const crypto::RoundCommitment& c,
                                    Amount bond_most) {
    const Digest commitment = c.struct_hash();
    if (const DemandState state = demand_of(commitment).state; state != DemandState::kNone) {
        return refuse("DemandedBefore", {commitment, static_cast<std::uint8_t>(state)});
    }
    if (terms_.bond > bond_most) return refuse("BondTooHigh", {terms_.bond, bond_most});
    FS_TRY(require_time(vault_.windows(), terms_.answer_time));
    FS_TRY(rounds_.require_demandable(c));
    FS_TRY(context_.token.transfer(caller, address_, terms_.bond));
    FS_TRY(rounds_.demand_round(address_, c));
    demands_[commitment] = {.demander = caller,
                            .deadline = context_.now + terms_.answer_time,
                            .epoch = rounds_.slot_of(c.round).epoch,
                            .state = DemandState::kOpen,
                            .bond = terms_.bond,
                            .round = c.round,
                            .answer_time = terms_.answer_time};
    return {};
}

Status MemoryDemands::answer_demand(const LeafAnswer& call) {
    const crypto::RoundCommitment& c = call.commitment;
    const Digest commitment = c.struct_hash();
    FS_ASSIGN(const Demand demand, open(commitment));
    if (context_.now > demand.deadline) {
        return refuse("DeadlinePassed", {demand.deadline});
    }
    // Were the round gone, the hold to end would be that of another attempt.
    if (rounds_.is_voided(commitment)) return refuse("RoundIsVoided", {commitment});
    const Digest root = crypto::keccak_root(call.leaves);
    if (root != c.updates_root) return refuse("NotTheUpdates", {root, c.updates_root});
    FS_TRY(require_digest("report", call.report, c.report_digest));
    FS_TRY(require_digest("context", call.context, c.context_digest));
    FS_TRY(rounds_.settle_demand(address_, c.round, context_.now + demand.answer_time));
    close(commitment, DemandState::kAnswered, coordinator_of(demand));
    return {};
}

Status MemoryDemands::expire_demand(const crypto::RoundCommitment& c) {
    const Digest commitment = c.struct_hash();
    FS_ASSIGN(const Demand demand, open(commitment));
    if (context_.now <= demand.deadline) {
        return refuse("DeadlineNotPassed", {demand.deadline});
    }
    // From the oldest on: the void of that one ends all others, so an outage costs one slash.
    const RoundNumber first = rounds_.demanded_round();
    if (first != 0 && first < c.round) return refuse("EarlierDemandOpen", {c.round, first});
    FS_TRY(rounds_.require_open(c));
    const Address& coordinator = coordinator_of(demand);
    const Address owner = vault_.owner_of_signer(coordinator);
    // Nobody earns a share: a demand must not be a bet on a coordinator's outage.
    FS_TRY(vault_.slash_many(address_, {owner.is_zero() ? coordinator : owner},
                             {terms_.coordinator_bps}, Address{}, kKindDataWithheld));
    FS_TRY(rounds_.void_round(address_, c));
    close(commitment, DemandState::kExpired, demand.demander);
    return {};
}

Status MemoryDemands::settle_voided(const Digest& commitment) {
    FS_ASSIGN(const Demand demand, open(commitment));
    if (!rounds_.is_voided(commitment)) return refuse("RoundNotVoided", {commitment});
    close(commitment, DemandState::kOverridden, demand.demander);
    return {};
}

Status MemoryDemands::set_terms(const Address& caller, const DemandTerms& terms) {
    FS_TRY(context_.access.require(Role::kParameters, caller));
    FS_TRY(check_terms(terms));
    terms_ = terms;
    return {};
}

MemoryDemands::Demand MemoryDemands::demand_of(const Digest& commitment) const {
    const auto found = demands_.find(commitment);
    return found == demands_.end() ? Demand{} : found->second;
}

std::map<RoundNumber, Digest> MemoryDemands::unanswered() const {
    std::map<RoundNumber, Digest> found;
    for (const auto& [commitment, demand] : demands_) {
        const bool open = demand.state == DemandState::kOpen;
        if (open && !rounds_.is_voided(commitment)) found[demand.round] = commitment;
    }
    return found;
}

Result<MemoryDemands::Demand> MemoryDemands::open(const Digest& commitment) const {
    const Demand demand = demand_of(commitment);
    if (demand.state != DemandState::kOpen) {
        return refuse("NoOpenDemand", {commitment, static_cast<std::uint8_t>(demand.state)});
    }
    return demand;
}

const Address& MemoryDemands::coordinator_of(const Demand& demand) const {
    const EpochTerms* const terms = rounds_.epoch(demand.epoch);
    FS_CHECK(terms != nullptr);
    return terms->coordinator;
}

void MemoryDemands::close(const Digest& commitment, DemandState state, const Address& paid) {
    Demand& demand = demands_[commitment];
    demand.state = state;
    credits_.pay(paid, demand.bond);
}

}  // namespace fedstake::chain
