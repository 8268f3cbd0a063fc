// Tridiagonal form, its eigenvalues, and vectors by rotation or by inverse iteration.
#include "aggregation/rules/eigen.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>
#include <utility>

#include "aggregation/rules/tridiagonal.hpp"
#include "proto/base/check.hpp"

namespace fedstake::aggregation {
namespace {

// Each solve multiplies what is off the wanted eigenspace by about 1e-15.
constexpr int kInverseSteps = 3;
// One step of a solve grows values by 2^53 at most; beyond this, all are scaled down.
constexpr double kGrowthMax = 0x1p200;

double magnitude(double x) noexcept {
    return x < 0.0 ? -x : x;
}

void normalise(std::span<double> v) noexcept {
    double largest = 0.0;
    for (const double x : v) {
        largest = std::max(largest, magnitude(x));
    }
    if (largest == 0.0) {
        return;
    }
    double square = 0.0;
    for (double& x : v) {
        x /= largest;
        square += x * x;
    }
    const double length = std::sqrt(square);
    for (double& x : v) {
        x /= length;
    }
}

void fix_sign(std::span<double> v) noexcept {
    double leading = 0.0;
    for (const double x : v) {
        if (magnitude(x) > magnitude(leading)) {
            leading = x;
        }
    }
    if (leading < 0.0) {
        for (double& x : v) {
            x = -x;
        }
    }
}

// T - shift = L U with row exchanges: U has up to two entries beside the diagonal.
class ShiftedSolver {
public:
    ShiftedSolver(const Tridiagonal& form, double shift) {
        const std::size_t n = form.size();
        // Pivots that vanish become this; couplings below it count as none.
        const double tiny = 0x1p-53 * form.largest;
        const auto coupling = [&](std::size_t k) {
            return magnitude(form.beside[k]) < tiny ? 0.0 : form.beside[k];
        };
        pivots_.resize(n);
        next_.resize(n);
        second_.resize(n);
        factors_.resize(n);
        exchanged_.resize(n);
        double here = form.diagonal[0] - shift;
        double right = n > 1 ? coupling(0) : 0.0;
        for (std::size_t k = 0; k + 1 < n; ++k) {
            const double below = coupling(k);
            const double below_diagonal = form.diagonal[k + 1] - shift;
            const double below_right = k + 2 < n ? coupling(k + 1) : 0.0;
            exchanged_[k] = magnitude(below) > magnitude(here);
            if (exchanged_[k]) {
                factors_[k] = here / below;
                set_row(k, below, below_diagonal, below_right);
                here = right - factors_[k] * below_diagonal;
                right = -factors_[k] * below_right;
            } else {
                const double pivot = magnitude(here) < tiny ? tiny : here;
                factors_[k] = below / pivot;
                set_row(k, pivot, right, 0.0);
                here = below_diagonal - factors_[k] * right;
                right = below_right;
            }
        }
        set_row(n - 1, magnitude(here) < tiny ? tiny : here, 0.0, 0.0);
    }

    // x <- (T - shift)^-1 x, up to its length.
    void solve(std::span<double> x) const {
        const std::size_t n = pivots_.size();
        for (std::size_t k = 0; k + 1 < n; ++k) {
            if (exchanged_[k]) {
                std::swap(x[k], x[k + 1]);
            }
            x[k + 1] -= factors_[k] * x[k];
        }
        for (std::size_t k = n; k-- > 0;) {
            if (k + 1 < n) {
                x[k] -= next_[k] * x[k + 1];
            }
            if (k + 2 < n) {
                x[k] -= second_[k] * x[k + 2];
            }
            x[k] /= pivots_[k];
            if (magnitude(x[k]) > kGrowthMax) {
                for (double& value : x) {
                    value /= kGrowthMax;
                }
            }
        }
        normalise(x);
    }

private:
    void set_row(std::size_t k, double pivot, double next, double second) {
        pivots_[k] = pivot;
        next_[k] = next;
        second_[k] = second;
    }

    std::vector<double> pivots_;
    std::vector<double> next_;
    std::vector<double> second_;
    std::vector<double> factors_;
    std::vector<bool> exchanged_;
};

// A start that no eigenvector is likely to be orthogonal to: fractions of the golden ratio.
std::vector<double> mixed_start(std::size_t n) {
    std::vector<double> start(n);
    double fraction = 0.5;
    for (double& x : start) {
        fraction += 0.6180339887498949;
        fraction -= fraction >= 1.0 ? 1.0 : 0.0;
        x = 0.5 + fraction;
    }
    return start;
}

}  // namespace

EigenSystem symmetric_eigen(std::span<const double> matrix, std::size_t n) {
    const Tridiagonal form = tridiagonalise(matrix, n);
    // Row k of Q^T is Q times the k-th unit vector.
    std::vector<double> rows(n * n, 0.0);
    for (std::size_t k = 0; k < n; ++k) {
        rows[k * n + k] = 1.0;
        from_tridiagonal(form, std::span(rows).subspan(k * n, n));
    }
    const std::vector<double> values = tridiagonal_eigenvalues(form, rows);
    std::vector<std::size_t> order(n);
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(),
                     [&](std::size_t a, std::size_t b) { return values[a] > values[b]; });
    EigenSystem system;
    system.vectors.reserve(n * n);
    for (const std::size_t k : order) {
        const std::span<double> row = std::span(rows).subspan(k * n, n);
        fix_sign(row);
        system.values.push_back(values[k] * form.unscale);
        system.vectors.insert(system.vectors.end(), row.begin(), row.end());
    }
    return system;
}

std::vector<double> symmetric_eigenvalues(std::span<const double> matrix, std::size_t n) {
    const Tridiagonal form = tridiagonalise(matrix, n);
    std::vector<double> values = tridiagonal_eigenvalues(form, {});
    std::sort(values.begin(), values.end(), std::greater<>());
    for (double& value : values) {
        value *= form.unscale;
    }
    return values;
}

EigenPair top_eigenpair(std::span<const double> matrix, std::size_t n) {
    FS_CHECK(n >= 1);
    const Tridiagonal form = tridiagonalise(matrix, n);
    const std::vector<double> values = tridiagonal_eigenvalues(form, {});
    const double top = *std::max_element(values.begin(), values.end());
    EigenPair pair{.value = top * form.unscale, .vector = mixed_start(n)};
    if (form.largest == 0.0) {
        pair.vector.assign(n, 0.0);
        pair.vector[0] = 1.0;
        return pair;
    }
    const ShiftedSolver solver(form, top);
    for (int step = 0; step < kInverseSteps; ++step) {
        solver.solve(pair.vector);
    }
    from_tridiagonal(form, pair.vector);
    normalise(pair.vector);
    fix_sign(pair.vector);
    return pair;
}

}  // namespace fedstake::aggregation
