// MDA and SMEA against all subsets, and the bounds on their work.
#include <algorithm>
#include <cmath>

#include <gtest/gtest.h>

#include "aggregation/rules/conflict_graph.hpp"
#include "aggregation/rules/gram.hpp"
#include "aggregation/rules/mda.hpp"
#include "aggregation/rules/smea.hpp"
#include "tests/aggregation/rules/selection_support.hpp"

namespace fedstake::aggregation {
namespace {

using testing::combination_of;
using testing::geometry_of;
using testing::Matrix;
using testing::rows_with_weight;
using testing::Vector;
using Rows = std::vector<std::size_t>;

double diameter_square(const Geometry& geometry, const Rows& rows) {
    double largest = 0.0;
    for (const std::size_t i : rows) {
        for (const std::size_t j : rows) {
            largest = std::max(largest, geometry.square(i, j));
        }
    }
    return largest;
}

Rows slow_mda(const Geometry& geometry, std::size_t f) {
    Rows best;
    double least = 0.0;
    for (const Rows& subset : testing::subsets(geometry.rows(), geometry.rows() - f)) {
        const double diameter = diameter_square(geometry, subset);
        if (best.empty() || diameter < least) {
            best = subset;
            least = diameter;
        }
    }
    return best;
}

TEST(Mda, IsTheFirstSubsetOfLeastDiameter) {
    Rng rng(21);
    for (int trial = 0; trial < 500; ++trial) {
        const std::size_t f = rng.below(6);
        const std::size_t n = std::min<std::size_t>(12, 2 * f + 1 + rng.below(5));
        const Geometry geometry = geometry_of(testing::attacked_rows(rng, n, 1 + rng.below(3), f));
        const Rows wanted = slow_mda(geometry, f);
        const MdaSubset subset = least_diameter_subset(geometry, f).value();
        ASSERT_EQ(subset.rows, wanted) << "trial " << trial << " n " << n << " f " << f;
        ASSERT_EQ(subset.diameter_square, diameter_square(geometry, wanted));
        ASSERT_EQ(rows_with_weight(combination_of("mda", geometry, static_cast<std::uint32_t>(f))),
                  wanted);
    }
}

// Distances of no rows at all: every graph can appear, ties everywhere.
TEST(Mda, IsExactForAnyTableOfDistances) {
    Rng rng(22);
    for (int trial = 0; trial < 500; ++trial) {
        const std::size_t f = 1 + rng.below(5);
        const std::size_t n = 2 * f + 1 + rng.below(2);
        Geometry geometry(n);
        const std::uint64_t range = 2 + rng.below(4);
        for (std::size_t i = 0; i < n; ++i) {
            for (std::size_t j = i + 1; j < n; ++j) {
                geometry.set(i, j, static_cast<double>(rng.below(range)));
            }
        }
        ASSERT_EQ(least_diameter_subset(geometry, f).value().rows, slow_mda(geometry, f));
    }
}

TEST(Mda, LeavesOutAFarGroup) {
    const Matrix rows{{0, 0}, {9, 9}, {1, 0}, {0, 1}, {9, 8}};
    EXPECT_EQ(rows_with_weight(combination_of("mda", geometry_of(rows), 2)), (Rows{0, 2, 3}));
}

bool has_cover(const ConflictGraph& graph, std::size_t budget) {
    for (std::size_t size = 0; size <= budget; ++size) {
        for (const Rows& cover : testing::subsets(graph.rows(), size)) {
            bool covered = true;
            for (std::size_t i = 0; i < graph.rows() && covered; ++i) {
                for (std::size_t j = i + 1; j < graph.rows() && covered; ++j) {
                    covered = !graph.conflict(i, j) ||
                              std::find(cover.begin(), cover.end(), i) != cover.end() ||
                              std::find(cover.begin(), cover.end(), j) != cover.end();
                }
            }
            if (covered) {
                return true;
            }
        }
    }
    return false;
}

TEST(ConflictGraph, FindsACoverWheneverThereIsOne) {
    Rng rng(23);
    for (int trial = 0; trial < 400; ++trial) {
        const std::size_t n = 2 + rng.below(8);
        const std::uint64_t density = 1 + rng.below(9);
        Geometry geometry(n);
        for (std::size_t i = 0; i < n; ++i) {
            for (std::size_t j = i + 1; j < n; ++j) {
                geometry.set(i, j, rng.below(10) < density ? 2.0 : 1.0);
            }
        }
        const ConflictGraph graph(geometry, 1.0);
        RowSetBits all{};
        for (std::size_t i = 0; i < n; ++i) {
            insert(all, i);
        }
        for (std::size_t budget = 0; budget <= n; ++budget) {
            RowSetBits removed{};
            SearchSteps steps;
            ASSERT_EQ(graph.coverable(all, budget, removed, steps), has_cover(graph, budget));
            ASSERT_LE(steps.taken, search_steps_max(budget));
        }
    }
}

// Random conflicts of few per row leave the search nothing to shorten.
TEST(ConflictGraph, StaysBelowItsBoundOnHardGraphs) {
    Rng rng(24);
    for (const std::size_t budget : {10U, 16U, 20U}) {
        const std::size_t n = 2 * budget + 1;
        for (int trial = 0; trial < 5; ++trial) {
            Geometry geometry(n);
            for (std::size_t i = 0; i < n; ++i) {
                for (int edge = 0; edge < 2; ++edge) {
                    const std::size_t j = rng.below(n);
                    geometry.set(i, j == i ? (i + 1) % n : j, 2.0);
                }
            }
            RowSetBits all{};
            for (std::size_t i = 0; i < n; ++i) {
                insert(all, i);
            }
            RowSetBits removed{};
            SearchSteps steps;
            (void)ConflictGraph(geometry, 1.0).coverable(all, budget, removed, steps);
            EXPECT_LE(steps.taken, search_steps_max(budget));
        }
    }
}

TEST(ConflictGraph, BoundGrowsAsSaid) {
    EXPECT_EQ(search_steps_max(0), 1U);
    EXPECT_EQ(search_steps_max(3), 5U);
    EXPECT_EQ(search_steps_max(4), 8U);
    for (std::size_t k = 5; k < 60; ++k) {
        EXPECT_LE(static_cast<double>(search_steps_max(k)),
                  3.2 * std::pow(1.4656, static_cast<double>(k)));
    }
    EXPECT_EQ(search_steps_max(512), std::uint64_t{1} << 62U);
}

TEST(Mda, RefusesUpFrontWhatCraftedRowsCouldStop) {
    const auto supported = [](std::size_t n, std::uint32_t f) {
        return mda_supports({.n = n, .f = f, .parameters = {}});
    };
    EXPECT_FALSE(supported(0, 0));
    EXPECT_FALSE(supported(4, 2));
    EXPECT_TRUE(supported(5, 2));
    for (std::size_t n = 1; n <= 80; ++n) {
        EXPECT_TRUE(supported(n, static_cast<std::uint32_t>((n - 1) / 2))) << n;
    }
    EXPECT_TRUE(supported(100, 40));
    EXPECT_FALSE(supported(100, 41));
    EXPECT_TRUE(supported(512, 35));
    EXPECT_FALSE(supported(512, 36));
    EXPECT_EQ(mda_work(512, 255), std::uint64_t{1} << 62U);
}

// Rows that make the search branch: nearly all pairs at one of two distances, at random.
TEST(Mda, TakesFewerStepsThanItsBound) {
    Rng rng(29);
    for (int trial = 0; trial < 40; ++trial) {
        const std::size_t n = 10 + rng.below(14);
        const std::size_t f = rng.below(n / 2);
        Geometry geometry(n);
        for (std::size_t i = 0; i < n; ++i) {
            for (std::size_t j = 0; j < i; ++j) {
                geometry.set(i, j,
                             rng.below(3) == 0 ? 4.0 : 1.0 + static_cast<double>(rng.below(2)));
            }
        }
        const MdaSubset subset = least_diameter_subset(geometry, f).value();
        EXPECT_EQ(subset.rows, slow_mda(geometry, f));
        EXPECT_LE(subset.steps * n, mda_work(n, f));
    }
}

TEST(Mda, SaysWhatToDoWhenItsWorkRunsOut) {
    Rng rng(28);
    Matrix rows(41, Vector(6));
    for (Vector& row : rows) {
        for (double& value : row) {
            value = rng.uniform();
        }
    }
    const Geometry geometry = geometry_of(rows);
    const MdaSubset subset = least_diameter_subset(geometry, 20).value();
    const std::uint64_t enough = subset.steps * 41;
    EXPECT_EQ(least_diameter_subset(geometry, 20, enough).value().rows, subset.rows);
    for (const std::uint64_t little : {std::uint64_t{0}, enough / 8, enough / 2, enough - 41}) {
        const auto none = least_diameter_subset(geometry, 20, little);
        ASSERT_FALSE(none) << little;
        EXPECT_EQ(none.error().code, Errc::kLimitExceeded);
        EXPECT_NE(none.error().message.find("multi-krum"), std::string::npos);
    }
}

TEST(Mda, AnswersAtOnceForUsualRows) {
    Rng rng(25);
    const std::size_t n = 90;
    const std::size_t f = 30;
    Matrix rows;
    for (std::size_t i = 0; i < n; ++i) {
        Vector row;
        for (int j = 0; j < 8; ++j) {
            row.push_back(rng.uniform() + (i < f ? 3.0 : 0.0));
        }
        rows.push_back(row);
    }
    const MdaSubset subset = least_diameter_subset(geometry_of(rows), f).value();
    ASSERT_EQ(subset.rows.size(), n - f);
    EXPECT_EQ(subset.rows.front(), f) << "the far group is left out";
    EXPECT_LT(subset.steps, 20'000U);
}

// The largest eigenvalue of the covariance of one or two coordinates, in closed form.
double slow_top_eigenvalue(const Matrix& rows, const Rows& subset) {
    const Vector mean = testing::mean_of_rows(rows, subset);
    const std::size_t d = mean.size();
    Matrix covariance(d, Vector(d, 0.0));
    for (const std::size_t i : subset) {
        for (std::size_t a = 0; a < d; ++a) {
            for (std::size_t b = 0; b < d; ++b) {
                covariance[a][b] += (rows[i][a] - mean[a]) * (rows[i][b] - mean[b]);
            }
        }
    }
    if (d == 1) {
        return covariance[0][0];
    }
    const double half = (covariance[0][0] + covariance[1][1]) / 2.0;
    const double difference = (covariance[0][0] - covariance[1][1]) / 2.0;
    return half + std::sqrt(difference * difference + covariance[0][1] * covariance[1][0]);
}

TEST(Smea, IsTheFirstSubsetOfLeastTopEigenvalue) {
    Rng rng(26);
    for (int trial = 0; trial < 300; ++trial) {
        const std::size_t f = rng.below(4);
        const std::size_t n = 2 * f + 1 + rng.below(4);
        const Matrix rows = testing::random_rows(rng, n, 1 + rng.below(2));
        const Rows got = rows_with_weight(
            combination_of("smea", geometry_of(rows), static_cast<std::uint32_t>(f)));
        const double chosen = slow_top_eigenvalue(rows, got);
        double scale = 1e-300;
        for (const Rows& subset : testing::subsets(n, n - f)) {
            scale = std::max(scale, slow_top_eigenvalue(rows, subset));
        }
        for (const Rows& subset : testing::subsets(n, n - f)) {
            const double value = slow_top_eigenvalue(rows, subset);
            // Nothing is better, and nothing earlier is as good, up to the rounding of both.
            ASSERT_GE(value, chosen * (1.0 - 1e-9) - 1e-12 * scale);
            if (subset < got) {
                ASSERT_GE(value, chosen * (1.0 + 1e-13) - 1e-12 * scale);
            }
        }
    }
}

TEST(Smea, GivesTiesToTheFirstSubset) {
    EXPECT_EQ(rows_with_weight(combination_of("smea", geometry_of({{1}, {2}, {3}}), 1)),
              (Rows{0, 1}));
    // A regular hexagon: turning and mirroring {0, 1, 2, 4} gives subsets that are equal but for
    // rounding, and the earlier {0, 1, 2, 3} is worse.
    const double h = std::sqrt(3.0) / 2.0;
    const Matrix hexagon{{1, 0}, {0.5, h}, {-0.5, h}, {-1, 0}, {-0.5, -h}, {0.5, -h}};
    EXPECT_EQ(rows_with_weight(combination_of("smea", geometry_of(hexagon), 2)),
              (Rows{0, 1, 2, 4}));
}

// With (0, 3) the variances are 4 and 23.2 in all, with (4, 0) they are 16.8 and 16: more in sum,
// but less in the worst direction.
TEST(Smea, ChoosesByTheWorstDirectionOnly) {
    const Matrix rows{{1, 2}, {-1, 2}, {1, -2}, {-1, -2}, {0, 3}, {4, 0}};
    EXPECT_EQ(rows_with_weight(combination_of("smea", geometry_of(rows), 1)),
              (Rows{0, 1, 2, 3, 5}));
}

TEST(Smea, RefusesTooManySubsetsAndTooMuchWork) {
    const auto supported = [](std::size_t n, std::uint32_t f) {
        return smea_supports({.n = n, .f = f, .parameters = {}});
    };
    EXPECT_EQ(subset_count(10, 3), 120U);
    EXPECT_EQ(subset_count(512, 0), 1U);
    EXPECT_EQ(subset_count(512, 512), 1U);
    EXPECT_EQ(subset_count(512, 256), std::uint64_t{1} << 62U);
    EXPECT_TRUE(supported(512, 0));
    EXPECT_TRUE(supported(19, 8));   // 75582 subsets
    EXPECT_FALSE(supported(20, 8));  // 125970
    EXPECT_TRUE(supported(100, 2));
    EXPECT_FALSE(supported(512, 1)) << "512 eigenvalues of 511 rows";
    EXPECT_FALSE(supported(6, 3));
}

TEST(CentredGram, HoldsInnerProductsAboutTheMean) {
    Rng rng(27);
    const Matrix rows = testing::random_rows(rng, 7, 3);
    const Geometry geometry = geometry_of(rows);
    const Rows chosen{1, 2, 5, 6};
    const Vector mean = testing::mean_of_rows(rows, chosen);
    const std::vector<double> plain = centred_gram(geometry, chosen);
    const std::vector<double> weighted =
        centred_gram(geometry, chosen, {0, 0.25, 0.25, 0, 0, 0.25, 0.25});
    for (std::size_t a = 0; a < 4; ++a) {
        for (std::size_t b = 0; b < 4; ++b) {
            double inner = 0.0;
            for (std::size_t j = 0; j < 3; ++j) {
                inner += (rows[chosen[a]][j] - mean[j]) * (rows[chosen[b]][j] - mean[j]);
            }
            EXPECT_NEAR(plain[a * 4 + b], inner, 1e-9 * (1.0 + std::fabs(inner)) + 1e-6);
            EXPECT_NEAR(weighted[a * 4 + b], inner, 1e-9 * (1.0 + std::fabs(inner)) + 1e-6);
            EXPECT_EQ(plain[a * 4 + b], plain[b * 4 + a]);
        }
    }
}

}  // namespace
}  // namespace fedstake::aggregation
