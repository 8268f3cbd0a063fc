// All signals of one round at once, and the history for the next.
//
// Order of calls: detect_round() once a round with the history of the round before, verdicts() on
// what it returns. Pure functions: the same input gives the same bits on every machine. What a
// round cannot offer is left out, and the signals that need it have no figures.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "aggregation/detect/coalitions.hpp"
#include "aggregation/detect/history.hpp"
#include "aggregation/detect/judge.hpp"
#include "aggregation/detect/round_signals.hpp"
#include "aggregation/detect/signal.hpp"
#include "aggregation/geometry.hpp"
#include "proto/base/ids.hpp"

namespace fedstake::aggregation::detect {

// A geometry with the rows of this round, those of the last, and, for predictions, changes of the
// model and mean updates as prediction.hpp wants them, all in the same unit.
struct EarlierRounds {
    const Geometry* geometry = nullptr;        // null: no signal that looks back at vectors
    std::span<const std::size_t> rows;         // of this round's sites
    std::span<const SiteId> sites_before;      // ascending
    std::span<const std::size_t> rows_before;  // of the last round's sites
    std::span<const std::size_t> changes;      // empty: no predictions
    std::span<const std::size_t> means;        // as many
};

struct RoundInput {
    RoundNumber round = 0;
    std::span<const SiteId> sites;       // ascending, with an update that passed the gate
    const Geometry* geometry = nullptr;  // their rows, with the centre anchor
    std::uint32_t f = 0;                 // how many may be hostile
    std::uint64_t seed = 0;              // of the round, for reference samples
    std::span<const SignCounts> signs;   // of the rows; empty: no sign signal
    EarlierRounds earlier;
};

struct Detection {
    std::vector<SiteFigures> figures;  // for each site of the round
    Limits limits{};
    double top_share = 0.0;              // of the direction in which the rows spread most
    std::vector<std::size_t> coalition;  // for each site: how many of the round it shares with
    std::vector<Coalition> coalitions;   // by likeness, then by hidden likeness
    std::vector<Coalition> turns;
    History history;
};

// `limits` are those of limits_for(); the round's own are put in their place.
// REQUIRES at least one site, a row for each. O(n^3).
[[nodiscard]] Detection detect_round(const RoundInput& input, const History& before,
                                     const Limits& limits);

// The signals of rows by themselves, without sites or rounds. signs: of the rows, or none.
// REQUIRES at least one row, the centre anchor. O(n^3).
[[nodiscard]] Detection detect_rows(const Geometry& geometry, std::uint32_t f,
                                    std::span<const SignCounts> signs, const Limits& limits);

// One for each site of the round, in order.
[[nodiscard]] std::vector<Verdict> verdicts(const Detection& detection, const Policy& policy);

}  // namespace fedstake::aggregation::detect
