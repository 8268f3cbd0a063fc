// What the rule of a round is asked with, from the round's updates.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "aggregation/pipeline.hpp"
#include "aggregation/registry.hpp"

namespace fedstake::aggregation {

// The largest f that the chain supports with `left` updates, from the configured one down to what
// is left of it when every excluded update counts as one of the f. RETURNS kNotNow when there is
// none.
[[nodiscard]] Result<std::uint32_t> choose_f(const Chain& chain, const RoundInput& input,
                                             std::size_t submitted, std::size_t left);

// The site that the rule trusts, if it names one of the cohort.
[[nodiscard]] std::optional<SiteId> trusted_site(const Chain& chain,
                                                 const rules::RoundContext& context);

// Rules name a trusted site by its place in the cohort; among the updates that are left, which are
// those of `sites`, it has another. RETURNS kNotNow when it is not among them.
[[nodiscard]] Status find_trusted(Chain& chain, const rules::RoundContext& context,
                                  std::span<const SiteId> sites);

// The numbers of rows that sites state beside these updates, for a rule that needs claims: 0 where
// one states none, and 1 for each where nobody does.
[[nodiscard]] std::vector<double> claims_of(const RuleInfo& rule,
                                            std::span<const rules::SignedUpdate* const> updates);

}  // namespace fedstake::aggregation
