// Sentences, and the same as JSON.
#include "client/app/challenge_text.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace fedstake::client {

namespace {

using nlohmann::json;

const char* prover_name(evm::Prover prover) {
    switch (prover) {
        case evm::Prover::kFault: return "FaultProver";
        case evm::Prover::kResult: return "ResultProver";
        case evm::Prover::kSettlement: return "SettlementProver";
    }
    return "?";
}

std::string call_text(const evm::ProofCall& call) {
    return fmt::format("{}.{}", prover_name(call.prover), call.function);
}

std::string account_text(const Address& account, const manifest::Manifest& manifest) {
    if (const manifest::SiteEntry* site = manifest.find(account)) {
        return "site '" + site->name + "' (" + account.hex() + ")";
    }
    if (account == manifest.coordinator) return "the coordinator (" + account.hex() + ")";
    return account.hex();
}

std::string rounds_text(const evm::Conviction& conviction) {
    if (conviction.voided_from == conviction.voided_to) {
        return fmt::format("round {} is void", conviction.voided_from);
    }
    return fmt::format("rounds {} to {} are void", conviction.voided_from, conviction.voided_to);
}

json fault_json(const ProvenFault& fault, const manifest::Manifest& manifest) {
    json out{{"figure", fault.finding.figure},
             {"found", fault.finding.text},
             {"proof", call_text(*fault.finding.proof)},
             {"gas_estimate", fault.trial.gas},
             {"cost_most_wei", amount_to_string(fault.trial.cost)}};
    if (!fault.conviction) return out;
    const evm::Conviction& done = *fault.conviction;
    json slashed = json::array();
    for (const evm::Slashed& one : done.slashed) {
        const manifest::SiteEntry* site = manifest.find(one.account);
        slashed.push_back({{"account", one.account.hex()},
                           {"name", site != nullptr ? site->name : ""},
                           {"amount", amount_to_string(one.amount)},
                           {"bounty", amount_to_string(one.bounty)}});
    }
    out["transaction"] = done.transaction.hex();
    out["gas_used"] = done.gas_used;
    out["voided_from"] = done.voided_from;
    out["voided_to"] = done.voided_to;
    out["slashed"] = std::move(slashed);
    out["bounty"] = amount_to_string(done.bounty);
    return out;
}

json unproven_json(const ChallengeOutcome& outcome) {
    json list = json::array();
    for (const UnprovenFault& fault : outcome.unproven) {
        list.push_back({{"figure", fault.figure}, {"found", fault.text}, {"why", fault.why}});
    }
    return list;
}

bool sent(const ChallengeOutcome& outcome) {
    return std::ranges::any_of(
        outcome.proven, [](const ProvenFault& fault) { return fault.conviction.has_value(); });
}

}  // namespace

std::string_view challenge_word(const ChallengeOutcome& outcome,
                                const std::optional<evm::Dispute>& dispute) {
    if (sent(outcome)) return "convicted";
    if (!outcome.proven.empty()) return "provable";
    if (dispute) return "disputed";
    using Kind = DemandStep::Kind;
    const Kind step = outcome.demand.kind;
    if (step == Kind::kExpired) return "expired";
    if (step == Kind::kExpirable) return "expirable";
    if (outcome.voided) return "voided";
    const bool waits = step == Kind::kWaiting && (outcome.demand.lacks || outcome.demand.mine);
    if (step == Kind::kMade || waits) return "demanded";
    if (!outcome.unproven.empty()) return "unprovable";
    return outcome.unchecked.empty() ? "clean" : "incomplete";
}

ExitCode challenge_exit(const ChallengeOutcome& outcome,
                        const std::optional<evm::Dispute>& dispute) {
    const std::string_view word = challenge_word(outcome, dispute);
    if (word == "provable" || word == "expirable") return ExitCode::kVerifyFailed;
    if (word == "demanded") return ExitCode::kNotNow;
    if (word == "unprovable") return ExitCode::kUnprovable;
    if (word == "incomplete") return ExitCode::kUnavailable;
    return ExitCode::kSuccess;
}

