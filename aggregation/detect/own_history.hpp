// Signals of a site against its own last update: resent updates, attacks that switch on and off.
#pragma once

#include <cstddef>
#include <limits>
#include <optional>
#include <span>
#include <vector>

#include "aggregation/geometry.hpp"

namespace fedstake::aggregation::detect {

inline constexpr std::size_t kNoRow = std::numeric_limits<std::size_t>::max();

// Where a geometry of two rounds holds the updates of one site each: now[i] this round's, before[i]
// the last round's, kNoRow where the site had none.
struct OwnRows {
    std::span<const std::size_t> now;
    std::span<const std::size_t> before;
};

struct OwnChange {
    double cosine = 0.0;      // of this update and the last; for people, no signal of its own
    double steadiness = 0.0;  // min(|x|, |x'|) / |x - x'|, at most 1e6; 1e6 where both are equal
    double resend = 0.0;      // deviation of ln(steadiness), see below
    double jump = 0.0;        // deviation of |x - x'|
};

// resend is (ln s - m) / max(1.4826 MAD, ln 2) over the other sites' ln s: steadiness is a ratio,
// and a factor of two is taken as one standard deviation at least, so that chance among few sites,
// of which one is a little steadier, is no alarm; eight times as steady as all others is one.
// Deviations are over the sites that have both updates; nothing for the others, and for all where
// these are fewer than four. REQUIRES as many entries in now as in before. O(n^2 log n).
[[nodiscard]] std::vector<std::optional<OwnChange>> own_changes(const Geometry& geometry,
                                                                const OwnRows& rows);

}  // namespace fedstake::aggregation::detect
