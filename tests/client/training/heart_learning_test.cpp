// Joining pays, attacked or not: real hospitals, real training, five published splits.
#include <gtest/gtest.h>

#include <fmt/core.h>

#include "proto/manifest/rules_toml.hpp"
#include "tests/client/training/heart_federation.hpp"
#include "tests/support/shared_data.hpp"

namespace fedstake::testing {
namespace {

constexpr std::uint64_t kSplits = 5;
constexpr std::size_t kCleveland = 0;

struct Means {
    double pooled = 0.0;
    double alone = 0.0;
};

// Mean over the splits; prints one line of the table that the documentation quotes.
Means mean_accuracy(const std::filesystem::path& folder, HeartRule rule, bool attack) {
    const auto hospitals = load_hospitals(folder);
    EXPECT_TRUE(hospitals) << hospitals.error().message;
    Means means;
    double each[kHospitals] = {};
    double alone[kHospitals] = {};
    for (std::uint64_t seed = 1; hospitals && seed <= kSplits; ++seed) {
        HeartPlan plan{.rules = heart_rules()};
        plan.rule = rule;
        plan.attack = attack;
        plan.victim = kCleveland;
        plan.split_seed = seed;
        const auto outcome = run_heart(*hospitals, plan);
        EXPECT_TRUE(outcome) << outcome.error().message;
        if (!outcome) break;
        means.pooled += outcome->pooled() / kSplits;
        means.alone += outcome->pooled_alone() / kSplits;
        for (std::size_t i = 0; i < kHospitals; ++i) {
            each[i] += outcome->federated[i].accuracy() / kSplits;
            alone[i] += outcome->alone[i].accuracy() / kSplits;
        }
    }
    fmt::print(
        "{:<13}{:<8} pooled {:.4f} ({:.3f} {:.3f} {:.3f} {:.3f})  alone {:.4f} ({:.3f} "
        "{:.3f} {:.3f} {:.3f})\n",
        heart_rule_name(rule), attack ? "attack" : "clean", means.pooled, each[0], each[1], each[2],
        each[3], means.alone, alone[0], alone[1], alone[2], alone[3]);
    return means;
}

void expect_robust(const std::filesystem::path& folder, HeartRule rule) {
    const Means clean = mean_accuracy(folder, rule, false);
    const Means attacked = mean_accuracy(folder, rule, true);
    EXPECT_GE(attacked.pooled, 0.775);
    EXPECT_GE(attacked.pooled, clean.pooled - 0.02);
    // Pooled over all patients, joining costs no accuracy against training alone.
    EXPECT_GE(clean.pooled, clean.alone - 0.01);
}

TEST(HeartLearning, TrimmedMeanHoldsUnderAttack) {
    FEDSTAKE_NEED_SHARED(folder, "data/heart");
    expect_robust(folder, HeartRule::kTrimmedMean);
}

TEST(HeartLearning, MultiKrumHoldsUnderAttack) {
    FEDSTAKE_NEED_SHARED(folder, "data/heart");
    expect_robust(folder, HeartRule::kMultiKrum);
}

TEST(HeartLearning, MedianHoldsUnderAttack) {
    FEDSTAKE_NEED_SHARED(folder, "data/heart");
    expect_robust(folder, HeartRule::kMedian);
}

TEST(HeartLearning, PlainMeanDoesNotHold) {
    FEDSTAKE_NEED_SHARED(folder, "data/heart");
    EXPECT_GE(mean_accuracy(folder, HeartRule::kMean, false).pooled, 0.775);
    EXPECT_LE(mean_accuracy(folder, HeartRule::kMean, true).pooled, 0.70);
}

TEST(HeartLearning, TrainsByThePublishedRules) {
    const auto published = manifest::load_rules(std::filesystem::path(FEDSTAKE_SOURCE_DIR) /
                                                "configs/rules/heart.toml");
    ASSERT_TRUE(published) << published.error().message;
    EXPECT_EQ(published->training, heart_rules().training);
    EXPECT_EQ(published->model, heart_rules().model);
    EXPECT_EQ(published->coordinates, heart_rules().coordinates);
}

}  // namespace
}  // namespace fedstake::testing
