// The quasi-Newton prediction as coefficients, and its errors.
#include "aggregation/detect/prediction.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "proto/base/check.hpp"

namespace fedstake::aggregation::detect {
namespace {

constexpr double kSingular = 1e-10;  // of the largest entry

// A combination of rows of a geometry.
struct Term {
    std::size_t row = 0;
    double weight = 0.0;
};
using Terms = std::vector<Term>;

double inner(const Geometry& geometry, const Terms& a, const Terms& b) {
    double sum = 0.0;
    for (const Term& s : a) {
        for (const Term& t : b) {
            sum += s.weight * t.weight * geometry.inner(s.row, t.row);
        }
    }
    return sum;
}

// Solves in place by elimination with row pivots; nothing where a pivot is too small.
std::optional<std::vector<double>> solve(std::vector<double> matrix, std::vector<double> right) {
    const std::size_t n = right.size();
    for (std::size_t column = 0; column < n; ++column) {
        std::size_t pivot = column;
        for (std::size_t row = column + 1; row < n; ++row) {
            if (std::fabs(matrix[row * n + column]) > std::fabs(matrix[pivot * n + column])) {
                pivot = row;
            }
        }
        // Rows have a largest entry of 1 to begin with.
        if (!(std::fabs(matrix[pivot * n + column]) > kSingular)) {
            return std::nullopt;
        }
        for (std::size_t k = 0; k < n; ++k) {
            std::swap(matrix[column * n + k], matrix[pivot * n + k]);
        }
        std::swap(right[column], right[pivot]);
        for (std::size_t row = column + 1; row < n; ++row) {
            const double factor = matrix[row * n + column] / matrix[column * n + column];
            for (std::size_t k = column; k < n; ++k) {
                matrix[row * n + k] -= factor * matrix[column * n + k];
            }
            right[row] -= factor * right[column];
        }
    }
    for (std::size_t row = n; row-- > 0;) {
        for (std::size_t k = row + 1; k < n; ++k) {
            right[row] -= matrix[row * n + k] * right[k];
        }
        right[row] /= matrix[row * n + row];
    }
    return right;
}

struct Pairs {
    std::vector<Terms> s;  // changes of the model
    std::vector<Terms> y;  // changes of the mean update
};

Pairs newest_pairs(const PredictionRows& rows, std::size_t count) {
    Pairs pairs;
    const std::size_t all = rows.changes.size() - 1;
    for (std::size_t k = all - count; k < all; ++k) {
        pairs.s.push_back({{rows.changes[k], 1.0}});
        pairs.y.push_back({{rows.means[k + 1], 1.0}, {rows.means[k], -1.0}});
    }
    return pairs;
}

// [[sigma S'S, L], [L', -D]] with L_ij = s_i y_j below the diagonal and D its diagonal, each row
// and the right side [sigma S'v; Y'v] over the row's largest entry.
std::optional<std::vector<double>> middle_solution(const Geometry& geometry, const Pairs& pairs,
                                                   double sigma, const Terms& change) {
    const std::size_t p = pairs.s.size();
    std::vector<double> matrix(4 * p * p, 0.0);
    std::vector<double> right(2 * p, 0.0);
    for (std::size_t i = 0; i < p; ++i) {
        for (std::size_t j = 0; j < p; ++j) {
            matrix[i * 2 * p + j] = sigma * inner(geometry, pairs.s[i], pairs.s[j]);
            if (i < j) {
                continue;
            }
            const double product = inner(geometry, pairs.s[i], pairs.y[j]);
            if (i == j) {
                matrix[(p + i) * 2 * p + p + i] = -product;
            } else {
                matrix[i * 2 * p + p + j] = product;
                matrix[(p + j) * 2 * p + i] = product;
            }
        }
        right[i] = sigma * inner(geometry, pairs.s[i], change);
        right[p + i] = inner(geometry, pairs.y[i], change);
    }
    for (std::size_t row = 0; row < 2 * p; ++row) {
        double largest = 0.0;
        for (std::size_t k = 0; k < 2 * p; ++k) {
            largest = std::max(largest, std::fabs(matrix[row * 2 * p + k]));
        }
        if (!(largest > 0.0)) {
            return std::nullopt;
        }
        for (std::size_t k = 0; k < 2 * p; ++k) {
            matrix[row * 2 * p + k] /= largest;
        }
        right[row] /= largest;
    }
    return solve(std::move(matrix), std::move(right));
}

// B v as terms; nothing where the newest `count` pairs do not determine it.
std::optional<Terms> curvature_times(const Geometry& geometry, const PredictionRows& rows,
                                     std::size_t count) {
    const Pairs pairs = newest_pairs(rows, count);
    const Terms change{{rows.changes.back(), 1.0}};
    const double length = inner(geometry, pairs.s.back(), pairs.s.back());
    if (!(length > 0.0)) {
        return std::nullopt;
    }
    const double sigma = inner(geometry, pairs.s.back(), pairs.y.back()) / length;
    const auto solution = middle_solution(geometry, pairs, sigma, change);
    if (!solution) {
        return std::nullopt;
    }
    Terms result{{rows.changes.back(), sigma}};
    for (std::size_t k = 0; k < count; ++k) {
        for (const Term& term : pairs.s[k]) {
            result.push_back({term.row, -sigma * (*solution)[k] * term.weight});
        }
        for (const Term& term : pairs.y[k]) {
            result.push_back({term.row, -(*solution)[count + k] * term.weight});
        }
    }
    return result;
}

Terms common_step(const Geometry& geometry, const PredictionRows& rows) {
    for (std::size_t count = std::min(kPredictionRounds, rows.changes.size() - 1); count > 0;
         --count) {
        if (auto terms = curvature_times(geometry, rows, count)) {
            return *std::move(terms);
        }
    }
    return {};
}

}  // namespace

std::vector<std::optional<double>> prediction_errors(const Geometry& geometry,
                                                     const PredictionRows& rows) {
    FS_CHECK(rows.own.now.size() == rows.own.before.size());
    FS_CHECK(!rows.changes.empty() && rows.changes.size() == rows.means.size());
    const Terms step = common_step(geometry, rows);
    const double step_square = inner(geometry, step, step);
    std::vector<std::optional<double>> errors(rows.own.now.size());
    double sum = 0.0;
    for (std::size_t i = 0; i < errors.size(); ++i) {
        const std::size_t now = rows.own.now[i];
        const std::size_t before = rows.own.before[i];
        if (before == kNoRow) {
            continue;
        }
        const Terms change{{now, 1.0}, {before, -1.0}};
        const double square =
            geometry.square(now, before) - 2.0 * inner(geometry, change, step) + step_square;
        errors[i] = std::sqrt(std::max(0.0, square));
        sum += *errors[i];
    }
    for (std::optional<double>& error : errors) {
        if (error && sum > 0.0) {
            *error /= sum;
        }
    }
    return errors;
}

}  // namespace fedstake::aggregation::detect
