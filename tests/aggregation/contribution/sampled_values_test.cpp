// Banzhaf by maximum sample reuse and GTG-Shapley: how near they come, and when they stop.
#include "aggregation/contribution/sampled_values.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include <gtest/gtest.h>

#include "aggregation/contribution/exact_values.hpp"
#include "tests/aggregation/contribution/games.hpp"

namespace fedstake::aggregation::contribution {
namespace {

using games::Game;
using games::Values;

struct Round {
    explicit Round(const Game& game)
        : utility(games::utility_of(game)),
          cached(CachedUtility::make(utility, game.rows).value()) {}
    games::FunctionUtility utility;
    CachedUtility cached;
};

double worst_error(const Values& a, const Values& b) {
    double worst = 0.0;
    for (std::size_t i = 0; i < a.size(); ++i) {
        worst = std::max(worst, std::fabs(a[i] - b[i]));
    }
    return worst;
}

double length_of(const Values& values) {
    return std::sqrt(std::inner_product(values.begin(), values.end(), values.begin(), 0.0));
}

TEST(BanzhafSampled, ComesNearTheExactValues) {
    Rng rng(21);
    for (int trial = 0; trial < 20; ++trial) {
        const Game game = games::covering_game(rng, 8);
        Round round(game);
        const Values exact = banzhaf_exact(round.cached).value();
        const double range = round.cached.range();
        const auto few = banzhaf_sampled(round.cached, 1000, rng).value();
        const auto many = banzhaf_sampled(round.cached, 16'000, rng).value();
        EXPECT_LT(worst_error(few.values, exact), 0.05 * range);
        EXPECT_LT(worst_error(many.values, exact), 0.0125 * range);
        for (std::size_t i = 0; i < 8; ++i) {
            EXPECT_LT(std::fabs(few.values[i] - exact[i]), 4 * few.standard_errors[i]);
            EXPECT_NEAR(many.standard_errors[i] * 4, few.standard_errors[i],
                        0.2 * few.standard_errors[i]);
        }
    }
}

// The spread of many estimates is what the standard error says, and their mean has no bias.
TEST(BanzhafSampled, StandardErrorsAreRight) {
    Rng rng(22);
    const Game game = games::random_game(rng, 6);
    Round round(game);
    const double exact = banzhaf_exact(round.cached).value()[2];
    constexpr int kRuns = 400;
    double sum = 0.0;
    double squares = 0.0;
    double stated = 0.0;
    for (int k = 0; k < kRuns; ++k) {
        const auto sampled = banzhaf_sampled(round.cached, 100, rng).value();
        sum += sampled.values[2] - exact;
        squares += (sampled.values[2] - exact) * (sampled.values[2] - exact);
        stated += sampled.standard_errors[2] / kRuns;
    }
    const double spread = std::sqrt(squares / kRuns);
    EXPECT_NEAR(spread, stated, 0.15 * stated);
    EXPECT_LT(std::fabs(sum / kRuns), 4 * stated / std::sqrt(kRuns));
}

TEST(BanzhafSampled, AsksForNoMoreThanItSamples) {
    games::FunctionUtility utility([](std::span<const std::size_t> rows) -> Result<double> {
        return static_cast<double>(rows.size()) / 512;
    });
    auto cached = CachedUtility::make(utility, 512).value();
    Rng rng(23);
    const auto sampled = banzhaf_sampled(cached, 300, rng).value();
    EXPECT_EQ(cached.evaluations(), 300U);
    for (std::size_t i = 0; i < 512; ++i) {
        EXPECT_NEAR(sampled.values[i], 1.0 / 512, 5 * sampled.standard_errors[i]);
    }
}

TEST(BanzhafSampled, IsAFunctionOfTheSeed) {
    Rng rng(24);
    const Game game = games::random_game(rng, 7);
    Round round(game);
    Rng a(5);
    Rng b(5);
    Rng c(6);
    const auto first = banzhaf_sampled(round.cached, 200, a).value();
    EXPECT_EQ(first.values, banzhaf_sampled(round.cached, 200, b)->values);
    EXPECT_NE(first.values, banzhaf_sampled(round.cached, 200, c)->values);
}

// With four samples a row may be in all of them: no value, and the whole span as its error.
TEST(BanzhafSampled, SaysWhereItKnowsNothing) {
    Rng rng(25);
    Round round(games::random_game(rng, 10));
    int unknown = 0;
    for (int k = 0; k < 50; ++k) {
        const auto sampled = banzhaf_sampled(round.cached, 4, rng).value();
        for (std::size_t i = 0; i < 10; ++i) {
            ASSERT_TRUE(std::isfinite(sampled.values[i]));
            ASSERT_TRUE(std::isfinite(sampled.standard_errors[i]));
            if (sampled.standard_errors[i] == round.cached.span()) {
                ++unknown;
                EXPECT_EQ(sampled.values[i], 0.0);
            }
        }
    }
    EXPECT_GT(unknown, 50);
}

TEST(BanzhafSampled, EqualUtilitiesGiveZeroes) {
    Round round({.rows = 4, .u = Values(16, 0.7)});
    Rng rng(26);
    const auto sampled = banzhaf_sampled(round.cached, 100, rng).value();
    EXPECT_EQ(sampled.values, Values(4, 0.0));
    EXPECT_EQ(sampled.standard_errors, Values(4, 0.0));
    EXPECT_EQ(lower_bounds(sampled, 4.0), Values(4, 0.0));
}

TEST(BanzhafSampled, LowerBoundsTakeOffTheError) {
    const SampledValues sampled{.values = {1.0, -1.0}, .standard_errors = {0.25, 0.5}};
    EXPECT_EQ(lower_bounds(sampled, 2.0), (Values{0.5, -2.0}));
}

// The largest utilities: sums and squares stay within their integers.
TEST(BanzhafSampled, HoldsTheLargestUtilities) {
    Round round({.rows = 1, .u = {-kUtilityMax, kUtilityMax}});
    Rng rng(27);
    const auto sampled = banzhaf_sampled(round.cached, kSamplesMax, rng).value();
    EXPECT_EQ(sampled.values, Values{2 * kUtilityMax});
    EXPECT_EQ(sampled.standard_errors, Values{0.0});
}

TEST(BanzhafSampled, RefusesBadCounts) {
    Round round({.rows = 1, .u = {0, 1}});
    Rng rng(28);
    EXPECT_EQ(banzhaf_sampled(round.cached, 3, rng).error().code, Errc::kInvalidInput);
    EXPECT_EQ(banzhaf_sampled(round.cached, kSamplesMax + 1, rng).error().code,
              Errc::kInvalidInput);
}

TEST(GtgShapley, ComesNearTheExactValues) {
    Rng rng(31);
    double total = 0.0;
    for (int trial = 0; trial < 20; ++trial) {
        const Game game = games::covering_game(rng, 8);
        Round round(game);
        const Values exact = shapley_exact(round.cached).value();
        const auto loose = gtg_shapley(round.cached, {}, rng).value();
        EXPECT_TRUE(loose.converged);
        Values difference = loose.values;
        for (std::size_t i = 0; i < 8; ++i) {
            difference[i] -= exact[i];
        }
        total += length_of(difference) / length_of(exact) / 20;
        const GtgOptions strict{.truncation = 0.0, .tolerance = 0.0, .permutations_max = 8'000};
        const auto tight = gtg_shapley(round.cached, strict, rng).value();
        EXPECT_FALSE(tight.converged);
        EXPECT_EQ(tight.permutations, 8'000U);
        EXPECT_LT(worst_error(tight.values, exact), 0.025 * length_of(exact));
    }
    EXPECT_LT(total, 0.15);
}

// Whole turns over the first row: with two rows, two permutations are all there are.
TEST(GtgShapley, TwoRowsAreExactAtOnce) {
    Rng rng(32);
    for (int trial = 0; trial < 50; ++trial) {
        const Game game = games::random_game(rng, 2);
        Round round(game);
        const auto gtg = gtg_shapley(round.cached, {.truncation = 0.0}, rng).value();
        EXPECT_TRUE(gtg.converged);
        EXPECT_EQ(gtg.permutations, 30U);
        EXPECT_LT(worst_error(gtg.values, shapley_exact(round.cached).value()), 1e-12);
    }
}

TEST(GtgShapley, TruncationCostsAtMostItsLimit) {
    Rng rng(33);
    for (int trial = 0; trial < 50; ++trial) {
        const Game game = games::covering_game(rng, 8);
        Round round(game);
        const double limit = 0.1 * (game.u.back() - game.u.front());
        const auto gtg = gtg_shapley(round.cached, {.truncation = limit}, rng).value();
        const double sum = std::accumulate(gtg.values.begin(), gtg.values.end(), 0.0);
        EXPECT_LE(std::fabs(sum - (game.u.back() - game.u.front())), limit + 1e-9);
    }
}

TEST(GtgShapley, TruncationSavesEvaluations) {
    // Each row alone reaches nearly everything.
    games::FunctionUtility utility([](std::span<const std::size_t> rows) -> Result<double> {
        return rows.empty() ? 0.0 : 1.0 - 0.001 / static_cast<double>(rows.size());
    });
    auto cached = CachedUtility::make(utility, 40).value();
    Rng rng(34);
    const auto gtg = gtg_shapley(cached, {.truncation = 0.002}, rng).value();
    EXPECT_EQ(cached.evaluations(), 42U);
    for (const double value : gtg.values) {
        EXPECT_NEAR(value, 1.0 / 40, 1e-4);
    }
}

TEST(GtgShapley, SkipsARoundWithoutGain) {
    games::FunctionUtility utility([](std::span<const std::size_t> rows) -> Result<double> {
        return rows.size() == 9 ? 0.505 : 0.5;
    });
    auto cached = CachedUtility::make(utility, 9).value();
    Rng rng(35);
    const auto gtg = gtg_shapley(cached, {.round_gain = 0.01}, rng).value();
    EXPECT_EQ(gtg.values, Values(9, 0.0));
    EXPECT_EQ(gtg.permutations, 0U);
    EXPECT_TRUE(gtg.converged);
    EXPECT_EQ(cached.evaluations(), 2U);
}

TEST(GtgShapley, OneRowGetsTheGain) {
    Round round({.rows = 1, .u = {0.25, 0.75}});
    Rng rng(36);
    EXPECT_EQ(gtg_shapley(round.cached, {}, rng)->values, Values{0.5});
}

TEST(GtgShapley, IsAFunctionOfTheSeed) {
    Rng rng(37);
    Round round(games::random_game(rng, 7));
    Rng a(5);
    Rng b(5);
    Rng c(6);
    const auto first = gtg_shapley(round.cached, {}, a).value();
    EXPECT_EQ(first.values, gtg_shapley(round.cached, {}, b)->values);
    EXPECT_NE(first.values, gtg_shapley(round.cached, {}, c)->values);
}

TEST(GtgShapley, RefusesBadOptions) {
    Round round({.rows = 2, .u = {0, 1, 1, 2}});
    Rng rng(38);
    constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
    constexpr double kInfinity = std::numeric_limits<double>::infinity();
    for (const GtgOptions& options :
         {GtgOptions{.round_gain = -1.0}, GtgOptions{.round_gain = kInfinity},
          GtgOptions{.truncation = kNan}, GtgOptions{.tolerance = -0.1},
          GtgOptions{.permutations_min = 0, .permutations_max = 0},
          GtgOptions{.permutations_min = 31, .permutations_max = 30},
          GtgOptions{.permutations_max = kSamplesMax + 1}}) {
        EXPECT_EQ(gtg_shapley(round.cached, options, rng).error().code, Errc::kInvalidInput);
    }
    EXPECT_EQ(round.cached.evaluations(), 0U);
}

}  // namespace
}  // namespace fedstake::aggregation::contribution
