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
    if (fault.federation != rounds_.federation()) return refuse("WrongFederation");
    if (fault.kind != crypto::FaultKind::kPoisoning &&
        fault.kind != crypto::FaultKind::kFreeRiding) {
        return refuse("NotAttestable");
    }
    if (fault.bps == 0 || fault.bps > options_.bps_max) {
        return refuse("BadBps", std::to_string(fault.bps));
    }
    if (context_.now > fault.deadline) {
        return refuse("AccusationExpired", std::to_string(fault.deadline));
    }
    if (fault.round == 0 || fault.round > rounds_.head()) {
        return refuse("UnknownRound", std::to_string(fault.round));
    }
    return {};
}

Status MemoryCourt::accuse(const Accuse& call) {
    const crypto::AttestedFault& fault = call.fault;
    FS_TRY(check_fault(fault));
    const Digest id = case_digest(fault);
    if (trial_of(id).stage != TrialStage::kNone) return refuse("AlreadyAccused", id.hex());
    const MemoryRounds::Slot slot = rounds_.slot_of(fault.round);
    if (slot.commitment.is_zero() || slot.commitment != fault.evidence_root) {
        return refuse("EvidenceMismatch", std::to_string(fault.round));
    }
    if (context_.now > slot.final_at + vault_.windows().evidence_age) {
        return refuse("EvidenceTooOld", std::to_string(fault.round));
    }
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
    if (caller != opened->site) return refuse("NotTheAccused", caller.hex());
    const std::uint64_t execute_after = opened->execute_after;
    if (context_.now >= execute_after) {
        return refuse("AppealTooLate", std::to_string(execute_after));
    }
    Amount bond = options_.appeal_bond;
    if (to == TrialStage::kEscalated) {
        FS_ASSIGN(bond, add_96_bits(bond, bond));
    }
    FS_ASSIGN(const Amount bonds, add_96_bits(trial_of(case_id).bond, bond));
    if (opened->state != SlashState::kPending) {
        return refuse("CaseNotPending", std::string(slash_state_name(opened->state)));
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
        return refuse("RulingTooLate", std::to_string(trial.deadline));
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
    if (context_.now > deadline) return refuse("RulingTooLate", std::to_string(deadline));
    if (!upheld) return acquit(case_id);
    return uphold(case_id, TrialStage::kClosed, context_.now);
}

Status MemoryCourt::lapse(const Digest& case_id) {
    FS_TRY(require_open_appeal(case_id));
    const std::uint64_t deadline = trial_of(case_id).deadline;
    if (context_.now <= deadline) return refuse("DeadlineNotPassed", std::to_string(deadline));
    return acquit(case_id);
}

Status MemoryCourt::drop_voided(const crypto::AttestedFault& fault) {
    if (!rounds_.is_voided(fault.evidence_root)) {
        return refuse("RoundNotVoided", fault.evidence_root.hex());
    }
    const Digest case_id = case_digest(fault);
    const TrialStage stage = trial_of(case_id).stage;
    if (stage == TrialStage::kNone || stage == TrialStage::kClosed) {
        return refuse("NoOpenCase", case_id.hex());
    }
    return acquit(case_id);
}

Status MemoryCourt::settle_vetoed(const Digest& case_id) {
    FS_TRY(require_open_appeal(case_id));
    if (vault_.case_state(case_id) == SlashState::kPending) {
        return refuse("CaseStillOpen", case_id.hex());
    }
    FS_TRY(pay_bond(case_id, vault_.find_case(case_id)->site));
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
    FS_TRY(pay_bond(case_id, vault_.find_case(case_id)->site));
    trials_[case_id].stage = TrialStage::kClosed;
    return {};
}

// The bond goes to the slash pool: nobody who judges gains from a judgement.
Status MemoryCourt::uphold(const Digest& case_id, TrialStage stage, std::uint64_t execute_after) {
    FS_TRY(vault_.postpone_slash(options_.address, case_id, execute_after));
    FS_TRY(pay_bond(case_id, vault_.slash_pool()));
    trials_[case_id].stage = stage;
    return {};
}

// The court holds every bond, so paying one out is never refused.
Status MemoryCourt::pay_bond(const Digest& case_id, const Address& to) {
    Trial& trial = trials_[case_id];
    FS_TRY(context_.token.transfer(options_.address, to, trial.bond));
    trial.bond = 0;
    return {};
}

Status MemoryCourt::require_stage(const Digest& case_id, TrialStage stage) const {
    if (trial_of(case_id).stage == stage) return {};
    return refuse("WrongStage", case_id.hex());
}

Status MemoryCourt::require_open_appeal(const Digest& case_id) const {
    const TrialStage stage = trial_of(case_id).stage;
    if (stage == TrialStage::kAppealed || stage == TrialStage::kEscalated) return {};
    return refuse("WrongStage", case_id.hex());
}

MemoryCourt::Trial MemoryCourt::trial_of(const Digest& case_id) const {
    const auto found = trials_.find(case_id);
    return found == trials_.end() ? Trial{} : found->second;
}

}  // namespace fedstake::chain
