// The round machine when the process starts: the first round, or where an earlier process was.
#include <algorithm>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "coordinator/round/round_machine.hpp"

namespace fedstake::round {

namespace {

// What an attempt's cohort has from the roster: the sites and their signers. Empty if both are the
// same, else "north is new; south has another signer; west has left".
std::string roster_change(const std::vector<RosterEntry>& before,
                          const std::vector<RosterEntry>& after) {
    std::vector<std::string> words;
    for (const RosterEntry& entry : after) {
        const auto old = std::ranges::find(before, entry.site, &RosterEntry::site);
        if (old == before.end()) {
            words.push_back(entry.name + " is new");
        } else if (old->signer != entry.signer) {
            words.push_back(entry.name + " has another signer");
        }
    }
    for (const RosterEntry& entry : before) {
        if (std::ranges::find(after, entry.site, &RosterEntry::site) == after.end()) {
            words.push_back(entry.name + " has left");
        }
    }
    return fmt::format("{}", fmt::join(words, "; "));
}

}  // namespace

// What the chain said about a site was about the signer that the manifest had then.
void RoundMachine::forget_stakes_of_changed(const std::vector<RosterEntry>& roster) {
    std::erase_if(state_.stakes, [&](const auto& known) {
        const auto before = std::ranges::find(state_.roster, known.first, &RosterEntry::site);
        const auto after = std::ranges::find(roster, known.first, &RosterEntry::site);
        return after != roster.end() &&
               (before == state_.roster.end() || before->signer != after->signer);
    });
}

Actions RoundMachine::on(Timestamp now, const Started& event) {
    Actions out;
    const std::string change = roster_change(state_.roster, event.roster);
    if (config_.chain_enabled && state_.phase != Phase::kIdle) {
        forget_stakes_of_changed(event.roster);
    }
    state_.rounds_max = event.rounds_max;
    state_.roster = event.roster;
    state_.seen.clear();  // every connection was lost with the earlier process
    if (is_under_way(state_.phase) && !change.empty()) {
        // Auditors would refuse a cohort that is not in their manifest, after everybody's work. It
        // is the operator's doing and does not count against attempts_max.
        ++state_.attempt_limit;
        abort(now, "the sites in the manifest have changed: " + change, out);
        return out;
    }
    switch (state_.phase) {
        case Phase::kIdle:
            state_.entropy = event.entropy;
            state_.initial_model = event.initial_model;
            open_first(now, 1, out);
            break;
        case Phase::kStopped:  // the operator has seen to it: as many attempts again
            state_.attempt_limit = state_.context.attempt + 1 + config_.rules.schedule.attempts_max;
            open(now, state_.context.round, state_.context.attempt + 1, out);
            break;
        case Phase::kSettling:
        case Phase::kFinished:
            if (state_.context.round < state_.rounds_max) {
                open_first(now, state_.context.round + 1, out);
            } else {
                state_.phase = Phase::kSettling;
                finish_if_final(out);
            }
            break;
        case Phase::kCollecting:  // sites lost their time while the coordinator was away
            state_.deadline = now + config_.rules.schedule.collect_deadline;
            break;
        case Phase::kAggregated:
            state_.deadline = now + config_.rules.schedule.attest_deadline;
            break;
        case Phase::kOpen: open(now, state_.context.round, state_.context.attempt, out); break;
        case Phase::kClosed: break;
    }
    return out;
}

}  // namespace fedstake::round
