// Verdicts on the updates that passed the gate: all signals of the round (aggregation/detect), what
// the federation's policy makes of them, and which sites count as one.
#pragma once

#include <cstddef>
#include <vector>

#include "aggregation/admission.hpp"
#include "aggregation/distances.hpp"
#include "aggregation/earlier_vectors.hpp"
#include "aggregation/row_map.hpp"

namespace fedstake::aggregation {

struct Judgement {
    Distances distances;  // of the gated rows, with their centre
    detect::Limits limits{};
    std::vector<Figures> figures;           // for each gated row
    std::vector<detect::Verdict> verdicts;  // for each gated row
    // Rows that share one weight, each group by ascending rows, at least two of them. A row is in
    // one group at most: the largest of its coalitions, the first one among equals.
    std::vector<std::vector<std::size_t>> groups;
    detect::History history;  // for the next round
};

// gated: what passed the gate, by site; at least one. seed: of the round. Reads the gated rows
// once, and, with rules.anomaly.look_back and a state, once more together with the updates of the
// round before and the aggregates of the rounds before that. O(n^2 d + n^3). RETURNS the errors of
// measure_distances().
[[nodiscard]] Result<Judgement> judge_updates(const RoundInput& input, const RoundOptions& options,
                                              std::span<const AdmittedUpdate* const> gated,
                                              const EarlierVectors& earlier, const Digest& seed,
                                              WorkerPool& pool);

// The map that turns `rows` rows into one for each group and one for each row in no group, in the
// order of their first rows. Weights are exact for groups whose sizes have a common multiple of at
// most 2^20, and rounded to 2^-30 otherwise. REQUIRES disjoint groups.
[[nodiscard]] RowMap merge_groups(std::size_t rows,
                                  std::span<const std::vector<std::size_t>> groups);

}  // namespace fedstake::aggregation
