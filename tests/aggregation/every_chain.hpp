// A chain for every rule and every pre-aggregation of the registry, for tests that hold for all.
#pragma once

#include <string>
#include <vector>

#include "aggregation/registry.hpp"

namespace fedstake::aggregation::reference {

struct NamedChain {
    std::string name;  // "nnm + trimmed-mean"
    rules::AggregationRules rules;
};

// Parameters that the rule cannot do without, for rows of 8 to 512 sites and norms around one.
rules::Step step_of(const RuleInfo& rule);
rules::Step step_of(const PreInfo& pre);

// Each rule alone with this f, in the order of their names.
std::vector<NamedChain> every_rule(std::uint32_t f);
// Each pre-aggregation in front of a rule by columns and of a rule in n-space, and longer chains.
std::vector<NamedChain> every_pre(std::uint32_t f);

}  // namespace fedstake::aggregation::reference
