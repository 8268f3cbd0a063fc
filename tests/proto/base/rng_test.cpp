#include "proto/base/rng.hpp"

#include <algorithm>
#include <array>
#include <numeric>

#include <gtest/gtest.h>

namespace fedstake {
namespace {

TEST(Rng, RepeatsForOneSeedAndDiffersForAnother) {
    Rng a(7);
    Rng b(7);
    Rng c(8);
    const auto first = a.next();
    EXPECT_EQ(first, b.next());
    EXPECT_NE(first, c.next());
}

TEST(Rng, BelowStaysInRangeAndReachesBothEnds) {
    Rng rng(1);
    std::array<int, 5> seen{};
    for (int i = 0; i < 1000; ++i) ++seen.at(rng.below(5));
    for (const int count : seen) EXPECT_GT(count, 120);
}

TEST(Rng, NormalHasUnitMoments) {
    Rng rng(3);
    double sum = 0.0;
    double squares = 0.0;
    constexpr int kDraws = 20000;
    for (int i = 0; i < kDraws; ++i) {
        const double x = rng.normal();
        sum += x;
        squares += x * x;
    }
    EXPECT_NEAR(sum / kDraws, 0.0, 0.03);
    EXPECT_NEAR(squares / kDraws, 1.0, 0.04);
}

TEST(Rng, ShuffleKeepsEveryItem) {
    Rng rng(9);
    std::array<int, 20> items{};
    std::iota(items.begin(), items.end(), 0);
    rng.shuffle(std::span<int>(items));
    EXPECT_EQ(std::accumulate(items.begin(), items.end(), 0), 190);
    EXPECT_FALSE(std::is_sorted(items.begin(), items.end()));
}

TEST(Rng, ForksAreIndependentOfOneAnother) {
    const Rng root(5);
    EXPECT_NE(root.fork(1).next(), root.fork(2).next());
}

}  // namespace
}  // namespace fedstake
