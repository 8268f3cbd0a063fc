// SignGuard: keeps rows of usual length whose shares of positive and negative coordinates agree.
//
// Xu, Huang, Song, Lan, "Byzantine-robust Federated Learning through Collaborative Malicious
// Gradient Filtering", ICDCS 2022 (without the similarity feature of SignGuard-Sim).
#pragma once

#include <cstddef>
#include <limits>
#include <vector>

#include "aggregation/rule.hpp"
#include "aggregation/rules/mean_shift.hpp"
#include "proto/base/rng.hpp"

namespace fedstake::aggregation {

// Rows with 0.1 M < |x| < 3 M for the median norm M. Never empty unless M is 0.
[[nodiscard]] std::vector<std::size_t> rows_of_usual_norm(const std::vector<double>& norms);

// Shares of positive, zero and negative values of each of n rows on a seeded slice of a tenth of
// the coordinates (at least one), each over the largest share of its kind. Reads the slice once, in
// pieces that fit into memory_bytes. RETURNS what columns.read() and piece_columns() do.
[[nodiscard]] Result<std::vector<Feature>> sign_features(
    const RowColumns& columns, std::size_t n, Rng& rng,
    std::size_t memory_bytes = std::numeric_limits<std::size_t>::max());

// The mean, clipped to M, of the rows of usual norm that lie in the largest cluster of sign
// features; of all rows of usual norm where that leaves none; zero where M is 0.
[[nodiscard]] bool signguard_supports(const Arguments& arguments);
[[nodiscard]] Result<RuleAnswer> signguard(const RuleInput& input);

}  // namespace fedstake::aggregation
