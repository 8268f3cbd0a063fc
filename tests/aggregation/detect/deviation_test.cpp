#include "aggregation/detect/deviation.hpp"

#include <cmath>
#include <limits>

#include <gtest/gtest.h>

#include "proto/base/rng.hpp"

namespace fedstake::aggregation::detect {
namespace {

TEST(Deviation, ComparesWithTheOthersOnly) {
    // Others: 1, 2, 3, median 2, MAD 1.
    const std::vector<double> values = {1.0, 2.0, 3.0, 10.0};
    EXPECT_DOUBLE_EQ(deviation_from_others(values, 3), 8.0 / (1.4826 * 1.0 + 0.25 * 2.0));
}

TEST(Deviation, AddsTheFloorToTheScale) {
    const std::vector<double> values = {1.0, 2.0, 3.0, 10.0};
    EXPECT_DOUBLE_EQ(deviation_from_others(values, 3, 2.0), 8.0 / (1.4826 + 0.5 + 2.0));
}

TEST(Deviation, JudgesNobodyAmongThree) {
    EXPECT_EQ(deviations(std::vector<double>{1.0, 1.0, 100.0}), (std::vector<double>{0, 0, 0}));
    EXPECT_TRUE(deviations(std::vector<double>{}).empty());
}

TEST(Deviation, StaysFiniteWhereTheOthersAreEqualOrZero) {
    EXPECT_EQ(deviation_from_others(std::vector<double>{0.0, 0.0, 0.0, 5.0}, 3), kDeviationMax);
    EXPECT_EQ(deviation_from_others(std::vector<double>{0.0, 0.0, 0.0, 0.0}, 3), 0.0);
    EXPECT_DOUBLE_EQ(deviation_from_others(std::vector<double>{1.0, 1.0, 1.0, 2.0}, 3), 4.0);
}

// Values of Abramowitz and Stegun, table 26.1, and beyond it.
TEST(NormalTail, HasTheKnownValues) {
    EXPECT_DOUBLE_EQ(normal_tail(0.0), 0.5);
    EXPECT_NEAR(normal_tail(1.0), 0.158655253931457, 1e-14);
    EXPECT_NEAR(normal_tail(2.5), 0.006209665325776, 1e-14);
    EXPECT_NEAR(normal_tail(5.0) / 2.866515718791939e-7, 1.0, 1e-12);
    EXPECT_NEAR(normal_tail(10.0) / 7.619853024160527e-24, 1.0, 1e-12);
}

TEST(NormalTail, AgreesWithTheLibraryWhereSeriesAndFractionMeet) {
    for (double z = 0.0; z < 8.0; z += 0.01) {
        EXPECT_NEAR(normal_tail(z) / (0.5 * std::erfc(z / std::sqrt(2.0))), 1.0, 1e-11) << z;
    }
}

TEST(NormalQuantile, InvertsTheTail) {
    EXPECT_NEAR(normal_quantile_above(0.5), 0.0, 1e-12);
    EXPECT_NEAR(normal_quantile_above(0.025), 1.959963984540054, 1e-11);
    EXPECT_NEAR(normal_quantile_above(0.001), 3.090232306167813, 1e-11);
    EXPECT_NEAR(normal_tail(normal_quantile_above(1e-200)) / 1e-200, 1.0, 1e-9);
}

}  // namespace
}  // namespace fedstake::aggregation::detect