std::string fault_text(const ProvenFault& fault, const evm::ProofDesk& desk) {
    const evm::ProofCall& call = *fault.finding.proof;
    return fmt::format("FAULT: {}\n  proof: {} at {}, about {} gas, at most {} wei\n",
                       fault.finding.text, call_text(call), desk.address_of(call.prover).hex(),
                       fault.trial.gas, amount_to_string(fault.trial.cost));
}

std::string conviction_text(const evm::Conviction& conviction, const manifest::Manifest& manifest) {
    std::string text = fmt::format("  transaction {}, {} gas\n", conviction.transaction.hex(),
                                   conviction.gas_used);
    if (conviction.voided_from != 0) text += "  " + rounds_text(conviction) + "\n";
    for (const evm::Slashed& one : conviction.slashed) {
        text += fmt::format("  slashed {} wei of {}\n", amount_to_string(one.amount),
                            account_text(one.account, manifest));
    }
    if (conviction.slashed.empty()) text += "  nobody among the accused had stake left\n";
    if (conviction.bounty != 0) {
        text += fmt::format("  bounty {} wei: StakeVault.payBounty pays it out\n",
                            amount_to_string(conviction.bounty));
    }
    return text;
}

std::string outcome_text(const ChallengeOutcome& outcome,
                         const std::optional<evm::Dispute>& dispute, std::optional<Amount> bond) {
    const std::string round = fmt::format("round {}", outcome.round.round);
    std::string text;
    for (const std::string& note : outcome.notes) text += "note: " + note + "\n";
    for (const UnprovenFault& fault : outcome.unproven) {
        text += "FAULT: " + fault.text + "\n  no proof: " + fault.why + "\n";
    }
    for (const std::string& part : outcome.unchecked) text += "not checked: " + part + "\n";
    for (const std::string& part : outcome.left_out) {
        text += "left out, since this site is no auditor: " + part + "\n";
    }
    const std::string_view word = challenge_word(outcome, dispute);
    if (word == "voided") text += round + " is void already\n";
    if (word == "clean") {
        text += fmt::format("no fault found in {} attempt {}, commitment {}\n", round,
                            outcome.commitment ? outcome.commitment->attempt : 0,
                            outcome.round.commitment.hex());
    }
    if (word == "provable") text += "nothing was sent: this is a dry run\n";
    text += demand_text(outcome.demand, outcome.round.round);
    if (dispute) {
        text += fmt::format(
            "disputed: {} is held back by a bond of {} wei, transaction {}; auditors who did not "
            "sign it, or the governor, decide until Unix time {}, else it is void\n",
            round, amount_to_string(dispute->bond), dispute->transaction.hex(), dispute->deadline);
    } else if (bond) {
        text += fmt::format(
            "to hold {} back until other auditors or the governor decide, give this command again "
            "with --dispute: it takes a bond of {} wei, which is lost if they find no fault\n",
            round, amount_to_string(*bond));
    }
    return text;
}

json outcome_json(const ChallengeOutcome& outcome, const std::optional<evm::Dispute>& dispute,
                  const manifest::Manifest& manifest) {
    json proven = json::array();
    for (const ProvenFault& fault : outcome.proven) proven.push_back(fault_json(fault, manifest));
    json out{{"round", outcome.round.round},
             {"commitment", outcome.round.commitment.hex()},
             {"outcome", std::string(challenge_word(outcome, dispute))},
             {"void", outcome.voided},
             {"proven", std::move(proven)},
             {"unproven", unproven_json(outcome)},
             {"unchecked", outcome.unchecked},
             {"left_out", outcome.left_out},
             {"notes", outcome.notes}};
    if (outcome.commitment) out["demand"] = demand_json(outcome.demand);
    if (outcome.commitment) out["attempt"] = outcome.commitment->attempt;
    if (dispute) {
        out["dispute"] = {{"transaction", dispute->transaction.hex()},
                          {"bond", amount_to_string(dispute->bond)},
                          {"deadline", dispute->deadline}};
    }
    return out;
}

std::string evidence_text(const ChallengeOutcome& outcome) {
    return json({{"commitment", outcome.round.commitment.hex()},
                 {"unproven", unproven_json(outcome)},
                 {"unchecked", outcome.unchecked}})
        .dump();
}

}  // namespace fedstake::client
