// What docs/contribution.md says about scores on real hospitals, in a few rounds of a few splits.
#include "tests/aggregation/contribution/heart_rounds.hpp"

#include <algorithm>
#include <filesystem>
#include <functional>
#include <string>

#include <gtest/gtest.h>

#include "tests/support/shared_data.hpp"

namespace fedstake::aggregation::contribution::heart {
namespace {

constexpr std::uint64_t kSeeds = 4;
constexpr std::size_t kRounds = 6;

using Member = double SiteScores::*;

class HeartRounds : public ::testing::Test {
protected:
    // Sums over the seeds; the check is made for each of them.
    Campaign run(const std::filesystem::path& folder, Scenario scenario, const std::string& rule,
                 std::size_t validators = 4,
                 const std::function<void(const Campaign&)>& check = {}) {
        Campaign total;
        for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
            const auto hospitals = load_hospitals(folder, seed);
            EXPECT_TRUE(hospitals) << hospitals.error().message;
            const auto campaign = run_campaign(*hospitals, {.scenario = scenario,
                                                            .rule = rule,
                                                            .validators = validators,
                                                            .rounds = kRounds,
                                                            .seed = seed});
            EXPECT_TRUE(campaign) << campaign.error().message;
            if (check) {
                check(*campaign);
            }
            add(total, *campaign);
        }
        return total;
    }

private:
    static void add(Campaign& total, const Campaign& campaign) {
        total.sites.resize(campaign.sites.size());
        for (std::size_t i = 0; i < campaign.sites.size(); ++i) {
            for (const Member member :
                 {&SiteScores::leave_one_out, &SiteScores::shapley, &SiteScores::banzhaf,
                  &SiteScores::gtg, &SiteScores::banzhaf_sampled, &SiteScores::banzhaf_score,
                  &SiteScores::score, &SiteScores::cosine, &SiteScores::weight}) {
                total.sites[i].*member += campaign.sites[i].*member;
            }
        }
    }
};

std::size_t lowest(const Campaign& campaign, Member member) {
    const auto found = std::min_element(
        campaign.sites.begin(), campaign.sites.end(),
        [member](const SiteScores& a, const SiteScores& b) { return a.*member < b.*member; });
    return static_cast<std::size_t>(found - campaign.sites.begin());
}

TEST_F(HeartRounds, TrainAModelThatFitsRowsHeldOut) {
    FEDSTAKE_NEED_SHARED(folder, "data/heart");
    run(folder, Scenario::kHonest, "mean", 4, [](const Campaign& campaign) {
        EXPECT_NEAR(campaign.loss_before, 0.693, 0.001) << "every answer is 1/2";
        EXPECT_LT(campaign.loss_after, 0.6);
    });
}

TEST_F(HeartRounds, APoisonerIsLastByEveryScoreUnderTheMean) {
    FEDSTAKE_NEED_SHARED(folder, "data/heart");
    for (const std::size_t validators : {2U, 4U}) {
        const Campaign total =
            run(folder, Scenario::kPoisoner, "mean", validators, [](const Campaign& campaign) {
                ASSERT_EQ(campaign.sites.size(), 5U);
                for (const Member member :
                     {&SiteScores::leave_one_out, &SiteScores::shapley, &SiteScores::banzhaf,
                      &SiteScores::gtg, &SiteScores::banzhaf_sampled, &SiteScores::score,
                      &SiteScores::cosine}) {
                    EXPECT_EQ(lowest(campaign, member), 4U);
                }
                EXPECT_LT(campaign.sites[4].shapley, -0.1);
                EXPECT_FALSE(campaign.sites[4].named) << "both views put it last";
            });
        // In a round in which the model has been driven too far, a flip may help.
        EXPECT_EQ(lowest(total, &SiteScores::banzhaf_score), 4U);
        EXPECT_LT(total.sites[4].banzhaf_score, 0.5 * total.sites[3].banzhaf_score);
    }
}

TEST_F(HeartRounds, APoisonerThatTheRuleLeavesOutIsWorthNothing) {
    FEDSTAKE_NEED_SHARED(folder, "data/heart");
    run(folder, Scenario::kPoisoner, "multi-krum", 4, [](const Campaign& campaign) {
        const SiteScores& poisoner = campaign.sites[4];
        EXPECT_EQ(poisoner.weight, 0.0);
        EXPECT_EQ(poisoner.leave_one_out, 0.0);
        EXPECT_EQ(poisoner.shapley, 0.0);
        EXPECT_EQ(poisoner.banzhaf, 0.0);
        EXPECT_LT(campaign.loss_after, 0.6);
    });
}

TEST_F(HeartRounds, NoiseOfTheRightSizeIsPaidByDirectionsAndNotByMeasurement) {
    FEDSTAKE_NEED_SHARED(folder, "data/heart");
    for (const char* rule : {"mean", "multi-krum"}) {
        const Campaign total = run(folder, Scenario::kFreeRider, rule);
        ASSERT_EQ(total.sites.size(), 5U);
        const SiteScores& rider = total.sites[4];
        EXPECT_LT(rider.shapley, 0.0) << rule;
        EXPECT_LT(rider.banzhaf, 0.0) << rule;
        for (const std::size_t useful : {0U, 1U}) {
            EXPECT_LT(rider.banzhaf_score, 0.35 * total.sites[useful].banzhaf_score) << rule;
            EXPECT_GT(rider.score, total.sites[useful].score) << rule;
        }
    }
}

TEST_F(HeartRounds, ACopyCatEarnsWhatItsVictimDoesAndTakesItFromIt) {
    FEDSTAKE_NEED_SHARED(folder, "data/heart");
    const Campaign alone = run(folder, Scenario::kHonest, "mean");
    const Campaign copied =
        run(folder, Scenario::kCopyCat, "mean", 4, [](const Campaign& campaign) {
            const SiteScores& victim = campaign.sites[0];
            const SiteScores& copy = campaign.sites[4];
            EXPECT_NEAR(copy.shapley, victim.shapley, 0.02 * victim.shapley);
            EXPECT_NEAR(copy.banzhaf, victim.banzhaf, 0.02 * victim.banzhaf);
            EXPECT_NEAR(copy.score, victim.score, 0.05 * victim.score);
        });
    EXPECT_LT(copied.sites[0].shapley, 0.8 * alone.sites[0].shapley);
    EXPECT_LT(copied.sites[0].leave_one_out, 0.7 * alone.sites[0].leave_one_out);
}

// The claim of integer_scores.hpp does not hold to the letter under the mean, where two rows weigh
// twice; what is left of it is its bound for parts that add less and less.
TEST_F(HeartRounds, SplittingRaisesTheBanzhafScoreByLessThanHalf) {
    FEDSTAKE_NEED_SHARED(folder, "data/heart");
    for (const char* rule : {"mean", "multi-krum"}) {
        const double alone = run(folder, Scenario::kHonest, rule).sites[0].banzhaf_score;
        for (const Scenario scenario : {Scenario::kSplit, Scenario::kTwice}) {
            const Campaign parts = run(folder, scenario, rule);
            const double sum = parts.sites[0].banzhaf_score + parts.sites[4].banzhaf_score;
            EXPECT_LT(sum, (rule == std::string("mean") ? 1.5 : 2.0) * alone)
                << rule << ", " << scenario_name(scenario);
        }
    }
}

TEST_F(HeartRounds, TwoAndFourValidatorsAgreeOnTheBestAndTheWorst) {
    FEDSTAKE_NEED_SHARED(folder, "data/heart");
    const Campaign four = run(folder, Scenario::kHonest, "mean", 4);
    const Campaign two = run(folder, Scenario::kHonest, "mean", 2);
    for (const Member member : {&SiteScores::shapley, &SiteScores::banzhaf}) {
        EXPECT_EQ(lowest(four, member), 3U) << "Switzerland";
        EXPECT_EQ(lowest(two, member), 3U);
        EXPECT_GT(four.sites[0].*member, 0.0);
        EXPECT_GT(four.sites[1].*member, 0.0);
    }
}

TEST_F(HeartRounds, SampledValuesStayNearTheExactOnes) {
    FEDSTAKE_NEED_SHARED(folder, "data/heart");
    run(folder, Scenario::kHonest, "mean", 4, [](const Campaign& campaign) {
        for (const SiteScores& site : campaign.sites) {
            EXPECT_NEAR(site.banzhaf_sampled, site.banzhaf, 0.003 * kRounds) << site.name;
            EXPECT_NEAR(site.gtg, site.shapley, 0.005 * kRounds) << site.name;
        }
    });
}

TEST_F(HeartRounds, FollowFromTheSeedAlone) {
    FEDSTAKE_NEED_SHARED(folder, "data/heart");
    const auto hospitals = load_hospitals(folder, 1).value();
    const Setting setting{.scenario = Scenario::kFreeRider, .rounds = 2, .seed = 9};
    const Campaign once = run_campaign(hospitals, setting).value();
    const Campaign again = run_campaign(hospitals, setting).value();
    for (std::size_t i = 0; i < once.sites.size(); ++i) {
        EXPECT_EQ(once.sites[i].shapley, again.sites[i].shapley);
        EXPECT_EQ(once.sites[i].gtg, again.sites[i].gtg);
    }
    EXPECT_FALSE(load_hospitals(folder / "nowhere", 1));
}

}  // namespace
}  // namespace fedstake::aggregation::contribution::heart
