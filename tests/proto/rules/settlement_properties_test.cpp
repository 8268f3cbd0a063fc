// What must hold for every settlement, tried on seeded random federations.
#include <algorithm>

#include <gtest/gtest.h>

#include "proto/base/limits.hpp"
#include "proto/base/rng.hpp"
#include "proto/rules/settlement.hpp"
#include "tests/proto/rules/fixtures.hpp"

namespace fedstake::rules {
namespace {

using testing::context_of;
using testing::member;
using testing::valid_rules;

constexpr int kTrials = 300;

struct World {
    RoundRules rules = valid_rules();
    RoundContext context;
    std::vector<SiteScore> scores;
};

Amount random_amount(Rng& rng, unsigned bits_max) {
    const Amount wide = (Amount{rng.next()} << 64U) | rng.next();
    return wide >> (128U - 1U - static_cast<unsigned>(rng.below(bits_max)));
}

World random_world(Rng& rng) {
    World world;
    world.rules.settlement.round_budget = random_amount(rng, 96);
    world.rules.settlement.stake_per_score = 1 + random_amount(rng, 40);
    world.rules.settlement.min_stake = random_amount(rng, 30);
    std::vector<CohortMember> cohort;
    const auto count = static_cast<std::uint8_t>(rng.below(20));
    for (std::uint8_t i = 0; i < count; ++i) {
        CohortMember entry = member(static_cast<std::uint8_t>(i + 1), random_amount(rng, 70));
        entry.cumulative_reward = random_amount(rng, 90);
        entry.strikes = static_cast<std::uint32_t>(rng.below(3));
        entry.offences = static_cast<std::uint32_t>(rng.below(6));
        entry.barred = rng.below(6) == 0;
        cohort.push_back(entry);
        SiteScore score{.site = entry.site};
        score.standing = static_cast<Standing>(rng.below(4));
        if (score.standing == Standing::kAccepted) score.score = rng.below(limits::kScoreMax + 1);
        world.scores.push_back(score);
    }
    world.context = context_of(cohort);
    return world;
}

Settlement settled(const World& world) {
    const auto result = settle(world.context, world.rules, world.scores);
    EXPECT_TRUE(result) << result.error().message;
    return result.value_or(Settlement{});
}

TEST(SettlementProperties, RewardsStayWithinTheBudgetAndLoseLessThanOneUnitASite) {
    Rng rng(1);
    for (int trial = 0; trial < kTrials; ++trial) {
        const World world = random_world(rng);
        const Settlement settlement = settled(world);
        Amount paid = 0;
        for (const SiteSettlement& site : settlement.sites) paid += site.reward;
        const Amount budget = world.rules.settlement.round_budget;
        EXPECT_TRUE(paid <= budget);
        if (settlement.score_sum == 0) {
            EXPECT_TRUE(paid == 0);
        } else {
            EXPECT_TRUE(budget - paid < settlement.sites.size());
        }
    }
}

TEST(SettlementProperties, CumulativeRewardsNeverFallAndAddUp) {
    Rng rng(2);
    for (int trial = 0; trial < kTrials; ++trial) {
        const World world = random_world(rng);
        const Settlement settlement = settled(world);
        ASSERT_EQ(settlement.sites.size(), world.context.cohort.size());
        Amount total = 0;
        for (std::size_t i = 0; i < settlement.sites.size(); ++i) {
            const SiteSettlement& site = settlement.sites[i];
            const CohortMember& before = world.context.cohort[i];
            EXPECT_TRUE(site.cumulative_reward == before.cumulative_reward + site.reward);
            EXPECT_TRUE(site.reward == 0 || is_eligible(before, world.rules.settlement));
            EXPECT_EQ(site.accused, site.accused_bps != 0);
            EXPECT_LE(site.accused_bps, world.rules.settlement.slash_bps_max);
            EXPECT_EQ(site.offences, before.offences + (site.accused ? 1 : 0));
            total += site.cumulative_reward;
        }
        EXPECT_TRUE(settlement.reward_total == total);
    }
}

TEST(SettlementProperties, DoesNotDependOnTheOrderOfScores) {
    Rng rng(3);
    for (int trial = 0; trial < kTrials; ++trial) {
        World world = random_world(rng);
        const Settlement settlement = settled(world);
        rng.shuffle(std::span(world.scores));
        EXPECT_EQ(settled(world), settlement);
    }
}

// Dividing stake and score of one site among several never raises what it earns.
TEST(SettlementProperties, SplittingASiteNeverRaisesItsSum) {
    Rng rng(4);
    for (int trial = 0; trial < kTrials; ++trial) {
        World world = random_world(rng);
        const Amount stake = random_amount(rng, 70);
        const std::uint64_t score = rng.below(limits::kScoreMax + 1);
        World whole = world;
        whole.context.cohort.push_back(member(0xf0, stake));
        whole.scores.push_back(testing::accepted(0xf0, score));
        const Settlement before = settled(whole);

        const auto parts = static_cast<std::uint8_t>(2 + rng.below(4));
        Amount stake_left = stake;
        std::uint64_t score_left = score;
        for (std::uint8_t i = 0; i < parts; ++i) {
            const bool last = i + 1 == parts;
            const Amount stake_part = last ? stake_left : random_amount(rng, 70) % (stake_left + 1);
            const std::uint64_t score_part = last ? score_left : rng.below(score_left + 1);
            stake_left -= stake_part;
            score_left -= score_part;
            const auto fill = static_cast<std::uint8_t>(0xf0 + i);
            world.context.cohort.push_back(member(fill, stake_part));
            world.scores.push_back(testing::accepted(fill, score_part));
        }
        const Settlement after = settled(world);

        std::uint64_t counted = 0;
        Amount reward = 0;
        for (auto i = after.sites.end() - parts; i != after.sites.end(); ++i) {
            counted += i->score;
            reward += i->reward;
        }
        EXPECT_LE(counted, before.sites.back().score);
        EXPECT_TRUE(reward <= before.sites.back().reward);
    }
}

TEST(SettlementProperties, MoreScoreNeverPaysLess) {
    Rng rng(5);
    for (int trial = 0; trial < kTrials; ++trial) {
        World world = random_world(rng);
        world.context.cohort.push_back(member(0xf0, random_amount(rng, 70)));
        const std::uint64_t score = rng.below(limits::kScoreMax);
        world.scores.push_back(testing::accepted(0xf0, score));
        const Amount before = settled(world).sites.back().reward;
        world.scores.back().score = score + 1 + rng.below(limits::kScoreMax - score);
        EXPECT_TRUE(settled(world).sites.back().reward >= before);
    }
}

}  // namespace
}  // namespace fedstake::rules
