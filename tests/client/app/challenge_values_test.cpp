// Locating the first wrong value: the arithmetic is evaluate_round()'s, and the contracts'.
#include "client/app/challenge_values.hpp"

#include <bit>
#include <cmath>
#include <limits>
#include <string>

#include <gtest/gtest.h>

#include "proto/base/rng.hpp"
#include "tests/aggregation/made_bytes.hpp"
#include "tests/aggregation/round_builder.hpp"

namespace fedstake::client {
namespace {

using aggregation::testing::RoundBuilder;

constexpr std::uint64_t kCoordinates = 40'000;  // more than one piece

// An evaluated round and its blobs.
struct Round {
    explicit Round(const std::string& rule, std::uint64_t coordinates = kCoordinates)
        : builder(5, coordinates) {
        Rng rng(5);
        for (auto& row : builder.values) {
            row.resize(coordinates);
            for (auto& value : row) value = static_cast<std::int32_t>(rng.normal() * 100'000.0);
        }
        builder.rules.aggregation.rule.name = rule;
        builder.sign();
        Bytes bytes;
        Bytes model_bytes;
        aggregation::RoundOptions options;
        options.aggregate_sink = aggregation::reference::collect(bytes);
        options.model_sink = aggregation::reference::collect(model_bytes);
        const auto outcome = builder.evaluate(options);
        EXPECT_TRUE(outcome) << (outcome ? "" : outcome.error().message);
        report = outcome->report;
        aggregate = aggregation::reference::to_values(bytes);
        model.resize(model_bytes.size() / 4);
        std::memcpy(model.data(), model_bytes.data(), model_bytes.size());
    }
    Result<std::optional<WrongValue>> wrong_aggregate() {
        std::vector<std::unique_ptr<aggregation::VectorSource>> sources;
        std::vector<const aggregation::VectorSource*> updates;
        for (std::size_t i = 0; i < builder.values.size(); ++i) {
            if (report.sites[i].weight == 0) continue;
            sources.push_back(
                aggregation::memory_source(std::span<const std::int32_t>(builder.values[i])));
            updates.push_back(sources.back().get());
        }
        const auto made = aggregation::memory_source(std::span<const std::int32_t>(aggregate));
        return first_wrong_in_aggregate(column_rule(builder.rules.aggregation, report), report,
                                        updates, *made, stop);
    }
    Result<std::optional<WrongValue>> wrong_model() {
        const auto from = aggregation::memory_source(std::span<const float>(builder.base));
        const auto made = aggregation::memory_source(std::span<const std::int32_t>(aggregate));
        const auto to = aggregation::memory_source(std::span<const float>(model));
        return first_wrong_in_model(builder.rules.aggregation.scale_bits, *from, *made, *to, stop);
    }

    RoundBuilder builder;
    aggregation::RoundReport report;
    std::vector<std::int32_t> aggregate;
    std::vector<float> model;
    std::atomic<bool> stop{false};
};

TEST(ChallengeValues, FindNothingWrongInWhatARoundMakes) {
    for (const std::string rule : {"mean", "trimmed-mean", "median", "krum", "multi-krum",
                                   "geometric-median", "mda", "weighted-mean"}) {
        Round round(rule, 700);
        const auto wrong = round.wrong_aggregate();
        ASSERT_TRUE(wrong) << rule << ": " << wrong.error().message;
        EXPECT_FALSE(*wrong) << rule << ": " << (*wrong)->coordinate;
        EXPECT_FALSE(*round.wrong_model()) << rule;
    }
}

TEST(ChallengeValues, FindTheFirstWrongCoordinateWhereverItIs) {
    Round round("trimmed-mean");
    for (const std::uint64_t j : {std::uint64_t{0}, std::uint64_t{16'383}, std::uint64_t{16'384},
                                  std::uint64_t{25'000}, kCoordinates - 1}) {
        round.aggregate[j] += 1;
        const auto wrong = round.wrong_aggregate();
        ASSERT_TRUE(wrong && *wrong);
        EXPECT_EQ((*wrong)->coordinate, j);
        EXPECT_EQ((*wrong)->committed, std::to_string(round.aggregate[j]));
        EXPECT_EQ((*wrong)->expected, std::to_string(round.aggregate[j] - 1));
        round.aggregate[j] -= 1;
    }
}

TEST(ChallengeValues, FindEveryBitOfAParameter) {
    Round round("mean", 300);
    for (std::uint32_t bit = 0; bit < 32; ++bit) {
        const float honest = round.model[17];
        round.model[17] = std::bit_cast<float>(std::bit_cast<std::uint32_t>(honest) ^ (1U << bit));
        const auto wrong = round.wrong_model();
        ASSERT_TRUE(wrong && *wrong) << bit;
        EXPECT_EQ((*wrong)->coordinate, 17U);
        round.model[17] = honest;
    }
}

TEST(ChallengeValues, RoundHalvesUpwardsAndLimitTheResult) {
    Round round("mean", 1);
    constexpr std::int32_t kLeast = std::numeric_limits<std::int32_t>::min();
    struct Case {
        std::int32_t first, second, mean;
    };
    round.report.sites.resize(2);
    round.report.weight_denominator = 2;
    round.builder.values.resize(2);
    for (auto& site : round.report.sites) site.weight = 1;
    for (const Case& c : {Case{1, 2, 2}, Case{-1, -2, -1}, Case{-1, 0, 0}, Case{3, 2, 3},
                          Case{kLeast, kLeast, -0x7fff'ffff}}) {
        round.builder.values[0] = {c.first};
        round.builder.values[1] = {c.second};
        round.aggregate = {c.mean};
        EXPECT_FALSE(*round.wrong_aggregate()) << c.first << " " << c.second;
    }
}

TEST(ChallengeValues, KnowWhatTheContractsCannotRecompute) {
    Round round("median", 300);
    rules::AggregationRules& rules = round.builder.rules.aggregation;
    EXPECT_EQ(column_rule(rules, round.report), ColumnRule::kMedian);
    rules.pre.push_back({.name = "norm-clip", .parameters = {}});
    EXPECT_EQ(column_rule(rules, round.report), ColumnRule::kUnknown);
    rules.pre.clear();
    round.report.sites[1].reason = aggregation::Reason::kSharesWeight;
    EXPECT_EQ(column_rule(rules, round.report), ColumnRule::kUnknown);
    EXPECT_EQ(column_rule("foolsgold"), ColumnRule::kUnknown);
    EXPECT_EQ(column_rule("flame"), ColumnRule::kUnknown);
    EXPECT_EQ(column_rule("caf"), ColumnRule::kWeighted);
}

TEST(ChallengeValues, AReportWithoutAValueIsAnError) {
    Round round("trimmed-mean", 300);
    round.report.f = 3;
    EXPECT_EQ(round.wrong_aggregate().error().code, Errc::kInvalidInput);
    round.report.f = 1;
    round.report.weight_denominator = 0;
    EXPECT_EQ(round.wrong_aggregate().error().code, Errc::kInvalidInput);
    for (auto& site : round.report.sites) site.weight = 0;
    EXPECT_EQ(round.wrong_aggregate().error().code, Errc::kInvalidInput);
}

TEST(ChallengeValues, StopWhenTold) {
    Round round("mean", 300);
    round.stop = true;
    EXPECT_EQ(round.wrong_aggregate().error().message, "interrupted");
    EXPECT_EQ(round.wrong_model().error().message, "interrupted");
}

TEST(ChallengeValues, FindTheFirstValueBeyondTheGate) {
    std::vector<std::int32_t> values(30'000, 5);
    std::atomic<bool> stop{false};
    const auto first = [&] {
        return first_out_of_range(
                   7, *aggregation::memory_source(std::span<const std::int32_t>(values)), stop)
            .value();
    };
    EXPECT_FALSE(first());
    values[20'000] = -8;
    EXPECT_EQ(first()->coordinate, 20'000U);
    values[19'999] = std::numeric_limits<std::int32_t>::min();
    EXPECT_EQ(first()->coordinate, 19'999U);
    values[3] = 8;
    EXPECT_EQ(first()->coordinate, 3U);
}

}  // namespace
}  // namespace fedstake::client
