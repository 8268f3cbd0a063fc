// The listings as text and as JSON.
#include "sim/app/list_command.hpp"

#include <cstdio>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "aggregation/registry.hpp"
#include "sim/app/aggregate_report.hpp"
#include "sim/app/list_signals.hpp"
#include "sim/app/wrapped_text.hpp"
#include "sim/attacks.hpp"

namespace fedstake::sim {
namespace {

using aggregation::ParameterInfo;
using aggregation::PreInfo;
using aggregation::RuleInfo;
using Json = nlohmann::ordered_json;

std::string range_text(const ParameterInfo& info) {
    return fmt::format("{}from {} to {}", info.integer ? "whole number " : "",
                       shortest(info.minimum), shortest(info.maximum));
}

// What rules and pre-aggregations have in common.
template <class Info>
std::string entry_text(const Info& info) {
    std::string text = fmt::format("{}\n", info.name);
    text += wrapped("", info.summary);
    text += wrapped("needs", info.requirement);
    for (const ParameterInfo& parameter : info.parameters) {
        text += wrapped("parameter", fmt::format("{} ({}{}): {}", parameter.name,
                                                 parameter.required ? "required, " : "",
                                                 range_text(parameter), parameter.meaning));
    }
    text += wrapped("breaks", info.breaks);
    text += wrapped("cost", info.cost);
    text += wrapped("source", info.source);
    return text;
}

template <class Info>
Json entry_json(const Info& info) {
    Json parameters = Json::array();
    for (const ParameterInfo& parameter : info.parameters) {
        parameters.push_back({{"name", parameter.name},
                              {"meaning", parameter.meaning},
                              {"minimum", parameter.minimum},
                              {"maximum", parameter.maximum},
                              {"integer", parameter.integer},
                              {"required", parameter.required}});
    }
    return {{"name", info.name},        {"id", info.id},
            {"summary", info.summary},  {"requirement", info.requirement},
            {"parameters", parameters}, {"breaks", info.breaks},
            {"cost", info.cost},        {"source", info.source}};
}

std::string_view memory_name(aggregation::MemoryRows memory) {
    switch (memory) {
        case aggregation::MemoryRows::kOne: return "one";
        case aggregation::MemoryRows::kPerRow: return "per-row";
        case aggregation::MemoryRows::kNone: break;
    }
    return "none";
}

Json listing_json(const RuleInfo& info) {
    Json entry = entry_json(info);
    entry["needs"] = {{"geometry", info.needs.geometry},
                      {"centre", info.needs.centre},
                      {"columns", info.needs.columns},
                      {"memory", memory_name(info.needs.memory)}};
    return entry;
}

Json listing_json(const PreInfo& info) {
    Json entry = entry_json(info);
    entry["mixes"] = info.mixes;
    return entry;
}

Json listing_json(const Attack& attack) {
    Json parameters = Json::array();
    if (!attack.factor.empty()) {
        parameters.push_back({{"name", "factor"},
                              {"meaning", attack.factor},
                              {"minimum", 0.0},
                              {"maximum", kFactorMax},
                              {"default", kFactorDefault}});
    }
    return {{"name", attack.name},     {"summary", attack.what},   {"formula", attack.formula},
            {"knows", attack.knows},   {"parameters", parameters}, {"random", attack.random},
            {"breaks", attack.breaks}, {"effect", attack.effect},  {"source", attack.source}};
}

std::string listing_text(const RuleInfo& info) {
    return entry_text(info);
}

std::string listing_text(const PreInfo& info) {
    return entry_text(info);
}

std::string listing_text(const Attack& attack) {
    std::string text = fmt::format("{}\n{}", attack.name, wrapped("", attack.what));
    text += wrapped("formula", attack.formula);
    text += wrapped("knows", attack.knows);
    if (!attack.factor.empty()) {
        text += wrapped("parameter",
                        fmt::format("factor (from 0 to {}): {}; default {}", shortest(kFactorMax),
                                    attack.factor, shortest(kFactorDefault)));
    }
    text += wrapped("effect", attack.effect);
    text += wrapped("breaks", attack.breaks.empty()
                                  ? std::string("no rule")
                                  : fmt::format("{}", fmt::join(attack.breaks, ", ")));
    text += wrapped("source", attack.source);
    return text;
}

template <class Entries>
std::string all_of(const Entries& entries, Listing listing) {
    Json array = Json::array();
    std::string text;
    for (const auto& entry : entries) {
        if (listing == Listing::kJson) {
            array.push_back(listing_json(entry));
        } else {
            text += (text.empty() ? "" : "\n") + listing_text(entry);
        }
    }
    return listing == Listing::kJson ? array.dump() + "\n" : text;
}

template <class Info>
std::vector<Info> values_of(std::span<const Info* const> pointers) {
    std::vector<Info> values;
    for (const Info* pointer : pointers) {
        values.push_back(*pointer);
    }
    return values;
}

}  // namespace

Result<std::string> list_text(std::string_view what, Listing listing) {
    if (listing == Listing::kMarkdown) {
        if (what != "rules") {
            return fail(Errc::kInvalidInput,
                        "--markdown makes the document of all rules and pre-aggregations: "
                        "list rules --markdown");
        }
        return rules_markdown();
    }
    if (what == "rules") {
        return all_of(values_of(aggregation::all_rules()), listing);
    }
    if (what == "pre") {
        return all_of(values_of(aggregation::all_pre_aggregations()), listing);
    }
    if (what == "attacks") {
        return all_of(attacks(), listing);
    }
    if (what == "signals") {
        return listing == Listing::kJson ? signals_json() : signals_text();
    }
    return fail(Errc::kInvalidInput,
                fmt::format("cannot list \"{}\"; rules, pre, attacks and signals are known", what));
}

Status list(std::string_view what, Listing listing) {
    FS_ASSIGN(const std::string text, list_text(what, listing));
    if (std::fwrite(text.data(), 1, text.size(), stdout) != text.size() ||
        std::fflush(stdout) != 0) {
        return fail(Errc::kUnavailable, "cannot write to standard output");
    }
    return {};
}

}  // namespace fedstake::sim
