// The registry as a document.
#include <span>
#include <string>
#include <string_view>

#include <fmt/format.h>

#include "aggregation/registry.hpp"
#include "sim/app/aggregate_report.hpp"
#include "sim/app/list_command.hpp"

namespace fedstake::sim {
namespace {

using aggregation::ParameterInfo;
using aggregation::PreInfo;
using aggregation::RuleInfo;

constexpr std::string_view kHead =
    "# Aggregation rules\n"
    "\n"
    "<!-- Made by `fedstake-sim list rules --markdown` out of the registry. Do not edit. -->\n"
    "\n"
    "`n` rows come in, of which `f` may be hostile; `d` is their length. How they are measured and "
    "combined: [aggregation.md](aggregation.md).\n"
    "Try one on numbers of your own: `fedstake-sim aggregate --rule NAME --input FILE` "
    "([researcher-guide.md](researcher-guide.md#aggregating-numbers-of-your-own)).\n";

// Bars would end a cell, stars and tags would become markup.
std::string escaped(std::string_view text) {
    std::string safe;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool tag =
            text[i] == '<' && i + 1 < text.size() && text[i + 1] != ' ' && text[i + 1] != '=';
        if (text[i] == '|' || text[i] == '*' || tag) {
            safe += '\\';
        }
        safe += text[i];
    }
    return safe;
}

std::string parameter_lines(std::span<const ParameterInfo> parameters) {
    std::string text = "\n| Parameter | Range | Meaning |\n|---|---|---|\n";
    for (const ParameterInfo& info : parameters) {
        text += fmt::format("| `{}`{} | {}{} to {} | {} |\n", info.name,
                            info.required ? " (required)" : "", info.integer ? "whole, " : "",
                            shortest(info.minimum), shortest(info.maximum), escaped(info.meaning));
    }
    return text;
}

std::string memory_line(const RuleInfo& info) {
    switch (info.needs.memory) {
        case aggregation::MemoryRows::kOne: return "- **Keeps from round to round:** one vector\n";
        case aggregation::MemoryRows::kPerRow:
            return "- **Keeps from round to round:** one vector for each site\n";
        case aggregation::MemoryRows::kNone: break;
    }
    return "";
}

std::string memory_line(const PreInfo& info) {
    return info.mixes ? "- **Mixes the rows of several sites:** rules that look at the row of one "
                        "cannot stand behind it\n"
                      : "";
}

template <class Info>
std::string section(const Info& info) {
    std::string text = fmt::format("\n### {}\n\n{}\n\n", info.name, escaped(info.summary));
    text += fmt::format("- **Needs:** {}\n", escaped(info.requirement));
    text += fmt::format("- **Breaks:** {}\n", escaped(info.breaks));
    text += fmt::format("- **Cost:** {}\n", escaped(info.cost));
    text += memory_line(info);
    text += fmt::format("- **Source:** {}\n", escaped(info.source));
    return info.parameters.empty() ? text : text + parameter_lines(info.parameters);
}

template <class Info>
std::string part(std::string_view title, std::span<const Info* const> entries) {
    std::string text =
        fmt::format("\n## {}\n\n| Name | Needs | What it does |\n|---|---|---|\n", title);
    for (const Info* info : entries) {
        text += fmt::format("| [{}](#{}) | {} | {} |\n", info->name, info->name,
                            escaped(info->requirement), escaped(info->summary));
    }
    for (const Info* info : entries) {
        text += section(*info);
    }
    return text;
}

}  // namespace

std::string rules_markdown() {
    return std::string(kHead) + part("Rules", aggregation::all_rules()) +
           part("Pre-aggregations", aggregation::all_pre_aggregations());
}

}  // namespace fedstake::sim
