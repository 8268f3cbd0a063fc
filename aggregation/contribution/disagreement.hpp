// The alarm between two views of the same rows: contributions measured on validation data and the
// cosines of CGSV, which use none. A row that one view puts high and the other low may play to one
// of them: an update shaped like the expected aggregate, or validators who favour it (the attack
// named ACE, USENIX Security 2024, against contribution scores).
//
//   deviation(v)_i  (v_i - m) / (1.4826 MAD + 0.25 |m|), within +-10, 0 for v_i = m; m the median
//                   and MAD the median absolute deviation of v over the *other* rows
//   rank(v)_i       place from the bottom, the mean place of equal values
//   size_i          deviation(cosines)_i - deviation(values)_i; above 0: looks better than it is
//   places_i        rank(cosines)_i - rank(values)_i
//   threshold       2.5 + 8 / (n - 2) + 0.5 max(0, floor(log2(n / 8)))
//   named           size_i and places_i have the same sign, |places_i| >= n / 2, and
//                   |size_i| > threshold
// With fewer than four rows nobody is named: two others cannot outvote a third. The second term of
// the threshold stands for the few others that a spread is taken from, the third for the many rows
// that may be named by chance.
//
// An alarm is for people and never costs anything by itself. Rounds of honest random rows in which
// somebody is named, with Banzhaf values: exact to n = 10 (600 rounds each, 200 for n = 10), from
// 3000 samples for n = 20, 40, 80 (120, 120, 60 rounds). disagreement_test.cpp makes these rows and
// checks n = 4, 6, 8.
//   sites with goals of their own around a common one, lengths 0.5 to 2   0 to 8 %
//   one goal, noise from 0.3 to 1.5 of it                                 0 to 4 %
//   rows and goal with nothing in common: neither view measures anything  8 to 39 %
// Rounds in which a random row is named whose utility is reported at 1.5 times the best, in the
// first and the second kind: n = 4: 8 and 6 %, n = 6: 34 and 26 %, n = 8: 71 and 57 %, n = 10: 91
// and 74 %, n = 20 to 80: 92 to 97 and 83 to 92 %. A row near the sum of the others that adds
// nothing is mostly not named; sums over rounds separate better, and both arguments may be sums.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "proto/base/result.hpp"

namespace fedstake::aggregation::contribution {

struct Disagreement {
    std::vector<double> sizes;       // size_i
    std::vector<double> places;      // places_i, in halves
    double threshold = 0.0;          // 0 with fewer than four rows
    std::vector<std::size_t> named;  // ascending
};

// One value and one cosine for each row. RETURNS kInvalidInput for lengths that differ and for
// numbers that are not finite. O(n^2 log n).
[[nodiscard]] Result<Disagreement> disagreement(std::span<const double> values,
                                                std::span<const double> cosines);

}  // namespace fedstake::aggregation::contribution
