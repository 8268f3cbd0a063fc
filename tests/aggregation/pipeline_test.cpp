// evaluate_round() as a whole: verdicts, digests, refusals.
#include "aggregation/pipeline.hpp"

#include <algorithm>
#include <cstring>
#include <limits>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "proto/base/limits.hpp"
#include "proto/base/rng.hpp"
#include "proto/crypto/content_tree.hpp"
#include "tests/aggregation/reference.hpp"
#include "tests/aggregation/round_builder.hpp"

namespace fedstake::aggregation {
namespace {

using reference::Values;
using rules::Standing;
using ::testing::HasSubstr;
using testing::RoundBuilder;

RoundBuilder hospitals(std::uint64_t seed = 1, std::size_t coordinates = 700) {
    RoundBuilder round(5, coordinates);
    const auto rows = testing::hospitals_and_attacker(seed, coordinates, 2.0);
    for (std::size_t i = 0; i < rows.size(); ++i) {
        round.values[i] = testing::fixed_point(rows[i]);
    }
    round.sign();
    return round;
}

RoundOutcome must(Result<RoundOutcome> outcome) {
    EXPECT_TRUE(outcome) << outcome.error().message;
    return outcome ? *std::move(outcome) : RoundOutcome{};
}

struct Outputs {
    Bytes aggregate;
    Bytes model;
    RoundOptions options(unsigned threads = 1) {
        const auto sink = [](Bytes& target) -> ByteSink {
            return [&target](ByteView piece) -> Status {
                target.insert(target.end(), piece.begin(), piece.end());
                return {};
            };
        };
        return {.threads = threads,
                .memory_bytes_max = std::size_t{1} << 20U,
                .aggregate_sink = sink(aggregate),
                .model_sink = sink(model)};
    }
    [[nodiscard]] Values values() const {
        Values result(aggregate.size() / 4);
        std::memcpy(result.data(), aggregate.data(), aggregate.size());
        return result;
    }
};

TEST(EvaluateRound, StrikesTheAttackerAndPaysTheOthers) {
    const RoundBuilder round = hospitals();
    const RoundOutcome outcome = must(round.evaluate());
    ASSERT_EQ(outcome.report.sites.size(), 5U);
    for (std::size_t i = 0; i < 4; ++i) {
        EXPECT_EQ(outcome.report.sites[i].standing, Standing::kAccepted) << i;
        EXPECT_EQ(outcome.report.sites[i].reason, Reason::kNone);
        EXPECT_GT(outcome.report.sites[i].score, 0U);
        EXPECT_EQ(outcome.report.sites[i].weight, 1U);
        EXPECT_EQ(outcome.settlement.sites[i].strikes, 0U);
        EXPECT_TRUE(outcome.settlement.sites[i].reward > 0);
    }
    const SiteReport& attacker = outcome.report.sites[4];
    EXPECT_EQ(attacker.standing, Standing::kStrike);
    EXPECT_EQ(attacker.reason, Reason::kAnomalous);
    EXPECT_EQ(attacker.score, 0U);
    EXPECT_EQ(attacker.weight, 0U);
    EXPECT_GE(std::popcount(attacker.verdict.fired), 2);
    EXPECT_EQ(outcome.settlement.sites[4].strikes, 1U);
    EXPECT_TRUE(outcome.settlement.sites[4].reward == 0);
    EXPECT_TRUE(outcome.faults.empty());
}

TEST(EvaluateRound, AccusesOnTheLastStrikeWithTheCommitmentAsEvidence) {
    RoundBuilder round = hospitals();
    round.context.cohort[4].strikes = round.rules.settlement.strikes_to_accuse - 1;
    round.sign();
    const RoundOutcome outcome = must(round.evaluate());
    ASSERT_EQ(outcome.faults.size(), 1U);
    const crypto::AttestedFault& fault = outcome.faults[0];
    EXPECT_EQ(fault.site, round.site(4));
    EXPECT_EQ(fault.kind, crypto::FaultKind::kPoisoning);
    EXPECT_EQ(fault.bps, round.rules.settlement.slash_bps);
    EXPECT_EQ(fault.round, round.context.round);
    EXPECT_EQ(fault.federation, round.context.federation);
    EXPECT_EQ(fault.evidence_root, outcome.commitment.struct_hash());
    EXPECT_EQ(fault.deadline, 0U);
}

TEST(EvaluateRound, ResultEqualsTheRoundWithoutTheAttacker) {
    RoundBuilder attacked = hospitals();
    Outputs with;
    const RoundOutcome outcome = must(attacked.evaluate(with.options()));
    EXPECT_EQ(outcome.report.f, 1U) << "four survivors still support f = 1";
    attacked.values[4].clear();
    attacked.sign();
    Outputs without;
    EXPECT_EQ(must(attacked.evaluate(without.options())).report.model, outcome.report.model);
    EXPECT_EQ(with.aggregate, without.aggregate);
    EXPECT_EQ(with.model, without.model);
}

TEST(EvaluateRound, WithoutVerdictsTheMeanIsDamaged) {
    RoundBuilder round = hospitals();
    round.rules.aggregation.rule = {.name = "mean", .parameters = {}};
    round.rules.anomaly.signals_to_strike = 0;
    round.sign();
    Outputs outputs;
    const RoundOutcome outcome = must(round.evaluate(outputs.options()));
    for (const SiteReport& site : outcome.report.sites) {
        EXPECT_EQ(site.standing, Standing::kAccepted);
    }
    EXPECT_GE(std::popcount(outcome.report.sites[4].verdict.fired), 2) << "figures stay";
    EXPECT_EQ(outputs.values(), reference::mean(round.values));
}

TEST(EvaluateRound, CommitmentCoversEverything) {
    const RoundBuilder round = hospitals();
    Outputs outputs;
    const RoundOutcome outcome = must(round.evaluate(outputs.options()));
    const crypto::RoundCommitment& commitment = outcome.commitment;
    EXPECT_EQ(commitment.federation, round.context.federation);
    EXPECT_EQ(commitment.round, 3U);
    EXPECT_EQ(commitment.sites, 5U);
    EXPECT_EQ(commitment.coordinates, 700U);
    EXPECT_EQ(commitment.context_digest, round.context.digest());
    EXPECT_EQ(commitment.parent_model, round.context.base_model);
    EXPECT_EQ(commitment.model, crypto::content_root_of(outputs.model));
    EXPECT_EQ(commitment.aggregate_root, crypto::content_root_of(outputs.aggregate));
    EXPECT_EQ(commitment.report_digest, outcome.report.digest());
    EXPECT_EQ(commitment.scores_root, outcome.settlement.scores_root);
    EXPECT_EQ(commitment.rewards_root, outcome.settlement.rewards_root);
    EXPECT_EQ(commitment.score_sum, outcome.settlement.score_sum);
    EXPECT_TRUE(commitment.reward_total == outcome.settlement.reward_total);
    EXPECT_FALSE(commitment.updates_root.is_zero());
}

TEST(EvaluateRound, ModelIsTheRoundedSumOfBaseAndAggregate) {
    RoundBuilder round(1, 3);
    round.rules.aggregation.f = 0;
    round.base = {0.1F, -3.0F, 1e20F};
    round.values[0] = {1, -(1 << 24), 1 << 29};
    round.sign();
    Outputs outputs;
    must(round.evaluate(outputs.options()));
    std::vector<float> model(3);
    std::memcpy(model.data(), outputs.model.data(), 12);
    EXPECT_EQ(model[0], static_cast<float>(static_cast<double>(0.1F) + 0x1p-24));
    EXPECT_EQ(model[1], -4.0F);
    EXPECT_EQ(model[2], 1e20F);
}

TEST(EvaluateRound, IsTheSameForAnyThreadsOrderAndMemory) {
    for (const char* name : {"mean", "median", "trimmed-mean", "krum", "multi-krum"}) {
        RoundBuilder round = hospitals(7, 9000);
        round.rules.aggregation.rule.name = name;
        round.rules.aggregation.pre = {
            {.name = "norm-clip", .parameters = {{.name = "norm", .value = 1.75}}}};
        round.sign();
        Outputs first;
        const RoundOutcome expected = must(round.evaluate(first.options()));
        Rng rng(2);
        for (unsigned threads = 1; threads <= 8; ++threads) {
            rng.shuffle(std::span(round.submitted()));
            Outputs again;
            RoundOptions options = again.options(threads);
            options.memory_bytes_max = std::size_t{200'000} + 77'777 * threads;
            const RoundOutcome outcome = must(round.evaluate(options));
            ASSERT_EQ(outcome.report, expected.report) << name << " threads " << threads;
            ASSERT_EQ(outcome.commitment, expected.commitment);
            ASSERT_EQ(outcome.settlement, expected.settlement);
            ASSERT_EQ(again.aggregate, first.aggregate);
            ASSERT_EQ(again.model, first.model);
        }
    }
}

// Integers only, so that no library function decides a bit of the input.
TEST(EvaluateRound, ReportOfAFixedRoundNeverChanges) {
    RoundBuilder round(6, 5000);
    Rng rng(20240229);
    for (Values& row : round.values) {
        for (std::uint64_t j = 0; j < 5000; ++j) {
            row.push_back(static_cast<std::int32_t>(rng.below(1U << 20U)) - (1 << 19));
        }
    }
    round.rules.aggregation.rule.name = "multi-krum";
    round.rules.aggregation.pre = {
        {.name = "norm-clip", .parameters = {{.name = "norm", .value = 1.25}}}};
    round.sign();
    const RoundOutcome outcome = must(round.evaluate());
    EXPECT_EQ(outcome.report.digest().hex(),
              "0x412952e3429023a5ee7b30c8fffc327d00bbcbe8a23dde8589c9996e50ff849b");
}

TEST(Gate, EveryReasonExcludesOneSiteAndTheRoundGoesOn) {
    RoundBuilder round = hospitals();
    round.rules.aggregation.coordinate_max = 1 << 28;
    round.values.resize(5);
    const Values good = round.values[2];
    const auto verdict = [&](Values values) {
        round.values[2] = std::move(values);
        round.values[4] = round.values[3];
        for (std::int32_t& value : round.values[4]) {
            value = value / 2 + 1;
        }
        round.sign();
        const RoundOutcome outcome = must(round.evaluate());
        EXPECT_EQ(outcome.report.sites[2].standing, Standing::kExcluded);
        EXPECT_EQ(outcome.report.sites[2].score, 0U);
        EXPECT_EQ(outcome.report.sites[2].figures, Figures{});
        EXPECT_EQ(outcome.settlement.sites[2].strikes, 0U);
        EXPECT_EQ(std::count_if(
                      outcome.report.sites.begin(), outcome.report.sites.end(),
                      [](const SiteReport& site) { return site.standing == Standing::kAccepted; }),
                  4);
        return outcome.report.sites[2].reason;
    };
    Values bad = good;
    bad[100] = std::numeric_limits<std::int32_t>::min();
    EXPECT_EQ(verdict(bad), Reason::kNotANumber);
    bad[100] = (1 << 28) + 1;
    EXPECT_EQ(verdict(bad), Reason::kOutOfRange);
    EXPECT_EQ(verdict(Values(700, 0)), Reason::kAllZero);
    EXPECT_EQ(verdict(round.values[0]), Reason::kCopy);
    bad = good;
    bad.pop_back();
    EXPECT_EQ(verdict(bad), Reason::kWrongSize);
    bad = good;
    bad.push_back(1);
    EXPECT_EQ(verdict(bad), Reason::kWrongSize);
}

TEST(Gate, TheLowestSiteKeepsACopiedUpdate) {
    RoundBuilder round = hospitals();
    round.values[0] = round.values[3];
    round.sign();
    const RoundOutcome outcome = must(round.evaluate());
    EXPECT_EQ(outcome.report.sites[0].reason, Reason::kNone);
    EXPECT_EQ(outcome.report.sites[3].reason, Reason::kCopy);
}

TEST(Gate, AnotherBaseModelExcludes) {
    RoundBuilder round = hospitals();
    round.submitted()[1].signed_update.statement.base_model.bytes[0] ^= 1U;
    round.sign_again(1, 1);
    EXPECT_EQ(must(round.evaluate()).report.sites[1].reason, Reason::kWrongBaseModel);
}

TEST(Gate, OneOutOfTheRoundLowersFWhereTheRuleNeedsIt) {
    RoundBuilder round = hospitals();
    round.values[4].clear();
    round.values[3].clear();
    round.values[2].assign(700, 0);
    round.sign();
    const RoundOutcome outcome = must(round.evaluate());
    EXPECT_EQ(outcome.report.f, 0U);
    EXPECT_EQ(outcome.report.sites[0].standing, Standing::kAccepted);
}

TEST(EvaluateRound, SaysWhenTheRuleCannotSupportWhatIsLeft) {
    RoundBuilder round = hospitals();
    round.rules.aggregation.rule.name = "krum-paper";
    round.sign();
    const auto outcome = round.evaluate();
    ASSERT_TRUE(outcome) << "five sites, one struck, f falls to 0: " << outcome.error().message;
    EXPECT_EQ(outcome->report.f, 0U);
    round.values[3].clear();
    round.values[2].clear();
    round.sign();
    const auto refused = round.evaluate();
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, Errc::kNotNow);
    EXPECT_THAT(refused.error().message, HasSubstr("needs n >= 2f + 3, which n = 3"));
    for (Values& values : round.values) {
        if (!values.empty()) {
            values.assign(700, 0);
        }
    }
    round.sign();
    EXPECT_THAT(round.evaluate().error().message, HasSubstr("none of 3 updates passed the gate"));
}

TEST(EvaluateRound, KrumExcludesTheOthersWithoutAStrike) {
    RoundBuilder round = hospitals();
    round.rules.aggregation.rule.name = "multi-krum";
    round.sign();
    const RoundOutcome outcome = must(round.evaluate());
    int selected = 0;
    for (std::size_t i = 0; i < 4; ++i) {
        const SiteReport& site = outcome.report.sites[i];
        selected += site.weight == 1 ? 1 : 0;
        if (site.weight == 0) {
            EXPECT_EQ(site.standing, Standing::kExcluded);
            EXPECT_EQ(site.reason, Reason::kNotSelected);
            EXPECT_EQ(site.score, 0U);
            EXPECT_EQ(outcome.settlement.sites[i].strikes, 0U);
        }
    }
    EXPECT_EQ(selected, 3);
}

TEST(EvaluateRound, RunsWithOneSite) {
    RoundBuilder round(1, 2000);
    round.rules.aggregation.f = 0;
    round.values[0].assign(2000, 77);
    round.sign();
    for (const char* name : {"mean", "median", "trimmed-mean", "krum", "multi-krum"}) {
        round.rules.aggregation.rule.name = name;
        round.sign();
        Outputs outputs;
        const RoundOutcome outcome = must(round.evaluate(outputs.options()));
        EXPECT_EQ(outputs.values(), round.values[0]) << name;
        EXPECT_EQ(outcome.report.sites[0].score, limits::kScoreMax);
    }
}

TEST(Integrity, AFlippedByteIsNamed) {
    RoundBuilder round = hospitals();
    round.values[3][650] ^= 1;
    const auto outcome = round.evaluate();
    ASSERT_FALSE(outcome);
    EXPECT_EQ(outcome.error().code, Errc::kCorrupt);
    EXPECT_THAT(outcome.error().message, HasSubstr("update of site " + round.site(3).hex()));
}

TEST(Integrity, AFlippedByteOfTheBaseModelIsNamed) {
    RoundBuilder round = hospitals();
    round.base[4] = 0.5F;
    auto outcome = round.evaluate();
    ASSERT_FALSE(outcome);
    EXPECT_EQ(outcome.error().code, Errc::kCorrupt);
    EXPECT_THAT(outcome.error().message, HasSubstr("base model"));
    round.base[4] = std::numeric_limits<float>::infinity();
    EXPECT_THAT(round.evaluate().error().message, HasSubstr("parameter 4 is not a finite number"));
}

TEST(Integrity, StatementsAreCheckedAgainstTheRound) {
    const auto refusal = [](auto change, Errc code, const std::string& text) {
        RoundBuilder round = hospitals();
        change(round);
        const auto outcome = round.evaluate();
        ASSERT_FALSE(outcome) << text;
        EXPECT_EQ(outcome.error().code, code) << outcome.error().message;
        EXPECT_THAT(outcome.error().message, HasSubstr(text));
    };
    refusal(
        [](RoundBuilder& round) {
            round.submitted()[2].signed_update.statement.round = 2;
            round.sign_again(2, 2);
        },
        Errc::kInvalidInput, "round 2 attempt 0, this is");
    refusal(
        [](RoundBuilder& round) {
            round.submitted()[2].signed_update.statement.federation.bytes[0] = 1;
            round.sign_again(2, 2);
        },
        Errc::kInvalidInput, "signed for federation");
    refusal([](RoundBuilder& round) { round.sign_again(2, 3); }, Errc::kUnauthorized,
            "expected signer");
    refusal(
        [](RoundBuilder& round) {
            round.submitted()[2].signed_update.statement.site = round.site(1);
            round.sign_again(2, 1);
        },
        Errc::kInvalidInput, "has two updates");
    refusal(
        [](RoundBuilder& round) {
            round.submitted()[2].signed_update.statement.site.bytes[7] = 0xee;
            round.sign_again(2, 2);
        },
        Errc::kInvalidInput, "not in the cohort");
    refusal([](RoundBuilder& round) { round.context.cohort[2].barred = true; }, Errc::kInvalidInput,
            "barred");
    refusal(
        [](RoundBuilder& round) {
            round.submitted()[2].signed_update.statement.coordinates = 699;
            round.sign_again(2, 2);
        },
        Errc::kCorrupt, "700 values are stored, the site signed 699");
    refusal([](RoundBuilder& round) { round.context.rules_digest.bytes[0] ^= 1U; },
            Errc::kInvalidInput, "opened under rules");
    refusal([](RoundBuilder& round) { round.submitted().clear(); }, Errc::kNotNow, "no updates");
}

TEST(Integrity, FailingStorageAndSinksEndTheRoundWithTheirError) {
    const RoundBuilder round = hospitals();
    RoundOptions options;
    options.model_sink = [](ByteView) -> Status { return fail(Errc::kUnavailable, "disk full"); };
    const auto outcome = round.evaluate(options);
    ASSERT_FALSE(outcome);
    EXPECT_EQ(outcome.error().message, "disk full");
    options = {};
    options.memory_bytes_max = 100;
    EXPECT_EQ(round.evaluate(options).error().code, Errc::kLimitExceeded);
}

TEST(EvaluateRound, SumsAtTheRangeLimitStayExact) {
    RoundBuilder round(200, 70);
    round.rules.aggregation.f = 99;
    round.rules.aggregation.coordinate_max = std::numeric_limits<std::int32_t>::max();
    for (std::size_t i = 0; i < 200; ++i) {
        round.values[i].assign(
            70, std::numeric_limits<std::int32_t>::max() - static_cast<std::int32_t>(i));
    }
    round.rules.anomaly.signals_to_strike = 0;
    for (const char* name : {"mean", "median", "trimmed-mean"}) {
        round.rules.aggregation.rule.name = name;
        round.sign();
        Outputs outputs;
        must(round.evaluate(outputs.options()));
        EXPECT_EQ(outputs.values(), name == std::string_view("mean")
                                        ? reference::mean(round.values)
                                        : reference::median(round.values))
            << name;
    }
}

}  // namespace
}  // namespace fedstake::aggregation
