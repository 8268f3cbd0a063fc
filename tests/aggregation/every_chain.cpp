#include "tests/aggregation/every_chain.hpp"

#include <map>

namespace fedstake::aggregation::reference {
namespace {

template <class Info>
rules::Step with_required_parameters(const Info& info) {
    static const std::map<std::string_view, double> kValues{
        {"beta", 0.25},     {"tau", 1.0}, {"norm", 1.0}, {"trusted", 0},
        {"threshold", 3.0}, {"cap", 2.0}, {"alpha", 0.5}};
    rules::Step step{.name = std::string(info.name), .parameters = {}};
    for (const ParameterInfo& parameter : info.parameters) {
        if (parameter.required) {
            step.parameters.push_back(
                {.name = std::string(parameter.name), .value = kValues.at(parameter.name)});
        }
    }
    return step;
}

NamedChain chain_of(std::vector<std::string_view> pre, std::string_view rule, std::uint32_t f) {
    NamedChain chain;
    for (const std::string_view name : pre) {
        chain.name += std::string(name) + " + ";
        chain.rules.pre.push_back(step_of(*find_pre_aggregation(name).value()));
    }
    chain.name += rule;
    chain.rules.rule = step_of(*find_rule(rule).value());
    chain.rules.f = f;
    return chain;
}

}  // namespace

rules::Step step_of(const RuleInfo& rule) {
    return with_required_parameters(rule);
}
rules::Step step_of(const PreInfo& pre) {
    return with_required_parameters(pre);
}

std::vector<NamedChain> every_rule(std::uint32_t f) {
    std::vector<NamedChain> chains;
    for (const RuleInfo* rule : all_rules()) {
        chains.push_back(chain_of({}, rule->name, f));
    }
    return chains;
}

std::vector<NamedChain> every_pre(std::uint32_t f) {
    std::vector<NamedChain> chains;
    for (const PreInfo* pre : all_pre_aggregations()) {
        for (const std::string_view rule : {"trimmed-mean", "multi-krum", "geometric-median"}) {
            chains.push_back(chain_of({pre->name}, rule, f));
        }
    }
    chains.push_back(chain_of({"norm-clip", "nnm"}, "median", f));
    chains.push_back(chain_of({"arc", "nnm"}, "krum", f));
    chains.push_back(chain_of({"norm-clip", "bucketing", "nnm"}, "meamed", 1));
    chains.push_back(chain_of({"norm-clip"}, "centered-clipping", f));
    chains.push_back(chain_of({"arc"}, "foolsgold", f));
    // Rules that read coordinates of the rows behind the steps.
    for (const std::string_view rule : {"dnc", "signguard"}) {
        chains.push_back(chain_of({"nnm"}, rule, f));
        chains.push_back(chain_of({"bucketing"}, rule, f));
        chains.push_back(chain_of({"arc"}, rule, f));
        chains.push_back(chain_of({"norm-clip", "nnm"}, rule, f));
    }
    return chains;
}

}  // namespace fedstake::aggregation::reference
