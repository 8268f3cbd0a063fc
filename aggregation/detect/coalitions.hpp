// Sites that act as one: k identities of one owner, whose updates are too much alike over rounds.
//
// Likeness of two sites in a round is min(cos(x - c, y - c), cos(x, y)), c the coordinate median:
// without what all sites share, and not merely both near zero. Its mean over rounds (decayed) is
// near 1 for copies, 1 / (1 + s^2) for copies with own noise of s times their length.
//
// Hidden likeness compares a site with what the *other* sent in the round before. Noise that is
// made anew in each round is orthogonal to that of another round, whether the two of a round are
// independent or cancel (+z, -z), so only what is kept remains:
//   sum (<r_i, r'_j> + <r_j, r'_i>) / max(sum <r_i, r'_i> + <r_j, r'_j>, (e_i + e_j) / 4)
// with r, r' residuals of this round and the last about the mean of its core, and e_i the mean of
// |r_i|^2 and |r'_i|^2, all summed with decay. The core is the n - f rows nearest to each other by
// krum score. Without own updates in both rounds (taking turns) the second term of the maximum is
// the denominator. Near 1 for identities of one update, whatever fresh noise hides it, up to noise
// of sqrt(3) times its length.
//
// A pair is too alike above max(1/2, median + z 1.4826 MAD), at most 0.995, over the pairs of
// either site, z the normal quantile that all pairs exceed together in 1 % of rounds. A site of a
// coalition has f - 1 such pairs of n - 1, so they cannot move its median far; and a centre that
// hostile rows have moved gives all honest residuals a part in common, which is then in the medians
// of honest sites. A figure is the likeness less what the pair's limit has above 1/2, so that the
// limit of all is 1/2. Groups in which every pair is too alike are coalitions, unless they are half
// of all sites or more. A coalition is never proof: two honest sites may be alike, and a mimic
// makes its victim look like an accomplice. It is a reason to give the group one weight, not a
// strike.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "aggregation/detect/history.hpp"
#include "aggregation/detect/own_history.hpp"
#include "aggregation/geometry.hpp"
#include "proto/base/ids.hpp"

namespace fedstake::aggregation::detect {

// Rounds together before two sites are judged: fewer are chance.
inline constexpr int kRoundsToJudge = 3;

// A geometry with updates of this round and of the last one. Sites ascend in both lists; a site may
// stand in one only.
struct LaggedRows {
    const Geometry* geometry = nullptr;
    std::span<const SiteId> sites;
    std::span<const std::size_t> rows;
    std::span<const SiteId> sites_before;
    std::span<const std::size_t> rows_before;
};

// Adds this round to a history from begin_round(). REQUIRES the centre anchor, a row for each of
// `sites`, in their order. O(n^2).
void add_likeness(History& history, std::span<const SiteId> sites, const Geometry& geometry);
// The same for lagged products. Does nothing with fewer than two rows in one of the rounds.
// REQUIRES `sites` in the history; sites of the round before that are not there are left out.
// O(n^2 log n).
void add_lagged(History& history, const LaggedRows& rows, std::size_t f);

struct Coalition {
    std::vector<SiteId> sites;  // ascending, at least two
    double least = 0.0;         // figure of its least alike pair
};
struct Coalitions {
    double limit = 0.0;           // infinite where too few pairs can be judged
    std::vector<double> figures;  // for each site of the history: its largest pair; -1 without one
    std::vector<Coalition> groups;
};

// Pairs of sites with kRoundsToJudge rounds together in the last 64. O(n^2 log n) and more where
// many pairs are alike, at most O(n^4).
[[nodiscard]] Coalitions alike(const History& history);
// Pairs of sites with kRoundsToJudge rounds each, after as many lagged rounds.
[[nodiscard]] Coalitions alike_behind_noise(const History& history);

// Sites of which never two take part. With shares p_i of the last R rounds since all of a group of
// k are known, and e the chance that exactly one of independent sites takes part,
//   figure = (share of rounds with exactly one - e) sqrt(2 R / ln(C(n, k) / 0.01))
// and the limit is 1: Hoeffding's bound over all groups of k sites. Groups are grown greedily, from
// each site on, by later sites that were never present together with the group. O(n^3).
[[nodiscard]] Coalitions taking_turns(const History& history);

}  // namespace fedstake::aggregation::detect
