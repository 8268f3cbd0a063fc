// Laws of the rules on thousands of random and adversarial matrices.
#include <algorithm>
#include <cmath>
#include <numeric>

#include <gtest/gtest.h>

#include "aggregation/rules/krum.hpp"
#include "tests/aggregation/reference.hpp"

namespace fedstake::aggregation {
namespace {

using reference::library_result;
using reference::Matrix;
using reference::rule;
using reference::RuleRun;
using reference::Values;

struct Named {
    const char* name;
    std::size_t least_rows(std::uint32_t f) const {
        return std::string_view(name).ends_with("paper") ? 2 * f + 3 : 2 * f + 1;
    }
};
constexpr Named kAll[] = {{"mean"},       {"median"},     {"trimmed-mean"},    {"krum"},
                          {"krum-paper"}, {"multi-krum"}, {"multi-krum-paper"}};

template <class Check>
void over_random_rounds(std::uint64_t seed, int rounds, const Check& check) {
    Rng rng(seed);
    for (int trial = 0; trial < rounds; ++trial) {
        const auto f = static_cast<std::uint32_t>(rng.below(4));
        const std::size_t n = 2 * f + 3 + rng.below(6);
        const Matrix rows = reference::random_matrix(rng, n, 1 + rng.below(12));
        for (const Named& named : kAll) {
            SCOPED_TRACE(std::string(named.name) + " trial " + std::to_string(trial));
            check(rng, rows, rule(named.name, f));
            if (::testing::Test::HasFatalFailure()) {
                return;
            }
        }
    }
}

TEST(Rules, MatchTheSlowReference) {
    over_random_rounds(1, 400, [](Rng&, const Matrix& rows, const rules::AggregationRules& rules) {
        const std::size_t n = rows.size();
        const std::size_t f = rules.f;
        const Values got = library_result(rows, {.rules = rules});
        const std::string& name = rules.rule.name;
        const Values wanted = name == "mean"           ? reference::mean(rows)
                              : name == "median"       ? reference::median(rows)
                              : name == "trimmed-mean" ? reference::trimmed_mean(rows, f)
                              : name == "krum"         ? reference::multi_krum(rows, n - f - 1, 1)
                              : name == "krum-paper"   ? reference::multi_krum(rows, n - f - 2, 1)
                              : name == "multi-krum"
                                  ? reference::multi_krum(rows, n - f - 1, n - f)
                                  : reference::multi_krum(rows, n - f - 2, n - f - 2);
        ASSERT_EQ(got, wanted);
    });
}

TEST(Rules, DoNotDependOnTheOrderOfRows) {
    over_random_rounds(2, 300, [](Rng& rng, Matrix rows, const rules::AggregationRules& rules) {
        // Ties go to the lowest row: only matrices without equal Krum scores are free of order.
        const Geometry geometry(reference::library_distances(rows));
        const std::vector<double> scores = krum_scores(geometry, rows.size() - rules.f - 1);
        const std::vector<double> paper = krum_scores(geometry, rows.size() - rules.f - 2);
        for (const auto& values : {scores, paper}) {
            std::vector<double> sorted = values;
            std::sort(sorted.begin(), sorted.end());
            if (rules.rule.name.find("krum") != std::string::npos &&
                std::adjacent_find(sorted.begin(), sorted.end()) != sorted.end()) {
                return;
            }
        }
        const Values before = library_result(rows, {.rules = rules});
        rng.shuffle(std::span(rows));
        ASSERT_EQ(library_result(rows, {.rules = rules}), before);
    });
}

TEST(Rules, FollowATranslation) {
    over_random_rounds(3, 300, [](Rng& rng, Matrix rows, const rules::AggregationRules& rules) {
        for (Values& row : rows) {
            for (std::int32_t& value : row) {
                value /= 4;
            }
        }
        Values wanted = library_result(rows, {.rules = rules});
        for (std::size_t j = 0; j < wanted.size(); ++j) {
            const auto shift = static_cast<std::int32_t>(rng.below(1U << 28U)) - (1 << 27);
            wanted[j] += shift;
            for (Values& row : rows) {
                row[j] += shift;
            }
        }
        ASSERT_EQ(library_result(rows, {.rules = rules}), wanted);
    });
}

TEST(Rules, ReturnUnanimousRowsUnchanged) {
    over_random_rounds(4, 200, [](Rng&, const Matrix& rows, const rules::AggregationRules& rules) {
        const Matrix same(rows.size(), rows.front());
        ASSERT_EQ(library_result(same, {.rules = rules}), rows.front());
    });
}

TEST(Rules, StayInsideTheHullOfEachCoordinate) {
    over_random_rounds(5, 200, [](Rng&, const Matrix& rows, const rules::AggregationRules& rules) {
        const Values result = library_result(rows, {.rules = rules});
        for (std::size_t j = 0; j < result.size(); ++j) {
            const auto [low, high] =
                std::minmax_element(rows.begin(), rows.end(),
                                    [j](const Values& a, const Values& b) { return a[j] < b[j]; });
            ASSERT_GE(result[j], (*low)[j]);
            ASSERT_LE(result[j], (*high)[j]);
        }
    });
}

TEST(Rules, WithoutHostileSitesReduceToTheMean) {
    Rng rng(6);
    for (int trial = 0; trial < 300; ++trial) {
        const Matrix rows = reference::random_matrix(rng, 1 + rng.below(9), 8);
        const Values mean = reference::mean(rows);
        ASSERT_EQ(library_result(rows, {.rules = rule("trimmed-mean", 0)}), mean);
        ASSERT_EQ(library_result(rows, {.rules = rule("multi-krum", 0)}), mean);
    }
}

TEST(Rules, HostileRowsCannotLeaveTheHonestHull) {
    Rng rng(7);
    for (int trial = 0; trial < 500; ++trial) {
        const auto f = static_cast<std::uint32_t>(1 + rng.below(3));
        const std::size_t honest = f + 1 + rng.below(5);
        Matrix rows = reference::random_matrix(rng, honest, 6);
        const Matrix good = rows;
        for (std::uint32_t k = 0; k < f; ++k) {
            rows.push_back(Values(6, rng.below(2) == 0 ? 2147483647 : -2147483647));
        }
        for (const char* name : {"median", "trimmed-mean"}) {
            const Values result = library_result(rows, {.rules = rule(name, f)});
            for (std::size_t j = 0; j < result.size(); ++j) {
                const auto [low, high] = std::minmax_element(
                    good.begin(), good.end(),
                    [j](const Values& a, const Values& b) { return a[j] < b[j]; });
                ASSERT_TRUE(result[j] >= (*low)[j] && result[j] <= (*high)[j]) << name;
            }
        }
    }
}

// |F(x) - mean_S|^2 <= kappa / |S| * sum_S |x_i - mean_S|^2 for every S of n - f rows.
TEST(Rules, KeepTheirRobustnessBounds) {
    struct Bound {
        const char* name;
        double (*kappa)(double r);
    };
    const Bound bounds[] = {{"trimmed-mean", [](double r) { return 6 * r * (1 + r); }},
                            {"krum", [](double r) { return 6 * (1 + r); }},
                            {"median", [](double r) { return 4 * (1 + r) * (1 + r); }}};
    Rng rng(8);
    const std::pair<std::size_t, std::uint32_t> shapes[] = {
        {5, 1}, {7, 2}, {7, 3}, {9, 4}, {10, 3}};
    for (int trial = 0; trial < 250; ++trial) {
        const auto [n, f] = shapes[static_cast<std::size_t>(trial) % 5];
        const Matrix rows = reference::random_matrix(rng, n, 3);
        const double r = static_cast<double>(f) / static_cast<double>(n - 2 * f);
        for (const Bound& bound : bounds) {
            const Values result = library_result(rows, {.rules = rule(bound.name, f)});
            for (std::uint32_t mask = 0; mask < (1U << n); ++mask) {
                if (static_cast<std::size_t>(std::popcount(mask)) != n - f) {
                    continue;
                }
                double error = 0.0;
                double spread = 0.0;
                for (std::size_t j = 0; j < 3; ++j) {
                    double mean = 0.0;
                    for (std::size_t i = 0; i < n; ++i) {
                        mean += ((mask >> i) & 1U) != 0 ? rows[i][j] : 0.0;
                    }
                    mean /= static_cast<double>(n - f);
                    error += (result[j] - mean) * (result[j] - mean);
                    for (std::size_t i = 0; i < n; ++i) {
                        const double d = ((mask >> i) & 1U) != 0 ? rows[i][j] - mean : 0.0;
                        spread += d * d / static_cast<double>(n - f);
                    }
                }
                // One grid unit a coordinate is rounding, not influence.
                ASSERT_LE(std::sqrt(error), std::sqrt(bound.kappa(r) * spread) + 2.0) << bound.name;
            }
        }
    }
}

TEST(Rules, ResultsDoNotDependOnThreadsOrBlockSize) {
    Rng rng(9);
    const Matrix rows = reference::random_matrix(rng, 9, 5000);
    for (const Named& named : kAll) {
        const Values wanted = library_result(rows, {.rules = rule(named.name, 2)});
        for (unsigned threads = 1; threads <= 8; ++threads) {
            for (const std::size_t memory : {std::size_t{60'000}, std::size_t{1} << 22U}) {
                ASSERT_EQ(library_result(rows, {.rules = rule(named.name, 2),
                                                .threads = threads,
                                                .memory_bytes = memory}),
                          wanted)
                    << named.name << " threads " << threads << " memory " << memory;
            }
        }
    }
}

TEST(Distances, AreExactForExtremeRows) {
    const Matrix rows{Values(3000, 2147483647), Values(3000, -2147483647), Values(3000, 1)};
    const Distances distances = reference::library_distances(rows, 2);
    const Wide most = 2 * Wide{2147483647U};
    EXPECT_TRUE(distances.between(0, 1) == most * most * 3000);
    EXPECT_TRUE(distances.norm(2) == 3000);
    EXPECT_TRUE(distances.to_centre(2) == 0);
    EXPECT_TRUE(distances.centre_norm() == 3000);
    EXPECT_TRUE(distances.inner(0, 1) ==
                -static_cast<SignedWide>(Wide{2147483647U} * 2147483647U * 3000));
    EXPECT_TRUE(distances.inner(0, 2) == SignedWide{2147483647} * 3000);
}

TEST(NormClip, BoundsTheNormAndKeepsSmallRows) {
    const Matrix rows{{3 << 24, 4 << 24}, {1 << 20, 0}};
    RuleRun setup{.rules = rule("mean", 0)};
    setup.rules.pre = {{.name = "norm-clip", .parameters = {{.name = "norm", .value = 2.5}}}};
    EXPECT_EQ(library_result({rows[0]}, setup), (Values{3 << 23, 4 << 23}));
    EXPECT_EQ(library_result({rows[1]}, setup), rows[1]);
}

}  // namespace
}  // namespace fedstake::aggregation
