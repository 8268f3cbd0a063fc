// One finished round as the event log and the console show it: one line for every cohort member.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "coordinator/app/site_names.hpp"
#include "coordinator/round/actions.hpp"

namespace fedstake::coordinator {

struct SiteSummary {
    SiteId site;
    std::string name;
    std::string standing;  // "accepted", "excluded", "strike", "absent"
    std::string reason;    // empty, or why not accepted, or "not-selected"
    std::optional<aggregation::Figures> figures;
    aggregation::detect::Verdict verdict;
    std::uint64_t weight = 0;
    std::uint64_t score = 0;
    rules::SiteSettlement settlement;
    bool asked = false;
};

struct RoundSummary {
    const round::RecordResult* record = nullptr;  // borrowed
    std::vector<SiteSummary> sites;               // SiteId ascending
};

[[nodiscard]] RoundSummary summarise(const round::RecordResult& record, const SiteNames& names);

// "norm", "cosine", ...: names of the signals of this set of bits.
[[nodiscard]] std::vector<std::string> signal_names(std::uint32_t signals);

// The fields of round_attested, see event_log.hpp.
[[nodiscard]] nlohmann::json to_json(const RoundSummary& summary, std::uint32_t auditors_needed);

}  // namespace fedstake::coordinator
