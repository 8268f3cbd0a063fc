// Lookup by name, reading of parameters, and the messages for what is wrong with them.
#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

#include <fmt/format.h>

#include "aggregation/norm_clip.hpp"
#include "aggregation/pipeline.hpp"
#include "aggregation/registry.hpp"

namespace fedstake::aggregation {
namespace {

// Levenshtein distance, for "did you mean".
std::size_t edit_distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> row(b.size() + 1);
    for (std::size_t j = 0; j <= b.size(); ++j) {
        row[j] = j;
    }
    for (std::size_t i = 1; i <= a.size(); ++i) {
        std::size_t diagonal = row[0];
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
            diagonal = row[j];
            row[j] = std::min({replaced, row[j] + 1, row[j - 1] + 1});
        }
    }
    return row[b.size()];
}

template <class Info>
std::string_view nearest_name(std::span<const Info> known, std::string_view name) {
    std::string_view best;
    std::size_t best_distance = std::numeric_limits<std::size_t>::max();
    for (const Info& info : known) {
        const std::size_t distance = edit_distance(name, info.name);
        if (distance < best_distance) {
            best_distance = distance;
            best = info.name;
        }
    }
    return best;
}

template <class Info>
Result<const Info*> find_in(std::span<const Info> known, std::string_view name,
                            std::string_view what) {
    const auto found = std::find_if(known.begin(), known.end(),
                                    [&](const Info& info) { return info.name == name; });
    if (found != known.end()) {
        return &*found;
    }
    return fail(Errc::kInvalidInput, fmt::format("unknown {} \"{}\": did you mean \"{}\"?", what,
                                                 name, nearest_name(known, name)));
}

Status check_value(const rules::Step& step, const ParameterInfo& info, double value) {
    if (!(value >= info.minimum && value <= info.maximum)) {
        return fail(Errc::kInvalidInput,
                    fmt::format("{}: parameter {} is {}, must be from {} to {} ({})", step.name,
                                info.name, value, info.minimum, info.maximum, info.meaning));
    }
    if (info.integer && std::floor(value) != value) {
        return fail(Errc::kInvalidInput,
                    fmt::format("{}: parameter {} is {}, must be a whole number ({})", step.name,
                                info.name, value, info.meaning));
    }
    return {};
}

Status unknown_parameter(const rules::Step& step, std::string_view name,
                         std::span<const ParameterInfo> known) {
    if (known.empty()) {
        return fail(Errc::kInvalidInput,
                    fmt::format("{} takes no parameters, but \"{}\" is given", step.name, name));
    }
    return fail(Errc::kInvalidInput,
                fmt::format("{}: unknown parameter \"{}\": did you mean \"{}\"?", step.name, name,
                            nearest_name(known, name)));
}

}  // namespace

Result<const RuleInfo*> find_rule(std::string_view name) {
    return find_in(all_rules(), name, "aggregation rule");
}

Result<const PreInfo*> find_pre_aggregation(std::string_view name) {
    return find_in(all_pre_aggregations(), name, "pre-aggregation");
}

Result<std::vector<std::optional<double>>> read_parameters(const rules::Step& step,
                                                           std::span<const ParameterInfo> known) {
    std::vector<std::optional<double>> values(known.size());
    for (const rules::Parameter& parameter : step.parameters) {
        const auto found = std::find_if(known.begin(), known.end(), [&](const ParameterInfo& info) {
            return info.name == parameter.name;
        });
        if (found == known.end()) {
            FS_TRY(unknown_parameter(step, parameter.name, known));
        }
        auto& value = values[static_cast<std::size_t>(found - known.begin())];
        if (value.has_value()) {
            return fail(Errc::kInvalidInput,
                        fmt::format("{}: parameter {} is given twice", step.name, parameter.name));
        }
        FS_TRY(check_value(step, *found, parameter.value));
        value = parameter.value;
    }
    for (std::size_t i = 0; i < known.size(); ++i) {
        if (known[i].required && !values[i].has_value()) {
            return fail(Errc::kInvalidInput, fmt::format("{} needs the parameter {}: {}", step.name,
                                                         known[i].name, known[i].meaning));
        }
    }
    return values;
}

Status check_support(const RuleInfo& rule, const Arguments& arguments) {
    if (!rule.supports(arguments)) {
        return fail(Errc::kInvalidInput,
                    fmt::format("rule {} needs {}, which n = {} sites with f = {} do not meet: use "
                                "more sites, a smaller f or another rule",
                                rule.name, rule.requirement, arguments.n, arguments.f));
    }
    return {};
}

Status check_aggregation(const rules::AggregationRules& rules, std::size_t sites) {
    FS_ASSIGN(const RuleInfo* const rule, find_rule(rules.rule.name));
    Arguments arguments{.n = sites, .f = rules.f, .parameters = {}};
    FS_ASSIGN(arguments.parameters, read_parameters(rules.rule, rule->parameters));
    FS_TRY(check_support(*rule, arguments));
    if (rule->selectable != nullptr && arguments.parameters[0].has_value() &&
        *arguments.parameters[0] > static_cast<double>(rule->selectable(arguments))) {
        return fail(Errc::kInvalidInput,
                    fmt::format("rule {}: parameter m is {}, must be at most {} for n = {} sites "
                                "and f = {}",
                                rule->name, *arguments.parameters[0], rule->selectable(arguments),
                                sites, rules.f));
    }
    for (const rules::Step& step : rules.pre) {
        FS_ASSIGN(const PreInfo* const pre, find_pre_aggregation(step.name));
        FS_ASSIGN(const auto parameters, read_parameters(step, pre->parameters));
        if (pre->apply == clip_norms &&
            norm_limit(parameters[0].value_or(0.0), rules.scale_bits) == 0) {
            return fail(Errc::kInvalidInput,
                        fmt::format("pre-aggregation {}: norm is below one step of the fixed point "
                                    "(2^-{}), so every update would become zero; raise norm or "
                                    "scale_bits",
                                    pre->name, unsigned{rules.scale_bits}));
        }
    }
    return {};
}

}  // namespace fedstake::aggregation
