// A rule behind its pre-aggregations: whether it can be asked, and what it is asked with.
#include <algorithm>
#include <cmath>
#include <utility>

#include <fmt/format.h>

#include "aggregation/pipeline.hpp"
#include "aggregation/pre/clipping.hpp"
#include "aggregation/registry.hpp"

namespace fedstake::aggregation {
namespace {

Error unmet(std::string_view kind, std::string_view name, std::string_view requirement,
            const Arguments& arguments) {
    return {Errc::kInvalidInput,
            fmt::format("{} {} needs {}, which n = {} sites with f = {} do not "
                        "meet: use more "
                        "sites, a smaller f or another rule",
                        kind, name, requirement, arguments.n, arguments.f)};
}

Status check_order(const Chain& chain) {
    for (const Chain::Pre& pre : chain.pre) {
        if (pre.info->mixes && looks_at_single_rows(*chain.rule)) {
            return fail(Errc::kInvalidInput,
                        fmt::format("pre-aggregation {} mixes the rows of several sites, but rule "
                                    "{} looks at the row of one: leave {} out or use another rule",
                                    pre.info->name, chain.rule->name, pre.info->name));
        }
    }
    return {};
}

// A trusted site is known by its place in the cohort; its row is found in each round.
Status place_trusted(Chain& chain, std::size_t cohort) {
    for (std::size_t k = 0; k < chain.parameters.size(); ++k) {
        if (chain.rule->parameters[k].name != "trusted" || !chain.parameters[k]) {
            continue;
        }
        if (*chain.parameters[k] >= static_cast<double>(cohort)) {
            return fail(Errc::kInvalidInput,
                        fmt::format("rule {}: parameter trusted is {}, must be below {}, the "
                                    "number of enrolled sites",
                                    chain.rule->name, *chain.parameters[k], cohort));
        }
        chain.parameters[k] = 0.0;
    }
    return {};
}

Status check_limit(std::string_view kind, std::string_view name, std::optional<double> norm,
                   unsigned scale_bits) {
    const double unit = std::ldexp(1.0, -static_cast<int>(scale_bits));
    if (norm_limit(norm.value_or(0.0), unit) == 0) {
        return fail(Errc::kInvalidInput,
                    fmt::format("{} {}: norm is below one step of the fixed point (2^-{}), so "
                                "every update would become zero; raise norm or scale_bits",
                                kind, name, scale_bits));
    }
    return {};
}

Status check_limits(const Chain& chain, unsigned scale_bits) {
    for (const Chain::Pre& pre : chain.pre) {
        if (pre.info->name == "norm-clip") {
            FS_TRY(check_limit("pre-aggregation", pre.info->name, pre.parameters[0], scale_bits));
        }
    }
    if (chain.rule->name == "norm-difference-clipping") {
        FS_TRY(check_limit("rule", chain.rule->name, chain.parameters[0], scale_bits));
    }
    return {};
}

}  // namespace

bool looks_at_single_rows(const RuleInfo& rule) {
    return rule.needs.memory == MemoryRows::kPerRow || rule.needs.claims ||
           std::any_of(rule.parameters.begin(), rule.parameters.end(),
                       [](const ParameterInfo& info) { return info.name == "trusted"; });
}

Result<Chain> find_chain(const rules::AggregationRules& rules) {
    Chain chain;
    FS_ASSIGN(chain.rule, find_rule(rules.rule.name));
    FS_ASSIGN(chain.parameters, read_parameters(rules.rule, chain.rule->parameters));
    for (const rules::Step& step : rules.pre) {
        Chain::Pre pre;
        FS_ASSIGN(pre.info, find_pre_aggregation(step.name));
        FS_ASSIGN(pre.parameters, read_parameters(step, pre.info->parameters));
        chain.pre.push_back(std::move(pre));
    }
    FS_TRY(check_order(chain));
    return chain;
}

Result<Arguments> check_support(const Chain& chain, std::size_t n, std::uint32_t f) {
    Arguments arguments{.n = n, .f = f, .parameters = {}};
    for (const Chain::Pre& pre : chain.pre) {
        arguments.parameters = pre.parameters;
        if (pre.info->supports != nullptr && !pre.info->supports(arguments)) {
            return tl::unexpected(
                unmet("pre-aggregation", pre.info->name, pre.info->requirement, arguments));
        }
        if (pre.info->rows_after != nullptr) {
            arguments.n = pre.info->rows_after(arguments);
        }
    }
    arguments.parameters = chain.parameters;
    if (!chain.rule->supports(arguments)) {
        return tl::unexpected(unmet("rule", chain.rule->name, chain.rule->requirement, arguments));
    }
    return arguments;
}

Status check_selected(const Chain& chain, const Arguments& arguments) {
    if (chain.rule->selectable == nullptr || !arguments.parameters[0].has_value()) {
        return {};
    }
    const std::size_t most = chain.rule->selectable(arguments);
    if (*arguments.parameters[0] > static_cast<double>(most)) {
        return fail(Errc::kInvalidInput,
                    fmt::format("rule {}: parameter m is {}, must be at most {} for n = {} sites "
                                "and f = {}",
                                chain.rule->name, *arguments.parameters[0], most, arguments.n,
                                arguments.f));
    }
    return {};
}

Status check_aggregation(const rules::AggregationRules& rules, const FederationSize& size) {
    FS_ASSIGN(Chain chain, find_chain(rules));
    FS_TRY(place_trusted(chain, size.cohort));
    for (const std::size_t updates : {size.updates_least, size.updates_most}) {
        FS_ASSIGN(const Arguments arguments, check_support(chain, updates, rules.f));
        if (updates == size.updates_least) {
            FS_TRY(check_selected(chain, arguments));
        }
    }
    return check_limits(chain, rules.scale_bits);
}

Status check_aggregation(const rules::AggregationRules& rules, std::size_t sites) {
    return check_aggregation(rules,
                             {.updates_least = sites, .updates_most = sites, .cohort = sites});
}

}  // namespace fedstake::aggregation
