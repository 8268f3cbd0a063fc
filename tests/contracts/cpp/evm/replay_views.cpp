// One entry for every view that depends on the state.
#include "tests/contracts/cpp/evm/replay_views.hpp"

#include "contracts/cpp/ruling.hpp"

namespace fedstake::testing {

using evm::AbiValue;

namespace {

// abi.encode of static values.
class Words {
public:
    Words& number(Amount value) {
        out_.u128(0).u128(value);
        return *this;
    }
    Words& address(const Address& value) {
        out_.u64(0).u32(0).raw(value.view());
        return *this;
    }
    Words& word(const Digest& value) {
        out_.raw(value.view());
        return *this;
    }
    [[nodiscard]] const Bytes& bytes() const { return out_.bytes(); }

private:
    ByteWriter out_;
};

class Views {
public:
    Views(chain::MemoryChain& model, const ReplayChain& chain, const ReplaySubjects& subjects)
        : model_(model), chain_(chain), subjects_(subjects) {}

    std::vector<ExpectedView> all() {
        tokens();
        for (const Address& account : subjects_.accounts) of_account(account);
        credits(model_.options().slash_pool);
        vault();
        rounds();
        terms();
        for (const auto& [commitment, round] : subjects_.commitments) {
            of_commitment(commitment);
            record_of(commitment, round);
        }
        for (const Digest& id : subjects_.cases) of_case(id);
        parameters();
        for (const Digest& id : subjects_.models) of_model(id);
        return std::move(views_);
    }

private:
    void expect(const Address& target, const evm::ContractAbi& abi, std::string_view function,
                std::vector<AbiValue> arguments, const Words& words, const std::string& of = "") {
        views_.push_back({std::string(function) + (of.empty() ? "" : " of " + of),
                          {Address{}, target, *abi.encode_call(function, std::move(arguments))},
                          words.bytes(),
                          ""});
    }
    void in_vault(std::string_view function, std::vector<AbiValue> arguments, const Words& words,
                  const std::string& of = "") {
        expect(chain_.at().stake_vault, chain_.abis().stake_vault, function, std::move(arguments),
               words, of);
    }
    void in_rounds(std::string_view function, std::vector<AbiValue> arguments, const Words& words,
                   const std::string& of = "") {
        expect(chain_.at().round_manager, chain_.abis().round_manager, function,
               std::move(arguments), words, of);
    }

    void in_demands(std::string_view function, std::vector<AbiValue> arguments, const Words& words,
                    const std::string& of = "") {
        expect(chain_.demands(), chain_.abis().leaf_demands, function, std::move(arguments), words,
               of);
    }

    void tokens();
    void credits(const Address& who);
    void of_account(const Address& account);
    void vault();
    void rounds();
    void of_round(RoundNumber round);
    void terms();
    void of_commitment(const Digest& commitment);
    void record_of(const Digest& commitment, RoundNumber round);
    void of_case(const Digest& id);
    void parameters();
    void of_model(const Digest& id);

