// Scripts: demands for what rounds were made of, extensions, and bonds that wait for their owners.
#include <algorithm>
#include <utility>

#include "tests/contracts/cpp/evm/replay_script.hpp"

namespace fedstake::testing {

using chain::DemandState;
using evm::AbiValue;

void ReplayScript::demands() {
    if (model_->rounds().demanded_round() == 0) {
        return choose({{8, &ReplayScript::demand},
                       {1, &ReplayScript::answer},
                       {1, &ReplayScript::expire_demand},
                       {2, &ReplayScript::outage},
                       {3, &ReplayScript::settle_demand},
                       {3, &ReplayScript::extend},
                       {1, &ReplayScript::set_demand_terms},
                       {2, &ReplayScript::pay_credit}});
    }
    choose({{3, &ReplayScript::demand},
            {6, &ReplayScript::answer},
            {4, &ReplayScript::expire_demand},
            {2, &ReplayScript::settle_demand},
            {2, &ReplayScript::extend},
            {2, &ReplayScript::set_demand_terms},
            {1, &ReplayScript::void_round},
            {1, &ReplayScript::pay_credit}});
}

void ReplayScript::demand() {
    std::vector<const ReplayRound*> possible;
    for (const ReplayRound& round : rounds_) {
        if (model_->rounds().require_demandable(round.commitment)) possible.push_back(&round);
    }
    if (possible.empty() && !one_in(5)) return commit();
    const ReplayRound* const round = possible.empty() || one_in(8) ? any_round() : any_of(possible);
    if (round == nullptr) return commit();
    const Address caller = one_in(6) ? any_actor() : any_owner();
    const Amount bond = model_->demands().terms().bond;
    const Amount most = one_in(12) ? bond - 1 : bond + rng_.below(2);
    in_demands(caller, "demandLeaves", {evm::abi_of(round->commitment), AbiValue::number(most)},
               model_->demands().demand_leaves(caller, round->commitment, most));
    // Before time passes.
    if (one_in(4)) answer();
}

// Mostly one with an open demand.
const ReplayRound* ReplayScript::demanded_round() {
    std::vector<const ReplayRound*> demanded;
    for (const ReplayRound& round : rounds_) {
        const Digest commitment = round.commitment.struct_hash();
        if (model_->demands().demand_of(commitment).state == DemandState::kOpen) {
            demanded.push_back(&round);
        }
    }
    if (demanded.empty()) return one_in(4) ? any_round() : nullptr;
    return one_in(15) ? any_round() : any_of(demanded);
}

void ReplayScript::answer() {
    const ReplayRound* const round = demanded_round();
    if (round == nullptr) return demand();
    std::vector<ReplayUpdate> updates = round->updates;
    chain::LeafAnswer call{round->commitment, {}, round->report, round->context};
    if (one_in(8)) {
        switch (rng_.below(4)) {
            case 0: updates.pop_back(); break;
            case 1: call.report.push_back(0); break;
            case 2: call.context.clear(); break;
            default: std::swap(updates.front(), updates.back()); break;  // one alone stays
        }
    }
    call.leaves = hashes_of(updates);
    in_demands(any_actor(), "answerDemand",
               {evm::abi_of(call.commitment), AbiValue::list(abi_of(updates)),
                AbiValue::bytes(call.report), AbiValue::bytes(call.context)},
               model_->demands().answer_demand(call));
    if (one_in(4)) extend();
}

// Waits for the deadline more often than not: nobody answers.
void ReplayScript::expire_demand() {
    const ReplayRound* const round = demanded_round();
    if (round == nullptr) return demand();
    const std::uint64_t deadline =
        model_->demands().demand_of(round->commitment.struct_hash()).deadline;
    if (deadline >= model_->now() && !one_in(4)) {
        flush();
        model_->set_time(deadline + rng_.below(3));
    }
    in_demands(any_actor(), "expireDemand", {evm::abi_of(round->commitment)},
               model_->demands().expire_demand(round->commitment));
}

// Several rounds are demanded, and nobody answers: the earliest expires first.
void ReplayScript::outage() {
    for (int i = 0; i < 2; ++i) commit();
    for (int i = 0; i < 3; ++i) demand();
    flush();
    model_->advance(model_->demands().terms().answer_time + rng_.below(2));
    for (int i = 0; i < 3; ++i) expire_demand();
}

void ReplayScript::settle_demand() {
    const ReplayRound* round = demanded_round();
    for (const ReplayRound& other : rounds_) {
        const Digest commitment = other.commitment.struct_hash();
        const bool open = model_->demands().demand_of(commitment).state == DemandState::kOpen;
        if (open && model_->is_voided(commitment)) round = &other;
    }
    if (round == nullptr) return demand();
    const Digest commitment = round->commitment.struct_hash();
    in_demands(any_actor(), "settleVoided", {AbiValue::word(commitment)},
               model_->demands().settle_voided(commitment));
}

void ReplayScript::set_demand_terms() {
    chain::DemandTerms terms{Amount{1} + rng_.below(900), 500 + rng_.below(2'500),
                             static_cast<std::uint16_t>(1 + rng_.below(10'000))};
    if (one_in(3)) {
        switch (rng_.below(7)) {
            case 0: terms.bond = 0; break;
            case 1: terms.answer_time = 0; break;
            case 2: terms.coordinator_bps = one_in(2) ? 0 : 10'001; break;
            case 3: terms.answer_time = 20'000; break;
            case 4: terms.answer_time = (std::uint64_t{1} << 40U) - 1; break;
            default: terms.answer_time = 90 * 86'400 + rng_.below(2); break;
        }
    }
    const Address caller = mostly(people_.governor);
    in_demands(caller, "setTerms",
               {AbiValue::list({AbiValue::number(terms.bond), AbiValue::number(terms.answer_time),
                                AbiValue::number(terms.coordinator_bps)})},
               model_->demands().set_terms(caller, terms));
    // Open demands were made on other terms, also where they are answered at the last moment.
    if (model_->rounds().demanded_round() == 0 && one_in(2)) demand();
    const ReplayRound* const round = demanded_round();
    if (round == nullptr || one_in(3)) return;
    const std::uint64_t deadline =
        model_->demands().demand_of(round->commitment.struct_hash()).deadline;
    if (deadline > model_->now() && !one_in(3)) {
        flush();
        model_->set_time(deadline);
    }
    answer();
}

// What the windows leave for an extension, as the contract's documentation says it.
std::uint64_t ReplayScript::extension_most() {
    const chain::VaultWindows& w = model_->vault().windows();
    const std::uint64_t evidence = w.evidence_age + (w.evidence_age + 9) / 10;
    return std::min((w.unbonding - w.challenge - w.resolution) / 2,
                    w.unbonding - w.challenge - evidence);
}

void ReplayScript::extend() {
    std::vector<RoundNumber> open;
    const RoundNumber head = model_->head();
    for (RoundNumber round = head > 8 ? head - 8 : 1; round <= head; ++round) {
        if (model_->now() < model_->rounds().slot_of(round).window_end) open.push_back(round);
    }
    if (open.empty() && !one_in(4)) return commit();
    if (one_in(6)) set_windows();
    RoundNumber round = open.empty() || one_in(10) ? rng_.below(head + 3) : any_of(open);
    // Rather one that an answer has left more time.
    for (const RoundNumber other : open) {
        const chain::MemoryRounds::Slot slot = model_->rounds().slot_of(other);
        if (slot.final_at > slot.window_end && one_in(2)) round = other;
    }
    const std::uint64_t window_end = model_->rounds().slot_of(round).window_end;
    std::uint64_t until = window_end + 1 + rng_.below(extension_most() + 1);
    if (one_in(3)) until = window_end + 1 + rng_.below(900);
    if (one_in(4)) until = window_end + extension_most() + rng_.below(2);
    if (one_in(12)) until = window_end;
    extend(round, until);
    if (!one_in(3)) return;
    // Once more; or the next round, which may have taken over the window.
    if (one_in(2)) commit();
    extend(model_->head() > head ? model_->head() : round, until + 10);
}

void ReplayScript::extend(RoundNumber round, std::uint64_t until) {
    const Address caller = mostly(people_.council);
    in_rounds(caller, "extendWindow", {AbiValue::number(round), AbiValue::number(until)},
              model_->rounds().extend_window(caller, round, until));
}

// Bonds that the token refused to pay.
void ReplayScript::pay_credit() {
    std::vector<Address> all = actors_;
    all.push_back(model_->options().slash_pool);
    std::vector<std::pair<std::uint64_t, Address>> owed;  // by disputes, demands, the court
    for (const Address& account : all) {
        if (model_->disputes().credit_of(account) != 0) owed.push_back({0, account});
        if (model_->demands().credit_of(account) != 0) owed.push_back({1, account});
        if (model_->court().credit_of(account) != 0) owed.push_back({2, account});
    }
    if (owed.empty() && !one_in(4)) return challenge();
    const bool any = owed.empty() || one_in(10);
    const auto [by, account] = any ? std::pair{rng_.below(3), any_of(all)} : any_of(owed);
    const Address caller = any_actor();
    switch (by) {
        case 0:
            return in_disputes(caller, "withdrawBond", {AbiValue::address(account)},
                               model_->disputes().withdraw_bond(account));
        case 1:
            return in_demands(caller, "withdrawBond", {AbiValue::address(account)},
                              model_->demands().withdraw_bond(account));
        default:
            return in_court(caller, "withdrawBond", {AbiValue::address(account)},
                            model_->court().withdraw_bond(account));
    }
}

// To whom the court and open demands may pay next.
std::vector<Address> ReplayScript::owed_bonds() {
    std::vector<Address> due;
    for (const Digest& id : subjects_.cases) {
        if (model_->court().trial_of(id).bond == 0) continue;
        due.push_back(one_in(3) ? model_->options().slash_pool
                                : model_->vault().find_case(id)->site);
    }
    for (const auto& [commitment, round] : subjects_.commitments) {
        const chain::MemoryDemands::Demand demand = model_->demands().demand_of(commitment);
        if (demand.state != DemandState::kOpen) continue;
        due.push_back(one_in(2) ? demand.demander
                                : model_->rounds().epoch(demand.epoch)->coordinator);
    }
    return due;
}

// The token stops paying to somebody, or pays again.
void ReplayScript::turn_token() {
    std::vector<Address> possible = people_.owners;
    possible.push_back(model_->options().slash_pool);
    for (const crypto::SigningKey& key : people_.coordinators) possible.push_back(key.address());
    const bool refused = refused_.empty() || one_in(2);
    const std::vector<Address> due = owed_bonds();
    const bool soon = !due.empty() && !one_in(3);
    const Address account = !refused ? *refused_.begin() : soon ? any_of(due) : any_of(possible);
    model_->token().set_refused(account, refused);
    if (refused) {
        refused_.insert(account);
    } else {
        refused_.erase(account);
    }
    pending_.push_back(chain_.set_refused(account, refused));
    expected_.push_back(
        {"the token " + std::string(refused ? "refuses " : "pays ") + account.short_hex(),
         "",
         {},
         false});
    for (int i = refused ? 0 : 2; i > 0; --i) pay_credit();
}

}  // namespace fedstake::testing
