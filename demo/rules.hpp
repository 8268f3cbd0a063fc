// The rules of the demo's federation.
#pragma once

#include <cstdint>

#include "demo/options.hpp"
#include "proto/base/result.hpp"
#include "proto/rules/round_rules.hpp"

namespace fedstake::demo {

// How many sites take part when these options are followed, the attacker included.
[[nodiscard]] std::uint32_t site_count(const Options& options) noexcept;

// Sites without which no round is counted: all but one, and never fewer than 2f + 1 or than the
// rule needs. RETURNS kInvalidInput where the rule cannot run with all of them either.
[[nodiscard]] Result<std::uint32_t> quorum_of(std::uint32_t sites,
                                              const rules::AggregationRules& rules);

// The rules file with the demo's rule, seed and deadlines put in. f is 1, and 0 for mean.
// RETURNS the errors of load_rules(); kInvalidInput for a rule that is not in the registry, for its
// parameters, and for one that this many sites, or rounds of a federation at all, cannot run.
[[nodiscard]] Result<rules::RoundRules> demo_rules(const Options& options, std::uint32_t sites);

}  // namespace fedstake::demo
