// status --chain: what the contracts say, and what the coordinator has not posted yet.
#include <algorithm>
#include <cstdio>
#include <fstream>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "contracts/cpp/evm/federation_view.hpp"
#include "contracts/cpp/utc_text.hpp"
#include "coordinator/app/http_server.hpp"
#include "coordinator/app/outbox_table.hpp"
#include "coordinator/app/record_commands.hpp"
#include "coordinator/app/site_names.hpp"
#include "coordinator/store/data_dir.hpp"

namespace fedstake::coordinator {

namespace {

using chain::utc_text;
using nlohmann::json;

// Intents that are not done: [{key, state, detail}].
struct Unposted {
    std::string source;  // "the running coordinator", or why there is nothing
    json intents = json::array();
};

Unposted from_running(const std::string& status) {
    Unposted unposted{.source = "the running coordinator", .intents = json::array()};
    const json parsed = json::parse(status, nullptr, /*allow_exceptions=*/false);
    if (!parsed.is_object()) {
        return {.source = "unknown: the coordinator's status cannot be read",
                .intents = json::array()};
    }
    for (const json& intent : parsed.value("intents", json::array())) {
        if (intent.is_object() && intent.value("state", "") != "done") {
            unposted.intents.push_back(intent);
        }
    }
    return unposted;
}

Unposted unposted_settlements(const Config& config) {
    std::ifstream in(config.data / kHttpPortFile);
    std::uint16_t port = 0;
    if (!(in >> port)) {
        port = config.http_port;
    }
    if (const auto answer = http_get_loopback(port, "/status")) {
        return from_running(*answer);
    }
    if (!std::filesystem::exists(config.data / "coordinator.db")) {
        return {.source = "none: no coordinator has run here", .intents = json::array()};
    }
    Unposted unposted{.source = "the stopped coordinator's outbox", .intents = json::array()};
    const auto records = [&]() -> Result<std::vector<evm::OutboxRecord>> {
        FS_ASSIGN(const auto dir, store::DataDir::open(config.data));
        FS_ASSIGN(const auto database, store::Database::open(config.data / "coordinator.db"));
        return OutboxTable(*database).load();
    }();
    if (!records) {
        return {.source = "unknown: " + records.error().message, .intents = json::array()};
    }
    for (const evm::OutboxRecord& record : *records) {
        if (record.state != chain::IntentState::kDone) {
            unposted.intents.push_back({{"key", record.call.key},
                                        {"state", chain::intent_state_name(record.state)},
                                        {"detail", record.detail}});
        }
    }
    return unposted;
}

json epoch_json(const evm::EpochTerms& epoch) {
    json auditors = json::array();
    for (const Address& auditor : epoch.auditors) {
        auditors.push_back(auditor.hex());
    }
    return {{"number", epoch.number},
            {"coordinator", epoch.coordinator.hex()},
            {"threshold", epoch.threshold},
            {"challenge_window_s", epoch.challenge_window},
            {"rules_digest", epoch.rules_digest.hex()},
            {"auditors", auditors}};
}

json stakes_json(const evm::FederationView& view, const SiteNames& names) {
    json list = json::array();
    for (const evm::StakeLine& line : view.stakes) {
        list.push_back({{"site", line.site.hex()},
                        {"name", names.of(line.site)},
                        {"stake", amount_to_string(line.stake)},
                        {"exiting", amount_to_string(line.exiting)},
                        {"exit_ready_at", line.exit_ready_at},
                        {"held", amount_to_string(line.held)},
                        {"open_cases", line.open_cases},
                        {"jailed", line.jailed},
                        {"claimed", amount_to_string(line.claimed)},
                        {"signer", line.signer.hex()}});
    }
    return list;
}

json cases_json(const evm::FederationView& view, const SiteNames& names) {
    json list = json::array();
    for (const evm::TriedCase& tried : view.cases) {
        list.push_back({{"case", tried.id.hex()},
                        {"site", tried.site.hex()},
                        {"name", names.of(tried.site)},
                        {"round", tried.round},
                        {"kind", tried.kind},
                        {"bps", tried.bps},
                        {"amount", amount_to_string(tried.amount)},
                        {"state", evm::case_state_name(tried.state)},
                        {"stage", evm::trial_stage_name(tried.stage)},
                        {"execute_after", tried.execute_after},
                        {"deadline", tried.deadline},
                        {"next", evm::next_step(tried, view.appeal_bond, view.time)}});
    }
    return list;
}

json view_json(const evm::FederationView& view, const SiteNames& names, const Unposted& unposted) {
    json dispute;
    if (view.dispute) {
        dispute = {{"round", view.dispute->round},
                   {"commitment", view.dispute->commitment.hex()},
                   {"challenger", view.dispute->challenger.hex()},
                   {"bond", amount_to_string(view.dispute->bond)},
                   {"deadline", view.dispute->deadline}};
    }
    json demands = json::array();
    for (const chain::OpenDemand& demand : view.demands) {
        demands.push_back({{"round", demand.round},
                           {"commitment", demand.commitment.hex()},
                           {"demander", demand.demander.hex()},
                           {"bond", amount_to_string(demand.bond)},
                           {"deadline", demand.deadline}});
    }
    return {{"block", view.block},
            {"time", view.time},
            {"head", view.head},
            {"head_commitment", view.newest.commitment.hex()},
            {"head_final_at", view.newest.final_at},
            {"final_round", view.final_round},
            {"epoch", epoch_json(view.epoch)},
            {"paused", view.paused()},
            {"paused_until", view.paused_until},
            {"dispute", dispute},
            {"demands", demands},
            {"fund",
             {{"funded", amount_to_string(view.funded)},
              {"earned", amount_to_string(view.newest.reward_total)},
              {"claimed", amount_to_string(view.claimed_total)}}},
            {"bonded", amount_to_string(view.bonded)},
            {"slash_pool", amount_to_string(view.slash_pool)},
            {"appeal_bond", amount_to_string(view.appeal_bond)},
            {"stakes", stakes_json(view, names)},
            {"cases", cases_json(view, names)},
            {"unposted", {{"source", unposted.source}, {"intents", unposted.intents}}}};
}

void print_rounds(const evm::FederationView& view) {
    fmt::print("chain     block {}, {}\n", view.block, utc_text(view.time));
    if (view.head == 0) {
        fmt::print("rounds    none committed yet\n");
    } else {
        fmt::print("rounds    {} committed, {} final; round {} is final at {}\n", view.head,
                   view.final_round, view.head, utc_text(view.newest.final_at));
    }
    fmt::print("epoch     {}: coordinator {}, {} of {} auditors sign, window {} s\n",
               view.epoch.number, view.epoch.coordinator.hex(), view.epoch.threshold,
               view.epoch.auditors.size(), view.epoch.challenge_window);
    if (view.paused()) {
        fmt::print("PAUSED    by the council until {}: nothing is committed\n",
                   utc_text(view.paused_until));
    }
    if (view.dispute) {
        fmt::print(
            "DISPUTE   about round {}, by {}, bond {} wei: auditors who did not sign, or the "
            "governor, decide until {}; otherwise the round is voided\n",
            view.dispute->round, view.dispute->challenger.hex(),
            amount_to_string(view.dispute->bond), utc_text(view.dispute->deadline));
    }
    for (const chain::OpenDemand& demand : view.demands) {
        fmt::print(
            "DEMAND    about round {}, by {}, bond {} wei: whoever has its leaves, report and "
            "context posts them until {}; otherwise the round is voided and its coordinator "
            "slashed{}\n",
            demand.round, demand.demander.hex(), amount_to_string(demand.bond),
            utc_text(demand.deadline),
            view.time > demand.deadline ? ". THE TIME IS OVER: anyone may expire it" : "");
    }
    fmt::print("fund      {} wei put in, {} earned, {} claimed\n", amount_to_string(view.funded),
               amount_to_string(view.newest.reward_total), amount_to_string(view.claimed_total));
    fmt::print("stakes    {} wei in all, {} wei slashed and not swept\n",
               amount_to_string(view.bonded), amount_to_string(view.slash_pool));
}

void print_view(const evm::FederationView& view, const SiteNames& names, const Unposted& unposted) {
    print_rounds(view);
    for (const evm::StakeLine& line : view.stakes) {
        fmt::print("  {:<16} stake {} exiting {} claimed {}{}{}\n", names.of(line.site),
                   amount_to_string(line.stake), amount_to_string(line.exiting),
                   amount_to_string(line.claimed), line.jailed ? "  JAILED" : "",
                   line.open_cases > 0 ? fmt::format("  {} open cases", line.open_cases) : "");
    }
    const auto open = std::ranges::count_if(view.cases, &evm::TriedCase::open);
    fmt::print("cases     {} open of {}\n", open, view.cases.size());
    for (const evm::TriedCase& tried : view.cases) {
        if (tried.open()) {
            fmt::print("  {} about {}, round {}: {}\n", tried.id.short_hex(), names.of(tried.site),
                       tried.round, evm::next_step(tried, view.appeal_bond, view.time));
        }
    }
    fmt::print("unposted  {} ({})\n", unposted.intents.size(), unposted.source);
    for (const json& intent : unposted.intents) {
        fmt::print("  {} {} {}\n", intent.value("key", ""), intent.value("state", ""),
                   intent.value("detail", ""));
    }
}

}  // namespace

Status chain_status(const ChainStatusOptions& options) {
    FS_ASSIGN(ChainLink link, ChainLink::open(options.config));
    std::vector<SiteId> sites;
    for (const manifest::SiteEntry& entry : link.manifest.sites) {
        sites.push_back(entry.owner);
    }
    FS_ASSIGN(const evm::FederationView view,
              evm::read_federation(*link.node, link.contracts, link.abis, sites));
    const SiteNames names(link.manifest);
    const Unposted unposted = unposted_settlements(link.config);
    if (options.json) {
        fmt::print("{}\n", view_json(view, names, unposted).dump());
    } else {
        print_view(view, names, unposted);
    }
    return {};
}

}  // namespace fedstake::coordinator
