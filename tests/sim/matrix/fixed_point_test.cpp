// The unit of a matrix, and its rows in steps of it.
#include "sim/matrix/fixed_point.hpp"

#include <cmath>
#include <limits>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "proto/base/rng.hpp"
#include "tests/sim/matrix/matrix_bytes.hpp"

namespace fedstake::sim {
namespace {

using ::testing::HasSubstr;

NumberRows rows_of(const Table& table) {
    auto spool = std::make_shared<Spool>();
    std::vector<StoredRow> stored;
    for (const std::vector<double>& row : table) {
        stored.push_back({.offset = spool->size(), .type = ElementType::kFloat64});
        EXPECT_TRUE(spool->append(as_bytes(raw(row))));
    }
    return {std::move(spool), std::move(stored), table.front().size()};
}

Result<Largest> largest_of(const Table& table, unsigned threads = 1) {
    aggregation::WorkerPool pool(threads);
    return find_largest(rows_of(table), pool);
}

Result<int> exponent_of(const Table& table) {
    FS_ASSIGN(const Largest largest, largest_of(table));
    return choose_exponent(largest);
}

std::vector<std::int32_t> steps_of(const std::vector<double>& row, int exponent) {
    const NumberRows rows = rows_of({row});
    std::vector<std::int32_t> out(row.size());
    EXPECT_TRUE(fixed_point_row(rows, 0, exponent)->read_int32(0, out));
    return out;
}

TEST(FixedPoint, LargestMagnitudeLiesInTheTopBinadeBelow2To30) {
    EXPECT_EQ(exponent_of({{1, 2, 3}, {4, 5, 6}}), 3 - 30);
    EXPECT_EQ(exponent_of({{1.0}}), 1 - 30);
    EXPECT_EQ(exponent_of({{0.999}}), 0 - 30);
    EXPECT_EQ(exponent_of({{-0x1p30}}), 1);
    EXPECT_EQ(exponent_of({{double{std::numeric_limits<float>::max()}}}), 128 - 30);
    Rng rng(7);
    for (int round = 0; round < 1000; ++round) {
        const double value =
            std::ldexp(rng.uniform() + 1e-9, static_cast<int>(rng.below(800)) - 400);
        const auto exponent = exponent_of({{value}});
        ASSERT_TRUE(exponent);
        const std::int32_t steps = steps_of({value}, *exponent)[0];
        EXPECT_GE(steps, 1 << 29);
        EXPECT_LT(steps, 1 << 30);
    }
}

TEST(FixedPoint, AValueThatWouldRoundUpTo2To30GetsALargerStep) {
    const double below = std::nextafter(1.0, 0.0);
    EXPECT_EQ(exponent_of({{below}}), 1 - 30);
    EXPECT_EQ(steps_of({below}, 1 - 30)[0], 1 << 29);
}

TEST(FixedPoint, ZerosHaveStepsOfOne) {
    EXPECT_EQ(exponent_of({{0, -0.0}, {0, 0}}), 0);
    EXPECT_EQ(steps_of({0, -0.0}, 0), (std::vector<std::int32_t>{0, 0}));
}

TEST(FixedPoint, RoundsToTheNearestAndHalvesToEven) {
    EXPECT_EQ(steps_of({0.5, 1.5, 2.5, -0.5, -1.5, 0.49999999999999994, -2.4, 2.6}, 0),
              (std::vector<std::int32_t>{0, 2, 2, 0, -2, 0, -2, 3}));
    EXPECT_EQ(steps_of({0x1p30 - 1, 1 - 0x1p30}, 0),
              (std::vector<std::int32_t>{(1 << 30) - 1, 1 - (1 << 30)}));
}

TEST(FixedPoint, AgreesWithNearbyintOnRandomNumbers) {
    Rng rng(3);
    std::vector<double> row(10'000);
    for (double& value : row) {
        value = (rng.uniform() - 0.5) * 0x1p31 * 0.999;
    }
    const std::vector<std::int32_t> steps = steps_of(row, 0);
    for (std::size_t k = 0; k < row.size(); ++k) {
        ASSERT_EQ(steps[k], static_cast<std::int32_t>(std::nearbyint(row[k])));
    }
}

TEST(FixedPoint, TinyValuesBesideLargeOnesBecomeZero) {
    const auto exponent = exponent_of({{3e38, 1e-300}});
    ASSERT_TRUE(exponent);
    EXPECT_EQ(steps_of({3e38, 1e-300}, *exponent)[1], 0);
}

TEST(FixedPoint, RefusesMagnitudesThatNoStepFits) {
    for (const double value : {1e-300, 5e-324, 1e300, std::numeric_limits<double>::max()}) {
        const auto exponent = exponent_of({{0, 0}, {0, -value}});
        ASSERT_FALSE(exponent);
        EXPECT_EQ(exponent.error().code, Errc::kInvalidInput);
        EXPECT_THAT(exponent.error().message, HasSubstr("row 1, column 1"));
        EXPECT_THAT(exponent.error().message, HasSubstr(value < 1 ? "too small" : "too large"));
    }
    EXPECT_TRUE(exponent_of({{1.1e-135}}));
    EXPECT_TRUE(exponent_of({{1e153}}));
}

TEST(FixedPoint, NamesTheFirstNumberThatIsNotFinite) {
    const double nan = std::numeric_limits<double>::quiet_NaN();
    const double infinity = std::numeric_limits<double>::infinity();
    for (const unsigned threads : {1U, 4U}) {
        EXPECT_EQ(message_of(largest_of({{1, 2}, {3, nan}, {infinity, 4}}, threads)),
                  "row 1, column 1 is not a finite number");
        EXPECT_EQ(message_of(largest_of({{1, 2}, {-infinity, nan}}, threads)),
                  "row 1, column 0 is not a finite number");
    }
}

TEST(FixedPoint, FindsTheFirstOfEqualMagnitudes) {
    const auto largest = largest_of({{1, -5}, {5, 0}}, 3);
    ASSERT_TRUE(largest);
    EXPECT_EQ(largest->row, 0U);
    EXPECT_EQ(largest->column, 1U);
    EXPECT_EQ(largest->magnitude, 5.0);
}

TEST(FixedPoint, AGivenExponentMustHoldTheLargest) {
    const Largest largest{.magnitude = 64.0, .row = 2, .column = 3};
    EXPECT_TRUE(check_exponent(largest, -23));
    const Status status = check_exponent(largest, -24);
    ASSERT_FALSE(status);
    EXPECT_EQ(status.error().message,
              "row 2, column 3 has the magnitude 64, which does not fit: with steps of 2^-24 "
              "magnitudes must be below 2^6");
}

TEST(FixedPoint, ReadsAnyPieceTheSame) {
    std::vector<double> row(10'001);
    Rng rng(5);
    for (double& value : row) {
        value = rng.uniform() * 1000.0;
    }
    const NumberRows rows = rows_of({row});
    const auto source = fixed_point_row(rows, 0, -20);
    EXPECT_EQ(source->size(), row.size());
    std::vector<std::int32_t> whole(row.size());
    ASSERT_TRUE(source->read_int32(0, whole));
    std::vector<std::int32_t> piece(4097);
    ASSERT_TRUE(source->read_int32(3000, piece));
    EXPECT_TRUE(std::equal(piece.begin(), piece.end(), whole.begin() + 3000));
}

TEST(FixedPoint, ANumberThatHasGrownSinceIsCorrupt) {
    const NumberRows rows = rows_of({{1.0, 0x1p31}});
    std::vector<std::int32_t> out(2);
    const Status status = fixed_point_row(rows, 0, 0)->read_int32(0, out);
    ASSERT_FALSE(status);
    EXPECT_EQ(status.error().code, Errc::kCorrupt);
}

}  // namespace
}  // namespace fedstake::sim
