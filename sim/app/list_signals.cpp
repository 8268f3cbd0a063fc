// The table of signals beside the policies.
#include "sim/app/list_signals.hpp"

#include <array>
#include <optional>
#include <string_view>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "aggregation/detect/judge.hpp"
#include "aggregation/detect/signal.hpp"
#include "proto/rules/round_rules.hpp"
#include "sim/app/aggregate_report.hpp"
#include "sim/app/wrapped_text.hpp"

namespace fedstake::sim {
namespace {

namespace detect = aggregation::detect;
using detect::Signal;
using Json = nlohmann::ordered_json;

std::string_view family_name(detect::Family family) {
    constexpr std::array<std::string_view, detect::kFamilies> kNames = {"size", "direction", "time",
                                                                        "coalition"};
    return kNames[static_cast<std::size_t>(family)];
}

// What a figure is made of.
std::string_view evidence_of(Signal signal) {
    switch (signal) {
        case Signal::kNorm:
        case Signal::kCosine:
        case Signal::kDistance:
        case Signal::kNearest:
        case Signal::kSpectral:
        case Signal::kSigns: return "the round alone";
        case Signal::kResend:
        case Signal::kJump: return "the round and the last one";
        case Signal::kPrediction:
        case Signal::kLikeness:
        case Signal::kHiddenLikeness:
        case Signal::kTurns: break;
    }
    return "the rounds before";
}

// A limit that a federation's rules may state, as it is by default: 0 follows from n.
std::optional<double> rules_limit(Signal signal) {
    const rules::AnomalyRules rules;
    switch (signal) {
        case Signal::kNorm: return rules.norm_limit;
        case Signal::kCosine: return rules.cosine_limit;
        case Signal::kDistance: return rules.distance_limit;
        default: return std::nullopt;
    }
}

// What the policy does with a signal that fired; nothing: it is reported only.
std::vector<std::string> roles(const detect::Policy& policy, Signal signal) {
    const std::uint32_t bit = detect::bit(signal);
    std::vector<std::string> words;
    if ((policy.striking & bit) != 0) {
        words.push_back(fmt::format("strikes ({} at once)", policy.signals_to_strike));
    }
    if ((policy.confirming & bit) != 0) {
        words.emplace_back("confirms a strike");
    }
    if ((policy.excluding & bit) != 0) {
        words.push_back(fmt::format("leaves out ({} at once)", policy.signals_to_exclude));
    }
    if ((policy.sharing & bit) != 0) {
        words.emplace_back("shares one weight");
    }
    return words;
}

std::string role_text(const detect::Policy& policy, Signal signal) {
    const std::vector<std::string> words = roles(policy, signal);
    return words.empty() ? "reported only" : fmt::format("{}", fmt::join(words, ", "));
}

}  // namespace

std::string signals_text() {
    std::string text;
    for (const detect::SignalInfo& info : detect::all_signals()) {
        const std::optional<double> limit = rules_limit(info.signal);
        const std::string stated =
            limit && *limit != 0.0
                ? fmt::format("; the rules of a federation state their own, {} by default",
                              shortest(*limit))
            : limit ? "; the rules of a federation may state their own"
                    : "";
        text += fmt::format("{}{} ({})\n", text.empty() ? "" : "\n", info.name,
                            family_name(info.family));
        text += wrapped("figure", info.what);
        text += wrapped("needs", evidence_of(info.signal));
        text +=
            wrapped("fires", fmt::format("{} its limit: {}{}", info.fires_above ? "above" : "below",
                                         info.threshold, stated));
        text +=
            wrapped("verdict", fmt::format("immediate policy: {}. Cautious policy (default): {}",
                                           role_text(detect::Policy{}, info.signal),
                                           role_text(detect::cautious_policy(), info.signal)));
        text += wrapped("wrong", info.lies);
        text += wrapped("source", info.source);
    }
    return text;
}

std::string signals_json() {
    Json all = Json::array();
    for (const detect::SignalInfo& info : detect::all_signals()) {
        const std::optional<double> limit = rules_limit(info.signal);
        all.push_back({{"name", info.name},
                       {"number", static_cast<unsigned>(info.signal)},
                       {"family", family_name(info.family)},
                       {"figure", info.what},
                       {"needs", evidence_of(info.signal)},
                       {"side", info.fires_above ? "above" : "below"},
                       {"limit", info.threshold},
                       {"rules_limit", limit ? Json(*limit) : Json(nullptr)},
                       {"policies",
                        {{"immediate", roles(detect::Policy{}, info.signal)},
                         {"cautious", roles(detect::cautious_policy(), info.signal)}}},
                       {"wrong", info.lies},
                       {"source", info.source}});
    }
    return all.dump() + "\n";
}

}  // namespace fedstake::sim
