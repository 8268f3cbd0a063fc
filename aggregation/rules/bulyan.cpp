// The picks of Bulyan from sorted lists of neighbours.
#include "aggregation/rules/bulyan.hpp"

#include <algorithm>
#include <cstdint>

#include "aggregation/rules/nearest.hpp"
#include "proto/base/check.hpp"

namespace fedstake::aggregation {
namespace {

struct Neighbour {
    double square = 0.0;
    std::uint32_t row = 0;
};
using Neighbours = std::vector<Neighbour>;  // of one row, nearest first, without itself

std::vector<Neighbours> sorted_neighbours(const Geometry& geometry) {
    const std::size_t n = geometry.rows();
    std::vector<Neighbours> lists(n);
    for (std::size_t i = 0; i < n; ++i) {
        for (const std::size_t j : nearest_rows(geometry, i, n)) {
            if (j != i) {
                lists[i].push_back(
                    {.square = geometry.square(i, j), .row = static_cast<std::uint32_t>(j)});
            }
        }
    }
    return lists;
}

// The sum of the `count` least squares to rows that remain.
double score_of(const Neighbours& list, const std::vector<bool>& picked, std::size_t count) {
    double score = 0.0;
    for (const Neighbour& neighbour : list) {
        if (count == 0) {
            break;
        }
        if (!picked[neighbour.row]) {
            score += neighbour.square;
            --count;
        }
    }
    return score;
}

}  // namespace

std::vector<std::size_t> bulyan_picks(const Geometry& geometry, std::size_t f) {
    const std::size_t n = geometry.rows();
    FS_CHECK(n > 2 * f);
    const std::vector<Neighbours> lists = sorted_neighbours(geometry);
    std::vector<bool> picked(n, false);
    std::vector<std::size_t> picks;
    for (std::size_t remaining = n; remaining > 2 * f; --remaining) {
        const std::size_t wanted = remaining > f + 2 ? remaining - f - 2 : 1;
        const std::size_t neighbours = std::min(wanted, remaining - 1);
        std::size_t best = n;
        double least = 0.0;
        for (std::size_t i = 0; i < n; ++i) {
            if (picked[i]) {
                continue;
            }
            const double score = score_of(lists[i], picked, neighbours);
            if (best == n || score < least) {
                best = i;
                least = score;
            }
        }
        picked[best] = true;
        picks.push_back(best);
    }
    return picks;
}

bool bulyan_supports(const Arguments& a) {
    return a.n >= 4 * std::size_t{a.f} + 3;
}

Result<RuleAnswer> bulyan(const RuleInput& input) {
    const std::size_t n = input.arguments.n;
    const std::size_t f = input.arguments.f;
    const std::vector<std::size_t> picks = bulyan_picks(*input.geometry, f);
    RuleAnswer answer;
    answer.combination.columns = ColumnRule::kNearestMedian;
    answer.combination.weights.assign(n, 0);
    for (const std::size_t row : picks) {
        answer.combination.weights[row] = 1;
    }
    answer.combination.count = picks.size() - 2 * f;
    return answer;
}

}  // namespace fedstake::aggregation
