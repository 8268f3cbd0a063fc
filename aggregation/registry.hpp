// The tables of aggregation rules and pre-aggregations: what exists, what it takes, what it needs.
//
// Documentation, command lines and checks read the same facts. There is no self-registration: each
// family of rules has one table (aggregation/rules/*_table.cpp), and all of them are named here.
#pragma once

#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "aggregation/rule.hpp"
#include "proto/rules/round_rules.hpp"

namespace fedstake::aggregation {

// By name.
[[nodiscard]] std::span<const RuleInfo* const> all_rules();
[[nodiscard]] std::span<const PreInfo* const> all_pre_aggregations();

// RETURNS kInvalidInput with the nearest known name.
[[nodiscard]] Result<const RuleInfo*> find_rule(std::string_view name);
[[nodiscard]] Result<const PreInfo*> find_pre_aggregation(std::string_view name);

// The step's parameters in table order. RETURNS kInvalidInput for an unknown, repeated, missing,
// fractional or out-of-range parameter, naming it, its meaning and its range.
[[nodiscard]] Result<std::vector<std::optional<double>>> read_parameters(
    const rules::Step& step, std::span<const ParameterInfo> known);

// A rule behind its pre-aggregations, with everything looked up.
struct Chain {
    struct Pre {
        const PreInfo* info = nullptr;
        std::vector<std::optional<double>> parameters;
    };
    std::vector<Pre> pre;
    const RuleInfo* rule = nullptr;
    std::vector<std::optional<double>> parameters;
};

// RETURNS kInvalidInput for unknown names, bad parameters and steps that cannot stand in front of
// the rule.
[[nodiscard]] Result<Chain> find_chain(const rules::AggregationRules& rules);

// The rule's n and f behind the pre-aggregations, when n rows of which f may be hostile come in.
// RETURNS kInvalidInput with the requirement of the first step that n and f do not meet.
[[nodiscard]] Result<Arguments> check_support(const Chain& chain, std::size_t n, std::uint32_t f);

// RETURNS kInvalidInput for a parameter m above what the rule can select from these n and f; a rule
// that is asked all the same lowers it.
[[nodiscard]] Status check_selected(const Chain& chain, const Arguments& arguments);

// Whether the rule looks at the row of one site: a trusted row, or a memory or a claim of each.
[[nodiscard]] bool looks_at_single_rows(const RuleInfo& rule);

}  // namespace fedstake::aggregation
