// SlashCourt.sol, function by function.
#include "contracts/cpp/memory_court.hpp"

#include "contracts/cpp/case_id.hpp"
#include "contracts/cpp/ruling.hpp"
#include "proto/base/check.hpp"

namespace fedstake::chain {

namespace {

// type(uint40).max: while an appeal is open nothing is executed.
constexpr std::uint64_t kNever = (std::uint64_t{1} << 40U) - 1;

}  // namespace

Status MemoryCourt::check_fault(const crypto::AttestedFault& fault) const {
    if (fault.federation != rounds_.federation()) {
        return refuse("WrongFederation", {fault.federation, rounds_.federation()});
    }
    if (fault.kind != crypto::FaultKind::kPoisoning &&
        fault.kind != crypto::FaultKind::kFreeRiding) {
        return refuse("NotAttestable", {static_cast<std::uint16_t>(fault.kind)});
    }
    if (fault.bps == 0 || fault.bps > options_.bps_max) {
        return refuse("BadBps", {fault.bps, options_.bps_max});
    }
    if (context_.now > fault.deadline) {
        return refuse("AccusationExpired", {fault.deadline, context_.now});
    }
    if (fault.round == 0 || fault.round > rounds_.head()) {
        return refuse("UnknownRound", {fault.round, rounds_.head()});
    }
    return {};
}

Status MemoryCourt::accuse(const Accuse& call) {
    const crypto::AttestedFault& fault = call.fault;
    FS_TRY(check_fault(fault));
    const Digest id = case_digest(fault);
    if (trial_of(id).stage != TrialStage::kNone) return refuse("AlreadyAccused", {id});
    const MemoryRounds::Slot slot = rounds_.slot_of(fault.round);
    if (slot.commitment.is_zero() || slot.commitment != fault.evidence_root) {
        return refuse("EvidenceMismatch", {fault.round, fault.evidence_root, slot.commitment});
    }
    const std::uint64_t latest = slot.window_end + vault_.windows().evidence_age;
    if (context_.now > latest) return refuse("EvidenceTooOld", {fault.round, latest});
    FS_ASSIGN(
        const std::uint32_t signers,
        rounds_.verify_quorum(crypto::signing_digest(rounds_.domain(), fault), call.signatures));
    FS_TRY(vault_.propose_slash(options_.address, fault.site, fault.bps,
                                static_cast<std::uint16_t>(fault.kind), id));
    trials_[id] = {signers, rounds_.current_epoch(), TrialStage::kAccused, 0, 0};
    return {};
}

// By the accused, before the slash can be executed; it waits for the ruling.
Status MemoryCourt::reopen(const Address& caller, const Digest& case_id, TrialStage from,
                           TrialStage to) {
    FS_TRY(require_stage(case_id, from));
    const SlashCase* const opened = vault_.find_case(case_id);
    FS_CHECK(opened != nullptr);
    if (caller != opened->site) return refuse("NotTheAccused", {caller, opened->site});
    const std::uint64_t execute_after = opened->execute_after;
    if (context_.now >= execute_after) {
        return refuse("AppealTooLate", {case_id, execute_after});
    }
    Amount bond = options_.appeal_bond;
    if (to == TrialStage::kEscalated) {
        FS_ASSIGN(bond, add_96_bits(bond, bond));
    }
    FS_ASSIGN(const Amount bonds, add_96_bits(trial_of(case_id).bond, bond));
    if (opened->state != SlashState::kPending) {
        return refuse("CaseNotPending", {case_id, static_cast<std::uint8_t>(opened->state)});
    }
    FS_TRY(context_.token.transfer(caller, options_.address, bond));
    FS_TRY(vault_.postpone_slash(options_.address, case_id, kNever));
    Trial& trial = trials_[case_id];
    trial.stage = to;
    trial.deadline = execute_after + vault_.windows().appeal;
    trial.bond = bonds;
    return {};
}

Status MemoryCourt::appeal(const Address& caller, const Digest& case_id) {
    return reopen(caller, case_id, TrialStage::kAccused, TrialStage::kAppealed);
}

Status MemoryCourt::escalate(const Address& caller, const Digest& case_id) {
    return reopen(caller, case_id, TrialStage::kConfirmed, TrialStage::kEscalated);
}

Status MemoryCourt::rule_by_panel(const Digest& case_id, bool upheld,
                                  const std::vector<AuditorSignature>& signatures) {
    FS_TRY(require_stage(case_id, TrialStage::kAppealed));
    const Trial trial = trial_of(case_id);
    if (context_.now > trial.deadline) {
        return refuse("RulingTooLate", {case_id, trial.deadline});
    }
    FS_TRY(rounds_.verify_panel(trial.epoch, trial.signers,
                                appeal_ruling_digest(rounds_.domain(), case_id, upheld),
                                signatures));
    if (!upheld) return acquit(case_id);
    return uphold(case_id, TrialStage::kConfirmed, context_.now + vault_.windows().appeal);
}

Status MemoryCourt::rule_by_governor(const Address& caller, const Digest& case_id, bool upheld) {
    FS_TRY(context_.access.require(Role::kGovernor, caller));
    FS_TRY(require_open_appeal(case_id));
    const std::uint64_t deadline = trial_of(case_id).deadline;
    if (context_.now > deadline) return refuse("RulingTooLate", {case_id, deadline});
    if (!upheld) return acquit(case_id);
    return uphold(case_id, TrialStage::kClosed, context_.now);
}

Status MemoryCourt::lapse(const Digest& case_id) {
    FS_TRY(require_open_appeal(case_id));
    const std::uint64_t deadline = trial_of(case_id).deadline;
    if (context_.now <= deadline) return refuse("DeadlineNotPassed", {case_id, deadline});
    if (trial_of(case_id).stage == TrialStage::kAppealed) return acquit(case_id);
    // Nobody overruled the panel: what it confirmed stands.
    return uphold(case_id, TrialStage::kClosed, context_.now);
}

Status MemoryCourt::drop_voided(const crypto::AttestedFault& fault) {
    if (!rounds_.is_voided(fault.evidence_root)) {
        return refuse("RoundNotVoided", {fault.evidence_root});
    }
    const Digest case_id = case_digest(fault);
    const TrialStage stage = trial_of(case_id).stage;
    // A closed trial whose slash was not executed yet is open in the vault.
    const bool pending = vault_.case_state(case_id) == SlashState::kPending;
    if (stage == TrialStage::kNone || (stage == TrialStage::kClosed && !pending)) {
        return refuse("NoOpenCase", {case_id});
    }
    return acquit(case_id);
}

Status MemoryCourt::settle_vetoed(const Digest& case_id) {
    FS_TRY(require_open_appeal(case_id));
    if (vault_.case_state(case_id) == SlashState::kPending) {
        return refuse("CaseStillOpen", {case_id});
    }
    pay_bond(case_id, vault_.find_case(case_id)->site);
    trials_[case_id].stage = TrialStage::kClosed;
    return {};
}

Status MemoryCourt::set_appeal_bond(const Address& caller, Amount bond) {
    FS_TRY(context_.access.require(Role::kParameters, caller));
    FS_CHECK(bond <= kAmount96Max);
    options_.appeal_bond = bond;
    return {};
}

// No slash; the bond goes back.
Status MemoryCourt::acquit(const Digest& case_id) {
    FS_TRY(vault_.drop_slash(options_.address, case_id));
    pay_bond(case_id, vault_.find_case(case_id)->site);
    trials_[case_id].stage = TrialStage::kClosed;
    return {};
}

// The bond goes to the slash pool: nobody who judges gains from a judgement.
Status MemoryCourt::uphold(const Digest& case_id, TrialStage stage, std::uint64_t execute_after) {
    FS_TRY(vault_.postpone_slash(options_.address, case_id, execute_after));
    pay_bond(case_id, vault_.slash_pool());
    trials_[case_id].stage = stage;
    return {};
}

void MemoryCourt::pay_bond(const Digest& case_id, const Address& to) {
    Trial& trial = trials_[case_id];
    credits_.pay(to, trial.bond);
    trial.bond = 0;
}

Status MemoryCourt::require_stage(const Digest& case_id, TrialStage stage) const {
    const TrialStage found = trial_of(case_id).stage;
    if (found == stage) return {};
    return refuse("WrongStage", {case_id, static_cast<std::uint8_t>(found)});
}

Status MemoryCourt::require_open_appeal(const Digest& case_id) const {
    const TrialStage stage = trial_of(case_id).stage;
    if (stage == TrialStage::kAppealed || stage == TrialStage::kEscalated) return {};
    return refuse("WrongStage", {case_id, static_cast<std::uint8_t>(stage)});
}

MemoryCourt::Trial MemoryCourt::trial_of(const Digest& case_id) const {
    const auto found = trials_.find(case_id);
    return found == trials_.end() ? Trial{} : found->second;
}

}  // namespace fedstake::chain
