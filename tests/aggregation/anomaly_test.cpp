// Signals on heterogeneous honest sites and on an attacker among them.
#include "aggregation/anomaly.hpp"

#include <gtest/gtest.h>

#include "tests/aggregation/reference.hpp"
#include "tests/aggregation/round_builder.hpp"

namespace fedstake::aggregation {
namespace {

using reference::Matrix;
using reference::Values;

std::vector<Figures> figures_of(const Matrix& rows, const rules::AnomalyRules& limits = {}) {
    return anomaly_figures(reference::library_distances(rows), limits, 24);
}

Matrix on_grid(const std::vector<std::vector<double>>& rows) {
    Matrix matrix;
    for (const std::vector<double>& row : rows) {
        matrix.push_back(testing::fixed_point(row));
    }
    return matrix;
}

TEST(Anomaly, StrikesTheAmplifiedSignFlipAndNoHonestSite) {
    int struck = 0;
    int honest = 0;
    for (std::uint64_t seed = 0; seed < 300; ++seed) {
        const double norm = 1.0 + 0.5 * static_cast<double>(seed % 5);
        const auto figures = figures_of(on_grid(testing::hospitals_and_attacker(seed, 60, norm)));
        struck += is_anomalous(figures[4], {}) ? 1 : 0;
        for (std::size_t i = 0; i < 4; ++i) {
            honest += is_anomalous(figures[i], {}) ? 1 : 0;
        }
    }
    EXPECT_GE(struck, 285);
    EXPECT_EQ(honest, 0);
}

TEST(Anomaly, HonestHospitalsAloneAreNotStruck) {
    int struck = 0;
    for (std::uint64_t seed = 0; seed < 300; ++seed) {
        Matrix rows = on_grid(testing::hospitals_and_attacker(seed, 60, 1.0));
        rows.pop_back();
        for (const Figures& figures : figures_of(rows)) {
            struck += is_anomalous(figures, {}) ? 1 : 0;
        }
    }
    EXPECT_LE(struck, 2);
}

TEST(Anomaly, OneSignalIsNotEnough) {
    // Same size as the others, opposite direction: only the cosine speaks.
    const Matrix rows{{1000, 10}, {1010, -20}, {990, 15}, {1005, 5}, {-400, 3}};
    const auto figures = figures_of(rows);
    EXPECT_EQ(figures[4].signals & kSignalCosine, kSignalCosine);
    EXPECT_EQ(figures[4].signals & kSignalNorm, 0U);
    rules::AnomalyRules limits;
    limits.signals_to_strike = 3;
    EXPECT_FALSE(is_anomalous(figures[4], limits));
    limits.signals_to_strike = 1;
    EXPECT_TRUE(is_anomalous(figures[4], limits));
    limits.signals_to_strike = 0;
    EXPECT_FALSE(is_anomalous(figures[4], limits));
}

TEST(Anomaly, FiguresAreInModelUnits) {
    const Matrix rows{{3 << 24, 4 << 24}};
    const auto figures = figures_of(rows);
    EXPECT_DOUBLE_EQ(figures[0].norm, 5.0);
    EXPECT_DOUBLE_EQ(figures[0].distance, 0.0);
    EXPECT_DOUBLE_EQ(figures[0].cosine, 1.0);
    EXPECT_EQ(figures[0].norm_deviation, 0.0);
    EXPECT_EQ(figures[0].signals, 0U);
}

TEST(Anomaly, TwoSitesCannotConvictAThird) {
    const auto figures = figures_of({{1, 1}, {1, 2}, {-1'000'000, -1'000'000}});
    EXPECT_EQ(figures[2].norm_deviation, 0.0);
    EXPECT_EQ(figures[2].distance_deviation, 0.0);
    EXPECT_FALSE(is_anomalous(figures[2], {}));
}

TEST(Anomaly, IdenticalAndExtremeRowsGiveFiniteFigures) {
    const Matrix same(5, Values(4, 7));
    for (const Figures& figures : figures_of(same)) {
        EXPECT_EQ(figures.norm_deviation, 0.0);
        EXPECT_EQ(figures.distance_deviation, 0.0);
        EXPECT_DOUBLE_EQ(figures.cosine, 1.0);
    }
    Matrix outlier = same;
    outlier[2] = Values(4, -2147483647);
    const auto figures = figures_of(outlier);
    EXPECT_EQ(figures[2].distance_deviation, 1e6);
    EXPECT_DOUBLE_EQ(figures[2].cosine, -1.0);
    EXPECT_EQ(figures[2].signals, kSignalNorm | kSignalCosine | kSignalDistance);
}

TEST(Anomaly, CosineIsZeroWhenTheCentreIs) {
    const auto figures = figures_of({{5, 0}, {-5, 0}});
    EXPECT_EQ(figures[0].cosine, 0.0);
}

}  // namespace
}  // namespace fedstake::aggregation
