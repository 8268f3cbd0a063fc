// Leave-one-out, Shapley and Banzhaf values: worked cases and the axioms.
#include "aggregation/contribution/exact_values.hpp"

#include <cmath>
#include <fstream>
#include <numeric>
#include <string>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tests/aggregation/contribution/games.hpp"
#include "tests/support/shared_data.hpp"

namespace fedstake::aggregation::contribution {
namespace {

using games::Game;
using games::Values;
using Method = Result<std::vector<double>> (*)(CachedUtility&);

Values run(Method method, const Game& game) {
    auto utility = games::utility_of(game);
    auto cached = CachedUtility::make(utility, game.rows).value();
    return method(cached).value();
}

double sum_of(const Values& values) {
    return std::accumulate(values.begin(), values.end(), 0.0);
}

TEST(ExactValues, GiveTheWorkedCases) {
    FEDSTAKE_NEED_SHARED(path, "vectors/aggregation.json");
    std::ifstream file(path);
    int tried = 0;
    for (const auto& entry : nlohmann::json::parse(file)) {
        const std::string name = entry.at("name");
        const Method method = name == "shapley_exact"   ? shapley_exact
                              : name == "leave_one_out" ? leave_one_out
                              : name == "banzhaf_exact" ? banzhaf_exact
                                                        : nullptr;
        if (method == nullptr) {
            continue;
        }
        Game game{.rows = entry.at("expected").size(), .u = {}};
        game.u.resize(std::size_t{1} << game.rows);
        for (const auto& [rows, value] : entry.at("input").items()) {
            std::size_t mask = 0;
            for (const char c : rows) {
                mask |=
                    c == ',' ? std::size_t{0} : std::size_t{1} << static_cast<unsigned>(c - '0');
            }
            game.u[mask] = value;
        }
        const Values values = run(method, game);
        for (std::size_t i = 0; i < values.size(); ++i) {
            EXPECT_NEAR(values[i], entry.at("expected")[i].get<double>(), 1e-9) << name;
        }
        ++tried;
    }
    EXPECT_EQ(tried, 3);
}

// The same game, for where the worked cases are not at hand.
TEST(ExactValues, ThreeRowsByHand) {
    const Game game{.rows = 3, .u = {0, 40, 60, 70, 80, 75, 85, 90}};
    EXPECT_EQ(run(leave_one_out, game), (Values{5, 15, 20}));
    EXPECT_EQ(run(banzhaf_exact, game), (Values{12.5, 27.5, 40}));
    const Values shapley = run(shapley_exact, game);
    EXPECT_DOUBLE_EQ(shapley[0], 95.0 / 6);
    EXPECT_DOUBLE_EQ(shapley[1], 185.0 / 6);
    EXPECT_DOUBLE_EQ(shapley[2], 260.0 / 6);
}

TEST(ExactValues, AgreeWithTheDefinitions) {
    Rng rng(11);
    for (std::size_t n = 1; n <= 7; ++n) {
        const Game game = games::random_game(rng, n);
        const Values shapley = run(shapley_exact, game);
        const Values by_orders = games::shapley_by_orders(game);
        const Values banzhaf = run(banzhaf_exact, game);
        const Values by_subsets = games::banzhaf_by_subsets(game);
        for (std::size_t i = 0; i < n; ++i) {
            EXPECT_NEAR(shapley[i], by_orders[i], 1e-9);
            EXPECT_NEAR(banzhaf[i], by_subsets[i], 1e-9);
        }
    }
}

TEST(ExactValues, ShapleyIsEfficient) {
    Rng rng(12);
    for (int trial = 0; trial < 200; ++trial) {
        const Game game = games::random_game(rng, 1 + rng.below(8));
        EXPECT_NEAR(sum_of(run(shapley_exact, game)), game.u.back() - game.u.front(), 1e-9);
    }
}

// Equal parts give equal doubles, not merely near ones.
TEST(ExactValues, EqualRowsGetEqualValues) {
    Rng rng(13);
    for (int trial = 0; trial < 100; ++trial) {
        const std::size_t n = 2 + rng.below(5);
        const std::size_t row = rng.below(n);
        const Game game = games::duplicated(games::random_game(rng, n), row, 3);
        for (const Method method : {leave_one_out, shapley_exact, banzhaf_exact}) {
            const Values values = run(method, game);
            EXPECT_EQ(values[row], values[n]);
            EXPECT_EQ(values[row], values[n + 1]);
        }
    }
}

TEST(ExactValues, ARowThatAddsNothingGetsNothing) {
    Rng rng(14);
    for (int trial = 0; trial < 100; ++trial) {
        const std::size_t n = 1 + rng.below(6);
        const Game small = games::random_game(rng, n);
        Game game{.rows = n + 1, .u = small.u};
        game.u.insert(game.u.end(), small.u.begin(), small.u.end());
        for (const Method method : {leave_one_out, shapley_exact, banzhaf_exact}) {
            const Values values = run(method, game);
            EXPECT_EQ(values.back(), 0.0);
            const Values before = run(method, small);
            for (std::size_t i = 0; i < n; ++i) {
                EXPECT_NEAR(values[i], before[i], 1e-12);
            }
        }
    }
}

TEST(ExactValues, AddUpOverGames) {
    Rng rng(15);
    for (int trial = 0; trial < 100; ++trial) {
        const std::size_t n = 1 + rng.below(7);
        const Game a = games::random_game(rng, n);
        const Game b = games::random_game(rng, n);
        Game both = a;
        for (std::size_t mask = 0; mask < both.u.size(); ++mask) {
            both.u[mask] += b.u[mask];
        }
        for (const Method method : {leave_one_out, shapley_exact, banzhaf_exact}) {
            const Values first = run(method, a);
            const Values second = run(method, b);
            const Values together = run(method, both);
            for (std::size_t i = 0; i < n; ++i) {
                EXPECT_NEAR(together[i], first[i] + second[i], 2e-9);
            }
        }
    }
}

TEST(ExactValues, FollowTheRowsWhenTheyAreRenumbered) {
    Rng rng(16);
    const Game game = games::random_game(rng, 6);
    std::vector<std::size_t> place{0, 1, 2, 3, 4, 5};
    rng.shuffle(std::span(place));
    Game moved = game;
    for (std::size_t mask = 0; mask < game.u.size(); ++mask) {
        std::size_t image = 0;
        for (std::size_t i = 0; i < 6; ++i) {
            image |= ((mask >> i) & 1U) << place[i];
        }
        moved.u[image] = game.u[mask];
    }
    for (const Method method : {leave_one_out, shapley_exact, banzhaf_exact}) {
        const Values before = run(method, game);
        const Values after = run(method, moved);
        for (std::size_t i = 0; i < 6; ++i) {
            EXPECT_EQ(after[place[i]], before[i]);
        }
    }
}

TEST(ExactValues, OneRowGetsTheGain) {
    for (const Method method : {leave_one_out, shapley_exact, banzhaf_exact}) {
        EXPECT_EQ(run(method, {.rows = 1, .u = {0.25, 0.75}}), Values{0.5});
        EXPECT_EQ(run(method, {.rows = 1, .u = {0.75, 0.25}}), Values{-0.5});
    }
}

TEST(ExactValues, EqualUtilitiesGiveZeroes) {
    for (const Method method : {leave_one_out, shapley_exact, banzhaf_exact}) {
        EXPECT_EQ(run(method, {.rows = 4, .u = Values(16, 0.7)}), Values(4, 0.0));
    }
}

// The largest sums that can occur: additive, with the bounds of the utility at both ends.
TEST(ExactValues, TheLargestGameIsStillExact) {
    Game game{.rows = 10, .u = Values(1024, kUtilityMax)};
    game.u[0] = -kUtilityMax;
    const Values shapley = run(shapley_exact, game);
    const Values banzhaf = run(banzhaf_exact, game);
    for (std::size_t i = 0; i < 10; ++i) {
        EXPECT_DOUBLE_EQ(shapley[i], 2 * kUtilityMax / 10);
        EXPECT_EQ(banzhaf[i], 2 * kUtilityMax / 512);
    }
    for (std::size_t mask = 0; mask < 1024; ++mask) {
        game.u[mask] = (mask & 1U) != 0 ? kUtilityMax : -kUtilityMax;
    }
    EXPECT_EQ(run(shapley_exact, game)[0], 2 * kUtilityMax);
    EXPECT_EQ(run(banzhaf_exact, game)[0], 2 * kUtilityMax);
    EXPECT_EQ(run(banzhaf_exact, game)[9], 0.0);
}

TEST(ExactValues, EndAtTenRows) {
    games::FunctionUtility utility(
        [](std::span<const std::size_t>) -> Result<double> { return 0.0; });
    auto cached = CachedUtility::make(utility, 11).value();
    EXPECT_EQ(shapley_exact(cached).error().code, Errc::kLimitExceeded);
    EXPECT_EQ(banzhaf_exact(cached).error().code, Errc::kLimitExceeded);
    EXPECT_EQ(cached.evaluations(), 0U);
    EXPECT_TRUE(leave_one_out(cached));
}

}  // namespace
}  // namespace fedstake::aggregation::contribution
