// From the state of the round before to the rows that a rule works on, and to the next state.
#pragma once

#include <span>
#include <vector>

#include "aggregation/earlier_vectors.hpp"
#include "aggregation/row_set.hpp"
#include "aggregation/rule.hpp"

namespace fedstake::aggregation {

// The vectors that the rule kept for these sites, in their order, or its one vector; `zeros` where
// there is none yet. Empty for a rule that keeps none.
[[nodiscard]] std::vector<Row> memory_rows(const RuleInfo& rule, const RoundInput& input,
                                           std::span<const SiteId> sites,
                                           const EarlierVectors& earlier,
                                           const VectorSource& zeros);

// The vectors for the next round: those made now, under their sites, and those of members of the
// cohort that had no row in this round. roots: in the order of memory_rows().
[[nodiscard]] std::vector<SiteVector> vectors_after(const RuleInfo& rule, const RoundInput& input,
                                                    std::span<const SiteId> sites,
                                                    std::span<const Digest> roots);

// Adds this round to what rounds leave: its aggregate, and the updates that passed its gate.
void add_round(const RoundInput& input, const Digest& aggregate, std::vector<SiteVector> updates,
               RoundState& state);

}  // namespace fedstake::aggregation
