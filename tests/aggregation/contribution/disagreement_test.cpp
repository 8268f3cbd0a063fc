// The alarm: who is named, and how often among the honest.
#include "aggregation/contribution/disagreement.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include <gtest/gtest.h>

#include "aggregation/contribution/cgsv.hpp"
#include "aggregation/contribution/exact_values.hpp"
#include "tests/aggregation/contribution/games.hpp"

namespace fedstake::aggregation::contribution {
namespace {

using games::Rows;
using games::Values;

// How the rows of an honest round come about.
enum class Sites {
    kGoalsOfTheirOwn,  // a common goal, an own one, little noise, lengths from 0.5 to 2
    kOneGoal,          // noise from 0.3 to 1.5 of the goal
    kUnrelated,        // rows and goal have nothing in common
};

struct HonestRound {
    Rows rows;
    Values target;  // of validation: the mean of the goals
};

HonestRound honest_round(Rng& rng, Sites sites, std::size_t n) {
    constexpr std::size_t kCoordinates = 32;
    const Values goal = games::normal_vector(rng, kCoordinates, 1.0);
    HonestRound round{.rows = Rows(n, Values(kCoordinates)), .target = goal};
    for (Values& row : round.rows) {
        const double quality = rng.uniform();
        for (std::size_t k = 0; k < kCoordinates; ++k) {
            const double noise = rng.normal();
            const double own = 0.8 * rng.normal();
            if (sites == Sites::kGoalsOfTheirOwn) {
                row[k] = (0.5 + 1.5 * quality) * (goal[k] + own + 0.3 * noise);
                round.target[k] += own / static_cast<double>(n);
            } else if (sites == Sites::kOneGoal) {
                row[k] = goal[k] + (0.3 + 1.2 * quality) * noise;
            } else {
                row[k] = noise;
            }
        }
    }
    return round;
}

Values cosines_of(const Rows& rows) {
    return cgsv(games::geometry_of(rows), first_reputation(rows.size())).value().cosines;
}

Values banzhaf_of(const HonestRound& round) {
    auto utility = games::approach_of(round.rows, round.target);
    auto cached = CachedUtility::make(utility, round.rows.size()).value();
    return banzhaf_exact(cached).value();
}

// Share of honest rounds in which somebody is named.
double false_alarms(Sites sites, std::size_t n, int rounds) {
    Rng rng(70 + n);
    int named = 0;
    for (int t = 0; t < rounds; ++t) {
        const HonestRound round = honest_round(rng, sites, n);
        named +=
            disagreement(banzhaf_of(round), cosines_of(round.rows)).value().named.empty() ? 0 : 1;
    }
    return static_cast<double>(named) / rounds;
}

// Share of rounds in which row 0, random and reported at 1.5 times the best, is named.
double alarms(Sites sites, std::size_t n, int rounds) {
    Rng rng(80 + n);
    int named = 0;
    for (int t = 0; t < rounds; ++t) {
        HonestRound round = honest_round(rng, sites, n);
        round.rows[0] = games::normal_vector(rng, round.target.size(), 1.0);
        Values values = banzhaf_of(round);
        values[0] = 1.5 * *std::max_element(values.begin(), values.end());
        const auto found = disagreement(values, cosines_of(round.rows)).value().named;
        named += !found.empty() && found[0] == 0 ? 1 : 0;
    }
    return static_cast<double>(named) / rounds;
}

TEST(Disagreement, NamesWhoLooksBetterThanItIsWorth) {
    const Values values{0.10, 0.11, 0.09, 0.10, 0.11, -0.1};
    const Values cosines{0.55, 0.52, 0.5, 0.5, 0.6, 0.95};
    const Disagreement found = disagreement(values, cosines).value();
    EXPECT_EQ(found.named, std::vector<std::size_t>{5});
    EXPECT_EQ(found.places[5], 5.0);
    EXPECT_GT(found.sizes[5], 5.0);
    EXPECT_DOUBLE_EQ(found.threshold, 4.5);
    EXPECT_EQ(disagreement(cosines, values)->named, std::vector<std::size_t>{5}) << "either way";
}

TEST(Disagreement, FiguresByHand) {
    // Of the others of row 3: median 2, MAD 1.
    const Disagreement found = disagreement(Values{1, 2, 3, 4}, Values{5, 5, 5, 5}).value();
    EXPECT_DOUBLE_EQ(found.sizes[3], -2.0 / (1.4826 + 0.25 * 2.0));
    EXPECT_EQ(found.places, (Values{1.5, 0.5, -0.5, -1.5}));
    EXPECT_DOUBLE_EQ(found.threshold, 6.5);
    EXPECT_TRUE(found.named.empty());
}

TEST(Disagreement, ManyAlikeMakeNoSpread) {
    const Disagreement equal = disagreement(Values(6, 0.0), Values(6, 0.5)).value();
    EXPECT_EQ(equal.sizes, Values(6, 0.0));
    EXPECT_TRUE(equal.named.empty());
    // All others at 0: no scale at all, and the deviation is the largest there is.
    const Disagreement one = disagreement(Values{0, 0, 0, 0, 0, 1}, Values(6, 0.5)).value();
    EXPECT_EQ(one.sizes[5], -10.0);
    EXPECT_TRUE(one.named.empty()) << "two and a half places of six are no change of sides";
}

TEST(Disagreement, AnswersTheLargestNumbers) {
    const Disagreement found =
        disagreement(Values{1e308, -1e308, 1e308, -1e308, 1.7e308}, Values{1, 2, 3, 4, 5}).value();
    for (const double size : found.sizes) {
        EXPECT_LE(std::fabs(size), 20.0);
    }
}

TEST(Disagreement, JudgesNobodyAmongThree) {
    const Disagreement found = disagreement(Values{0, 0, 100}, Values{1, 1, -1}).value();
    EXPECT_TRUE(found.named.empty());
    EXPECT_EQ(found.sizes, Values(3, 0.0));
    EXPECT_TRUE(disagreement(Values{}, Values{})->named.empty());
}

TEST(Disagreement, RefusesWhatCannotBeCompared) {
    constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
    constexpr double kInfinity = std::numeric_limits<double>::infinity();
    const Values good(4, 1.0);
    for (const Values& bad : {Values(3, 1.0), Values{1, 1, 1, kNan}, Values{kInfinity, 1, 1, 1}}) {
        EXPECT_EQ(disagreement(good, bad).error().code, Errc::kInvalidInput);
        EXPECT_EQ(disagreement(bad, good).error().code, Errc::kInvalidInput);
    }
}

// The rates that the header states, with room for fewer rounds than they were measured on.
TEST(Disagreement, FalseAlarmsAmongTheHonestAreRare) {
    for (const std::size_t n : {4U, 6U, 8U}) {
        EXPECT_LE(false_alarms(Sites::kGoalsOfTheirOwn, n, 200), 0.08) << n;
        EXPECT_LE(false_alarms(Sites::kOneGoal, n, 200), 0.03) << n;
        EXPECT_LE(false_alarms(Sites::kUnrelated, n, 200), 0.30) << n;
    }
}

TEST(Disagreement, MostInflatedUtilitiesAreNoticedAmongEight) {
    EXPECT_GE(alarms(Sites::kGoalsOfTheirOwn, 8, 100), 0.6);
    EXPECT_GE(alarms(Sites::kOneGoal, 8, 100), 0.45);
}

}  // namespace
}  // namespace fedstake::aggregation::contribution
