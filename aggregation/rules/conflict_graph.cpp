// The search tree.
#include "aggregation/rules/conflict_graph.hpp"

#include <algorithm>
#include <bit>

#include "proto/base/check.hpp"

namespace fedstake::aggregation {
namespace {

template <class Visit>
void for_each(const RowSetBits& set, const Visit& visit) {
    for (std::size_t word = 0; word < set.size(); ++word) {
        for (std::uint64_t bits = set[word]; bits != 0; bits &= bits - 1) {
            visit(word * 64 + static_cast<std::size_t>(std::countr_zero(bits)));
        }
    }
}

RowSetBits intersection(const RowSetBits& a, const RowSetBits& b) noexcept {
    RowSetBits result{};
    for (std::size_t word = 0; word < a.size(); ++word) {
        result[word] = a[word] & b[word];
    }
    return result;
}

}  // namespace

struct ConflictGraph::State {
    RowSetBits alive{};
    RowSetBits removed{};
    std::array<std::uint16_t, limits::kSitesMax> degrees{};
    std::size_t budget = 0;
};

ConflictGraph::ConflictGraph(const Geometry& geometry, double threshold)
    : neighbours_(geometry.rows()) {
    FS_CHECK(geometry.rows() <= limits::kSitesMax);
    for (std::size_t i = 0; i < rows(); ++i) {
        for (std::size_t j = 0; j < rows(); ++j) {
            if (i != j && geometry.square(i, j) > threshold) {
                insert(neighbours_[i], j);
            }
        }
    }
}

ConflictGraph::State ConflictGraph::state_of(const RowSetBits& alive, std::size_t budget) const {
    State state;
    state.alive = alive;
    state.budget = budget;
    for_each(alive, [&](std::size_t row) {
        std::size_t degree = 0;
        for_each(intersection(neighbours_[row], alive), [&](std::size_t) { ++degree; });
        state.degrees[row] = static_cast<std::uint16_t>(degree);
    });
    return state;
}

// REQUIRES budget >= 1 and that the row is alive.
void ConflictGraph::remove(State& state, std::size_t row) const {
    erase(state.alive, row);
    insert(state.removed, row);
    state.degrees[row] = 0;
    --state.budget;
    for_each(intersection(neighbours_[row], state.alive),
             [&](std::size_t other) { --state.degrees[other]; });
}

void ConflictGraph::remove_neighbours(State& state, std::size_t row) const {
    for_each(intersection(neighbours_[row], state.alive),
             [&](std::size_t other) { remove(state, other); });
}

bool ConflictGraph::search(State& state, SearchSteps& steps) const {
    while (true) {
        ++steps.taken;
        if (steps.exhausted()) {
            return false;
        }
        std::size_t most = 0;
        std::size_t most_at = 0;
        std::size_t single_at = rows();
        std::size_t ends = 0;  // two for each conflict
        for (std::size_t i = 0; i < rows(); ++i) {
            const std::size_t degree = state.degrees[i];
            ends += degree;
            if (degree > most) {
                most = degree;
                most_at = i;
            }
            if (degree == 1 && single_at == rows()) {
                single_at = i;
            }
        }
        if (most == 0) {
            return true;
        }
        // Each removal ends at most `most` conflicts.
        if (ends > 2 * state.budget * most) {
            return false;
        }
        if (most > state.budget) {
            remove(state, most_at);
        } else if (single_at < rows()) {
            remove_neighbours(state, single_at);
        } else if (most == 2) {
            remove(state, most_at);  // only rings are left: any row of a ring will do
        } else {
            State without = state;
            remove(without, most_at);
            if (search(without, steps)) {
                state = without;
                return true;
            }
            remove_neighbours(state, most_at);
        }
    }
}

bool ConflictGraph::coverable(const RowSetBits& alive, std::size_t budget, RowSetBits& removed,
                              SearchSteps& steps) const {
    State state = state_of(alive, budget);
    const bool found = search(state, steps);
    removed = state.removed;
    return found;
}

std::uint64_t search_steps_max(std::size_t budget) noexcept {
    constexpr std::uint64_t kMost = std::uint64_t{1} << 62U;
    std::array<std::uint64_t, 3> last{1, 2, 3};  // S(0), S(1), S(2)
    if (budget < last.size()) {
        return last[budget];
    }
    for (std::size_t k = 3; k <= budget; ++k) {
        const std::uint64_t next = std::min(kMost, 1 + last[2] + last[0]);
        last = {last[1], last[2], next};
    }
    return last[2];
}

}  // namespace fedstake::aggregation
