// Scripts: accusations, appeals, rulings and how cases close.
#include <algorithm>

#include "contracts/cpp/case_id.hpp"
#include "contracts/cpp/ruling.hpp"
#include "tests/contracts/cpp/evm/replay_script.hpp"

namespace fedstake::testing {

using chain::TrialStage;
using evm::AbiValue;

// Mostly what the next step of some pending case would be.
void ReplayScript::court() {
    const Digest id = case_at({TrialStage::kAccused, TrialStage::kAppealed, TrialStage::kConfirmed,
                               TrialStage::kEscalated});
    const bool pending = model_->vault().case_state(id) == chain::SlashState::kPending;
    if (!pending && !one_in(4)) return accuse();
    if (pending && one_in(25)) return quiet_quarter();
    switch (one_in(5) ? TrialStage::kNone : model_->court().trial_of(id).stage) {
        case TrialStage::kAccused:
        case TrialStage::kConfirmed:
            return choose({{6, &ReplayScript::appeal},
                           {2, &ReplayScript::execute},
                           {1, &ReplayScript::close_case}});
        case TrialStage::kAppealed:
        case TrialStage::kEscalated:
            return choose({{5, &ReplayScript::rule}, {3, &ReplayScript::close_case}});
        case TrialStage::kNone:
        case TrialStage::kClosed: break;
    }
    choose({{5, &ReplayScript::accuse},
            {2, &ReplayScript::appeal},
            {2, &ReplayScript::rule},
            {3, &ReplayScript::close_case},
            {3, &ReplayScript::execute}});
}

// A case at one of these stages that is still pending; sometimes any, or one that there is not.
Digest ReplayScript::case_at(std::initializer_list<TrialStage> stages) {
    std::vector<Digest> fitting;
    std::vector<Digest> all(subjects_.cases.begin(), subjects_.cases.end());
    for (const Digest& id : all) {
        const TrialStage stage = model_->court().trial_of(id).stage;
        const bool wanted = std::find(stages.begin(), stages.end(), stage) != stages.end();
        const bool pending = model_->vault().case_state(id) == chain::SlashState::kPending;
        if (wanted && (pending || one_in(6))) fitting.push_back(id);
    }
    if (all.empty() || one_in(30)) return replay_label("no such case");
    return fitting.empty() || one_in(12) ? any_of(all) : any_of(fitting);
}

void ReplayScript::accuse() {
    const RoundNumber head = model_->head();
    const std::uint64_t latest =
        model_->rounds().slot_of(head).window_end + model_->vault().windows().evidence_age;
    if (model_->now() > latest && !one_in(5)) return commit();
    crypto::AttestedFault fault;
    fault.federation = model_->rounds().federation();
    fault.round = head > 2 ? head - rng_.below(3) : head;
    fault.site = one_in(12) ? any_actor() : any_owner();
    fault.kind = one_in(2) ? crypto::FaultKind::kPoisoning : crypto::FaultKind::kFreeRiding;
    fault.bps = static_cast<std::uint16_t>(1 + rng_.below(one_in(4) ? 2'000 : 700));
    fault.evidence_root = model_->committed(fault.round).value_or(replay_label("evidence"));
    fault.deadline = model_->now() + rng_.below(5'000);
    if (!suspect_.is_zero()) fault.site = suspect_;
    // As much as the cap leaves, or one more.
    const std::uint16_t counted = model_->vault().counted_bps(fault.site);
    if (counted != 0 && one_in(4)) {
        fault.bps = static_cast<std::uint16_t>(2'000 - counted + rng_.below(2));
    }
    if (one_in(7)) {
        switch (rng_.below(7)) {
            case 0: fault.federation = replay_label("another federation"); break;
            case 1: fault.kind = crypto::FaultKind::kEquivocation; break;
            case 2: fault.bps = one_in(2) ? std::uint16_t{0} : std::uint16_t{2'001}; break;
            case 3: fault.deadline = model_->now() - 1; break;
            case 4: fault.round = one_in(2) ? 0 : head + 1; break;
            case 5:
                if (const ReplayRound* round = any_round(); round != nullptr) {
                    fault.evidence_root = round->commitment.struct_hash();
                }
                break;
            default:
                if (!faults_.empty()) fault = any_of(faults_);
                break;
        }
    }
    const chain::Accuse call{fault, quorum(fault.struct_hash())};
    const Status model = model_->accuse(call);
    in_court(any_actor(), "accuse", {evm::abi_of(fault), bytes_of(call.signatures)}, model);
    if (!model) return;
    faults_.push_back(fault);
    subjects_.cases.insert(chain::case_digest(fault));
}

void ReplayScript::appeal() {
    const Digest id = case_at({TrialStage::kAccused, TrialStage::kConfirmed});
    const bool confirmed = model_->court().trial_of(id).stage == TrialStage::kConfirmed;
    const bool escalate = one_in(20) != confirmed;
    const chain::SlashCase* const found = model_->vault().find_case(id);
    const Address caller = found == nullptr ? any_owner() : mostly(found->site);
    if (escalate) {
        return in_court(caller, "escalate", {AbiValue::word(id)},
                        model_->court().escalate(caller, id));
    }
    in_court(caller, "appeal", {AbiValue::word(id)}, model_->court().appeal(caller, id));
}

void ReplayScript::rule() {
    const bool upheld = !one_in(3);
    const Digest id = case_at({TrialStage::kAppealed, TrialStage::kEscalated});
    const chain::MemoryCourt::Trial trial = model_->court().trial_of(id);
    if (trial.stage == TrialStage::kEscalated ? !one_in(10) : one_in(5)) {
        const Address caller = mostly(people_.governor);
        return in_court(caller, "ruleByGovernor", {AbiValue::word(id), AbiValue::boolean(upheld)},
                        model_->court().rule_by_governor(caller, id, upheld));
    }
    const chain::EpochTerms& terms = *model_->rounds().epoch(trial.epoch);
    // Mostly by those who did not accuse.
    const std::uint32_t candidates = one_in(10) ? ~0U : ~trial.signers;
    const auto signatures = signed_by_auditors(
        terms, candidates, terms.auditors.size(),
        chain::appeal_ruling_digest(model_->rounds().domain(), id, one_in(30) != upheld));
    in_court(any_actor(), "ruleByPanel",
             {AbiValue::word(id), AbiValue::boolean(upheld), bytes_of(signatures)},
             model_->court().rule_by_panel(id, upheld, signatures));
}

void ReplayScript::close_case() {
    switch (rng_.below(5)) {
        case 0: {
            const Digest id = case_at({TrialStage::kAppealed, TrialStage::kEscalated});
            return in_court(any_actor(), "lapse", {AbiValue::word(id)}, model_->court().lapse(id));
        }
        case 1: {
            Digest id = case_at({TrialStage::kAppealed, TrialStage::kEscalated});
            for (const Digest& other : subjects_.cases) {
                const TrialStage stage = model_->court().trial_of(other).stage;
                const bool open = stage == TrialStage::kAppealed || stage == TrialStage::kEscalated;
                const bool vetoed = model_->vault().case_state(other) == chain::SlashState::kVetoed;
                if (open && vetoed && !one_in(4)) id = other;
            }
            return in_court(any_actor(), "settleVetoed", {AbiValue::word(id)},
                            model_->court().settle_vetoed(id));
        }
        case 2: {
            if (one_in(4)) {
                const Address caller = mostly(people_.governor);
                const Amount bond = rng_.below(1'000);
                return in_court(caller, "setAppealBond", {AbiValue::number(bond)},
                                model_->court().set_appeal_bond(caller, bond));
            }
            const Digest id = case_at({TrialStage::kAccused, TrialStage::kAppealed,
                                       TrialStage::kConfirmed, TrialStage::kEscalated});
            const Address caller = one_in(6) ? any_actor() : people_.council;
            return in_vault(caller, "vetoSlash", {AbiValue::word(id)},
                            model_->vault().veto_slash(caller, id));
        }
        default: break;
    }
    if (faults_.empty()) return;
    // Mostly about a round that is gone.
    crypto::AttestedFault fault = any_of(faults_);
    for (const crypto::AttestedFault& other : faults_) {
        if (model_->rounds().is_voided(other.evidence_root) && one_in(2)) fault = other;
    }
    if (one_in(12)) fault.site = any_actor();
    in_court(any_actor(), "dropVoided",
             {AbiValue::number(fault.round), AbiValue::address(fault.site),
              AbiValue::number(static_cast<std::uint16_t>(fault.kind)),
              AbiValue::word(fault.evidence_root)},
             model_->court().drop_voided(fault));
}

// The count of what a site was accused of begins anew after 90 days without an accusation; a case
// from before that is closed afterwards.
void ReplayScript::quiet_quarter() {
    const Digest id = case_at({TrialStage::kAccused, TrialStage::kAppealed});
    const chain::SlashCase* const found = model_->vault().find_case(id);
    if (found == nullptr) return;
    suspect_ = found->site;
    flush();
    const std::uint64_t quiet = model_->vault().account(suspect_).last_accused_at + 90 * 86'400;
    model_->set_time(std::max(model_->now() + 1, quiet - 1 + rng_.below(3)));
    commit();
    for (int i = 0; i < 2; ++i) accuse();
    in_vault(people_.council, "vetoSlash", {AbiValue::word(id)},
             model_->vault().veto_slash(people_.council, id));
    accuse();
    suspect_ = Address{};
}

void ReplayScript::execute() {
    const Digest id = case_at({TrialStage::kAccused, TrialStage::kConfirmed, TrialStage::kClosed});
    in_vault(any_actor(), "executeSlash", {AbiValue::word(id)}, model_->vault().execute_slash(id));
}

}  // namespace fedstake::testing
