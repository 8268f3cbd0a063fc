// Elementary functions against the C library's, within a few units in the last place.
#include <cmath>
#include <limits>

#include <gtest/gtest.h>

#include "aggregation/rules/real_math.hpp"
#include "proto/base/rng.hpp"

namespace fedstake::aggregation {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
// Ours and half of a unit, or one, of the C library's.
constexpr double kUnitsMax = 2.5;
constexpr double kTangentUnitsMax = 4.5;

// |a - b| in units in the last place of b.
double units_apart(double a, double b) {
    if (a == b) {
        return 0.0;
    }
    const double unit = std::nextafter(std::fabs(b), kInfinity) - std::fabs(b);
    return std::fabs(a - b) / unit;
}

TEST(NaturalLog, IsTheLibrarysWithinUnits) {
    Rng rng(1);
    for (int i = 0; i < 20'000; ++i) {
        const double anywhere =
            std::ldexp(1.0 + rng.uniform(), static_cast<int>(rng.below(2046)) - 1022);
        ASSERT_LE(units_apart(natural_log(anywhere), std::log(anywhere)), kUnitsMax) << anywhere;
        const double near_one = 0.5 + 1.5 * rng.uniform();
        ASSERT_LE(units_apart(natural_log(near_one), std::log(near_one)), kUnitsMax) << near_one;
        const double nearer =
            1.0 + std::ldexp(rng.uniform() - 0.5, -static_cast<int>(rng.below(50)));
        ASSERT_LE(units_apart(natural_log(nearer), std::log(nearer)), kUnitsMax) << nearer;
    }
}

TEST(NaturalLog, KnowsItsEdges) {
    EXPECT_EQ(natural_log(1.0), 0.0);
    EXPECT_EQ(natural_log(0.0), -kInfinity);
    EXPECT_EQ(natural_log(kInfinity), kInfinity);
    EXPECT_TRUE(std::isnan(natural_log(-1.0)));
    EXPECT_TRUE(std::isnan(natural_log(std::nan(""))));
    const double least = std::numeric_limits<double>::denorm_min();
    EXPECT_LE(units_apart(natural_log(least), std::log(least)), kUnitsMax);
    const double most = std::numeric_limits<double>::max();
    EXPECT_LE(units_apart(natural_log(most), std::log(most)), kUnitsMax);
}

TEST(Exponential, IsTheLibrarysWithinUnits) {
    Rng rng(2);
    for (int i = 0; i < 20'000; ++i) {
        const double wide = (rng.uniform() - 0.5) * 1416.0;
        ASSERT_LE(units_apart(exponential(wide), std::exp(wide)), kUnitsMax) << wide;
        const double small = (rng.uniform() - 0.5) * 4.0;
        ASSERT_LE(units_apart(exponential(small), std::exp(small)), kUnitsMax) << small;
    }
}

TEST(Exponential, KnowsItsEdges) {
    EXPECT_EQ(exponential(0.0), 1.0);
    EXPECT_EQ(exponential(-kInfinity), 0.0);
    EXPECT_EQ(exponential(kInfinity), kInfinity);
    EXPECT_EQ(exponential(710.0), kInfinity);
    EXPECT_EQ(exponential(1e308), kInfinity);
    EXPECT_EQ(exponential(-1e308), 0.0);
    EXPECT_TRUE(std::isnan(exponential(std::nan(""))));
    EXPECT_LE(units_apart(exponential(709.78), std::exp(709.78)), kUnitsMax);
    // Below the normal numbers: one unit there is the least number.
    EXPECT_LE(units_apart(exponential(-740.0), std::exp(-740.0)), 1.0);
}

TEST(HyperbolicTangent, IsTheLibrarysWithinUnits) {
    Rng rng(3);
    for (int i = 0; i < 20'000; ++i) {
        const double wide = (rng.uniform() - 0.5) * 50.0;
        ASSERT_LE(units_apart(hyperbolic_tangent(wide), std::tanh(wide)), kTangentUnitsMax) << wide;
        const double small = std::ldexp(rng.uniform() - 0.5, -static_cast<int>(rng.below(60)));
        ASSERT_LE(units_apart(hyperbolic_tangent(small), std::tanh(small)), kTangentUnitsMax)
            << small;
    }
}

TEST(HyperbolicTangent, KnowsItsEdges) {
    EXPECT_EQ(hyperbolic_tangent(0.0), 0.0);
    EXPECT_EQ(hyperbolic_tangent(kInfinity), 1.0);
    EXPECT_EQ(hyperbolic_tangent(-kInfinity), -1.0);
    EXPECT_EQ(hyperbolic_tangent(-0.75), -hyperbolic_tangent(0.75));
    EXPECT_TRUE(std::isnan(hyperbolic_tangent(std::nan(""))));
}

// The same bits on every machine: these were computed once and written down.
TEST(ElementaryFunctions, AreTheseBits) {
    EXPECT_EQ(natural_log(3.0), 0x1.193ea7aad030ap+0);
    EXPECT_EQ(exponential(1.0), 0x1.5bf0a8b14576ap+1);
    EXPECT_EQ(exponential(-0.5), 0x1.368b2fc6f960ap-1);
    EXPECT_EQ(hyperbolic_tangent(0.5), 0x1.d9353d7568af3p-2);
}

}  // namespace
}  // namespace fedstake::aggregation
