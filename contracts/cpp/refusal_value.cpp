// Values of custom errors as people read them.
#include <array>

#include <fmt/format.h>

#include "contracts/cpp/refusal_table.hpp"
#include "contracts/cpp/utc_text.hpp"
#include "proto/base/ids.hpp"

namespace fedstake::chain {

namespace {

constexpr std::uint64_t kNumberMax = std::uint64_t{1} << 40U;  // uint40 holds every time
constexpr std::size_t kTextMax = 200;

// In the order of the contracts' enumerations.
constexpr std::array<std::string_view, 5> kCaseStates{"no such case", "pending", "vetoed",
                                                      "executed", "dropped"};
constexpr std::array<std::string_view, 6> kStages{"unknown to the court", "accused",   "appealed",
                                                  "confirmed by a panel", "escalated", "closed"};
constexpr std::array<std::string_view, 12> kFaults{
    "omitted update",  "bad signature", "foreign statement", "report with other updates",
    "bad report",      "accepted copy", "bad context",       "bad settlement",
    "wrong aggregate", "wrong model",   "wrong size",        "missed gate"};
constexpr std::array<std::string_view, 4> kKinds{"no fault", "equivocation", "poisoning",
                                                 "free-riding"};
constexpr std::array<std::string_view, 4> kStandings{"absent", "accepted", "excluded", "strike"};
constexpr std::array<std::string_view, 8> kProposals{
    "pending", "active", "cancelled", "defeated", "succeeded", "queued", "expired", "executed"};
constexpr std::array<std::string_view, 5> kDemands{"none", "open", "answered", "expired",
                                                   "overridden"};
constexpr std::array<std::string_view, 9> kRoles{"ADMIN",   "UPGRADER", "PARAMETERS",
                                                 "COUNCIL", "PROVER",   "COURT",
                                                 "VOIDER",  "DISPUTES", "GOVERNOR"};

struct Words {
    std::string_view form;
    std::span<const std::string_view> words;
};
constexpr std::array kWords{Words{"case", kCaseStates},    Words{"stage", kStages},
                            Words{"fault", kFaults},       Words{"kind", kKinds},
                            Words{"standing", kStandings}, Words{"proposal", kProposals},
                            Words{"role", kRoles},         Words{"demand", kDemands}};

std::string span_text(std::uint64_t seconds) {
    if (seconds != 0 && seconds % 86'400 == 0) return fmt::format("{} d", seconds / 86'400);
    if (seconds != 0 && seconds % 3'600 == 0) return fmt::format("{} h", seconds / 3'600);
    return fmt::format("{} s", seconds);
}

std::string auditors(std::uint64_t bits) {
    std::string text;
    for (unsigned i = 0; i < 64; ++i) {
        if (((bits >> i) & 1U) == 0) continue;
        text += (text.empty() ? "" : ", ") + std::to_string(i);
    }
    return text.empty() ? "none" : text;
}

std::string printable(std::string_view text) {
    if (text.size() >= 2 && text.front() == '"' && text.back() == '"') {
        text = text.substr(1, text.size() - 2);
    }
    std::string shown;
    for (const char c : text.substr(0, kTextMax)) {
        shown.push_back(c >= 0x20 && c < 0x7f ? c : '?');
    }
    return shown;
}

}  // namespace

std::string refusal_value(std::string_view form, std::string_view value) {
    const std::string plain = printable(value);
    const auto amount = parse_amount(plain);
    if (form.empty() || !amount || *amount > kNumberMax) return plain;
    const auto number = static_cast<std::uint64_t>(*amount);
    if (form == "time") return number == 0 ? "(no time is set)" : utc_text(number);
    if (form == "span") return span_text(number);
    if (form == "percent") return fmt::format("{:g} %", static_cast<double>(number) / 100.0);
    if (form == "set") return auditors(number);
    for (const Words& list : kWords) {
        if (list.form == form && number < list.words.size()) {
            return std::string(list.words[static_cast<std::size_t>(number)]);
        }
    }
    return plain;
}

}  // namespace fedstake::chain
