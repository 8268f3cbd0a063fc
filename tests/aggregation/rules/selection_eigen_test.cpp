// The eigen-solver against its definition, closed forms and hostile matrices.
#include <algorithm>
#include <cmath>
#include <numbers>

#include <gtest/gtest.h>

#include "aggregation/rules/eigen.hpp"
#include "proto/base/rng.hpp"

namespace fedstake::aggregation {
namespace {

using Entries = std::vector<double>;

double largest_entry(const Entries& a) {
    double largest = 0.0;
    for (const double x : a) {
        largest = std::max(largest, std::fabs(x));
    }
    return largest;
}

// max over pairs of |A v - lambda v| / |A|, entry by entry; and of |<v_i, v_j> - delta|.
void expect_eigenpairs(const Entries& a, std::size_t n, const Entries& values,
                       const Entries& vectors) {
    const double scale = std::max(largest_entry(a) * static_cast<double>(n), 1e-300);
    for (std::size_t k = 0; k < values.size(); ++k) {
        ASSERT_TRUE(std::isfinite(values[k]));
        const double* const v = vectors.data() + k * n;
        for (std::size_t i = 0; i < n; ++i) {
            double product = 0.0;
            for (std::size_t j = 0; j < n; ++j) {
                product += a[i * n + j] / scale * v[j];
            }
            ASSERT_NEAR(product, values[k] / scale * v[i], 1e-12) << "pair " << k << " of " << n;
        }
        for (std::size_t other = 0; other <= k; ++other) {
            double inner = 0.0;
            for (std::size_t i = 0; i < n; ++i) {
                inner += v[i] * vectors[other * n + i];
            }
            ASSERT_NEAR(inner, k == other ? 1.0 : 0.0, 1e-12) << k << " and " << other;
        }
    }
}

// Everything that the three entry points promise.
void expect_solved(const Entries& a, std::size_t n) {
    const EigenSystem system = symmetric_eigen(a, n);
    ASSERT_EQ(system.values.size(), n);
    expect_eigenpairs(a, n, system.values, system.vectors);
    EXPECT_TRUE(std::is_sorted(system.values.rbegin(), system.values.rend()));
    for (std::size_t k = 0; k < n; ++k) {
        const auto first = system.vectors.begin() + static_cast<std::ptrdiff_t>(k * n);
        const auto lead =
            std::max_element(first, first + static_cast<std::ptrdiff_t>(n),
                             [](double x, double y) { return std::fabs(x) < std::fabs(y); });
        EXPECT_GT(*lead, 0.0);
    }
    const Entries values = symmetric_eigenvalues(a, n);
    EXPECT_EQ(values, system.values) << "vectors must not change the values";
    const EigenPair top = top_eigenpair(a, n);
    EXPECT_EQ(top.value, values.front());
    expect_eigenpairs(a, n, {top.value}, top.vector);
}

Entries random_symmetric(Rng& rng, std::size_t n) {
    Entries a(n * n);
    for (std::size_t i = 0; i < n; ++i) {
        for (std::size_t j = i; j < n; ++j) {
            a[i * n + j] = a[j * n + i] = rng.uniform() - 0.5;
        }
    }
    return a;
}

// U diag(values) U^T with a random reflection U.
Entries with_spectrum(Rng& rng, const Entries& values) {
    const std::size_t n = values.size();
    Entries u(n);
    double square = 0.0;
    for (double& x : u) {
        x = rng.uniform() + 0.1;
        square += x * x;
    }
    const auto entry = [&](std::size_t i, std::size_t k) {
        return (i == k ? 1.0 : 0.0) - 2.0 * u[i] * u[k] / square;
    };
    Entries a(n * n, 0.0);
    for (std::size_t i = 0; i < n; ++i) {
        for (std::size_t j = i; j < n; ++j) {
            for (std::size_t k = 0; k < n; ++k) {
                a[i * n + j] += entry(i, k) * values[k] * entry(j, k);
            }
            a[j * n + i] = a[i * n + j];
        }
    }
    return a;
}

TEST(Eigen, SolvesRandomMatricesToRounding) {
    Rng rng(1);
    for (std::size_t n = 1; n <= 24; ++n) {
        expect_solved(random_symmetric(rng, n), n);
    }
    expect_solved(random_symmetric(rng, 72), 72);
}

TEST(Eigen, FindsTheSpectrumOfTheSecondDifference) {
    const std::size_t n = 50;
    Entries a(n * n, 0.0);
    for (std::size_t i = 0; i < n; ++i) {
        a[i * n + i] = 2.0;
        if (i + 1 < n) {
            a[i * n + i + 1] = a[(i + 1) * n + i] = -1.0;
        }
    }
    expect_solved(a, n);
    const Entries values = symmetric_eigenvalues(a, n);
    for (std::size_t k = 0; k < n; ++k) {
        const double angle = std::numbers::pi * static_cast<double>(n - k) / (n + 1.0);
        EXPECT_NEAR(values[k], 2.0 - 2.0 * std::cos(angle), 1e-13);
    }
}

TEST(Eigen, SolvesTwoByTwoExactly) {
    const Entries values = symmetric_eigenvalues(Entries{2.0, 1.0, 1.0, 2.0}, 2);
    EXPECT_NEAR(values[0], 3.0, 1e-15);
    EXPECT_NEAR(values[1], 1.0, 1e-15);
    const EigenPair top = top_eigenpair(Entries{0.0, 1.0, 1.0, 0.0}, 2);
    EXPECT_NEAR(top.value, 1.0, 1e-15);
    EXPECT_NEAR(top.vector[0], top.vector[1], 1e-15);
}

TEST(Eigen, StaysFiniteOnDegenerateMatrices) {
    Rng rng(2);
    const std::size_t n = 16;
    expect_solved(Entries(n * n, 0.0), n);
    expect_solved(Entries(n * n, 1.0), n);  // rank one
    Entries identity(n * n, 0.0);
    Entries first_only(n * n, 0.0);
    Entries last_only(n * n, 0.0);
    Entries blocks(n * n, 0.0);
    for (std::size_t i = 0; i < n; ++i) {
        identity[i * n + i] = 1.0;
        blocks[i * n + i] = 1.0;
        blocks[i * n + (i ^ 1U)] = 1.0;  // eigenvalues 2 and 0, eight times each
    }
    first_only[0] = -3.0;
    last_only[n * n - 1] = 5.0;
    for (const Entries& a : {identity, first_only, last_only, blocks}) {
        expect_solved(a, n);
    }
    EXPECT_EQ(symmetric_eigenvalues(first_only, n).back(), -3.0);
    expect_solved(with_spectrum(rng, Entries(12, 7.0)), 12);
    expect_solved(with_spectrum(rng, {4, 4, 4, 1, 1, 1, 0, 0, 0, -4, -4, -4}), 12);
    expect_solved(with_spectrum(rng, {1, 1 + 1e-15, 1 - 1e-15, 1e-8, 1e-16, 1e-30, 0, 0}), 8);
}

TEST(Eigen, FindsRepeatedAndSpreadSpectra) {
    Rng rng(3);
    const Entries spectrum{1e6, 1e3, 1e3, 1.0, 1.0, 1e-3, 0.0, -1e3};
    const Entries values = symmetric_eigenvalues(with_spectrum(rng, spectrum), spectrum.size());
    for (std::size_t k = 0; k < spectrum.size(); ++k) {
        EXPECT_NEAR(values[k], spectrum[k], 1e-8);
    }
}

TEST(Eigen, IsTheSameAtEveryScale) {
    Rng rng(4);
    const std::size_t n = 12;
    const Entries a = random_symmetric(rng, n);
    const EigenSystem wanted = symmetric_eigen(a, n);
    for (const double scale : {0x1p500, 0x1p-500, 0x1p1000, 0x1p-900}) {
        Entries scaled = a;
        for (double& x : scaled) {
            x *= scale;
        }
        const EigenSystem got = symmetric_eigen(scaled, n);
        EXPECT_EQ(got.vectors, wanted.vectors) << "powers of two change no digit";
        for (std::size_t k = 0; k < n; ++k) {
            EXPECT_EQ(got.values[k], wanted.values[k] * scale);
        }
    }
    for (const double scale : {1e150, 1e-150, 1e-310}) {
        Entries scaled = a;
        for (double& x : scaled) {
            x *= scale;
        }
        const EigenPair top = top_eigenpair(scaled, n);
        EXPECT_TRUE(std::isfinite(top.value));
        EXPECT_NEAR(top.value / scale, wanted.values.front(), scale < 1e-300 ? 1e-6 : 1e-12);
    }
}

TEST(Eigen, BearsEntriesOfWildlyDifferentSize) {
    Rng rng(5);
    for (int trial = 0; trial < 200; ++trial) {
        const std::size_t n = 2 + rng.below(9);
        Entries a(n * n);
        for (std::size_t i = 0; i < n; ++i) {
            for (std::size_t j = i; j < n; ++j) {
                const double size = std::pow(10.0, static_cast<double>(rng.below(300)) - 150.0);
                a[i * n + j] = a[j * n + i] = rng.below(3) == 0 ? 0.0 : size;
            }
        }
        expect_solved(a, n);
        if (HasFatalFailure()) {
            return;
        }
    }
}

// Couplings just above rounding beside eigenvalues that repeat: the pivots of a naive inverse
// iteration vanish one after the other.
TEST(Eigen, TopVectorSurvivesChainsOfVanishingPivots) {
    const std::size_t n = 64;
    for (const double coupling : {1e-14, 1e-15, 3e-16, 1e-17, 1e-200}) {
        Entries a(n * n, 0.0);
        for (std::size_t i = 0; i < n; ++i) {
            a[i * n + i] = i % 2 == 0 ? 1.0 : 0.25;
            if (i + 1 < n) {
                a[i * n + i + 1] = a[(i + 1) * n + i] = coupling;
            }
        }
        const EigenPair top = top_eigenpair(a, n);
        expect_eigenpairs(a, n, {top.value}, top.vector);
    }
}

}  // namespace
}  // namespace fedstake::aggregation
