// What one round leaves for the next, besides the model: an explicit value with canonical bytes.
// Its content root stands in the round's report and in the next round's context, so everybody who
// recomputes a round starts from the same state. Vectors are in it by content root only.
//
// Bounds: limits::kSitesMax sites, kEarlierRoundsMax rounds: 5 MB at most, a few kB for ten sites.
#pragma once

#include <cstddef>
#include <vector>

#include "aggregation/detect/history.hpp"
#include "aggregation/rule.hpp"
#include "proto/base/bytes.hpp"
#include "proto/base/ids.hpp"
#include "proto/base/result.hpp"

namespace fedstake::aggregation {

// Rounds whose updates may not be sent again.
inline constexpr std::size_t kEarlierRoundsMax = 64;
// Changes of the model that predictions look at (detect/prediction.hpp).
inline constexpr std::size_t kAggregatesMax = detect::kPredictionRounds + 1;
// The largest encoding that is read.
inline constexpr std::size_t kStateBytesMax = std::size_t{8} << 20U;

struct SiteVector {
    SiteId site;
    Digest root;  // content root of int32 values
    friend bool operator==(const SiteVector&, const SiteVector&) = default;
};

// The updates of a round that passed the gate.
struct EarlierRound {
    Digest base_model;
    std::vector<SiteVector> updates;  // ascending
    friend bool operator==(const EarlierRound&, const EarlierRound&) = default;
};

struct RoundState {
    RoundNumber round = 0;  // that left it; 0 before the first
    // Of the rule: its figures, and its vectors: one under the zero site, or one for each site.
    RuleMemory rule;
    std::vector<SiteVector> vectors;    // ascending
    std::vector<Digest> aggregates;     // of the last rounds, newest last
    std::vector<EarlierRound> earlier;  // newest last: the one of `round`
    detect::History history;

    // Version 1: ByteWriter, fields in this order; the history as a blob.
    [[nodiscard]] Bytes encode() const;
    // Of hostile bytes too. RETURNS kCorrupt for what encode() cannot have written.
    [[nodiscard]] static Result<RoundState> decode(ByteView bytes);
    // Content root of encode().
    [[nodiscard]] Digest root() const;

    friend bool operator==(const RoundState&, const RoundState&) = default;
};

// Content roots of the vectors that the round after `state` reads: the rule's, and, where it looks
// back, the last round's updates and the aggregates. No duplicates.
[[nodiscard]] std::vector<Digest> vectors_needed(const RoundState& state, bool look_back);

}  // namespace fedstake::aggregation
