// Divide-and-conquer (DnC): drops the rows that stand out along the main direction of some randomly
// chosen coordinates.
//
// Shejwalkar and Houmansadr, "Manipulating the Byzantine: Optimizing Model Poisoning Attacks and
// Defenses for Federated Learning", NDSS 2021, algorithm 2.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "aggregation/geometry.hpp"
#include "aggregation/rule.hpp"
#include "proto/base/rng.hpp"

namespace fedstake::aggregation {

// `count` distinct places below `coordinates`, ascending; all of them where there are no more.
// R. Floyd's method: every subset is equally likely. O(count log count).
[[nodiscard]] std::vector<std::uint64_t> random_places(std::uint64_t coordinates,
                                                       std::uint64_t count, Rng& rng);

// Squared distances and norms of n rows over these coordinates, exact integers rounded once; the
// centre anchor is not set. Reads at most piece_max columns at once. REQUIRES ascending places.
// RETURNS what columns.read() does. O(n^2 places.size()).
inline constexpr std::size_t kDncPieceMax = 4096;
[[nodiscard]] Result<Geometry> geometry_at(const RowColumns& columns, std::size_t n,
                                           const std::vector<std::uint64_t>& places,
                                           std::size_t piece_max = kDncPieceMax);

// The piece_max with which drawing so many places and reading them stays within memory_bytes.
// RETURNS kLimitExceeded where none does.
[[nodiscard]] Result<std::size_t> dnc_piece(const RowColumns& columns, std::size_t n,
                                            std::uint64_t places, std::size_t memory_bytes);

// u_i^2 for the first left singular vector u of the centred rows, which is proportional to the
// squared projection of row i on the main direction. All 0 for equal rows. O(n^3).
[[nodiscard]] std::vector<double> outlier_scores(const Geometry& geometry);

// Each iteration draws its own coordinates from the seed and keeps the n - floor(c f) rows with the
// lowest scores, ties to the lowest rows. The answer is the mean of the rows kept most often: of
// those always kept where there are any.
// Parameters: coordinates, iterations, c.
[[nodiscard]] bool dnc_supports(const Arguments& arguments);
[[nodiscard]] Result<RuleAnswer> dnc(const RuleInput& input);

}  // namespace fedstake::aggregation
