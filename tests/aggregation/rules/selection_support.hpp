// Rules asked directly, with rows of doubles: matrices, their geometry, and what a combination
// makes of them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string_view>
#include <vector>

#include "aggregation/rule.hpp"
#include "proto/base/rng.hpp"

namespace fedstake::aggregation::testing {

using Vector = std::vector<double>;
using Matrix = std::vector<Vector>;

double square_between(const Vector& a, const Vector& b);
// All rows and both anchors.
Geometry geometry_of(const Matrix& rows);
// The geometry of these rows of another one.
Geometry restricted(const Geometry& geometry, const std::vector<std::size_t>& rows);

// Small integers with many ties, wide values, a far group, near-copies, points on a line.
Matrix random_rows(Rng& rng, std::size_t rows, std::size_t columns);
// The same rows, some of them replaced by hostile ones: far, opposite, or copies.
Matrix attacked_rows(Rng& rng, std::size_t rows, std::size_t columns, std::size_t hostile);
void shuffle_rows(Rng& rng, Matrix& rows);

const RuleInfo& selection_rule(std::string_view name);
const PreInfo& pre_aggregation(std::string_view name);

using Parameters = std::initializer_list<std::optional<double>>;
Arguments arguments_of(std::size_t n, std::uint32_t f, std::size_t known, Parameters given);

// Fails the test where the rule does not support n and f.
Combination combination_of(std::string_view rule, const Geometry& geometry, std::uint32_t f,
                           Parameters given = {});
Vector applied(const Combination& combination, const Matrix& rows);
Vector aggregate(std::string_view rule, const Matrix& rows, std::uint32_t f, Parameters given = {});

RowMap map_of(std::string_view pre, const Geometry& geometry, std::uint32_t f,
              Parameters given = {}, const Digest& seed = {}, double unit = 1.0);
Matrix mapped(const RowMap& map, const Matrix& rows);

Vector mean_of_rows(const Matrix& rows, const std::vector<std::size_t>& chosen);
Vector mean_of_rows(const Matrix& rows);
std::vector<std::size_t> rows_with_weight(const Combination& combination);

// The least kappa that fits |result - mean_S|^2 <= kappa * (mean square to mean_S) for every subset
// S of n - f rows; `grid` of the distance counts as rounding.
double worst_kappa(const Matrix& rows, std::size_t f, const Vector& result, double grid);

// All subsets of `count` of n rows in lexicographic order.
std::vector<std::vector<std::size_t>> subsets(std::size_t n, std::size_t count);

}  // namespace fedstake::aggregation::testing
