// Attacks on scores: copies of a good row, rows shaped like the aggregate, lying validators.
#include <algorithm>
#include <cmath>
#include <numeric>

#include <gtest/gtest.h>

#include "aggregation/contribution/cgsv.hpp"
#include "aggregation/contribution/exact_values.hpp"
#include "aggregation/contribution/integer_scores.hpp"
#include "aggregation/contribution/sampled_values.hpp"
#include "tests/aggregation/contribution/games.hpp"

namespace fedstake::aggregation::contribution {
namespace {

using games::Rows;
using games::Values;

Values exact(Result<std::vector<double>> (*method)(CachedUtility&), Utility& utility,
             std::size_t rows) {
    auto cached = CachedUtility::make(utility, rows).value();
    return method(cached).value();
}

// Honest rows of one round: the target and noise of their own.
struct HonestRound {
    HonestRound(Rng& rng, std::size_t n, double noise = 0.5)
        : target(games::normal_vector(rng, 24, 1.0)) {
        for (std::size_t i = 0; i < n; ++i) {
            Values row = games::normal_vector(rng, target.size(), noise);
            for (std::size_t k = 0; k < row.size(); ++k) {
                row[k] += target[k];
            }
            rows.push_back(std::move(row));
        }
    }
    Values target;
    Rows rows;
};

Values mean_of_rows(const Rows& rows) {
    Values mean(rows[0].size(), 0.0);
    for (const Values& row : rows) {
        for (std::size_t k = 0; k < mean.size(); ++k) {
            mean[k] += row[k] / static_cast<double>(rows.size());
        }
    }
    return mean;
}

TEST(ACopyOfAGoodRow, TakesItsLeaveOneOutAway) {
    Rng rng(51);
    for (int trial = 0; trial < 50; ++trial) {
        const games::Game before = games::covering_game(rng, 5);
        const games::Game after = games::duplicated(before, 2, 2);
        auto utility = games::utility_of(after);
        const Values values = exact(leave_one_out, utility, 6);
        EXPECT_EQ(values[2], 0.0);
        EXPECT_EQ(values[5], 0.0);
    }
}

TEST(ACopyOfAGoodRow, SharesItsShapleyAndBanzhafValue) {
    Rng rng(52);
    for (int trial = 0; trial < 50; ++trial) {
        const games::Game before = games::covering_game(rng, 5);
        auto alone = games::utility_of(before);
        auto copied = games::utility_of(games::duplicated(before, 2, 2));
        const Values shapley = exact(shapley_exact, copied, 6);
        const Values shapley_alone = exact(shapley_exact, alone, 5);
        EXPECT_EQ(shapley[2], shapley[5]);
        EXPECT_GT(shapley[2], 0.5 * shapley_alone[2] - 1e-9);
        EXPECT_LT(shapley[2], shapley_alone[2] + 1e-9);
        const Values banzhaf = exact(banzhaf_exact, copied, 6);
        EXPECT_EQ(banzhaf[2], banzhaf[5]);
        EXPECT_EQ(banzhaf[2], 0.5 * exact(banzhaf_exact, alone, 5)[2]);
    }
}

// Sum of the scores of row 0 in random rounds of five sites under the plain mean, after it became k
// rows of this size, over the sum before.
double ratio_under_the_mean(double noise, std::size_t k, double size) {
    Rng rng(53);
    double before = 0.0;
    double after = 0.0;
    const auto scores_of = [](const HonestRound& round) {
        auto utility = games::approach_of(round.rows, round.target);
        auto cached = CachedUtility::make(utility, round.rows.size()).value();
        return banzhaf_scores(cached).value();
    };
    for (int trial = 0; trial < 50; ++trial) {
        HonestRound round(rng, 5, noise);
        before += static_cast<double>(scores_of(round)[0]);
        for (double& value : round.rows[0]) {
            value *= size;
        }
        for (std::size_t j = 1; j < k; ++j) {
            round.rows.push_back(round.rows[0]);
        }
        const auto scores = scores_of(round);
        after += static_cast<double>(std::accumulate(scores.begin() + 5, scores.end(), scores[0]));
    }
    return after / before;
}

// With the plain mean equal rows do change the aggregate: the condition of the scores' claim does
// not hold to the letter. The sum must still not grow on average.
TEST(IdentitiesUnderTheMean, EqualRowsDoNotPayOnAverage) {
    for (const double noise : {0.3, 1.0, 2.0}) {
        EXPECT_LT(ratio_under_the_mean(noise, 2, 1.0), 1.0);
        EXPECT_LT(ratio_under_the_mean(noise, 3, 1.0), 0.75);
    }
}

// What the scores do not stop: where noise hides the goal, less of a row is worth more. It is so
// for one site, too; splitting is one way to send less.
TEST(IdentitiesUnderTheMean, SmallPartsOfANoisyRowPay) {
    EXPECT_LT(ratio_under_the_mean(0.3, 2, 0.5), 0.5);
    EXPECT_GT(ratio_under_the_mean(2.0, 2, 0.5), 1.5);
    EXPECT_GT(ratio_under_the_mean(2.0, 1, 0.5), 1.5);
}

// A row like the expected aggregate that adds nothing to it: first in the eyes of CGSV, nothing by
// utility.
TEST(ARowShapedLikeTheAggregate, ImpressesOnlyCgsv) {
    Rng rng(54);
    int first = 0;
    for (int trial = 0; trial < 50; ++trial) {
        HonestRound round(rng, 6);
        auto honest = games::approach_of(round.rows, round.target);
        games::FunctionUtility utility([&](std::span<const std::size_t> rows) {
            std::vector<std::size_t> without_last;
            std::copy_if(rows.begin(), rows.end(), std::back_inserter(without_last),
                         [](std::size_t row) { return row < 6; });
            return honest.evaluate(without_last);
        });
        round.rows.push_back(mean_of_rows(round.rows));
        const CgsvRound cosines = cgsv(games::geometry_of(round.rows), first_reputation(7)).value();
        first += std::max_element(cosines.cosines.begin(), cosines.cosines.end()) ==
                         cosines.cosines.end() - 1
                     ? 1
                     : 0;
        auto cached = CachedUtility::make(utility, 7).value();
        EXPECT_EQ(banzhaf_scores(cached).value()[6], 0U);
    }
    EXPECT_EQ(first, 50);
}

TEST(AMirroredRival, EarnsNothing) {
    Rng rng(55);
    for (int trial = 0; trial < 30; ++trial) {
        HonestRound round(rng, 6);
        Values mirrored = round.rows[0];
        for (double& value : mirrored) {
            value = -value;
        }
        round.rows.push_back(std::move(mirrored));
        auto utility = games::approach_of(round.rows, round.target);
        auto cached = CachedUtility::make(utility, 7).value();
        const auto scores = banzhaf_scores(cached).value();
        EXPECT_EQ(scores[6], 0U);
        EXPECT_GT(scores[0], 0U) << "and the rival keeps a score";
    }
}

// One lying validator of three moves nothing further than the honest two disagree.
TEST(LyingValidators, AreOutvotedByTwo) {
    Rng rng(56);
    const HonestRound round(rng, 5);
    auto honest = games::approach_of(round.rows, round.target);
    games::FunctionUtility liar([](std::span<const std::size_t> rows) -> Result<double> {
        return std::find(rows.begin(), rows.end(), 3) != rows.end() ? 1000.0 : -1000.0;
    });
    MedianUtility three({&honest, &liar, &honest});
    EXPECT_EQ(exact(banzhaf_exact, three, 5), exact(banzhaf_exact, honest, 5));
    MedianUtility two({&honest, &liar});
    auto cached = CachedUtility::make(two, 5).value();
    EXPECT_GT(banzhaf_scores(cached).value()[3], 900'000U) << "of two, either can";
}

// A utility limited to what a round can change bounds what one broken subset does to the rest.
TEST(LyingValidators, AreBoundedByTheLimits) {
    games::FunctionUtility utility([](std::span<const std::size_t> rows) -> Result<double> {
        const bool broken = rows.size() == 2 && rows[0] == 0 && rows[1] == 1;
        return broken ? -1e9 : 0.1 * static_cast<double>(rows.size());
    });
    auto cached = CachedUtility::make(utility, 4, {.low = 0.0, .high = 1.0}).value();
    const Values values = banzhaf_exact(cached).value();
    for (const double value : values) {
        EXPECT_NEAR(value, 0.1, 0.2 / 8 + 1e-9);
    }
}

}  // namespace
}  // namespace fedstake::aggregation::contribution
