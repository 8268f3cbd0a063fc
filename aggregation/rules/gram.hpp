// The centred Gram matrix of rows: what covariances look like in n-space.
//
// With m a weighted mean of the rows, entry (i, j) is <x_i - m, x_j - m>. The covariance of the
// rows (d x d) and this matrix (n x n), both with the weights, have the same eigenvalues but for
// zeros, so its top eigenvector is known without a pass over the coordinates.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "aggregation/geometry.hpp"

namespace fedstake::aggregation {

// Of these rows about their plain mean, row by row, rows.size()^2 entries, exactly symmetric.
// REQUIRES at least one row. O(k^2).
[[nodiscard]] std::vector<double> centred_gram(const Geometry& geometry,
                                               std::span<const std::size_t> rows);

// Of these rows about the mean of all rows with the given weights. REQUIRES one weight for each row
// of the geometry, summing to 1 up to rounding. O(n^2).
[[nodiscard]] std::vector<double> centred_gram(const Geometry& geometry,
                                               std::span<const std::size_t> rows,
                                               const std::vector<double>& weights);

}  // namespace fedstake::aggregation
