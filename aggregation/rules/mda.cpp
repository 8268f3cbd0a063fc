// Bisection over the distances, then the lexicographically first subset.
#include "aggregation/rules/mda.hpp"

#include <algorithm>
#include <string>

#include "aggregation/integer_math.hpp"
#include "aggregation/rules/conflict_graph.hpp"
#include "proto/base/check.hpp"
#include "proto/base/limits.hpp"

namespace fedstake::aggregation {
namespace {

// Distinct squares number below 2^17, so bisection takes at most 17 probes.
constexpr std::uint64_t kProbesMax = 17;
static_assert(limits::kSitesMax * (limits::kSitesMax - 1) / 2 <= std::size_t{1} << kProbesMax);

RowSetBits first_rows(std::size_t n) noexcept {
    RowSetBits set{};
    for (std::size_t i = 0; i < n; ++i) {
        insert(set, i);
    }
    return set;
}

std::vector<double> distinct_squares(const Geometry& geometry) {
    std::vector<double> squares{0.0};
    for (std::size_t i = 0; i < geometry.rows(); ++i) {
        for (std::size_t j = i + 1; j < geometry.rows(); ++j) {
            squares.push_back(geometry.square(i, j));
        }
    }
    std::sort(squares.begin(), squares.end());
    squares.erase(std::unique(squares.begin(), squares.end()), squares.end());
    return squares;
}

// Meaningless once the steps are exhausted.
double least_diameter_square(const Geometry& geometry, std::size_t f, SearchSteps& steps) {
    const std::vector<double> squares = distinct_squares(geometry);
    const RowSetBits all = first_rows(geometry.rows());
    std::size_t low = 0;
    std::size_t high = squares.size() - 1;  // no conflict above the largest
    while (low < high) {
        const std::size_t middle = low + (high - low) / 2;
        RowSetBits removed{};
        if (ConflictGraph(geometry, squares[middle]).coverable(all, f, removed, steps)) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    return squares[low];
}

// Keeps each row in turn if the others can still be completed. `removed` is always one completion:
// a row outside it needs no search. Meaningless once the steps are exhausted.
std::vector<std::size_t> first_subset(const ConflictGraph& graph, std::size_t f,
                                      SearchSteps& steps) {
    const std::size_t n = graph.rows();
    RowSetBits alive = first_rows(n);  // neither dropped nor in conflict with a kept row
    RowSetBits removed{};
    std::size_t budget = f;
    std::vector<std::size_t> kept;
    if (!graph.coverable(alive, f, removed, steps)) {
        FS_CHECK(steps.exhausted());
        return kept;
    }
    for (std::size_t i = 0; i < n && kept.size() < n - f && !steps.exhausted(); ++i) {
        if (!contains(alive, i)) {
            continue;
        }
        RowSetBits rest = alive;
        std::size_t lost = 0;
        for (std::size_t j = i + 1; j < n; ++j) {
            if (contains(rest, j) && graph.conflict(i, j)) {
                erase(rest, j);
                ++lost;
            }
        }
        erase(rest, i);
        RowSetBits candidate = removed;
        erase(candidate, i);
        // A row without conflicts can always be kept. So each search costs the budget one row at
        // least, whatever it finds, and there are at most f of them.
        const bool possible =
            !contains(removed, i) || lost == 0 ||
            (lost <= budget && graph.coverable(rest, budget - lost, candidate, steps));
        if (possible) {
            kept.push_back(i);
            alive = rest;
            removed = candidate;
            budget -= lost;
        } else {
            erase(alive, i);
            --budget;
        }
    }
    return kept;
}

}  // namespace

std::uint64_t mda_work(std::size_t n, std::size_t f) noexcept {
    constexpr std::uint64_t kMost = std::uint64_t{1} << 62U;
    // The probes and the first search have the whole budget; of those behind, each has a budget of
    // its own below it.
    Wide steps = Wide{kProbesMax + 1} * search_steps_max(f);
    for (std::size_t budget = 0; budget < f && steps < kMost; ++budget) {
        steps += search_steps_max(budget);
    }
    const Wide work = steps * n;
    return work < kMost ? static_cast<std::uint64_t>(work) : kMost;
}

Result<MdaSubset> least_diameter_subset(const Geometry& geometry, std::size_t f,
                                        std::uint64_t work_max) {
    const std::size_t n = geometry.rows();
    FS_CHECK(f < n);
    SearchSteps steps{.taken = 0, .limit = work_max / n};
    MdaSubset subset;
    subset.diameter_square = least_diameter_square(geometry, f, steps);
    if (!steps.exhausted()) {
        const ConflictGraph graph(geometry, subset.diameter_square);
        subset.rows = first_subset(graph, f, steps);
    }
    subset.steps = steps.taken;
    if (steps.exhausted()) {
        return fail(Errc::kLimitExceeded,
                    "mda: the subset of least diameter of " + std::to_string(n - f) + " of " +
                        std::to_string(n) + " rows was not found within " +
                        std::to_string(work_max) +
                        " operations; lower f, or use multi-krum, which needs no search");
    }
    return subset;
}

bool mda_supports(const Arguments& a) {
    return a.n > 2 * std::size_t{a.f} && mda_work(a.n, a.f) <= kMdaWorkMax;
}

Result<RuleAnswer> mda(const RuleInput& input) {
    FS_ASSIGN(const MdaSubset subset, least_diameter_subset(*input.geometry, input.arguments.f));
    RuleAnswer answer;
    answer.combination = mean_of(input.arguments.n, subset.rows);
    return answer;
}

}  // namespace fedstake::aggregation
