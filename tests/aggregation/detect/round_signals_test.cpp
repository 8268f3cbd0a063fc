#include "aggregation/detect/round_signals.hpp"

#include <algorithm>
#include <cmath>

#include <gtest/gtest.h>

#include "aggregation/detect/deviation.hpp"
#include "tests/aggregation/detect/federation.hpp"

namespace fedstake::aggregation::detect {
namespace {

using testing::geometry_of;
using testing::random_row;
using testing::Row;
using testing::scaled;
using testing::sum_of;

std::vector<Row> honest_rows(Rng& rng, std::size_t n, std::size_t d) {
    const Row common = random_row(rng, d);
    std::vector<Row> rows;
    for (std::size_t i = 0; i < n; ++i) rows.push_back(sum_of(common, random_row(rng, d)));
    return rows;
}

double dot(const Row& a, const Row& b) {
    double sum = 0.0;
    for (std::size_t k = 0; k < a.size(); ++k) sum += a[k] * b[k];
    return sum;
}

TEST(NormSignal, FiresOnAScaledRowOnly) {
    Rng rng(1);
    std::vector<Row> rows = honest_rows(rng, 5, 100);
    rows[2] = scaled(rows[2], 10.0);
    const std::vector<double> figures = norm_deviations(geometry_of(rows));
    for (std::size_t i = 0; i < 5; ++i) EXPECT_EQ(figures[i] > 3.0, i == 2) << i;
}

TEST(CosineSignal, IsTheCosineToTheCoordinateMedian) {
    Rng rng(2);
    const std::vector<Row> rows = honest_rows(rng, 6, 40);
    const Row centre = testing::centre_of(rows);
    const std::vector<double> figures = cosines_to_centre(geometry_of(rows));
    for (std::size_t i = 0; i < rows.size(); ++i) {
        const double expected =
            dot(rows[i], centre) / testing::norm_of(rows[i]) / testing::norm_of(centre);
        EXPECT_NEAR(figures[i], expected, 1e-12);
    }
}

TEST(CosineSignal, IsZeroForAZeroRowAndAZeroCentre) {
    const std::vector<Row> rows = {{0.0, 0.0}, {0.0, 0.0}, {0.0, 0.0}, {1.0, 2.0}};
    EXPECT_EQ(cosines_to_centre(geometry_of(rows)), (std::vector<double>{0, 0, 0, 0}));
}

TEST(DistanceSignal, FiresOnAFlippedRow) {
    Rng rng(3);
    std::vector<Row> rows = honest_rows(rng, 7, 100);
    rows[0] = scaled(rows[0], -4.0);
    const std::vector<double> figures = distance_deviations(geometry_of(rows));
    for (std::size_t i = 0; i < 7; ++i) EXPECT_EQ(figures[i] > 3.0, i == 0) << i;
}

TEST(NeighbourSignal, ReachesPastTheAccomplices) {
    Rng rng(4);
    std::vector<Row> rows = honest_rows(rng, 10, 100);
    const Row far = scaled(random_row(rng, 100), 5.0);
    for (std::size_t i = 7; i < 10; ++i) rows[i] = sum_of(far, scaled(random_row(rng, 100), 0.01));
    const Geometry geometry = geometry_of(rows);
    const std::vector<double> with_f = neighbour_deviations(geometry, 3);
    const std::vector<double> nearest = neighbour_deviations(geometry, 1);
    for (std::size_t i = 7; i < 10; ++i) {
        EXPECT_GT(with_f[i], 3.0);
        EXPECT_LT(nearest[i], 0.0) << "their nearest neighbour is an accomplice";
    }
}

TEST(NeighbourSignal, KeepsKWithinTheOtherHonestRows) {
    Rng rng(5);
    const Geometry geometry = geometry_of(honest_rows(rng, 4, 10));
    EXPECT_EQ(neighbour_deviations(geometry, 0), neighbour_deviations(geometry, 1));
    EXPECT_EQ(neighbour_deviations(geometry, 1000), neighbour_deviations(geometry, 1));
}

// The direction in which all but one differ most, by long power iteration on the coordinates.
double slow_projection_deviation(const std::vector<Row>& rows, std::size_t row) {
    std::vector<Row> others;
    for (std::size_t j = 0; j < rows.size(); ++j) {
        if (j != row) others.push_back(rows[j]);
    }
    Row mean(rows[0].size(), 0.0);
    for (const Row& other : others) {
        mean = sum_of(mean, scaled(other, 1.0 / static_cast<double>(others.size())));
    }
    Rng rng(99);
    Row direction = random_row(rng, mean.size());
    for (int step = 0; step < 500; ++step) {
        Row next(mean.size(), 0.0);
        for (const Row& other : others) {
            const Row centred = sum_of(other, scaled(mean, -1.0));
            next = sum_of(next, scaled(centred, dot(centred, direction)));
        }
        direction = scaled(next, 1.0 / testing::norm_of(next));
    }
    std::vector<double> along;
    double squares = 0.0;
    for (const Row& other : others) {
        along.push_back(dot(sum_of(other, scaled(mean, -1.0)), direction));
        squares += along.back() * along.back();
    }
    const auto middle = [](std::vector<double> values) {
        std::sort(values.begin(), values.end());
        return 0.5 * (values[(values.size() - 1) / 2] + values[values.size() / 2]);
    };
    const double centre = middle(along);
    std::vector<double> distances;
    for (const double value : along) distances.push_back(std::fabs(value - centre));
    const double own = dot(sum_of(rows[row], scaled(mean, -1.0)), direction);
    const double scale =
        1.4826 * middle(distances) + 0.25 * std::sqrt(squares / static_cast<double>(others.size()));
    return std::fabs(own - centre) / scale;
}

TEST(SpectralSignal, MatchesPowerIterationOnTheCoordinates) {
    Rng rng(6);
    std::vector<Row> rows = honest_rows(rng, 9, 60);
    const Row shift = scaled(random_row(rng, 60), 4.0);
    for (std::size_t i = 6; i < 9; ++i) rows[i] = sum_of(rows[i], shift);
    const TopDirection top = top_direction(geometry_of(rows), 3);
    EXPECT_GT(top.share, 0.5);
    for (std::size_t i = 0; i < rows.size(); ++i) {
        EXPECT_NEAR(top.deviations[i] / slow_projection_deviation(rows, i), 1.0, 1e-3) << i;
    }
}

TEST(SpectralSignal, FiresOnAGroupThatAgreesNotOnALoneRow) {
    Rng rng(7);
    std::vector<Row> rows = honest_rows(rng, 10, 400);
    const Row shift = scaled(random_row(rng, 400), 1.5);
    for (std::size_t i = 7; i < 10; ++i) rows[i] = sum_of(rows[i], shift);
    const TopDirection group = top_direction(geometry_of(rows), 3);
    for (std::size_t i = 0; i < 10; ++i) EXPECT_EQ(group.deviations[i] > 3.0, i >= 7) << i;

    std::vector<Row> alone = honest_rows(rng, 10, 400);
    alone[9] = sum_of(alone[9], scaled(shift, 3.0));
    EXPECT_LT(top_direction(geometry_of(alone), 3).deviations[9], 3.0);
}

TEST(SpectralSignal, IsZeroForEqualRowsAndASingleAttacker) {
    const std::vector<Row> rows(6, Row{1e9, -3.0, 0.1});
    const TopDirection equal = top_direction(geometry_of(rows), 2);
    EXPECT_EQ(equal.share, 0.0);
    EXPECT_EQ(equal.deviations, std::vector<double>(6, 0.0));
    std::vector<Row> one_off = rows;
    one_off[5] = {0.0, 0.0, 1e9};
    EXPECT_EQ(top_direction(geometry_of(one_off), 2).deviations[5], 0.0);
    EXPECT_EQ(top_direction(geometry_of(one_off), 1).deviations[0], 0.0);
}

TEST(SignSignal, FiresWhereTheSharesDiffer) {
    std::vector<SignCounts> counts(6, {.positive = 600, .zero = 0, .negative = 400});
    counts[1] = {.positive = 590, .zero = 10, .negative = 400};
    counts[4] = {.positive = 400, .zero = 0, .negative = 600};
    const std::vector<double> figures = sign_deviations(counts);
    for (std::size_t i = 0; i < 6; ++i) EXPECT_EQ(figures[i] > 3.0, i == 4) << i;
}

TEST(SignSignal, TakesTheErrorOfCountingForGranted) {
    // 10 coordinates: one sign more or less says nothing.
    std::vector<SignCounts> counts(5, {.positive = 5, .zero = 0, .negative = 5});
    counts[0] = {.positive = 6, .zero = 0, .negative = 4};
    EXPECT_LT(sign_deviations(counts)[0], 3.0);
}

TEST(RoundSignals, DoNotDependOnTheOrderOfRows) {
    Rng rng(8);
    std::vector<Row> rows = honest_rows(rng, 8, 30);
    const std::vector<double> before = distance_deviations(geometry_of(rows));
    std::swap(rows[0], rows[5]);
    const std::vector<double> after = distance_deviations(geometry_of(rows));
    EXPECT_EQ(before[0], after[5]);
    EXPECT_EQ(before[3], after[3]);
}

TEST(RoundSignals, AreZeroForThreeRows) {
    Rng rng(9);
    const Geometry geometry = geometry_of(honest_rows(rng, 3, 10));
    const std::vector<double> zeros(3, 0.0);
    EXPECT_EQ(norm_deviations(geometry), zeros);
    EXPECT_EQ(neighbour_deviations(geometry, 1), zeros);
    EXPECT_EQ(top_direction(geometry, 2).deviations, zeros);
    EXPECT_EQ(sign_deviations(std::vector<SignCounts>(3)), zeros);
}

}  // namespace
}  // namespace fedstake::aggregation::detect
