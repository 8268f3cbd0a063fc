// Scripts: disputes about rounds.
#include "contracts/cpp/ruling.hpp"
#include "tests/contracts/cpp/evm/replay_script.hpp"

namespace fedstake::testing {

using evm::AbiValue;

void ReplayScript::disputes() {
    if (model_->rounds().held_round() == 0) {
        return choose({{6, &ReplayScript::challenge},
                       {1, &ReplayScript::resolve},
                       {4, &ReplayScript::end_dispute}});
    }
    choose({{1, &ReplayScript::challenge},
            {5, &ReplayScript::resolve},
            {3, &ReplayScript::end_dispute}});
}

void ReplayScript::challenge() {
    const ReplayRound* const round = open_round(true);
    if (round == nullptr) return commit();
    const Address caller = one_in(6) ? any_actor() : any_owner();
    const Amount bond = model_->disputes().bond_for(round->commitment.round).value_or(Amount{1});
    const Amount most = one_in(10) ? bond - 1 : bond + rng_.below(2);
    in_disputes(caller, "challenge",
                {evm::abi_of(round->commitment), AbiValue::word(replay_label("evidence")),
                 AbiValue::number(most)},
                model_->disputes().challenge(caller, round->commitment, most));
}

// Mostly one with an open dispute.
const ReplayRound* ReplayScript::disputed_round() {
    std::vector<const ReplayRound*> disputed;
    for (const ReplayRound& round : rounds_) {
        const Digest commitment = round.commitment.struct_hash();
        if (!model_->disputes().dispute_of(commitment).challenger.is_zero()) {
            disputed.push_back(&round);
        }
    }
    if (disputed.empty()) return one_in(4) ? any_round() : nullptr;
    return one_in(15) ? any_round() : any_of(disputed);
}

void ReplayScript::resolve() {
    const ReplayRound* const round = disputed_round();
    if (round == nullptr) return challenge();
    const crypto::RoundCommitment& c = round->commitment;
    const bool upheld = one_in(3);
    if (one_in(3)) {
        const Address caller = mostly(people_.governor);
        return in_disputes(caller, "resolve", {evm::abi_of(c), AbiValue::boolean(upheld)},
                           model_->disputes().resolve(caller, c, upheld));
    }
    const Digest commitment = c.struct_hash();
    const chain::MemoryDisputes::Dispute dispute = model_->disputes().dispute_of(commitment);
    const chain::EpochTerms& terms = *model_->rounds().epoch(dispute.epoch);
    const std::uint32_t candidates = one_in(10) ? ~0U : ~dispute.signers;
    const auto signatures = signed_by_auditors(
        terms, candidates, terms.auditors.size(),
        chain::dispute_ruling_digest(
            model_->rounds().domain(), commitment,
            model_->disputes().challenges_of(dispute.round) + (one_in(30) ? 1 : 0),
            one_in(30) != upheld));
    in_disputes(any_actor(), "resolveByPanel",
                {evm::abi_of(c), AbiValue::boolean(upheld), bytes_of(signatures)},
                model_->disputes().resolve_by_panel(c, upheld, signatures));
}

void ReplayScript::end_dispute() {
    if (one_in(8)) {
        const Address caller = mostly(people_.governor);
        const Amount bond = one_in(6) ? Amount{0} : Amount{1} + rng_.below(900);
        return in_disputes(caller, "setBond", {AbiValue::number(bond)},
                           model_->disputes().set_bond(caller, bond));
    }
    const ReplayRound* const round = disputed_round();
    if (round == nullptr) return commit();
    if (one_in(2)) {
        return in_disputes(any_actor(), "expire", {evm::abi_of(round->commitment)},
                           model_->disputes().expire(round->commitment));
    }
    const Digest commitment = round->commitment.struct_hash();
    in_disputes(any_actor(), "settleVoided", {AbiValue::word(commitment)},
                model_->disputes().settle_voided(commitment));
}

}  // namespace fedstake::testing
