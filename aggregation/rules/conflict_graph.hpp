// Which rows lie too far apart to be averaged together, and the search for few rows whose removal
// leaves no such pair (a vertex cover of bounded size).
//
// Bounded search tree: rows with more conflicts than may be removed must go, of a row with one
// conflict the other one goes, and only rows with three or more conflicts are branched on. The
// search is exact, and the number of its steps is bounded by a figure that depends on the budget
// only. Source: Niedermeier, "Invitation to Fixed-Parameter Algorithms", 2006, sections 7.2, 8.1.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "aggregation/geometry.hpp"
#include "proto/base/limits.hpp"

namespace fedstake::aggregation {

// A set of rows, one bit each.
using RowSetBits = std::array<std::uint64_t, limits::kSitesMax / 64>;

[[nodiscard]] inline bool contains(const RowSetBits& set, std::size_t row) noexcept {
    return ((set[row / 64] >> (row % 64)) & 1U) != 0;
}
inline void insert(RowSetBits& set, std::size_t row) noexcept {
    set[row / 64] |= std::uint64_t{1} << (row % 64);
}
inline void erase(RowSetBits& set, std::size_t row) noexcept {
    set[row / 64] &= ~(std::uint64_t{1} << (row % 64));
}

// How many steps searches have taken, and how many they may take. A search that would go further
// stops without an answer.
struct SearchSteps {
    std::uint64_t taken = 0;
    std::uint64_t limit = ~std::uint64_t{0};

    [[nodiscard]] bool exhausted() const noexcept { return taken > limit; }
};

class ConflictGraph {
public:
    // Rows i and j conflict where |x_i - x_j|^2 > threshold. REQUIRES at most limits::kSitesMax.
    ConflictGraph(const Geometry& geometry, double threshold);

    [[nodiscard]] std::size_t rows() const noexcept { return neighbours_.size(); }
    [[nodiscard]] bool conflict(std::size_t i, std::size_t j) const noexcept {
        return contains(neighbours_[i], j);
    }

    // Whether removing at most `budget` of the rows in `alive` leaves no conflict among them. On
    // success `removed` holds the rows of one such choice. Takes at most search_steps_max(budget)
    // steps, each of O(n) operations. REQUIRES that the caller looks at steps.exhausted() before it
    // believes the answer.
    [[nodiscard]] bool coverable(const RowSetBits& alive, std::size_t budget, RowSetBits& removed,
                                 SearchSteps& steps) const;

private:
    struct State;
    [[nodiscard]] State state_of(const RowSetBits& alive, std::size_t budget) const;
    void remove(State& state, std::size_t row) const;
    void remove_neighbours(State& state, std::size_t row) const;
    [[nodiscard]] bool search(State& state, SearchSteps& steps) const;

    std::vector<RowSetBits> neighbours_;
};

// S(k) = 1 + S(k - 1) + S(k - 3), at most 3 * 1.4656^k; no more than 2^62.
[[nodiscard]] std::uint64_t search_steps_max(std::size_t budget) noexcept;

}  // namespace fedstake::aggregation
