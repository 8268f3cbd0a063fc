// Integer scores: exact quotients, and that dividing a site among identities does not pay.
#include "aggregation/contribution/integer_scores.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <numeric>

#include <gtest/gtest.h>

#include "aggregation/contribution/exact_values.hpp"
#include "aggregation/contribution/sampled_values.hpp"
#include "proto/base/limits.hpp"
#include "tests/aggregation/contribution/games.hpp"

namespace fedstake::aggregation::contribution {
namespace {

using games::Game;
using games::Values;
using Scores = std::vector<std::uint64_t>;

Scores scores_of(const Game& game) {
    auto utility = games::utility_of(game);
    auto cached = CachedUtility::make(utility, game.rows).value();
    return banzhaf_scores(cached).value();
}

// Of a row and the identities at the end of the table.
std::uint64_t sum_of_identities(const Scores& scores, std::size_t row, std::size_t rows_before) {
    return std::accumulate(scores.begin() + static_cast<std::ptrdiff_t>(rows_before), scores.end(),
                           scores[row]);
}

Game any_game(Rng& rng, std::size_t rows) {
    Game game = rng.below(2) == 0 ? games::random_game(rng, rows) : games::covering_game(rng, rows);
    if (rng.below(4) == 0) {  // few different utilities: many ties
        for (double& value : game.u) {
            value = std::floor(3.0 * value);
        }
    }
    return game;
}

TEST(IntegerScores, FloorTheExactQuotient) {
    EXPECT_EQ(integer_scores(Values{1, 2, 3, 0, -4, -0.0}, 3.0),
              (Scores{333'333, 666'666, 1'000'000, 0, 0, 0}));
    EXPECT_EQ(integer_scores(Values{0.1, 0.2, 0.7}, 1.0), (Scores{100'000, 200'000, 699'999}))
        << "the double 0.7 lies below 7/10, the doubles 0.1 and 0.2 above theirs";
    EXPECT_EQ(integer_scores(Values{5e-324, 1e-300, 1.0}, 1e300), (Scores{0, 0, 0}));
    EXPECT_EQ(integer_scores(Values{5e-324, 1e-323}, 1e-323), (Scores{500'000, 1'000'000}));
    EXPECT_EQ(integer_scores(Values{}, 1.0), Scores{});
}

TEST(IntegerScores, GrowWithTheValue) {
    Rng rng(41);
    for (int trial = 0; trial < 2000; ++trial) {
        const double reference = std::ldexp(0.5 + rng.uniform(), static_cast<int>(rng.below(40)));
        Values values;
        for (int k = 0; k < 20; ++k) {
            values.push_back(reference * (1.2 * rng.uniform() - 0.2));
            values.push_back(std::nextafter(values.back(), reference));
        }
        std::sort(values.begin(), values.end());
        const Scores scores = integer_scores(values, reference).value();
        EXPECT_TRUE(std::is_sorted(scores.begin(), scores.end()));
        EXPECT_LE(scores.back(), limits::kScoreMax);
        for (std::size_t i = 0; i < values.size(); ++i) {
            const double wanted = std::max(0.0, values[i] / reference * 1e6);
            EXPECT_LE(static_cast<double>(scores[i]), wanted + 1e-6);
            EXPECT_GT(static_cast<double>(scores[i]) + 1.0, wanted - 1e-6);
        }
    }
}

TEST(IntegerScores, RefuseWhatIsNoShareOfTheReference) {
    constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
    constexpr double kInfinity = std::numeric_limits<double>::infinity();
    for (const double bad : {kNan, kInfinity, -kInfinity, 1.001}) {
        EXPECT_EQ(integer_scores(Values{0.5, bad}, 1.0).error().code, Errc::kInvalidInput);
    }
    for (const double reference : {kNan, kInfinity, -1.0}) {
        EXPECT_EQ(integer_scores(Values{-2.0}, reference).error().code, Errc::kInvalidInput);
    }
    EXPECT_FALSE(integer_scores(Values{1e-30}, 0.0));
    EXPECT_EQ(integer_scores(Values{0.0, -1.0}, 0.0), (Scores{0, 0}));
    EXPECT_EQ(integer_scores(Values{1.0 + 1e-12}, 1.0), Scores{1'000'000}) << "rounding";
}

TEST(BanzhafScores, StayWithinTheirRange) {
    Rng rng(42);
    for (int trial = 0; trial < 500; ++trial) {
        for (const std::uint64_t score : scores_of(any_game(rng, 1 + rng.below(7)))) {
            EXPECT_LE(score, limits::kScoreMax);
        }
    }
    EXPECT_EQ(scores_of({.rows = 1, .u = {0.25, 0.75}}), Scores{limits::kScoreMax});
    EXPECT_EQ(scores_of({.rows = 1, .u = {0.75, 0.25}}), Scores{0});
    EXPECT_EQ(scores_of({.rows = 3, .u = Values(8, 0.7)}), (Scores{0, 0, 0}));
}

// The claim of the header: k identities of which the first brings everything, never a larger sum.
TEST(BanzhafScores, IdentitiesThatAddNothingNeverPay) {
    Rng rng(43);
    int positive = 0;
    for (int trial = 0; trial < 3000; ++trial) {
        const std::size_t n = 1 + rng.below(4);
        const std::size_t row = rng.below(n);
        const std::size_t k = 2 + rng.below(4);
        const Game game = any_game(rng, n);
        const std::uint64_t before = scores_of(game)[row];
        const std::uint64_t after =
            sum_of_identities(scores_of(games::duplicated(game, row, k)), row, n);
        ASSERT_LE(after, before) << "trial " << trial;
        // k 2^-(k-1) of it, less what the floors take.
        const double share = std::ldexp(static_cast<double>(k), 1 - static_cast<int>(k));
        ASSERT_GE(static_cast<double>(after + k), share * static_cast<double>(before) - 1.0);
        positive += before > 0 ? 1 : 0;
    }
    EXPECT_GT(positive, 1500) << "most games must say something";
}

TEST(BanzhafScores, NeitherDoTenIdentities) {
    Rng rng(44);
    for (int trial = 0; trial < 20; ++trial) {
        const Game game = games::covering_game(rng, 1);
        const std::uint64_t after =
            sum_of_identities(scores_of(games::duplicated(game, 0, 10)), 0, 1);
        EXPECT_EQ(after, 10 * (limits::kScoreMax / 512));
        EXPECT_EQ(scores_of(game)[0], limits::kScoreMax);
    }
}

// Every game whatever over two identities: together they get no more than the one site would.
TEST(BanzhafScores, TwoIdentitiesNeverPayHoweverTheyShare) {
    Rng rng(45);
    int compared = 0;
    for (int trial = 0; trial < 3000; ++trial) {
        const std::size_t n = 1 + rng.below(4);
        const Game apart = any_game(rng, n + 1);  // the site is rows 0 and n
        Game one{.rows = n, .u = Values(std::size_t{1} << n)};
        for (std::size_t mask = 0; mask < one.u.size(); ++mask) {
            one.u[mask] = apart.u[mask | ((mask & 1U) << n)];
        }
        const Values values = games::banzhaf_by_subsets(apart);
        if (values[0] < 0.0 || values[n] < 0.0) {
            continue;
        }
        const Scores scores = scores_of(apart);
        ASSERT_LE(scores[0] + scores[n], scores_of(one)[0]) << "trial " << trial;
        ++compared;
    }
    EXPECT_GT(compared, 1000);
}

TEST(BanzhafScores, PartsThatAreAllNeededNeverPay) {
    Rng rng(46);
    for (int trial = 0; trial < 1000; ++trial) {
        const std::size_t n = 1 + rng.below(4);
        const std::size_t k = 2 + rng.below(4);
        const Game game = any_game(rng, n);
        const std::size_t all = (std::size_t{1} << k) - 1;
        const Game parts = games::split(game, 0, k, [&](std::size_t mine) { return mine == all; });
        ASSERT_LE(sum_of_identities(scores_of(parts), 0, n), scores_of(game)[0]);
    }
}

// The condition of the header is needed: where two of three parts bring everything, it pays.
TEST(BanzhafScores, AMiddleNumberOfPartsPays) {
    const Game game{.rows = 1, .u = {0, 1}};
    const Game majority =
        games::split(game, 0, 3, [](std::size_t mine) { return std::popcount(mine) >= 2; });
    EXPECT_EQ(scores_of(game), Scores{1'000'000});
    EXPECT_EQ(scores_of(majority), (Scores{500'000, 500'000, 500'000}));
    const Game concave{.rows = 3, .u = {0, 0.5, 0.5, 1, 0.5, 1, 1, 1}};
    EXPECT_EQ(scores_of(concave), (Scores{375'000, 375'000, 375'000})) << "9/8 in all";
}

// No symmetric rule that pays equal rows can keep the share of the sum; see the header.
TEST(BanzhafScores, TheShareCanGrowWhereOthersAreEqual) {
    const Game two_equal{.rows = 2, .u = {0, 1, 1, 1}};
    EXPECT_EQ(scores_of(two_equal), (Scores{500'000, 500'000}));
    EXPECT_EQ(scores_of(games::duplicated(two_equal, 1, 2)), (Scores{250'000, 250'000, 250'000}));
}

// Why not Shapley: the same division raises its sum from 1/2 to 2/3.
TEST(BanzhafScores, HoldWhatShapleyDoesNot) {
    const Game game = games::duplicated({.rows = 2, .u = {0, 1, 1, 1}}, 1, 2);
    const Values shapley = games::shapley_by_orders(game);
    EXPECT_NEAR(shapley[1] + shapley[2], 2.0 / 3, 1e-12);
    EXPECT_NEAR(games::shapley_by_orders({.rows = 2, .u = {0, 1, 1, 1}})[1], 0.5, 1e-12);
}

// Sampled values with their errors taken off: not above the exact score of the one site.
TEST(BanzhafScores, SampledIdentitiesDoNotPayEither) {
    Rng rng(47);
    int raw_pays = 0;
    for (int trial = 0; trial < 100; ++trial) {
        const std::size_t n = 3;
        const Game game = any_game(rng, n);
        auto whole = games::utility_of(game);
        auto one = CachedUtility::make(whole, n).value();
        const std::uint64_t exact =
            integer_scores(banzhaf_exact(one).value(), one.span()).value()[0];
        auto apart = games::utility_of(games::duplicated(game, 0, 6));
        auto many = CachedUtility::make(apart, n + 5).value();
        const SampledValues sampled = banzhaf_sampled(many, 200, rng).value();
        const auto sum = [&](const Values& values) {
            return sum_of_identities(integer_scores(values, many.span()).value(), 0, n);
        };
        EXPECT_LE(sum(lower_bounds(sampled, 4.0)), exact) << "trial " << trial;
        raw_pays += sum(sampled.values) > exact ? 1 : 0;
    }
    EXPECT_GT(raw_pays, 20) << "without that, noise does pay";
}

}  // namespace
}  // namespace fedstake::aggregation::contribution
