// The utility port: subsets, the median over sites, the cache and what it refuses.
#include "aggregation/contribution/utility.hpp"

#include <algorithm>
#include <limits>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "aggregation/contribution/exact_values.hpp"
#include "aggregation/contribution/sampled_values.hpp"
#include "tests/aggregation/contribution/games.hpp"

namespace fedstake::aggregation::contribution {
namespace {

using games::FunctionUtility;
using ::testing::HasSubstr;

FunctionUtility constant(double value) {
    return FunctionUtility(
        [value](std::span<const std::size_t>) -> Result<double> { return value; });
}

TEST(Subset, HoldsWhatWasInserted) {
    Subset subset;
    EXPECT_EQ(subset.size(), 0U);
    for (const std::size_t row : {511U, 0U, 63U, 64U, 200U}) {
        subset.insert(row);
    }
    EXPECT_EQ(subset.rows(), (std::vector<std::size_t>{0, 63, 64, 200, 511}));
    subset.erase(64);
    subset.insert(0);
    EXPECT_EQ(subset.size(), 4U);
    EXPECT_FALSE(subset.contains(64));
    EXPECT_TRUE(subset.contains(511));
    EXPECT_EQ(Subset::all(512).size(), 512U);
    EXPECT_EQ(Subset::all(0), Subset{});
}

TEST(MedianUtility, TakesTheMedianOverTheSites) {
    FunctionUtility a = constant(0.5);
    FunctionUtility b = constant(0.75);
    FunctionUtility liar = constant(1e300);
    EXPECT_EQ(MedianUtility({&a}).evaluate({}), 0.5);
    EXPECT_EQ(MedianUtility({&b, &a}).evaluate({}), 0.625);
    EXPECT_EQ(MedianUtility({&liar, &b, &a}).evaluate({}), 0.75);
    FunctionUtility other_liar = constant(1.5e308);
    EXPECT_EQ(MedianUtility({&other_liar, &other_liar}).evaluate({}), 1.5e308);
}

TEST(MedianUtility, NamesTheSiteThatFails) {
    FunctionUtility good = constant(0.5);
    FunctionUtility broken([](std::span<const std::size_t>) -> Result<double> {
        return fail(Errc::kUnavailable, "no answer");
    });
    const auto failed = MedianUtility({&good, &broken, &good}).evaluate({});
    ASSERT_FALSE(failed);
    EXPECT_EQ(failed.error().code, Errc::kUnavailable);
    EXPECT_THAT(failed.error().message, HasSubstr("validation site 2 of 3"));
    // An infinite value would vanish in the median, and with it who reported it.
    FunctionUtility endless = constant(std::numeric_limits<double>::infinity());
    const auto refused = MedianUtility({&good, &good, &endless}).evaluate({});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, Errc::kInvalidInput);
    EXPECT_THAT(refused.error().message, HasSubstr("validation site 3 of 3"));
}

TEST(CachedUtility, AsksForEachSubsetOnce) {
    Rng rng(1);
    FunctionUtility utility = games::utility_of(games::random_game(rng, 5));
    auto cached = CachedUtility::make(utility, 5);
    ASSERT_TRUE(cached);
    ASSERT_TRUE(leave_one_out(*cached));
    EXPECT_EQ(cached->evaluations(), 6U);
    ASSERT_TRUE(shapley_exact(*cached));
    ASSERT_TRUE(banzhaf_exact(*cached));
    ASSERT_TRUE(banzhaf_sampled(*cached, 500, rng));
    ASSERT_TRUE(gtg_shapley(*cached, {}, rng));
    EXPECT_EQ(cached->evaluations(), 32U);
    EXPECT_EQ(utility.asked.size(), 32U);
    std::sort(utility.asked.begin(), utility.asked.end());
    EXPECT_EQ(std::adjacent_find(utility.asked.begin(), utility.asked.end()), utility.asked.end());
    for (const auto& rows : utility.asked) {
        EXPECT_TRUE(std::is_sorted(rows.begin(), rows.end()));
    }
}

TEST(CachedUtility, RoundsAndLimits) {
    FunctionUtility utility([](std::span<const std::size_t> rows) -> Result<double> {
        return rows.empty() ? -1e300 : rows.size() == 1 ? 0.25 + 0x1.8p-33 : 7.0;
    });
    auto cached = CachedUtility::make(utility, 2, {.low = -1.0, .high = 5.0});
    ASSERT_TRUE(cached);
    EXPECT_EQ(cached->range(), 0.0);
    EXPECT_EQ(cached->steps(Subset{}), -(std::int64_t{1} << 32U));
    EXPECT_EQ(cached->steps(Subset::all(1)), (std::int64_t{1} << 30U) + 1) << "three quarters up";
    EXPECT_EQ(cached->range(), 1.25 + 0x1p-32);
    EXPECT_EQ(cached->steps(Subset::all(2)), std::int64_t{5} << 32U);
    EXPECT_EQ(cached->range(), 6.0);
    EXPECT_EQ(cached->span(), 6.0);
}

TEST(CachedUtility, RefusesImpossibleGames) {
    FunctionUtility utility = constant(0.0);
    constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
    EXPECT_EQ(CachedUtility::make(utility, 0).error().code, Errc::kInvalidInput);
    EXPECT_EQ(CachedUtility::make(utility, 513).error().code, Errc::kInvalidInput);
    EXPECT_TRUE(CachedUtility::make(utility, 512));
    for (const UtilityLimits& limits :
         {UtilityLimits{.low = 1.0, .high = 1.0}, UtilityLimits{.low = 0.0, .high = 1025.0},
          UtilityLimits{.low = -1025.0, .high = 0.0}, UtilityLimits{.low = kNan, .high = 1.0},
          UtilityLimits{.low = 0.0, .high = kNan}}) {
        EXPECT_FALSE(CachedUtility::make(utility, 3, limits));
    }
}

// Every method passes the failure on and says for how many rows it happened.
TEST(CachedUtility, FailuresNameTheSizeOfTheSubset) {
    const auto broken_at = [](std::size_t size, Result<double> answer) {
        return FunctionUtility([size, answer](std::span<const std::size_t> rows) -> Result<double> {
            return rows.size() == size ? answer
                                       : Result<double>(0.5 * static_cast<double>(rows.size()));
        });
    };
    const std::vector<Result<double>> answers = {
        fail(Errc::kUnavailable, "no answer"), std::numeric_limits<double>::infinity(),
        -std::numeric_limits<double>::infinity(), std::numeric_limits<double>::quiet_NaN()};
    for (const Result<double>& answer : answers) {
        FunctionUtility utility = broken_at(3, answer);
        auto cached = CachedUtility::make(utility, 4);
        ASSERT_TRUE(cached);
        Rng rng(2);
        const std::vector<Error> errors = {
            leave_one_out(*cached).error(), shapley_exact(*cached).error(),
            banzhaf_exact(*cached).error(), banzhaf_sampled(*cached, 200, rng).error(),
            gtg_shapley(*cached, {}, rng).error()};
        for (const Error& error : errors) {
            EXPECT_EQ(error.code, answer ? Errc::kInvalidInput : Errc::kUnavailable);
            EXPECT_THAT(error.message, HasSubstr("utility of 3 of 4 rows"));
        }
    }
}

}  // namespace
}  // namespace fedstake::aggregation::contribution
