// The round machine after the set is frozen: aggregation, attestation, ledger, end.
#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "coordinator/round/round_machine.hpp"
#include "proto/base/check.hpp"

namespace fedstake::round {

// ---- Aggregated --------------------------------------------------------------------------------

Actions RoundMachine::on(Timestamp now, const Aggregated& event) {
    Actions out;
    if (!is_current(event.round, event.attempt) || state_.phase != Phase::kClosed) {
        return out;
    }
    Proposal proposal{.report = event.report,
                      .settlement = event.settlement,
                      .commitment = event.commitment,
                      .faults = event.faults,
                      .signatures = {},
                      .refusals = {}};
    const Timestamp expires = now + config_.fault_validity;
    for (crypto::AttestedFault& fault : proposal.faults) {
        fault.deadline = static_cast<std::uint64_t>(expires.ms / 1000);
    }
    state_.proposal = std::move(proposal);
    state_.phase = Phase::kAggregated;
    state_.deadline = now + config_.rules.schedule.attest_deadline;
    if (config_.rules.schedule.auditors_needed > 0) {
        out.emplace_back(RequestAttestation{.commitment = state_.proposal->commitment,
                                            .faults = state_.proposal->faults,
                                            .deadline = state_.deadline});
    }
    attest_if_enough(now, out);
    return out;
}

Actions RoundMachine::on(Timestamp now, const AggregationFailed& event) {
    Actions out;
    if (is_current(event.round, event.attempt) && state_.phase == Phase::kClosed) {
        abort(now, "the round cannot be aggregated: " + event.reason, out);
    }
    return out;
}

// ---- Attestation -------------------------------------------------------------------------------

std::vector<RosterEntry> RoundMachine::auditors() const {
    std::vector<RosterEntry> found;
    std::ranges::copy_if(state_.roster, std::back_inserter(found), &RosterEntry::audits);
    return found;
}

Status RoundMachine::check_signatures(const AuditorSigned& event, const Address& signer) const {
    const Proposal& proposal = *state_.proposal;
    FS_TRY(crypto::verify_statement(config_.domain, proposal.commitment, event.commitment, signer));
    if (event.faults.size() != proposal.faults.size()) {
        return fail(Errc::kInvalidInput, fmt::format("{} fault signatures for {} faults",
                                                     event.faults.size(), proposal.faults.size()));
    }
    for (std::size_t i = 0; i < event.faults.size(); ++i) {
        FS_TRY(
            crypto::verify_statement(config_.domain, proposal.faults[i], event.faults[i], signer));
    }
    return {};
}

// An auditor may change its mind from a refusal to a signature, once. Its other words change
// nothing, so that no auditor can fill the journal.
Actions RoundMachine::on(Timestamp now, const AuditorSigned& event) {
    Actions out;
    const RosterEntry* auditor = awaited_auditor(event.round, event.attempt, event.auditor);
    if (auditor == nullptr) {
        return out;
    }
    if (const Status ok = check_signatures(event, auditor->signer); !ok) {
        state_.proposal->refusals.try_emplace(event.auditor,
                                              "bad signature: " + ok.error().message);
    } else {
        state_.proposal->refusals.erase(event.auditor);
        state_.proposal->signatures.emplace(event.auditor, event);
    }
    attest_if_enough(now, out);
    return out;
}

Actions RoundMachine::on(Timestamp now, const AuditorRefused& event) {
    Actions out;
    if (awaited_auditor(event.round, event.attempt, event.auditor) == nullptr) {
        return out;
    }
    state_.proposal->refusals.try_emplace(event.auditor, event.reason);
    attest_if_enough(now, out);
    return out;
}

namespace {

// "north refused: scores differ; south did not answer"
std::string describe_missing(const std::vector<RosterEntry>& auditors, const Proposal& proposal) {
    std::vector<std::string> words;
    for (const RosterEntry& auditor : auditors) {
        if (proposal.signatures.contains(auditor.site)) {
            continue;
        }
        const auto refusal = proposal.refusals.find(auditor.site);
        words.push_back(refusal == proposal.refusals.end()
                            ? auditor.name + " did not answer"
                            : auditor.name + " refused: " + refusal->second);
    }
    return fmt::format("{}", fmt::join(words, "; "));
}

}  // namespace

// Concludes with M signatures; gives up as soon as M can no longer be reached.
void RoundMachine::attest_if_enough(Timestamp now, Actions& out) {
    const std::size_t needed = config_.rules.schedule.auditors_needed;
    const Proposal& proposal = *state_.proposal;
    if (proposal.signatures.size() >= needed) {
        conclude(now, out);
        return;
    }
    const auto all = auditors();
    if (all.size() - std::min(all.size(), proposal.refusals.size()) < needed) {
        abort(now,
              fmt::format("fewer than the {} auditor signatures needed are possible: {}", needed,
                          describe_missing(all, proposal)),
              out);
    }
}

void RoundMachine::attest_deadline_passed(Timestamp now, Actions& out) {
    const Proposal& proposal = *state_.proposal;
    abort(now,
          fmt::format("deadline: {} of {} auditor signatures needed arrived: {}",
                      proposal.signatures.size(), config_.rules.schedule.auditors_needed,
                      describe_missing(auditors(), proposal)),
          out);
}

// ---- Attested ----------------------------------------------------------------------------------

namespace {

struct Signed {
    std::vector<chain::AuditorSignature> commitment;
    std::vector<std::vector<chain::AuditorSignature>> faults;
};

// Signatures by auditor index: the order of the roster's auditors.
Signed collect_signatures(const std::vector<RosterEntry>& auditors, const Proposal& proposal) {
    Signed out;
    out.faults.resize(proposal.faults.size());
    for (std::size_t index = 0; index < auditors.size(); ++index) {
        const auto found = proposal.signatures.find(auditors[index].site);
        if (found == proposal.signatures.end()) {
            continue;
        }
        const auto number = static_cast<std::uint8_t>(index);
        out.commitment.push_back({.index = number, .signature = found->second.commitment});
        for (std::size_t i = 0; i < out.faults.size(); ++i) {
            out.faults[i].push_back({.index = number, .signature = found->second.faults[i]});
        }
    }
    return out;
}

// The commitment's first. "commit/12", and once rounds were voided "commit/12/3" for attempt 3: a
// key names one content for ever.
std::vector<chain::Intent> ledger_intents(const Proposal& proposal, const Signed& signatures,
                                          bool name_attempt) {
    const std::string suffix =
        name_attempt ? fmt::format("/{}", proposal.commitment.attempt) : std::string();
    std::vector<chain::Intent> intents;
    intents.push_back({.key = fmt::format("commit/{}{}", proposal.commitment.round, suffix),
                       .operation = chain::CommitRound{.commitment = proposal.commitment,
                                                       .signatures = signatures.commitment}});
    for (std::size_t i = 0; i < proposal.faults.size(); ++i) {
        const auto& fault = proposal.faults[i];
        intents.push_back(
            {.key = fmt::format("accuse/{}/{}/{}{}", fault.round, fault.site.hex(),
                                static_cast<unsigned>(fault.kind), suffix),
             .operation = chain::Accuse{.fault = fault, .signatures = signatures.faults[i]}});
    }
    return intents;
}

}  // namespace

void RoundMachine::conclude(Timestamp now, Actions& out) {
    const Proposal proposal = std::move(*state_.proposal);
    state_.proposal.reset();
    const Signed signatures = collect_signatures(auditors(), proposal);
    const RoundNumber round = proposal.commitment.round;
    out.emplace_back(RecordResult{.context = state_.context,
                                  .updates = stored_updates(),
                                  .absent = absent(),
                                  .report = proposal.report,
                                  .settlement = proposal.settlement,
                                  .commitment = proposal.commitment,
                                  .faults = proposal.faults,
                                  .signatures = signatures.commitment,
                                  .fault_signatures = signatures.faults});
    state_.last = Standing{.context = state_.context,
                           .settlement = proposal.settlement,
                           .commitment = proposal.commitment,
                           .state = proposal.report.state};
    if (config_.chain_enabled) {
        std::vector<chain::Intent> intents =
            ledger_intents(proposal, signatures, state_.attempt_first > 0);
        OnLedger entry{.stage = LedgerStage::kQueued,
                       .attempt = proposal.commitment.attempt,
                       .commitment = proposal.commitment.struct_hash(),
                       .intents = {}};
        for (chain::Intent& intent : intents) {
            entry.intents.push_back(intent.key);
            out.emplace_back(PostIntent{std::move(intent)});
        }
        state_.ledger[round] = std::move(entry);
    }
    if (round < state_.rounds_max) {
        open_first(now, round + 1, out);
        return;
    }
    state_.phase = Phase::kSettling;
    finish_if_final(out);
}

// ---- Ledger ------------------------------------------------------------------------------------

Actions RoundMachine::on(Timestamp /*now*/, const RoundPosted& event) {
    if (const auto place = state_.ledger.find(event.round); place != state_.ledger.end()) {
        place->second.stage = LedgerStage::kPosted;
    }
    return {};
}

// A final round makes every earlier one final too.
Actions RoundMachine::on(Timestamp /*now*/, const RoundFinal& event) {
    Actions out;
    state_.ledger.erase(state_.ledger.begin(), state_.ledger.upper_bound(event.round));
    finish_if_final(out);
    return out;
}

// ---- Voided ------------------------------------------------------------------------------------

bool RoundMachine::voids(const RoundVoided& event) const {
    const RoundNumber before = event.before ? event.before->commitment.round : 0;
    const auto place = state_.ledger.find(event.round);
    return place != state_.ledger.end() && place->second.commitment == event.commitment &&
           before + 1 == event.round;
}

// Back to the round before: its model, state, rewards and strikes are what the round begins with
// again. Everything later goes too, posted or not: it was computed on a result that is void.
Actions RoundMachine::on(Timestamp now, const RoundVoided& event) {
    Actions out;
    if (!voids(event)) {
        return out;  // of another life of the round, or said before
    }
    const std::string reason = fmt::format("round {} was voided on the chain", event.round);
    const auto first = state_.ledger.find(event.round);
    state_.attempt_first = state_.attempt_highest + 1;
    out.emplace_back(TakeBack{.round = event.round,
                              .last = state_.last->commitment.round,
                              .attempt = state_.attempt_first,
                              .commitment = event.commitment});
    for (auto place = first; place != state_.ledger.end(); ++place) {
        for (const std::string& key : place->second.intents) {
            out.emplace_back(DropIntent{.key = key, .reason = reason});
        }
    }
    if (is_under_way(state_.phase)) {
        out.emplace_back(AnnounceAbort{.round = state_.context.round,
                                       .attempt = state_.context.attempt,
                                       .reason = reason,
                                       .retry = false});
    }
    state_.ledger.erase(first, state_.ledger.end());
    state_.last = event.before;
    open_first(now, event.round, out);
    return out;
}

void RoundMachine::finish_if_final(Actions& out) {
    if (state_.phase != Phase::kSettling || !state_.ledger.empty()) {
        return;
    }
    state_.phase = Phase::kFinished;
    FS_CHECK(state_.last.has_value());
    out.emplace_back(ReleaseModel{state_.last->commitment});
    out.emplace_back(Finish{state_.last->commitment.round});
}

}  // namespace fedstake::round
