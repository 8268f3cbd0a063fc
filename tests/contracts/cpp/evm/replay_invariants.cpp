// Sums over everybody that a script knows.
#include "tests/contracts/cpp/evm/replay_invariants.hpp"

#include <fmt/format.h>

namespace fedstake::testing {

namespace {

struct Purse {
    const char* contract;
    Address address;
    Amount owed = 0;
};

}  // namespace

std::string ReplayInvariants::broken(chain::MemoryChain& model, const ReplaySubjects& subjects) {
    for (const std::string& found :
         {tokens(model, subjects), times(model), finality(model, subjects)}) {
        if (!found.empty()) return found;
    }
    return "";
}

std::string ReplayInvariants::tokens(chain::MemoryChain& model, const ReplaySubjects& subjects) {
    Purse vault{"StakeVault", model.vault().address(), model.vault().slash_pool_balance()};
    Purse rounds{"RoundManager", model.options().domain.verifying_contract,
                 model.funded() - model.rounds().claimed_total()};
    Purse court{"SlashCourt", model.court().address()};
    Purse disputes{"RoundDisputes", model.disputes().address()};
    Purse demands{"LeafDemands", model.demands().address()};
    std::vector<Address> everybody = subjects.accounts;
    everybody.push_back(model.options().slash_pool);
    Amount bonded = 0;
    for (const Address& who : everybody) {
        const chain::MemoryVault::Account account = model.vault().account(who);
        bonded += account.stake + account.exit;
        vault.owed += model.vault().bounty_of(who);
        court.owed += model.court().credit_of(who);
        disputes.owed += model.disputes().credit_of(who);
        demands.owed += model.demands().credit_of(who);
    }
    if (bonded != model.vault().total_bonded()) return "totalBonded is not the sum of all stakes";
    vault.owed += bonded;
    for (const Digest& id : subjects.cases) court.owed += model.court().trial_of(id).bond;
    for (const auto& [commitment, round] : subjects.commitments) {
        disputes.owed += model.disputes().dispute_of(commitment).bond;
        const chain::MemoryDemands::Demand demand = model.demands().demand_of(commitment);
        if (demand.state == chain::DemandState::kOpen) demands.owed += demand.bond;
    }
    for (const Purse& purse : {vault, rounds, court, disputes, demands}) {
        const Amount has = model.token().balance_of(purse.address);
        if (has == purse.owed) continue;
        return fmt::format("{} has {} tokens and owes {}", purse.contract, amount_to_string(has),
                           amount_to_string(purse.owed));
    }
    return "";
}

std::string ReplayInvariants::times(chain::MemoryChain& model) {
    const RoundNumber head = model.head();
    chain::MemoryRounds::Slot before;
    for (RoundNumber round = head > 62 ? head - 62 : 1; round <= head; ++round) {
        const chain::MemoryRounds::Slot slot = model.rounds().slot_of(round);
        if (slot.window_end < before.window_end || slot.final_at < before.final_at ||
            slot.final_at < slot.window_end) {
            return fmt::format("the times of round {} lie before those of the round in front of it",
                               round);
        }
        if (model.is_final(round) && round != 1 && !model.is_final(round - 1)) {
            return fmt::format("round {} is final before the round in front of it", round);
        }
        before = slot;
    }
    return "";
}

std::string ReplayInvariants::finality(chain::MemoryChain& model, const ReplaySubjects& subjects) {
    for (const auto& [commitment, round] : final_) {
        if (!model.is_final(round) || model.is_voided(commitment)) {
            return fmt::format("round {} was final, and is not any more", round);
        }
    }
    for (const auto& [commitment, round] : subjects.commitments) {
        if (model.committed(round) == commitment && model.is_final(round)) {
            final_[commitment] = round;
        }
    }
    return "";
}

}  // namespace fedstake::testing
