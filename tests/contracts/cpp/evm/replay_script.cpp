// Choosing, passing time, carrying out, comparing.
#include "tests/contracts/cpp/evm/replay_script.hpp"

#include <algorithm>

namespace fedstake::testing {

using evm::AbiValue;

namespace {

constexpr std::size_t kCallsAtOnce = 40;  // most in one transaction: they share its gas
constexpr std::uint64_t kDay = 86'400;

// As refusal_text has it: without the names of the values.
std::string refused_with(const evm::RevertReason& reason) {
    std::string text;
    for (const std::string& argument : reason.arguments) {
        const std::size_t name = argument.find(" = ");
        text += text.empty() ? "" : ", ";
        text += name == std::string::npos ? argument : argument.substr(name + 3);
    }
    return reason.name + "(" + text + ")";
}

}  // namespace

AbiValue bytes_of(const crypto::Signature& signature) {
    return AbiValue::bytes({signature.bytes.begin(), signature.bytes.end()});
}

AbiValue bytes_of(const std::vector<chain::AuditorSignature>& signatures) {
    return AbiValue::bytes(chain::pack_signatures(signatures));
}

ReplayScript::ReplayScript(const ReplayPeople& people, ReplayChain& chain, std::uint64_t seed)
    : people_(people), chain_(chain), rng_(seed), actors_(people.actors()) {
    chain_.go_back();
    model_ = replay_model(people_, chain_, chain_.time() + 10);
    subjects_.accounts = actors_;
    for (const crypto::SigningKey& key : people_.signers) {
        if (key.address() != actors_[4]) subjects_.accounts.push_back(key.address());
    }
    // Each script has a subject that it comes back to.
    theme_ = {{4, &ReplayScript::accounts},  {9, &ReplayScript::rounds},
              {6, &ReplayScript::court},     {5, &ReplayScript::disputes},
              {4, &ReplayScript::proofs},    {5, &ReplayScript::demands},
              {1, &ReplayScript::outsiders}, {2, &ReplayScript::registry}};
    theme_[static_cast<std::size_t>(rng_.below(6))].weight *= 3;
    if (one_in(4)) theme_.push_back({5, &ReplayScript::turn_token});
    if (one_in(30)) theme_.push_back({2, &ReplayScript::fill_ring});
}

std::string ReplayScript::run(std::size_t calls) {
    for (const Address& owner : people_.owners) {
        const Amount amount = 20'000 + rng_.below(30'000);
        in_vault(owner, "stake", {AbiValue::number(amount)}, model_->vault().stake(owner, amount));
    }
    // A coordinator that answers with stake of its own; else an owner may bind its key.
    const Address coordinator = people_.coordinators[0].address();
    if (one_in(2)) {
        in_vault(coordinator, "stake", {AbiValue::number(30'000)},
                 model_->vault().stake(coordinator, 30'000));
    }
    while (expected_.size() - views_ < calls) {
        act();
        const std::string broken = invariants_.broken(*model_, subjects_);
        if (!broken.empty()) return "after " + expected_.back().what + ": " + broken;
        if (rng_.below(10) < 3 || pending_.size() >= kCallsAtOnce) pass_time();
    }
    plan_views();
    flush();
    return first_difference();
}

void ReplayScript::act() {
    // Nothing happens without a round.
    if (model_->head() == 0 && !one_in(3)) return commit();
    // Nor while a dispute is open.
    if (model_->rounds().held_round() != 0 && one_in(4)) return resolve();
    choose(theme_);
}

void ReplayScript::choose(const std::vector<Choice>& choices) {
    std::uint64_t all = 0;
    for (const Choice& choice : choices) all += choice.weight;
    std::uint64_t left = rng_.below(all);
    for (const Choice& choice : choices) {
        if (left < choice.weight) return (this->*choice.action)();
        left -= choice.weight;
    }
}

std::vector<std::uint64_t> ReplayScript::deadlines() {
    const chain::VaultWindows& windows = model_->vault().windows();
    std::vector<std::uint64_t> list{model_->rounds().paused_until(),
                                    model_->rounds().paused_until() + 7 * kDay};
    const RoundNumber head = model_->head();
    for (RoundNumber round = head > 4 ? head - 4 : 1; round <= head; ++round) {
        const chain::MemoryRounds::Slot slot = model_->rounds().slot_of(round);
        list.insert(list.end(),
                    {slot.final_at, slot.window_end, slot.window_end + windows.evidence_age});
    }
    for (const Digest& id : subjects_.cases) {
        const chain::SlashCase* const found = model_->vault().find_case(id);
        if (found->state != chain::SlashState::kPending) continue;
        list.push_back(found->execute_after);
        list.push_back(model_->court().trial_of(id).deadline);
    }
    for (const auto& [commitment, round] : subjects_.commitments) {
        list.push_back(model_->disputes().dispute_of(commitment).deadline);
        const chain::MemoryDemands::Demand demand = model_->demands().demand_of(commitment);
        if (demand.state == chain::DemandState::kOpen) list.push_back(demand.deadline);
        if (!model_->is_voided(commitment) || !one_in(4)) continue;
        list.push_back(model_->rounds().record_of(round, commitment)->window_end +
                       windows.evidence_age);
    }
    for (const Address& owner : people_.owners) {
        const chain::MemoryVault::Account account = model_->vault().account(owner);
        list.push_back(account.exit_ready_at);
        if (account.exit != 0) list.push_back(model_->rounds().answers_until(owner) + 1);
        if (account.attested_bps != 0 && one_in(8)) {
            list.push_back(account.last_accused_at + 90 * kDay);
        }
    }
    const std::uint64_t now = model_->now();
    std::erase_if(list,
                  [&](std::uint64_t time) { return time <= now + 2 || time > now + 100 * kDay; });
    std::sort(list.begin(), list.end());
    return list;
}

// To one second before, at, or after something that is due, the next things first; or a little on.
void ReplayScript::pass_time() {
    if (one_in(20)) plan_views();
    flush();
    const std::vector<std::uint64_t> due = deadlines();
    if (due.empty() || !one_in(3)) return model_->advance(1 + rng_.below(600));
    const std::size_t nearest = std::min<std::size_t>(due.size(), one_in(5) ? due.size() : 3);
    model_->set_time(due[static_cast<std::size_t>(rng_.below(nearest))] - 1 + rng_.below(3));
}

void ReplayScript::flush() {
    if (pending_.empty()) return;
    chain_.run(model_->now(), pending_);
    pending_.clear();
}

void ReplayScript::plan_views() {
    for (ExpectedView& view : expected_views(*model_, chain_, subjects_)) {
        pending_.push_back(std::move(view.call));
        expected_.push_back(
            {std::move(view.what), std::move(view.refusal), std::move(view.output), true});
        ++views_;
    }
}

void ReplayScript::plan(const Address& caller, const Address& target, const evm::ContractAbi& abi,
                        std::string_view function, std::vector<AbiValue> arguments,
                        const Status& model) {
    const std::string refusal = model ? "" : refusal_text(model.error());
    const std::string name = model ? "ok" : std::string(chain::refusal_name(model.error()));
    // Court, disputes and demands have functions of one name.
    const bool shared = target == chain_.at().slash_court && function == "withdrawBond";
    const std::string where = target == chain_.demands() ? "demands." : shared ? "court." : "";
    ++outcomes_[where + std::string(function) + "/" + name];
    pending_.push_back({caller, target, *abi.encode_call(function, std::move(arguments))});
    expected_.push_back({std::string(function) + " by " + caller.short_hex() + " at " +
                             std::to_string(model_->now()),
                         refusal,
                         {},
                         false});
}

void ReplayScript::in_vault(const Address& caller, std::string_view function,
                            std::vector<AbiValue> arguments, const Status& model) {
    plan(caller, chain_.at().stake_vault, chain_.abis().stake_vault, function, std::move(arguments),
         model);
}

void ReplayScript::in_rounds(const Address& caller, std::string_view function,
                             std::vector<AbiValue> arguments, const Status& model) {
    plan(caller, chain_.at().round_manager, chain_.abis().round_manager, function,
         std::move(arguments), model);
}

void ReplayScript::in_court(const Address& caller, std::string_view function,
                            std::vector<AbiValue> arguments, const Status& model) {
    plan(caller, chain_.at().slash_court, chain_.abis().slash_court, function, std::move(arguments),
         model);
}

void ReplayScript::in_disputes(const Address& caller, std::string_view function,
                               std::vector<AbiValue> arguments, const Status& model) {
    plan(caller, chain_.disputes(), chain_.abis().round_disputes, function, std::move(arguments),
         model);
}

void ReplayScript::in_demands(const Address& caller, std::string_view function,
                              std::vector<AbiValue> arguments, const Status& model) {
    plan(caller, chain_.demands(), chain_.abis().leaf_demands, function, std::move(arguments),
         model);
}

void ReplayScript::in_registry(const Address& caller, std::string_view function,
                               std::vector<AbiValue> arguments, const Status& model) {
    plan(caller, chain_.at().model_registry, chain_.abis().model_registry, function,
         std::move(arguments), model);
}

std::string ReplayScript::first_difference() {
    const std::vector<ActorOutcome> outcomes = chain_.take_outcomes();
    if (outcomes.size() != expected_.size()) {
        return "the chain has " + std::to_string(outcomes.size()) + " outcomes of " +
               std::to_string(expected_.size()) + " calls";
    }
    for (std::size_t i = 0; i < outcomes.size(); ++i) {
        const std::string found = differs(expected_[i], outcomes[i]);
        if (found.empty()) continue;
        std::string text = "step " + std::to_string(i) + ", " + expected_[i].what + ": " + found +
                           "\nthe calls before it:";
        for (std::size_t k = i > 250 ? i - 250 : 0, shown = 0; k < i && shown < 400; ++k) {
            if (expected_[k].is_view) continue;
            text += "\n  " + expected_[k].what +
                    (expected_[k].refusal.empty() ? "" : " refused: " + expected_[k].refusal);
        }
        return text;
    }
    return "";
}

std::string ReplayScript::differs(const Expected& wanted, const ActorOutcome& real) const {
    const std::string reason =
        real.succeeded ? "" : chain_.abis().round_manager.decode_revert(real.output).text();
    if (wanted.is_view && wanted.refusal.empty()) {
        if (real.succeeded && real.output == wanted.view) return "";
        return "the model says " + to_hex0x(wanted.view) + ", the contract " +
               (real.succeeded ? to_hex0x(real.output) : "refuses: " + reason);
    }
    const std::string model = wanted.refusal.empty() ? "accepts" : "refuses with " + wanted.refusal;
    if (real.succeeded) {
        return wanted.refusal.empty() ? "" : "the model " + model + ", the contract accepts";
    }
    if (refused_with(chain_.abis().round_manager.decode_revert(real.output)) == wanted.refusal) {
        return "";
    }
    return "the model " + model + ", the contract refuses: " + reason;
}

std::vector<chain::AuditorSignature> ReplayScript::signed_by_auditors(
    const chain::EpochTerms& terms, std::uint32_t candidates, std::size_t wanted,
    const Digest& digest) {
    std::vector<chain::AuditorSignature> list;
    const std::size_t count = terms.auditors.size();
    const std::size_t skip = static_cast<std::size_t>(rng_.below(count + 1));
    for (std::size_t i = 0; i < count && list.size() < wanted; ++i) {
        if (((candidates >> i) & 1U) == 0) continue;
        if (i == skip && count - i > wanted - list.size()) continue;
        list.push_back(
            {static_cast<std::uint8_t>(i), people_.key_of(terms.auditors[i]).sign(digest)});
    }
    if (!one_in(14) || list.empty()) return list;
    switch (rng_.below(7)) {
        case 0: list.pop_back(); break;
        case 1: std::swap(list.front(), list.back()); break;
        case 2: list.back().index = static_cast<std::uint8_t>(count); break;
        case 3: list.front().signature = people_.signers[5].sign(digest); break;
        case 4: list.back().signature.bytes[64] ^= 4; break;  // v: neither 27 nor 28
        case 5: list.back().signature.bytes[64] ^= 7; break;  // the other of the two
        default: list.push_back(list.back()); break;
    }
    return list;
}

std::vector<chain::AuditorSignature> ReplayScript::quorum(const Digest& struct_hash) {
    const chain::EpochTerms& terms = model_->rounds().terms();
    const std::size_t all = terms.auditors.size();
    // Mostly just enough, so that a panel of others is left.
    const std::size_t wanted = one_in(6) ? all : terms.threshold;
    return signed_by_auditors(terms, ~0U, wanted,
                              crypto::typed_data_digest(model_->rounds().domain(), struct_hash));
}

}  // namespace fedstake::testing
