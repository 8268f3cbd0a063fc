// Small steps that several rules share: medians, weights as integers, clipping, a seeded generator.
//
// Doubles become integer weights in one of two ways. A convex combination keeps its sum: what all
// rows agree on comes out unchanged. A clipped mean rounds the weight of a clipped row down, so
// that it never adds more than its limit.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "aggregation/combination.hpp"
#include "aggregation/geometry.hpp"
#include "aggregation/rule.hpp"
#include "proto/base/ids.hpp"
#include "proto/base/rng.hpp"

namespace fedstake::aggregation {

// 0, 1, ..., n - 1.
[[nodiscard]] std::vector<std::size_t> first_rows(std::size_t n);

// |x_i| of the first n rows, in fixed-point steps.
[[nodiscard]] std::vector<double> norms_of(const Geometry& geometry, std::size_t n);

// The middle value; the mean of the middle two for an even number. REQUIRES at least one value.
// O(n log n).
[[nodiscard]] double middle_of(std::vector<double> values);

// Integer weights over their own sum, in the ratios of `weights` (to 2^-30 of their sum): their
// combination of equal rows is that row. REQUIRES finite, non-negative weights, not all zero, at
// most 2^20 of them.
[[nodiscard]] Combination convex_combination(std::span<const double> weights);

// The mean over `rows` of x min(1, limit / |x|): each clipped row adds at most limit / rows.size().
// The combination has a weight for each row of the geometry; all are zero where every row is
// clipped to nothing. With no row above the limit it is the mean itself. REQUIRES a finite limit >=
// 0, at least one row. O(n).
[[nodiscard]] Combination clipped_mean(const Geometry& geometry, std::span<const std::size_t> rows,
                                       double limit);

// The generator of one rule in one round: its stream is another for another seed or rule.
[[nodiscard]] Rng rule_generator(const Digest& seed, std::uint16_t rule_id);

// n > 2f.
[[nodiscard]] bool has_honest_majority(const Arguments& arguments);

}  // namespace fedstake::aggregation
