// Rules that drop rows: DnC, SignGuard, clipped clustering, FLAME.
#include <algorithm>
#include <cmath>
#include <numeric>
#include <set>

#include <gtest/gtest.h>

#include "aggregation/integer_math.hpp"
#include "aggregation/rules/clipped_clustering.hpp"
#include "aggregation/rules/dnc.hpp"
#include "aggregation/rules/signguard.hpp"
#include "tests/aggregation/rules/weighting_support.hpp"

namespace fedstake::aggregation::weighting {
namespace {

using Rows = std::vector<std::size_t>;

Rows kept_rows(const Question& question) {
    const RuleAnswer answer = ask(question);
    Rows rows;
    for (std::size_t i = 0; i < question.rows.size(); ++i) {
        if (answer.combination.weights[i] > 0) {
            rows.push_back(i);
        }
    }
    return rows;
}

// Squared projections on the main direction, by power steps over the coordinates.
Values slow_scores(const Matrix& rows) {
    Values mean(rows.front().size(), 0.0);
    for (const Values& row : rows) {
        mean = sum_of(mean, scaled(row, 1.0 / static_cast<double>(rows.size())));
    }
    Matrix centred;
    for (const Values& row : rows) {
        centred.push_back(sum_of(row, scaled(mean, -1.0)));
    }
    Values direction;
    for (std::size_t k = 0; k < mean.size(); ++k) {
        direction.push_back(1.0 + 0.01 * static_cast<double>(k * k % 17));
    }
    for (int step = 0; step < 3000; ++step) {
        Values next(mean.size(), 0.0);
        for (const Values& row : centred) {
            next = sum_of(next, scaled(row, dot(row, direction)));
        }
        direction = scaled(next, 1.0 / std::max(1e-300, length(next)));
    }
    Values scores;
    for (const Values& row : centred) {
        scores.push_back(dot(row, direction) * dot(row, direction));
    }
    return scores;
}

// A group around (1, 1, ...) and a smaller one around its opposite.
Matrix two_groups(std::size_t large, std::size_t small, std::size_t d) {
    Rng rng(31);
    Matrix rows;
    for (std::size_t i = 0; i < large + small; ++i) {
        const double sign = i < large ? 1.0 : -1.0;
        Values row;
        for (std::size_t k = 0; k < d; ++k) {
            row.push_back(sign * (100.0 + std::floor(20.0 * rng.uniform())));
        }
        rows.push_back(row);
    }
    return rows;
}

Rows first(std::size_t n) {
    Rows rows(n);
    std::iota(rows.begin(), rows.end(), std::size_t{0});
    return rows;
}

// What a rule that clips kept rows to `limit` and averages them makes.
Values clipped_mean_of(const Matrix& rows, const Rows& kept, double limit) {
    Values sum(rows.front().size(), 0.0);
    for (const std::size_t i : kept) {
        const double norm = length(rows[i]);
        sum = sum_of(sum, scaled(rows[i], norm > limit ? limit / norm : 1.0));
    }
    return scaled(sum, 1.0 / static_cast<double>(kept.size()));
}

Values norms_of_rows(const Matrix& rows) {
    Values norms;
    for (const Values& row : rows) {
        norms.push_back(length(row));
    }
    return norms;
}

TEST(Dnc, DropsARankOneOutlier) {
    // Rows differ along one direction only; the outlier lies far out on it.
    Matrix rows;
    for (const double t : {0.0, 1.0, -1.0, 2.0, 500.0, -2.0}) {
        rows.push_back({10.0 + 3.0 * t, 20.0 - 4.0 * t, 30.0});
    }
    EXPECT_EQ(kept_rows({.rule = "dnc", .rows = rows, .f = 1}), (Rows{0, 1, 2, 3, 5}));
}

TEST(Dnc, GivesThePublishedResult) {
    // Case "dnc" of the worked cases, a run of Blades, times 100.
    const Matrix rows{{10, 100, -50, 200},    {22, 113, -41, 187},   {-5, 92, -63, 211},
                      {17, 121, -37, 195},    {31, 88, -55, 223},    {2, 107, -72, 178},
                      {12, 79, -47, 205},     {26, 102, -58, 191},   {-11, 115, -66, 217},
                      {500, -500, 500, -500}, {-400, 600, -400, 600}};
    expect_near(aggregate({.rule = "dnc", .rows = rows, .f = 2}),
                {11.555555555555556, 101.8888888888889, -54.33333333333333, 200.77777777777777},
                1e-9);
}

TEST(Dnc, ScoresAreSquaredProjectionsOnTheMainDirection) {
    Rng rng(32);
    for (int trial = 0; trial < 40; ++trial) {
        const Matrix rows = random_rows(rng, 3 + rng.below(7), 6);
        const MatrixColumns columns(rows);
        const auto geometry = geometry_at(columns, rows.size(), {0, 1, 2, 3, 4, 5});
        ASSERT_TRUE(geometry);
        const Values actual = outlier_scores(*geometry);
        const Values wanted = slow_scores(rows);
        const double total = std::accumulate(wanted.begin(), wanted.end(), 0.0);
        if (total > 0.0) {
            expect_near(actual, scaled(wanted, 1.0 / total), 1e-3);
        }
    }
}

TEST(Dnc, DropsFloorOfCTimesF) {
    const Matrix rows = two_groups(9, 2, 8);
    for (const auto& [c, dropped] : {std::pair{0.5, 1U}, {1.0, 2U}, {1.5, 3U}, {2.0, 4U}}) {
        EXPECT_EQ(kept_rows({.rule = "dnc",
                             .rows = rows,
                             .f = 2,
                             .parameters = {std::nullopt, std::nullopt, c}})
                      .size(),
                  11U - dropped);
    }
    EXPECT_EQ(kept_rows({.rule = "dnc", .rows = rows}), first(11));
}

TEST(Dnc, SeesOnlyTheCoordinatesItDraws) {
    // The outlier stands out in one coordinate of 400: with one drawn it is mostly missed, and
    // another seed draws another one.
    Matrix rows = two_groups(8, 0, 400);
    rows[5][123] = 1e9;
    const auto finds = [&](double coordinates) {
        std::size_t found = 0;
        for (std::uint8_t seed = 0; seed < 50; ++seed) {
            const Rows kept = kept_rows({.rule = "dnc",
                                         .rows = rows,
                                         .f = 1,
                                         .parameters = {coordinates, std::nullopt, std::nullopt},
                                         .seed = seed});
            found += std::count(kept.begin(), kept.end(), 5U) == 0 ? 1U : 0U;
        }
        return found;
    };
    EXPECT_LT(finds(1.0), 25U);
    EXPECT_EQ(finds(400.0), 50U);
}

TEST(Dnc, KeepsTheRowsThatAreKeptMostOften) {
    // Many draws of one coordinate each of random rows: seldom is a row kept by all of them.
    Rng rng(33);
    for (int trial = 0; trial < 20; ++trial) {
        const Matrix rows = random_rows(rng, 7, 30);
        const Question question{.rule = "dnc",
                                .rows = rows,
                                .f = 3,
                                .parameters = {1.0, 40.0, 2.0},
                                .seed = static_cast<std::uint8_t>(trial)};
        EXPECT_GE(kept_rows(question).size(), 1U);
    }
}

TEST(Dnc, StaysWithinItsMemoryOrSaysSo) {
    const MatrixColumns columns(Matrix(512, Values(8, 1.0)));
    EXPECT_EQ(dnc_piece(columns, 512, 10'000, std::size_t{64} << 20U).value(), kDncPieceMax);
    EXPECT_LT(dnc_piece(columns, 512, 10'000, std::size_t{12} << 20U).value(), kDncPieceMax);
    const auto small = dnc_piece(columns, 512, 10'000, std::size_t{1} << 20U);
    ASSERT_FALSE(small);
    EXPECT_EQ(small.error().code, Errc::kLimitExceeded);
    EXPECT_NE(small.error().message.find("lower the parameter coordinates"), std::string::npos);
    EXPECT_FALSE(dnc_piece(columns, 10, 1'000'000, std::size_t{50} << 20U));
    EXPECT_TRUE(dnc_piece(columns, 10, 1'000'000, std::size_t{64} << 20U));
}

TEST(Dnc, PiecesDoNotChangeItsGeometry) {
    Rng rng(35);
    const Matrix rows = random_rows(rng, 6, 900);
    const MatrixColumns columns(rows);
    const std::vector<std::uint64_t> places = random_places(900, 500, rng);
    const Geometry whole = geometry_at(columns, 6, places).value();
    for (const std::size_t piece : {1U, 7U, 64U}) {
        const Geometry cut = geometry_at(columns, 6, places, piece).value();
        for (std::size_t i = 0; i < 6; ++i) {
            for (std::size_t j = 0; j < 6; ++j) {
                ASSERT_EQ(cut.square(i, j), whole.square(i, j));
            }
        }
    }
}

TEST(Dnc, KeepsEqualRowsByTheirPlace) {
    const Matrix rows(5, Values{4, -2, 9});
    EXPECT_EQ(kept_rows({.rule = "dnc", .rows = rows, .f = 2}), (Rows{0, 1, 2}));
}

TEST(Dnc, MeasuresExactDistancesOfAnyValues) {
    Rng rng(34);
    Matrix rows = random_rows(rng, 5, 3000);
    rows[1][2999] = 2147483647.0;
    rows[2][2999] = -2147483648.0;
    std::vector<std::uint64_t> places = random_places(3000, 1700, rng);
    const auto geometry = geometry_at(MatrixColumns(rows), rows.size(), places);
    ASSERT_TRUE(geometry);
    for (std::size_t i = 0; i < rows.size(); ++i) {
        for (std::size_t j = 0; j < rows.size(); ++j) {
            Wide sum = 0;
            for (const std::uint64_t place : places) {
                const auto apart = static_cast<std::int64_t>(rows[i][place] - rows[j][place]);
                sum += static_cast<Wide>(SignedWide{apart} * apart);
            }
            EXPECT_EQ(geometry->square(i, j), to_double(sum));
        }
    }
}

TEST(RandomPlaces, AreDistinctAscendingAndAllEquallyLikely) {
    Rng rng(35);
    std::vector<int> drawn(12, 0);
    for (int trial = 0; trial < 6000; ++trial) {
        const std::vector<std::uint64_t> places = random_places(12, 4, rng);
        ASSERT_EQ(std::set<std::uint64_t>(places.begin(), places.end()).size(), 4U);
        EXPECT_TRUE(std::is_sorted(places.begin(), places.end()));
        for (const std::uint64_t place : places) {
            ++drawn[place];
        }
    }
    for (const int count : drawn) {
        EXPECT_NEAR(count, 2000, 200);
    }
    EXPECT_EQ(random_places(3, 8, rng), (std::vector<std::uint64_t>{0, 1, 2}));
}

TEST(SignGuard, DropsTheSmallerGroupOfSigns) {
    EXPECT_EQ(kept_rows({.rule = "signguard", .rows = two_groups(7, 3, 50), .f = 3}), first(7));
}

TEST(SignGuard, DropsRowsOfUnusualNorm) {
    Matrix rows = two_groups(9, 0, 40);
    rows[2] = scaled(rows[2], 4.0);
    rows[4] = scaled(rows[4], 0.05);
    EXPECT_EQ(kept_rows({.rule = "signguard", .rows = rows, .f = 2}), (Rows{0, 1, 3, 5, 6, 7, 8}));
}

TEST(SignGuard, ClipsToTheMedianNorm) {
    Matrix rows = two_groups(8, 3, 60);
    rows[0] = scaled(rows[0], 2.0);
    expect_near(aggregate({.rule = "signguard", .rows = rows, .f = 3}),
                clipped_mean_of(rows, first(8), median_of(norms_of_rows(rows))), 1e-4);
}

TEST(SignGuard, FeaturesAreSharesOverTheLargestShare) {
    // One coordinate of ten: the slice is that one coordinate, wherever it lies.
    const Matrix rows{Values(10, 5.0), Values(10, -3.0), Values(10, 0.0), Values(10, 8.0)};
    Rng rng(36);
    const auto features = sign_features(MatrixColumns(rows), 4, rng);
    ASSERT_TRUE(features);
    EXPECT_EQ((*features)[0], (Feature{1, 0, 0}));
    EXPECT_EQ((*features)[1], (Feature{0, 0, 1}));
    EXPECT_EQ((*features)[2], (Feature{0, 1, 0}));
    EXPECT_EQ((*features)[3], (Feature{1, 0, 0}));
}

TEST(SignGuard, FeaturesCountTheWholeSlice) {
    // Row 0 is positive everywhere, row 1 in three of four places.
    Matrix rows(2, Values(200'000, 1.0));
    for (std::size_t k = 0; k < rows[1].size(); k += 4) {
        rows[1][k] = -1.0;
    }
    Rng rng(37);
    const auto features = sign_features(MatrixColumns(rows), 2, rng);
    ASSERT_TRUE(features);
    EXPECT_EQ((*features)[0], (Feature{1, 0, 0}));
    EXPECT_EQ((*features)[1], (Feature{0.75, 0, 1}));
}

TEST(SignGuard, UsesTheNormFilterAloneWhereTheTwoDisagree) {
    // Of two equal groups of signs the first is taken, but its rows are far too short.
    Matrix rows = two_groups(5, 5, 30);
    for (std::size_t i = 0; i < 5; ++i) {
        rows[i] = scaled(rows[i], 0.01);
    }
    EXPECT_EQ(kept_rows({.rule = "signguard", .rows = rows, .f = 4}), (Rows{5, 6, 7, 8, 9}));
}

TEST(SignGuard, ReadsSmallerPiecesWhereMemoryIsSmall) {
    const Matrix rows = two_groups(4, 0, 5000);
    const auto features = [&](std::size_t memory) {
        Rng rng(37);
        return sign_features(MatrixColumns(rows), 4, rng, memory);
    };
    EXPECT_EQ(features(4 * 64 * 4).value(), features(std::size_t{64} << 20U).value());
    EXPECT_FALSE(features(4 * 64 * 4 - 1));
}

TEST(SignGuard, PassesOnAReadThatFails) {
    class Broken : public MatrixColumns {
    public:
        Broken() : MatrixColumns({Values(5, 1.0)}) {}
        [[nodiscard]] Result<std::vector<std::int32_t>> read(std::uint64_t,
                                                             std::size_t) const override {
            return fail(Errc::kUnavailable, "disk");
        }
    };
    Rng rng(38);
    EXPECT_FALSE(sign_features(Broken(), 1, rng));
    EXPECT_FALSE(geometry_at(Broken(), 1, {0}));
}

TEST(ClippedClustering, KeepsTheLargerGroup) {
    EXPECT_EQ(kept_rows({.rule = "clipped-clustering", .rows = two_groups(6, 4, 20), .f = 4}),
              first(6));
}

TEST(ClippedClustering, ClipsToTheMedianOfAllNormsSoFar) {
    const Matrix rows{{4, 0}, {4, 1}, {8, 0}, {0, -4}};
    const Question question{
        .rule = "clipped-clustering", .rows = rows, .f = 1, .figures = {1, 1, 1, 1, 1, 2, 2}};
    // Norms of history and round: median 2.
    expect_near(aggregate(question), clipped_mean_of(rows, {0, 1, 2}, 2.0), 1e-7);
    const std::vector<double> figures = ask(question).memory.figures;
    EXPECT_EQ(figures.size(), 11U);
    EXPECT_EQ(figures[7], 4.0);
    EXPECT_EQ(figures[9], 8.0);
}

TEST(ClippedClustering, RemembersNormsInModelUnits) {
    const Question question{
        .rule = "clipped-clustering", .rows = {{512, 0}}, .figures = {1.0}, .unit = 0x1p-8};
    // Norms 1 and 2 in model units: clipped at 1.5.
    EXPECT_EQ(aggregate(question), (Values{384, 0}));
    EXPECT_EQ(ask(question).memory.figures, (std::vector<double>{1.0, 2.0}));
}

TEST(ClippedClustering, ForgetsTheOldestNorms) {
    std::vector<double> figures(kNormHistoryMax, 7.0);
    figures[0] = 1.0;
    const RuleAnswer answer =
        ask({.rule = "clipped-clustering", .rows = {{3, 4}}, .figures = figures});
    ASSERT_EQ(answer.memory.figures.size(), kNormHistoryMax);
    EXPECT_EQ(answer.memory.figures.front(), 7.0);
    EXPECT_EQ(answer.memory.figures.back(), 5.0);
}

TEST(Flame, KeepsTheMajorityDirection) {
    EXPECT_EQ(kept_rows({.rule = "flame", .rows = two_groups(6, 4, 20), .f = 4}), first(6));
}

TEST(Flame, ClipsToTheMedianNormOfAllRows) {
    Matrix rows = two_groups(6, 4, 20);
    rows[1] = scaled(rows[1], 50.0);
    for (std::size_t i = 6; i < 10; ++i) {
        rows[i] = scaled(rows[i], 0.5);
    }
    expect_near(aggregate({.rule = "flame", .rows = rows, .f = 4}),
                clipped_mean_of(rows, first(6), median_of(norms_of_rows(rows))), 1e-2);
}

TEST(Flame, StopsAsSoonAsMoreThanHalfAreJoined) {
    // Angles 0, 1, 2, 10, 40 degrees: three of five are joined before the fourth is.
    Matrix rows;
    for (const double degrees : {0.0, 1.0, 2.0, 10.0, 40.0}) {
        const double angle = degrees * 3.14159265358979 / 180.0;
        rows.push_back({1e6 * std::cos(angle), 1e6 * std::sin(angle)});
    }
    EXPECT_EQ(kept_rows({.rule = "flame", .rows = rows, .f = 2}), (Rows{0, 1, 2}));
}

}  // namespace
}  // namespace fedstake::aggregation::weighting
