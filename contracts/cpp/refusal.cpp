// Looking errors up, and filling their sentences.
#include "contracts/cpp/refusal.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <vector>

#include "contracts/cpp/refusal_table.hpp"

namespace fedstake::chain {

namespace {

std::vector<const RefusalEntry*> find(std::string_view name) {
    std::vector<const RefusalEntry*> found;
    for (const auto table : {round_refusals(), stake_refusals(), library_refusals()}) {
        for (const RefusalEntry& entry : table) {
            if (entry.name == name) found.push_back(&entry);
        }
    }
    return found;
}

const RefusalValue* value_named(std::span<const RefusalValue> values, std::string_view name) {
    const auto found =
        std::ranges::find_if(values, [&](const RefusalValue& v) { return v.name == name; });
    if (found != values.end()) return &*found;
    return name == "0" && values.size() == 1 && values[0].name.empty() ? values.data() : nullptr;
}

// Nothing when the sentence has a place for a value that is not there, or leaves one out.
std::optional<std::string> fill(std::string_view sentence, std::span<const RefusalValue> values) {
    std::string text;
    std::vector<const RefusalValue*> used;
    while (!sentence.empty()) {
        const std::size_t open = sentence.find('{');
        text += sentence.substr(0, open);
        if (open == std::string_view::npos) break;
        const std::size_t close = sentence.find('}', open);
        const std::string_view place = sentence.substr(open + 1, close - open - 1);
        const std::size_t colon = place.find(':');
        const RefusalValue* const value = value_named(values, place.substr(0, colon));
        if (value == nullptr) return std::nullopt;
        used.push_back(value);
        const bool formed = colon != std::string_view::npos;
        text += refusal_value(formed ? place.substr(colon + 1) : "", value->value);
        sentence.remove_prefix(close + 1);
    }
    const bool all = std::ranges::all_of(values, [&](const RefusalValue& value) {
        return std::ranges::find(used, &value) != used.end();
    });
    return all ? std::optional(text) : std::nullopt;
}

}  // namespace

Refusal judge_refusal(std::string_view error_name) noexcept {
    for (const auto table : {round_refusals(), stake_refusals(), library_refusals()}) {
        const auto found = std::ranges::find_if(
            table, [&](const RefusalEntry& entry) { return entry.name == error_name; });
        if (found != table.end()) return {found->kind, found->advice};
    }
    return {};
}

std::string describe_refusal(std::string_view error_name, std::span<const RefusalValue> values) {
    for (const RefusalEntry* entry : find(error_name)) {
        if (const auto what = fill(entry->what, values)) {
            return *what + ": " + std::string(entry->advice) + " (" + std::string(error_name) + ")";
        }
    }
    std::string text(error_name);
    for (std::size_t i = 0; i < values.size(); ++i) {
        text += i == 0 ? "(" : ", ";
        text += values[i].name.empty() ? "" : values[i].name + " = ";
        text += refusal_value("", values[i].value);
        if (i + 1 == values.size()) text += ")";
    }
    return describe_refusal(error_name, text);
}

std::string describe_refusal(std::string_view error_name, std::string_view error_text) {
    const Refusal refusal = judge_refusal(error_name);
    std::string text(error_text);
    if (!refusal.advice.empty()) text += ": " + std::string(refusal.advice);
    return text;
}

bool knows_refusal(std::string_view error_name, std::span<const RefusalValue> values) {
    return std::ranges::any_of(find(error_name), [&](const RefusalEntry* entry) {
        return fill(entry->what, values).has_value();
    });
}

}  // namespace fedstake::chain
