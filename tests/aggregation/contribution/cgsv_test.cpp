// Cosine gradient Shapley values and the reputation that they leave.
#include "aggregation/contribution/cgsv.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include <gtest/gtest.h>

#include "tests/aggregation/contribution/games.hpp"

namespace fedstake::aggregation::contribution {
namespace {

using games::Rows;
using games::Values;

TEST(Cgsv, CosinesByHand) {
    const auto round = cgsv(games::geometry_of({{3, 0}, {7, 0}, {0, 2}}), first_reputation(3));
    ASSERT_TRUE(round);
    EXPECT_DOUBLE_EQ(round->cosines[0], 2 / std::sqrt(5.0)) << "lengths play no part";
    EXPECT_DOUBLE_EQ(round->cosines[1], 2 / std::sqrt(5.0));
    EXPECT_DOUBLE_EQ(round->cosines[2], 1 / std::sqrt(5.0));
}

TEST(Cgsv, WeightsAreReputations) {
    const auto round = cgsv(games::geometry_of({{1, 0}, {0, 1}}), Values{3, 4}, {.memory = 0.5});
    ASSERT_TRUE(round);
    EXPECT_DOUBLE_EQ(round->cosines[0], 0.6);
    EXPECT_DOUBLE_EQ(round->cosines[1], 0.8);
    // 3/7 / 2 + 0.6 / 2 against 4/7 / 2 + 0.8 / 2
    EXPECT_DOUBLE_EQ(round->reputation[0], 3.0 / 7);
    EXPECT_DOUBLE_EQ(round->reputation[1], 4.0 / 7);
}

TEST(Cgsv, OnlyRatiosOfReputationsCount) {
    const Geometry geometry = games::geometry_of({{1, 0}, {1, 1}});
    const auto ones = cgsv(geometry, Values{0.25, 0.75});
    const auto eights = cgsv(geometry, Values{2, 6});
    EXPECT_EQ(ones->cosines, eights->cosines);
    EXPECT_EQ(ones->reputation, eights->reputation);
}

TEST(Cgsv, AgreesWithVectors) {
    Rng rng(61);
    for (int trial = 0; trial < 50; ++trial) {
        const std::size_t n = 1 + rng.below(8);
        Rows rows;
        Values reputation;
        for (std::size_t i = 0; i < n; ++i) {
            rows.push_back(games::normal_vector(rng, 9, 1.0 + static_cast<double>(i)));
            reputation.push_back(rng.uniform() + 0.01);
        }
        Values aggregate(9, 0.0);
        const auto dot = [](const Values& a, const Values& b) {
            return std::inner_product(a.begin(), a.end(), b.begin(), 0.0);
        };
        for (std::size_t i = 0; i < n; ++i) {
            for (std::size_t k = 0; k < 9; ++k) {
                aggregate[k] += reputation[i] * rows[i][k] / std::sqrt(dot(rows[i], rows[i]));
            }
        }
        const CgsvRound round = cgsv(games::geometry_of(rows), reputation).value();
        for (std::size_t i = 0; i < n; ++i) {
            EXPECT_NEAR(round.cosines[i],
                        dot(rows[i], aggregate) /
                            std::sqrt(dot(rows[i], rows[i]) * dot(aggregate, aggregate)),
                        1e-12);
        }
    }
}

TEST(Cgsv, ReputationStaysPositiveAndSumsToOne) {
    Rng rng(62);
    Values reputation = first_reputation(5);
    for (int t = 0; t < 200; ++t) {
        const Values goal = games::normal_vector(rng, 16, 1.0);
        Rows rows;
        for (int i = 0; i < 5; ++i) {
            rows.push_back(games::normal_vector(rng, 16, 0.3));
            for (std::size_t k = 0; k < 16; ++k) {
                rows.back()[k] += i == 4 ? -goal[k] : goal[k];
            }
        }
        reputation = cgsv(games::geometry_of(rows), reputation).value().reputation;
        EXPECT_NEAR(std::accumulate(reputation.begin(), reputation.end(), 0.0), 1.0, 1e-12);
        EXPECT_GT(*std::min_element(reputation.begin(), reputation.end()), 0.0);
    }
    EXPECT_LT(reputation[4], 1e-3) << "who always pulls against the others ends at the floor";
    EXPECT_NEAR(reputation[0], 0.25, 0.01);
}

TEST(Cgsv, RowsThatCancelGetNothing) {
    const auto round = cgsv(games::geometry_of({{1, 2}, {-1, -2}}), first_reputation(2));
    EXPECT_EQ(round->cosines, (Values{0, 0}));
    EXPECT_EQ(round->reputation, (Values{0.5, 0.5}));
}

TEST(Cgsv, AnEmptyRowGetsNothing) {
    const auto round = cgsv(games::geometry_of({{1, 2}, {0, 0}}), first_reputation(2));
    EXPECT_EQ(round->cosines[1], 0.0);
    EXPECT_DOUBLE_EQ(round->cosines[0], 1.0);
    EXPECT_EQ(cgsv(games::geometry_of({{0, 0}}), first_reputation(1))->reputation, Values{1.0});
}

TEST(Cgsv, OneRowAgreesWithItself) {
    const auto round = cgsv(games::geometry_of({{3, 4}}), first_reputation(1));
    EXPECT_EQ(round->cosines, Values{1.0});
    EXPECT_EQ(round->reputation, Values{1.0});
}

TEST(Cgsv, LeavesMemoryRowsOut) {
    const Rows rows{{1, 0}, {1, 1}, {-500, 3}};
    const auto with = cgsv(games::geometry_of(rows), first_reputation(2));
    const auto without = cgsv(games::geometry_of({rows[0], rows[1]}), first_reputation(2));
    EXPECT_EQ(with->cosines, without->cosines);
}

TEST(Cgsv, RefusesWhatIsNoReputation) {
    const Geometry geometry = games::geometry_of({{1, 0}, {0, 1}});
    constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
    for (const Values& bad : {Values{}, Values{1, 1, 1}, Values{1, -1}, Values{0, 0},
                              Values{1, kNan}, Values{1e308, 1e308}}) {
        EXPECT_EQ(cgsv(geometry, bad).error().code, Errc::kInvalidInput);
    }
    for (const CgsvOptions& options :
         {CgsvOptions{.memory = 1.0}, CgsvOptions{.memory = -0.1}, CgsvOptions{.memory = kNan},
          CgsvOptions{.floor = 0.0}, CgsvOptions{.floor = 1.5}, CgsvOptions{.floor = kNan}}) {
        EXPECT_EQ(cgsv(geometry, first_reputation(2), options).error().code, Errc::kInvalidInput);
    }
}

}  // namespace
}  // namespace fedstake::aggregation::contribution
