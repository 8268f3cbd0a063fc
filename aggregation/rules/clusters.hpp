// Hierarchical clusters of rows by their angles: what FLAME and clipped clustering keep.
//
// Both are agglomerative: pairs of clusters are merged from the nearest on (Murtagh and Contreras,
// "Algorithms for hierarchical clustering: an overview", 2012). Single linkage goes by the nearest
// pair of members, average linkage by the mean over all pairs.
#pragma once

#include <cstddef>
#include <vector>

#include "aggregation/geometry.hpp"

namespace fedstake::aggregation {

// A symmetric matrix with a zero diagonal.
class PairMatrix {
public:
    explicit PairMatrix(std::size_t n) : n_(n), values_(n * n, 0.0) {}

    [[nodiscard]] std::size_t size() const noexcept { return n_; }
    [[nodiscard]] double at(std::size_t i, std::size_t j) const noexcept {
        return values_[i * n_ + j];
    }
    // Both symmetric entries.
    void set(std::size_t i, std::size_t j, double value) noexcept {
        values_[i * n_ + j] = value;
        values_[j * n_ + i] = value;
    }

private:
    std::size_t n_;
    std::vector<double> values_;
};

// 1 - cos(x_i, x_j) of the first n rows: 0 for the same direction, 2 for opposite ones, 1 where one
// of the two is zero. O(n^2).
[[nodiscard]] PairMatrix cosine_distances(const Geometry& geometry, std::size_t n);

// The first component of single linkage with at least `members` members: the pairs are joined from
// the nearest on, all pairs of one distance together, so that there are no ties. Ascending rows.
// REQUIRES n / 2 < members <= n. O(n^2 log n).
[[nodiscard]] std::vector<std::size_t> first_single_linkage_component(
    const PairMatrix& dissimilarity, std::size_t members);

// The larger of the two clusters that average linkage ends with; of two equal ones that with the
// lowest row. Of equally near pairs of clusters the one with the lowest rows is merged first.
// Ascending rows; all for n < 2. O(n^3).
[[nodiscard]] std::vector<std::size_t> larger_average_linkage_cluster(
    const PairMatrix& dissimilarity);

}  // namespace fedstake::aggregation