    chain::MemoryChain& model_;
    const ReplayChain& chain_;
    const ReplaySubjects& subjects_;
    std::vector<ExpectedView> views_;
};

void Views::tokens() {
    std::vector<Address> holders = subjects_.accounts;
    for (const Address& contract :
         {chain_.at().stake_vault, chain_.at().round_manager, chain_.at().slash_court,
          chain_.disputes(), chain_.demands(), model_.options().slash_pool}) {
        holders.push_back(contract);
    }
    for (const Address& holder : holders) {
        expect(chain_.at().token, chain_.abis().token, "balanceOf", {AbiValue::address(holder)},
               Words().number(model_.token().balance_of(holder)), holder.short_hex());
    }
}

void Views::of_account(const Address& who) {
    const chain::MemoryVault::Account account = model_.vault().account(who);
    in_vault("accountOf", {AbiValue::address(who)},
             Words()
                 .number(account.stake)
                 .number(account.exit)
                 .number(account.exit_ready_at)
                 .number(account.open_cases)
                 .number(account.jailed ? 1 : 0)
                 .number(model_.vault().counted_bps(who))
                 .number(account.last_accused_at)
                 .address(account.signer)
                 .number(account.held),
             who.short_hex());
    in_vault("bountyOf", {AbiValue::address(who)}, Words().number(model_.vault().bounty_of(who)),
             who.short_hex());
    in_vault("ownerOfSigner", {AbiValue::address(who)},
             Words().address(model_.vault().owner_of_signer(who)), who.short_hex());
    in_vault("isLost", {AbiValue::address(who)},
             Words().number(model_.vault().is_lost(who) ? 1 : 0), who.short_hex());
    in_rounds(
        "answersFor", {AbiValue::address(who)},
        Words().number(model_.rounds().newest_open()).number(model_.rounds().answers_until(who)),
        who.short_hex());
    in_rounds("claimed", {AbiValue::address(who)}, Words().number(model_.claimed(who)),
              who.short_hex());
    credits(who);
}

void Views::credits(const Address& who) {
    expect(chain_.at().slash_court, chain_.abis().slash_court, "creditOf", {AbiValue::address(who)},
           Words().number(model_.court().credit_of(who)), who.short_hex());
    expect(chain_.disputes(), chain_.abis().round_disputes, "creditOf", {AbiValue::address(who)},
           Words().number(model_.disputes().credit_of(who)), who.short_hex());
    in_demands("creditOf", {AbiValue::address(who)},
               Words().number(model_.demands().credit_of(who)), who.short_hex());
}

void Views::vault() {
    const chain::VaultWindows& w = model_.vault().windows();
    in_vault("windows", {},
             Words()
                 .number(w.unbonding)
                 .number(w.challenge)
                 .number(w.resolution)
                 .number(w.slash_delay)
                 .number(w.appeal)
                 .number(w.evidence_age));
    in_vault("totalBonded", {}, Words().number(model_.vault().total_bonded()));
    in_vault("slashPoolBalance", {}, Words().number(model_.vault().slash_pool_balance()));
}

void Views::rounds() {
    const chain::MemoryRounds& rounds = model_.rounds();
    in_rounds("head", {}, Words().number(rounds.head()));
    in_rounds("headModel", {}, Words().word(rounds.head_model()));
    in_rounds("history", {}, Words().word(rounds.history()));
    in_rounds("heldRound", {}, Words().number(rounds.held_round()));
    in_rounds("demandedRound", {}, Words().number(rounds.demanded_round()));
    in_rounds("pausedUntil", {}, Words().number(rounds.paused_until()));
    in_rounds("funded", {}, Words().number(rounds.funded()));
    in_rounds("claimedTotal", {}, Words().number(rounds.claimed_total()));
    // The newest rounds, what lies above them, and one that may be archived.
    const RoundNumber last = rounds.head() + 3;
    for (RoundNumber round = last > 10 ? last - 10 : 0; round <= last; ++round) of_round(round);
    if (last > 80) of_round(last - 70);
}

void Views::of_round(RoundNumber round) {
    const std::string name = "round " + std::to_string(round);
    const chain::MemoryRounds::Slot slot = model_.rounds().slot_of(round);
    in_rounds("slotOf", {AbiValue::number(round)},
              Words()
                  .word(slot.commitment)
                  .number(slot.round)
                  .number(slot.final_at)
                  .number(slot.voided ? 1 : 0)
                  .number(slot.signers)
                  .number(slot.reward_total)
                  .number(slot.epoch)
                  .number(slot.window_end)
                  .word(slot.rewards_root),
              name);
    const chain::MemoryRounds::Parties parties = model_.rounds().parties_of(round);
    Words answering;
    answering.address(parties.coordinator).number(0x40).number(parties.signers.size());
    for (const Address& signer : parties.signers) answering.address(signer);
    in_rounds("partiesOf", {AbiValue::number(round)}, answering, name);
    in_rounds("roundState", {AbiValue::number(round)},
              Words().number(static_cast<std::uint8_t>(model_.rounds().state(round))), name);
    in_rounds("isFinal", {AbiValue::number(round)}, Words().number(model_.is_final(round) ? 1 : 0),
              name);
    expect(chain_.disputes(), chain_.abis().round_disputes, "challengesOf",
           {AbiValue::number(round)}, Words().number(model_.disputes().challenges_of(round)), name);
    const auto bond = model_.disputes().bond_for(round);
    if (bond) {
        expect(chain_.disputes(), chain_.abis().round_disputes, "bondFor",
               {AbiValue::number(round)}, Words().number(*bond), name);
    }
    for (const Address& account : subjects_.accounts) {
        if (!model_.convictions().is_proven(account, round, 0)) continue;
        expect(chain_.at().fault_prover, chain_.abis().fault_prover, "isProven",
               {AbiValue::address(account), AbiValue::number(round), AbiValue::number(0)},
               Words().number(1), account.short_hex() + " in " + name);
    }
}

void Views::terms() {
    const chain::EpochTerms& terms = model_.rounds().terms();
    in_rounds("currentEpoch", {}, Words().number(model_.rounds().current_epoch()));
    in_rounds("coordinator", {}, Words().address(terms.coordinator));
    in_rounds("threshold", {}, Words().number(terms.threshold));
    in_rounds("challengeWindow", {}, Words().number(terms.challenge_window));
    in_rounds("rulesDigest", {}, Words().word(terms.rules_digest));
    in_rounds("auditorsCount", {}, Words().number(terms.auditors.size()));
    for (std::size_t i = 0; i < terms.auditors.size(); ++i) {
        in_rounds("auditorAt", {AbiValue::number(i)}, Words().address(terms.auditors[i]),
                  "position " + std::to_string(i));
    }
}

void Views::of_commitment(const Digest& commitment) {
    in_rounds("isVoided", {AbiValue::word(commitment)},
              Words().number(model_.rounds().is_voided(commitment) ? 1 : 0),
              commitment.short_hex());
    const chain::MemoryDisputes::Dispute dispute = model_.disputes().dispute_of(commitment);
    expect(chain_.disputes(), chain_.abis().round_disputes, "disputeOf",
           {AbiValue::word(commitment)},
           Words()
               .address(dispute.challenger)
               .number(dispute.bond)
               .number(dispute.deadline)
               .number(dispute.signers)
               .number(dispute.epoch)
               .number(dispute.round),
           commitment.short_hex());
    if (!dispute.challenger.is_zero()) {
        expect(chain_.disputes(), chain_.abis().round_disputes, "rulingDigest",
               {AbiValue::word(commitment), AbiValue::boolean(true)},
               Words().word(chain::dispute_ruling_digest(
                   model_.rounds().domain(), commitment,
                   model_.disputes().challenges_of(dispute.round), true)),
               commitment.short_hex());
    }
    const chain::MemoryDemands::Demand demand = model_.demands().demand_of(commitment);
    in_demands("demandOf", {AbiValue::word(commitment)},
               Words()
                   .address(demand.demander)
                   .number(demand.deadline)
                   .number(demand.epoch)
                   .number(static_cast<std::uint8_t>(demand.state))
                   .number(demand.bond)
                   .number(demand.round)
                   .number(demand.answer_time),
               commitment.short_hex());
}

void Views::record_of(const Digest& commitment, RoundNumber round) {
    const auto record = model_.rounds().record_of(round, commitment);
    const auto found = record.value_or(chain::MemoryRounds::Record{});
    in_rounds("recordOf", {AbiValue::number(round), AbiValue::word(commitment)},
              Words()
                  .number(found.epoch)
                  .number(found.parent_epoch)
                  .number(found.signers)
                  .number(found.window_end)
                  .number(found.voided ? 1 : 0)
                  .number(found.convicted ? 1 : 0)
                  .word(found.parent),
              commitment.short_hex());
    if (!record) views_.back().refusal = refusal_text(record.error());
}

void Views::of_case(const Digest& id) {
    const chain::SlashCase* const found = model_.vault().find_case(id);
    Words words;
    if (found == nullptr) {
        words.number(0).number(0).number(0).number(0).number(0).number(0);
    } else {
        words.address(found->site)
            .number(found->execute_after)
            .number(found->bps)
            .number(model_.vault().case_kind(id))
            .number(static_cast<std::uint8_t>(found->state))
            .number(model_.vault().case_amount(id));
    }
    in_vault("caseOf", {AbiValue::word(id)}, words, id.short_hex());
    const chain::MemoryCourt::Trial trial = model_.court().trial_of(id);
    expect(chain_.at().slash_court, chain_.abis().slash_court, "trialOf", {AbiValue::word(id)},
           Words()
               .number(trial.signers)
               .number(trial.epoch)
               .number(static_cast<std::uint8_t>(trial.stage))
               .number(trial.deadline)
               .number(trial.bond),
           id.short_hex());
}

void Views::parameters() {
    const chain::DemandTerms& terms = model_.demands().terms();
    in_demands("terms", {},
               Words().number(terms.bond).number(terms.answer_time).number(terms.coordinator_bps));
    expect(chain_.at().slash_court, chain_.abis().slash_court, "appealBond", {},
           Words().number(model_.court().appeal_bond()));
    struct Contract {
        const Address& address;
        const evm::ContractAbi& abi;
        chain::Prover prover;
    };
    for (const Contract& contract :
         {Contract{chain_.at().fault_prover, chain_.abis().fault_prover, chain::Prover::kFault},
          Contract{chain_.result_prover(), chain_.abis().result_prover, chain::Prover::kResult},
          Contract{chain_.settlement_prover(), chain_.abis().settlement_prover,
                   chain::Prover::kSettlement}}) {
        const chain::SlashShares& shares = model_.convictions().shares(contract.prover);
        expect(
            contract.address, contract.abi, "shares", {},
            Words().number(shares.equivocation).number(shares.coordinator).number(shares.signer));
    }
    expect(chain_.at().model_registry, chain_.abis().model_registry, "publisher", {},
           Words().address(model_.registry().publisher()));
}

void Views::of_model(const Digest& id) {
    const std::uint64_t latest = model_.registry().latest_version(id);
    const auto expect_here = [&](std::string_view function, std::vector<AbiValue> arguments,
                                 const Words& words) {
        expect(chain_.at().model_registry, chain_.abis().model_registry, function,
               std::move(arguments), words, id.short_hex());
    };
    expect_here("latestVersion", {AbiValue::word(id)}, Words().number(latest));
    for (std::uint64_t version = 1; version <= latest + 1; ++version) {
        expect_here("recordOf", {AbiValue::word(id), AbiValue::number(version)},
                    Words().word(model_.record_of(id, version)));
        if (version > latest) break;
        expect_here(
            "statusOf", {AbiValue::word(id), AbiValue::number(version)},
            Words().number(static_cast<std::uint8_t>(model_.registry().status_of(id, version))));
    }
}

}  // namespace

std::string refusal_text(const Error& refusal) {
    return std::string(chain::refusal_name(refusal)) + "(" +
           std::string(chain::refusal_values(refusal)) + ")";
}

std::vector<ExpectedView> expected_views(chain::MemoryChain& model, const ReplayChain& chain,
                                         const ReplaySubjects& subjects) {
    return Views(model, chain, subjects).all();
}

}  // namespace fedstake::testing
