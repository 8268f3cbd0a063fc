// Exact squared distances between the rows of a round and to two anchors: the zero vector and, when
// asked for, the robust centre (coordinate median of the rows). Everything in n-space works on this
// matrix.
//
// One streaming pass over an exact Gram matrix (kernels/gram.hpp), O(n^2 d / 2) multiply-adds:
// |x_i - x_j|^2 = <x_i, x_i> + <x_j, x_j> - 2 <x_i, x_j>. All sums are integers, so the result is
// the same for any order, block size, thread count and instruction set. Unit: fixed-point steps
// squared. Largest value: 2^31 coordinates times 2^64, which leaves 2^33 for sums over rows.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "aggregation/integer_math.hpp"
#include "aggregation/row_set.hpp"
#include "aggregation/worker_pool.hpp"
#include "proto/base/limits.hpp"

namespace fedstake::aggregation {

class Distances {
public:
    explicit Distances(std::size_t rows = 0);

    [[nodiscard]] static std::size_t bytes(std::size_t rows) noexcept;

    [[nodiscard]] std::size_t rows() const noexcept { return rows_; }
    // |x_i - x_j|^2
    [[nodiscard]] Wide between(std::size_t i, std::size_t j) const noexcept {
        return i == j ? 0 : squares_[place(i, j)];
    }
    // |x_i|^2 and |x_i - centre|^2; distances to a centre that was not asked for are 0.
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

    // Points: rows, then zero, then the centre.
    void add(std::size_t i, std::size_t j, Wide value) noexcept;
    void add(const Distances& other) noexcept;

private:
    [[nodiscard]] static std::size_t place(std::size_t i, std::size_t j) noexcept {
        return i < j ? j * (j - 1) / 2 + i : i * (i - 1) / 2 + j;
    }

    std::size_t rows_;
    std::vector<Wide> squares_;  // of the pairs (i, j), i < j, by j
};

// Largest number of rows: the updates of a round, as many of the round before or that a rule keeps,
// and a few aggregates.
inline constexpr std::size_t kDistanceRowsMax = 2 * limits::kSitesMax + 16;

// The matrix of all rows. With `centre`, also the distances to the coordinate median of the rows
// but the last `memory_rows`, which are not updates of the round.
// REQUIRES memory_rows < rows.size() <= kDistanceRowsMax, each row of `coordinates` values.
// Memory: the result and all buffers stay within memory_bytes; when it is short, fewer threads
// work. RETURNS kLimitExceeded when it does not hold the buffers of one thread, or errors of the
// rows.
[[nodiscard]] Result<Distances> measure_distances(std::span<const Row> rows,
                                                  std::uint64_t coordinates, WorkerPool& pool,
                                                  std::size_t memory_bytes, bool centre = true,
                                                  std::size_t memory_rows = 0);

}  // namespace fedstake::aggregation
