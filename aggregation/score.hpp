// Contribution scores of the accepted updates, from the distance matrix alone: integers from 0 to
// limits::kScoreMax. For rows i with weights w_i in the aggregate, unit vectors u_i = x_i / |x_i|
// and cosines c_ij = <u_i, u_j>:
//
//   likeness_ij  = max(0, 4 c_ij - 3)                         1 for the same direction
//   share_i      = 1 / (1 + sum over j != i of likeness_ij)   k alike rows count as one
//   g            = sum over j of share_j u_j                  the direction that the rows agree on
//   direction_i  = ((1 + cos(x_i, g)) / 2)^2                  0 against everybody, 1 with everybody
//   magnitude_i  = min(1, w_i |x_i| / M)                      M: median of w |x|, weighted by share
//   score_i      = floor(1e6 * share_i * direction_i * magnitude_i)
//
// In the manner of leave-one-out: what a row adds that the others do not already hold. Rows that
// point the same way divide one score; a site that turns into k sites with identical or
// proportionally smaller updates does not raise its sum as long as no other site points the same
// way (cosine above 3/4); with such neighbours it can take from their common share, which stake
// bounds (proto/rules/settlement.hpp). A minority that pulls against the others keeps a positive
// score unless it is exactly opposite to g; an empty update gets 0,
// and so does one without weight. Updates that count as one are one row here, their mean, and
// divide its score.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "aggregation/geometry.hpp"

namespace fedstake::aggregation {

struct ScoredRow {
    std::vector<std::size_t> members;  // ascending; several count as one
    double weight = 1.0;               // of all of them in the aggregate
};

// One score for each row of the geometry; 0 for those in no scored row. Scored rows without weight
// are left out of all figures. REQUIRES that no row is a member twice. O(n^2), doubles in a fixed
// order.
[[nodiscard]] std::vector<std::uint64_t> contribution_scores(const Geometry& geometry,
                                                             std::span<const ScoredRow> rows);
// Every row by itself, with the same weight.
[[nodiscard]] std::vector<std::uint64_t> contribution_scores(const Geometry& geometry);

}  // namespace fedstake::aggregation
