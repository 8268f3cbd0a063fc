// The filter in n-space: eigenpairs of the weighted centred Gram matrix.
#include "aggregation/rules/caf.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <span>

#include "aggregation/rules/eigen.hpp"
#include "aggregation/rules/gram.hpp"
#include "proto/base/check.hpp"

namespace fedstake::aggregation {
namespace {

struct Direction {
    double eigenvalue = 0.0;      // of the weighted covariance
    std::vector<double> squares;  // t_i of the rows asked for, up to one common factor
};

// rows: those with weight. weights: of all rows, with sum 1.
Direction worst_direction(const Geometry& geometry, std::span<const std::size_t> rows,
                          const std::vector<double>& weights) {
    const std::size_t count = rows.size();
    const std::vector<double> gram = centred_gram(geometry, rows, weights);
    std::vector<double> roots;
    for (const std::size_t row : rows) {
        roots.push_back(std::sqrt(weights[row]));
    }
    std::vector<double> weighted(count * count);
    for (std::size_t a = 0; a < count; ++a) {
        for (std::size_t b = 0; b < count; ++b) {
            weighted[a * count + b] = gram[a * count + b] * (roots[a] * roots[b]);
        }
    }
    const EigenPair top = top_eigenpair(weighted, count);
    // v is the sum of roots_b u_b (x_b - m), up to its length.
    Direction direction{.eigenvalue = std::max(0.0, top.value), .squares = {}};
    for (std::size_t a = 0; a < count; ++a) {
        double along = 0.0;
        for (std::size_t b = 0; b < count; ++b) {
            along += gram[a * count + b] * (roots[b] * top.vector[b]);
        }
        direction.squares.push_back(along * along);
    }
    return direction;
}

std::vector<std::size_t> rows_of(const std::vector<double>& weights) {
    std::vector<std::size_t> rows;
    for (std::size_t i = 0; i < weights.size(); ++i) {
        if (weights[i] > 0.0) {
            rows.push_back(i);
        }
    }
    return rows;
}

double sum_of(const std::vector<double>& values) {
    double sum = 0.0;
    for (const double value : values) {
        sum += value;
    }
    return sum;
}

}  // namespace

std::vector<double> covariance_filter(const Geometry& geometry, std::size_t f) {
    const std::size_t n = geometry.rows();
    FS_CHECK(n > 2 * f);
    std::vector<double> remaining(n, 1.0);
    std::vector<double> best(n, 1.0 / static_cast<double>(n));
    double least = -1.0;
    const auto enough = static_cast<double>(n - 2 * f);
    for (double total = sum_of(remaining); f > 0 && total > enough; total = sum_of(remaining)) {
        std::vector<double> weights = remaining;
        for (double& weight : weights) {
            weight /= total;
        }
        const std::vector<std::size_t> rows = rows_of(weights);
        const Direction direction = worst_direction(geometry, rows, weights);
        if (least < 0.0 || direction.eigenvalue < least) {
            least = direction.eigenvalue;
            best = weights;
        }
        const double most = *std::max_element(direction.squares.begin(), direction.squares.end());
        if (most == 0.0) {
            break;
        }
        for (std::size_t a = 0; a < rows.size(); ++a) {
            remaining[rows[a]] *= 1.0 - direction.squares[a] / most;
        }
    }
    return best;
}

bool caf_supports(const Arguments& a) {
    return a.n > 2 * std::size_t{a.f};
}

Result<RuleAnswer> caf(const RuleInput& input) {
    const std::vector<double> weights = covariance_filter(*input.geometry, input.arguments.f);
    RuleAnswer answer;
    const std::vector<std::size_t> rows = rows_of(weights);
    const bool equal = std::all_of(rows.begin(), rows.end(), [&](std::size_t row) {
        return weights[row] == weights[rows.front()];
    });
    // A plain mean is exact; other weights are rounded.
    answer.combination = equal ? mean_of(weights.size(), rows) : weighted_sum(weights);
    return answer;
}

}  // namespace fedstake::aggregation
