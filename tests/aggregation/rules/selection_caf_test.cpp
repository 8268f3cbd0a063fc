// The covariance filter: closed forms, a slow version in the space of the coordinates, guards.
#include <algorithm>
#include <cmath>

#include <gtest/gtest.h>

#include "aggregation/rules/caf.hpp"
#include "aggregation/rules/eigen.hpp"
#include "tests/aggregation/rules/selection_support.hpp"

namespace fedstake::aggregation {
namespace {

using testing::geometry_of;
using testing::Matrix;
using testing::Vector;

double sum_of(const Vector& values) {
    double sum = 0.0;
    for (const double value : values) {
        sum += value;
    }
    return sum;
}

// One far row beside equal ones: the covariance has rank one, so every figure is known. The far row
// goes in the first round, and what is left has no variance.
TEST(Caf, RemovesALoneOutlierCompletely) {
    for (std::size_t n = 4; n < 12; ++n) {
        Matrix rows(n, {1.0, -2.0, 0.5});
        rows[n / 2] = {1000.0, 300.0, -7.0};
        const Vector weights = covariance_filter(geometry_of(rows), 1);
        for (std::size_t i = 0; i < n; ++i) {
            const double wanted = i == n / 2 ? 0.0 : 1.0 / static_cast<double>(n - 1);
            EXPECT_NEAR(weights[i], wanted, 1e-15) << "n " << n << " row " << i;
        }
    }
}

// n = 3, f = 1: one round only, and it ends with the middle row; the first mean is the only one
// that was looked at.
TEST(Caf, KeepsTheMeanOfTheLeastVarianceItSaw) {
    EXPECT_EQ(testing::aggregate("caf", {{1, 2, 3}, {4, 5, 6}, {7, 8, 9}}, 1), (Vector{4, 5, 6}));
}

// Rows 0, 0, 0, 0, 1, a on a line, f = 2, worked by hand for the first two rounds: t_i is the
// squared distance to the mean, and row a has the largest.
TEST(Caf, LowersWeightsBySquaredDistanceOnALine) {
    const double a = 10.0;
    const Vector values{0, 0, 0, 0, 1, a};
    Vector c(6, 1.0);
    Vector best;
    double least = -1.0;
    while (sum_of(c) > 2.0) {
        double mean = 0.0;
        for (std::size_t i = 0; i < 6; ++i) {
            mean += c[i] * values[i] / sum_of(c);
        }
        double variance = 0.0;
        double most = 0.0;
        for (std::size_t i = 0; i < 6; ++i) {
            const double t = (values[i] - mean) * (values[i] - mean);
            variance += c[i] * t / sum_of(c);
            most = c[i] > 0.0 ? std::max(most, t) : most;
        }
        if (least < 0.0 || variance < least) {
            least = variance;
            best = c;
            for (double& weight : best) {
                weight /= sum_of(c);
            }
        }
        if (most == 0.0) break;
        for (std::size_t i = 0; i < 6; ++i) {
            const double t = (values[i] - mean) * (values[i] - mean);
            c[i] *= c[i] > 0.0 ? 1.0 - t / most : 0.0;
        }
    }
    Matrix rows;
    for (const double value : values) {
        rows.push_back({value, 2.0 * value, -value});
    }
    const Vector got = covariance_filter(geometry_of(rows), 2);
    for (std::size_t i = 0; i < 6; ++i) {
        EXPECT_NEAR(got[i], best[i], 1e-12) << i;
    }
}

// The same filter with the d x d covariance.
Vector slow_filter(const Matrix& rows, std::size_t f) {
    const std::size_t n = rows.size();
    const std::size_t d = rows.front().size();
    Vector c(n, 1.0);
    Vector best(n, 1.0 / static_cast<double>(n));
    double least = -1.0;
    while (f > 0 && sum_of(c) > static_cast<double>(n - 2 * f)) {
        Vector mean(d, 0.0);
        for (std::size_t i = 0; i < n; ++i) {
            for (std::size_t j = 0; j < d; ++j) {
                mean[j] += c[i] * rows[i][j] / sum_of(c);
            }
        }
        Vector covariance(d * d, 0.0);
        for (std::size_t i = 0; i < n; ++i) {
            for (std::size_t j = 0; j < d; ++j) {
                for (std::size_t k = 0; k < d; ++k) {
                    covariance[j * d + k] +=
                        c[i] * (rows[i][j] - mean[j]) * (rows[i][k] - mean[k]) / sum_of(c);
                }
            }
        }
        const EigenPair top = top_eigenpair(covariance, d);
        if (least < 0.0 || top.value < least) {
            least = top.value;
            best = c;
            for (double& weight : best) {
                weight /= sum_of(c);
            }
        }
        Vector t(n, 0.0);
        double most = 0.0;
        for (std::size_t i = 0; i < n; ++i) {
            double along = 0.0;
            for (std::size_t j = 0; j < d; ++j) {
                along += (rows[i][j] - mean[j]) * top.vector[j];
            }
            t[i] = along * along;
            most = c[i] > 0.0 ? std::max(most, t[i]) : most;
        }
        for (std::size_t i = 0; i < n; ++i) {
            c[i] *= c[i] > 0.0 ? 1.0 - t[i] / most : 0.0;
        }
    }
    return best;
}

TEST(Caf, AgreesWithTheCovarianceOfTheCoordinates) {
    Rng rng(31);
    for (int trial = 0; trial < 200; ++trial) {
        const std::size_t f = 1 + rng.below(3);
        const std::size_t n = 2 * f + 2 + rng.below(5);
        Matrix rows(n, Vector(5));
        for (std::size_t i = 0; i < n; ++i) {
            for (double& value : rows[i]) {
                value = rng.uniform() * (i < f ? 20.0 : 1.0);
            }
        }
        const Vector wanted = slow_filter(rows, f);
        const Vector got = covariance_filter(geometry_of(rows), f);
        for (std::size_t i = 0; i < n; ++i) {
            ASSERT_NEAR(got[i], wanted[i], 1e-9) << "trial " << trial << " row " << i;
        }
    }
}

TEST(Caf, IsTheMeanWithoutHostileRows) {
    Rng rng(32);
    for (std::size_t n = 1; n < 9; ++n) {
        const Vector weights = covariance_filter(geometry_of(testing::random_rows(rng, n, 3)), 0);
        EXPECT_EQ(weights, Vector(n, 1.0 / static_cast<double>(n)));
    }
}

TEST(Caf, ReturnsEqualRowsUnchanged) {
    for (std::uint32_t f = 0; f < 4; ++f) {
        const Matrix rows(2 * f + 1, {3.0, -1.0});
        const Vector result = testing::aggregate("caf", rows, f);
        EXPECT_EQ(result, rows.front());
    }
}

TEST(Caf, WeightsAreFiniteAndSumToOneForHostileRows) {
    Rng rng(33);
    for (int trial = 0; trial < 200; ++trial) {
        const std::size_t f = rng.below(4);
        const std::size_t n = 2 * f + 1 + rng.below(5);
        Matrix rows = testing::random_rows(rng, n, 3);
        for (std::size_t i = 0; i < f; ++i) {
            for (double& value : rows[i]) {
                value = rng.below(2) == 0 ? 1e13 : -1e13;
            }
        }
        const Vector weights = covariance_filter(geometry_of(rows), f);
        double hostile = 0.0;
        for (std::size_t i = 0; i < n; ++i) {
            ASSERT_TRUE(std::isfinite(weights[i]));
            ASSERT_GE(weights[i], 0.0);
            hostile += i < f ? weights[i] : 0.0;
        }
        ASSERT_NEAR(sum_of(weights), 1.0, 1e-12);
        if (n > 4 * f) {
            ASSERT_LT(hostile * 1e13, 1e4) << "what is left of them is lost among the others";
        }
    }
}

}  // namespace
}  // namespace fedstake::aggregation
