// Lookup by name, reading of parameters, and the messages for what is wrong
// with them.
#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <string>

#include <fmt/format.h>

#include "aggregation/pipeline.hpp"
#include "aggregation/registry.hpp"

namespace fedstake::aggregation {
namespace {

// Edits between two names, for "did you mean"; two letters in the wrong order are one (Damerau).
std::size_t edit_distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> before(b.size() + 1);  // two letters of `a` less
    std::vector<std::size_t> above(b.size() + 1);   // one letter less
    std::vector<std::size_t> row(b.size() + 1);
    std::iota(row.begin(), row.end(), std::size_t{0});
    for (std::size_t i = 1; i <= a.size(); ++i) {
        before.swap(above);
        above.swap(row);
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t replaced = above[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
            row[j] = std::min({replaced, above[j] + 1, row[j - 1] + 1});
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
                row[j] = std::min(row[j], before[j - 2] + 1);
            }
        }
    }
    return row[b.size()];
}

std::string_view nearest_name(const std::vector<std::string_view>& known, std::string_view name) {
    std::string_view best;
    std::size_t best_distance = std::numeric_limits<std::size_t>::max();
    for (const std::string_view candidate : known) {
        const std::size_t distance = edit_distance(name, candidate);
        if (distance < best_distance) {
            best_distance = distance;
            best = candidate;
        }
    }
    return best;
}

template <class Info>
Result<const Info*> find_in(std::span<const Info* const> known, std::string_view name,
                            std::string_view what) {
    std::vector<std::string_view> names;
    for (const Info* info : known) {
        if (info->name == name) {
            return info;
        }
        names.push_back(info->name);
    }
    return fail(Errc::kInvalidInput, fmt::format("unknown {} \"{}\": did you mean \"{}\"?", what,
                                                 name, nearest_name(names, name)));
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
    std::vector<std::string_view> names;
    for (const ParameterInfo& info : known) {
        names.push_back(info.name);
    }
    return fail(Errc::kInvalidInput,
                fmt::format("{}: unknown parameter \"{}\": did you mean \"{}\"?", step.name, name,
                            nearest_name(names, name)));
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

}  // namespace fedstake::aggregation
