// answer-demand: posts the data of a round that somebody demands.
#include <chrono>
#include <iostream>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include "client/app/chain_access.hpp"
#include "client/app/challenge_papers.hpp"
#include "client/app/commands.hpp"
#include "client/app/payer.hpp"
#include "contracts/cpp/utc_text.hpp"

namespace fedstake::client {

namespace {

using chain::utc_text;

struct Answer {
    const char* outcome = "answered";  // or "answerable" (a dry run), "answered-before"
    Digest transaction;
    std::uint64_t gas = 0;
    Amount cost = 0;  // wei, at most; of a dry run
    std::size_t bytes = 0;
};

// RETURNS whether there is something to answer; why not for good as an error.
Result<bool> check_demand(evm::EthNode& node, const evm::Demand& demand, RoundNumber round) {
    switch (demand.state) {
        case evm::DemandState::kAnswered: return false;
        case evm::DemandState::kNone:
            return fail(Errc::kNotFound, fmt::format("nobody demands the data of round {}", round));
        case evm::DemandState::kExpired:
        case evm::DemandState::kOverridden:
            return fail(
                Errc::kNotNow,
                fmt::format("the demand about round {} is closed, and the round is void", round));
        case evm::DemandState::kOpen: break;
    }
    FS_ASSIGN(const evm::BlockHead head, node.latest_block());
    if (head.timestamp > demand.deadline) {
        return fail(Errc::kNotNow, fmt::format("the demand about round {} could be answered until "
                                               "{}: anyone can void the round now",
                                               round, utc_text(demand.deadline)));
    }
    return true;
}

Result<evm::RoundData> data_of(const Site& site, const RoundPapers& papers) {
    if (papers.context && papers.report && papers.leaves) {
        evm::RoundData data{
            .leaves = *papers.leaves, .report = *papers.report, .context = *papers.context};
        FS_TRY(evm::check_round_data(papers.commitment, data));
        return data;
    }
    std::vector<std::string> missing = papers.missing;
    if (!site.entry.audits) {
        missing.emplace_back("the updates' leaves, which only auditors have");
    }
    return fail(Errc::kNotFound,
                fmt::format("this site does not have all that is demanded of round {}: {}",
                            papers.commitment.round, fmt::join(missing, "; ")));
}

void print(const AnswerOptions& options, const evm::Demand& demand, const Answer& answer) {
    if (options.json) {
        std::cout << nlohmann::json(
                         {{"round", options.round},
                          {"outcome", answer.outcome},
                          {"deadline", demand.deadline},
                          {"bond", amount_to_string(demand.bond)},
                          {"bytes", answer.bytes},
                          {"gas", answer.gas},
                          {"cost_at_most", amount_to_string(answer.cost)},
                          {"transaction",
                           answer.transaction.is_zero() ? "" : answer.transaction.hex()}})
                         .dump()
                  << "\n";
        return;
    }
    const std::string_view outcome = answer.outcome;
    if (outcome == "answered-before") {
        std::cout << fmt::format("the data of round {} is on the chain already\n", options.round);
    } else if (outcome == "answerable") {
        std::cout << fmt::format(
            "would post the data of round {}: {} bytes, {} gas, at most {} "
            "wei; the bond of {} wei would go to the coordinator\n",
            options.round, answer.bytes, answer.gas, amount_to_string(answer.cost),
            amount_to_string(demand.bond));
    } else {
        std::cout << fmt::format(
            "posted the data of round {}, transaction {}, {} gas; the bond of "
            "{} wei went to the coordinator\n",
            options.round, answer.transaction.hex(), answer.gas, amount_to_string(demand.bond));
    }
}

}  // namespace

Status answer_demand(const AnswerOptions& options, const std::atomic<bool>& stop) {
    FS_ASSIGN(const Site site, open_site(options.config));
    FS_TRY(check_chain(site));
    FS_ASSIGN(const auto rpc, open_rpc(site, stop));
    evm::EthNode node(*rpc);
    FS_ASSIGN(evm::ProofDesk desk,
              evm::ProofDesk::open(node, contract_addresses(site.manifest.chain)));
    FS_ASSIGN(const evm::CommittedRound round, desk.committed(options.round));
    if (round.commitment.is_zero()) {
        return fail(Errc::kNotFound,
                    fmt::format("the chain holds no round {}: it was not posted, or an earlier "
                                "round was voided since",
                                options.round));
    }
    evm::DemandDesk demands = desk.demands();
    FS_ASSIGN(const evm::Demand demand, demands.of(round.commitment));
    FS_ASSIGN(const bool open, check_demand(node, demand, options.round));
    if (!open) {
        print(options, demand, {.outcome = "answered-before", .transaction = {}});
        return {};
    }
    FS_ASSIGN(const auto source,
              PaperSource::open(site, std::chrono::seconds(options.timeout_s), stop));
    FS_ASSIGN(const RoundPapers papers, source->papers(round, desk, site.entry.audits));
    FS_ASSIGN(const evm::RoundData data, data_of(site, papers));
    Payer payer(site, options.key, options.key_passphrase_file);
    FS_ASSIGN(const crypto::SigningKey* const key, payer.key());
    Answer answer{.transaction = {}, .bytes = evm::answer_bytes(data)};
    if (options.dry_run) {
        FS_ASSIGN(
            const evm::CallTrial trial,
            demands.attempt("answerDemand", evm::answer_arguments(papers.commitment, data), *key));
        answer.outcome = "answerable";
        answer.gas = trial.gas;
        answer.cost = trial.cost;
    } else {
        FS_ASSIGN(const evm::Receipt receipt, demands.post_answer(papers.commitment, data, *key));
        answer.gas = receipt.gas_used;
        answer.transaction = receipt.transaction;
    }
    print(options, demand, answer);
    return {};
}

}  // namespace fedstake::client
