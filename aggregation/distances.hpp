// Exact squared distances between the rows of a round and to two anchors: the zero vector and the
// robust centre (coordinate median of the rows). Everything in n-space works on this matrix.
//
// One streaming pass: O(n^2 d) subtract-square-adds, all in integers, so that the result is the
// same for any order, block size and thread count. Unit: fixed-point units squared.
// Largest value: 2^31 coordinates times 2^64, which leaves 2^33 for sums over rows.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "aggregation/integer_math.hpp"
#include "aggregation/row_set.hpp"
#include "aggregation/worker_pool.hpp"

namespace fedstake::aggregation {

class Distances {
public:
    explicit Distances(std::size_t rows = 0);

    [[nodiscard]] std::size_t rows() const noexcept { return rows_; }
    // |x_i - x_j|^2
    [[nodiscard]] Wide between(std::size_t i, std::size_t j) const noexcept {
        return squares_[i * points_ + j];
    }
    // |x_i|^2 and |x_i - centre|^2
    [[nodiscard]] Wide norm(std::size_t i) const noexcept { return between(i, rows_); }
    [[nodiscard]] Wide to_centre(std::size_t i) const noexcept { return between(i, rows_ + 1); }
    [[nodiscard]] Wide centre_norm() const noexcept { return between(rows_, rows_ + 1); }
    // <x_i, x_j> and <x_i, centre>, exact: (|a|^2 + |b|^2 - |a - b|^2) / 2.
    [[nodiscard]] SignedWide inner(std::size_t i, std::size_t j) const noexcept;
    [[nodiscard]] SignedWide inner_with_centre(std::size_t i) const noexcept {
        return inner(i, rows_ + 1);
    }

    // The matrix of these rows only; anchors stay.
    [[nodiscard]] Distances restricted_to(std::span<const std::size_t> rows) const;

    // Adds to both symmetric entries. Points: rows, then zero, then the centre.
    void add(std::size_t i, std::size_t j, Wide value) noexcept;
    void add(const Distances& other) noexcept;

private:
    std::size_t rows_;
    std::size_t points_;  // rows + 2
    std::vector<Wide> squares_;
};

// REQUIRES 1 <= rows.size() <= limits::kSitesMax, each of `coordinates` values.
[[nodiscard]] Result<Distances> measure_distances(std::span<const Row> rows,
                                                  std::uint64_t coordinates, WorkerPool& pool,
                                                  std::size_t memory_bytes);

}  // namespace fedstake::aggregation
