// Rounding, range and refusal of the fixed-point update.
#include "client/training/fixed_point.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <limits>

namespace fedstake::training {
namespace {

using ::testing::HasSubstr;

ParameterLayout layout_of_three() {
    ParameterLayout layout;
    layout.parameters.push_back({.name = "w", .shape = {2}, .count = 2});
    layout.parameters.push_back({.name = "stays", .shape = {5}, .count = 5, .site_local = true});
    layout.parameters.push_back({.name = "b", .shape = {1}, .count = 1});
    return layout;
}

Result<std::vector<std::int32_t>> update_of(std::array<float, 3> base, std::array<float, 3> trained,
                                            std::int32_t coordinate_max = 1 << 29) {
    rules::AggregationRules rules;
    rules.scale_bits = 24;
    rules.coordinate_max = coordinate_max;
    return to_update(base, trained, rules, layout_of_three());
}

TEST(FixedPoint, IsTheScaledDifference) {
    const auto update = update_of({1.0F, 0.0F, -2.0F}, {1.5F, -0.25F, -2.0F});
    ASSERT_TRUE(update);
    EXPECT_EQ(*update, (std::vector<std::int32_t>{1 << 23, -(1 << 22), 0}));
}

TEST(FixedPoint, RoundsHalfAwayFromZero) {
    const float half = std::ldexp(1.0F, -25);
    const auto update = update_of({0, 0, 0}, {half, -half, half * 0.99F});
    ASSERT_TRUE(update);
    EXPECT_EQ(*update, (std::vector<std::int32_t>{1, -1, 0}));
}

TEST(FixedPoint, SubtractsInDouble) {
    // In float, 16777216 - 0.25 would round to 16777216 and lose the quarter.
    rules::AggregationRules rules;
    rules.scale_bits = 8;
    rules.coordinate_max = INT32_MAX;
    const std::array<float, 3> base = {-0.25F, 0, 0};
    const std::array<float, 3> trained = {4194304.0F, 0, 0};
    const auto update = to_update(base, trained, rules, layout_of_three());
    ASSERT_TRUE(update);
    EXPECT_EQ(update->at(0), 4194304 * 256 + 64);
}

TEST(FixedPoint, AcceptsTheLimitAndRefusesOneBeyond) {
    const auto units = [](double count) { return static_cast<float>(std::ldexp(count, -24)); };
    EXPECT_TRUE(update_of({0, 0, 0}, {units(100), units(-100), 0}, 100));
    const auto update = update_of({0, 0, 0}, {0, 0, units(-101)}, 100);
    ASSERT_FALSE(update);
    EXPECT_THAT(update.error().message, HasSubstr("b[0]"));
    EXPECT_THAT(update.error().message, HasSubstr("limit"));
}

TEST(FixedPoint, RefusesWhatIsNotFinite) {
    const float nan = std::numeric_limits<float>::quiet_NaN();
    const float infinity = std::numeric_limits<float>::infinity();
    for (const float bad : {nan, infinity, -infinity}) {
        const auto trained = update_of({0, 0, 0}, {0, bad, 0});
        ASSERT_FALSE(trained);
        EXPECT_EQ(trained.error().code, Errc::kInvalidInput);
        EXPECT_THAT(trained.error().message, HasSubstr("w[1]"));
        EXPECT_FALSE(update_of({bad, 0, 0}, {0, 0, 0}));
    }
    EXPECT_FALSE(update_of({0, 0, 0}, {std::numeric_limits<float>::max(), 0, 0}));
}

}  // namespace
}  // namespace fedstake::training
