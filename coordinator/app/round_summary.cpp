// One finished round, site by site.
#include "coordinator/app/round_summary.hpp"

#include <algorithm>

#include <nlohmann/json.hpp>

namespace fedstake::coordinator {

namespace {

std::string standing_name(rules::Standing standing) {
    switch (standing) {
        case rules::Standing::kAbsent: return "absent";
        case rules::Standing::kAccepted: return "accepted";
        case rules::Standing::kExcluded: return "excluded";
        case rules::Standing::kStrike: return "strike";
    }
    return "unknown";
}

// What happened to a cohort member that is not in the report.
void describe_missing(const round::RecordResult& record, SiteSummary& out) {
    const auto absent = std::ranges::find(record.absent, out.site, &round::SiteOutcome::site);
    out.asked = absent != record.absent.end();
    if (out.asked && absent->refusal != round::Refusal::kNone) {
        out.standing = "excluded";
        out.reason = round::refusal_name(absent->refusal);
        return;
    }
    out.standing = "absent";
    const rules::CohortMember* member = record.context.find(out.site);
    if (out.asked) {
        out.reason = "no-update-in-time";
    } else {
        out.reason = member != nullptr && member->barred ? "barred" : "unstaked";
    }
}

// One for each signal that had evidence.
nlohmann::json figures_json(const aggregation::Figures& figures) {
    nlohmann::json json = nlohmann::json::object();
    for (const aggregation::detect::SignalInfo& info : aggregation::detect::all_signals()) {
        if (const auto& figure = figures.signals.at(static_cast<std::size_t>(info.signal))) {
            json[std::string(info.name)] = *figure;
        }
    }
    return json;
}

nlohmann::json site_json(const SiteSummary& site) {
    nlohmann::json json;
    json["site"] = site.site.hex();
    json["name"] = site.name;
    json["standing"] = site.standing;
    json["reason"] = site.reason;
    json["norm"] = nullptr;
    json["distance"] = nullptr;
    json["figures"] = nullptr;
    json["signals"] = signal_names(site.verdict.fired);
    json["shared_between"] = site.verdict.shared_between;
    if (site.figures) {
        json["norm"] = site.figures->norm;
        json["distance"] = site.figures->distance;
        json["figures"] = figures_json(*site.figures);
    }
    json["weight"] = site.weight;
    json["score"] = site.score;
    json["reward"] = amount_to_string(site.settlement.reward);
    json["cumulative_reward"] = amount_to_string(site.settlement.cumulative_reward);
    json["strikes"] = site.settlement.strikes;
    json["offences"] = site.settlement.offences;
    json["accused"] = site.settlement.accused;
    json["accused_bps"] = site.settlement.accused_bps;
    return json;
}

}  // namespace

std::vector<std::string> signal_names(std::uint32_t signals) {
    std::vector<std::string> names;
    for (const aggregation::detect::SignalInfo& info : aggregation::detect::all_signals()) {
        if ((signals & bit(info.signal)) != 0) {
            names.emplace_back(info.name);
        }
    }
    return names;
}

RoundSummary summarise(const round::RecordResult& record, const SiteNames& names) {
    RoundSummary summary{.record = &record, .sites = {}};
    for (const rules::CohortMember& member : record.context.cohort) {
        SiteSummary out;
        out.site = member.site;
        out.name = names.of(member.site);
        const auto report =
            std::ranges::find(record.report.sites, member.site, &aggregation::SiteReport::site);
        if (report == record.report.sites.end()) {
            describe_missing(record, out);
        } else {
            out.asked = true;
            out.standing = standing_name(report->standing);
            out.reason = report->reason == aggregation::Reason::kNone
                             ? ""
                             : std::string(aggregation::reason_name(report->reason));
            if (report->figures != aggregation::Figures{}) {
                out.figures = report->figures;  // else the gate refused it
            }
            out.verdict = report->verdict;
            out.weight = report->weight;
            out.score = report->score;
        }
        const auto settlement =
            std::ranges::find(record.settlement.sites, member.site, &rules::SiteSettlement::site);
        if (settlement != record.settlement.sites.end()) {
            out.settlement = *settlement;
        }
        summary.sites.push_back(std::move(out));
    }
    return summary;
}

nlohmann::json to_json(const RoundSummary& summary, std::uint32_t auditors_needed) {
    const round::RecordResult& record = *summary.record;
    const crypto::RoundCommitment& c = record.commitment;
    nlohmann::json json;
    json["round"] = c.round;
    json["attempt"] = c.attempt;
    json["rule"] = record.report.rule;
    json["f"] = record.report.f;
    json["base_model"] = c.parent_model.hex();
    json["model"] = c.model.hex();
    json["aggregate_root"] = c.aggregate_root.hex();
    json["commitment"] = c.struct_hash().hex();
    json["context_digest"] = c.context_digest.hex();
    json["report_digest"] = c.report_digest.hex();
    json["state"] = record.report.state.hex();
    json["updates_root"] = c.updates_root.hex();
    json["scores_root"] = c.scores_root.hex();
    json["rewards_root"] = c.rewards_root.hex();
    json["reward_total"] = amount_to_string(c.reward_total);
    json["signatures"] = record.signatures.size();
    json["auditors_needed"] = auditors_needed;
    json["sites"] = nlohmann::json::array();
    for (const SiteSummary& site : summary.sites) {
        json["sites"].push_back(site_json(site));
    }
    return json;
}

}  // namespace fedstake::coordinator
