// The whole of detection on small federations; docs/detection.md has the rates of larger ones.
#include "aggregation/detect/detect.hpp"

#include <cmath>

#include <gtest/gtest.h>

#include "aggregation/detect/own_history.hpp"
#include "tests/aggregation/detect/campaign.hpp"
#include "tests/support/shared_data.hpp"

namespace fedstake::aggregation::detect {
namespace {

using testing::Attack;
using testing::campaign;
using testing::Counts;
using testing::Row;
using testing::Tally;

double share(const Counts& counts, Signal signal) {
    return static_cast<double>(counts.fired[static_cast<std::size_t>(signal)]) /
           static_cast<double>(counts.site_rounds);
}

Tally small_campaign(Attack attack, std::size_t hostile) {
    const auto world = testing::mixed_sites(7, hostile, 100, 5);
    return campaign(*world, attack, hostile, 3, 14, 5);
}

TEST(OwnHistory, FindsAResentUpdateAndAJump) {
    Rng rng(1);
    std::vector<Row> rows;
    for (std::size_t i = 0; i < 6; ++i) rows.push_back(testing::random_row(rng, 50));
    for (std::size_t i = 0; i < 6; ++i) {
        rows.push_back(testing::sum_of(rows[i], testing::random_row(rng, 50)));
    }
    rows[6] = rows[0];                         // resent
    rows[7] = testing::scaled(rows[1], -5.0);  // switched
    const std::vector<std::size_t> now = {6, 7, 8, 9, 10, 11};
    const std::vector<std::size_t> before = {0, 1, 2, 3, 4, 5};
    const auto changes = own_changes(testing::geometry_of(rows), {.now = now, .before = before});
    for (std::size_t i = 0; i < 6; ++i) {
        ASSERT_TRUE(changes[i]);
        EXPECT_EQ(changes[i]->resend > 3.0, i == 0) << i;
        EXPECT_EQ(changes[i]->jump > 3.0, i == 1) << i;
    }
    EXPECT_EQ(changes[0]->steadiness, 1e6);
    EXPECT_DOUBLE_EQ(changes[0]->cosine, 1.0);
}

TEST(OwnHistory, IsSilentAboutNewSitesAndAmongThree) {
    const std::vector<Row> rows = {{1.0}, {2.0}, {3.0}, {0.0}, {0.0}};
    const Geometry geometry = testing::geometry_of(rows);
    const std::vector<std::size_t> three = {0, 1, 2};
    const std::vector<std::size_t> before = {0, 1, 2};
    for (const auto& change : own_changes(geometry, {.now = three, .before = before})) {
        EXPECT_FALSE(change);
    }
    const std::vector<std::size_t> five = {0, 1, 2, 3, 4};
    const std::vector<std::size_t> one_new = {0, 1, 2, 3, kNoRow};
    const auto changes = own_changes(geometry, {.now = five, .before = one_new});
    EXPECT_TRUE(changes[3]) << "zeros are an update";
    EXPECT_TRUE(std::isfinite(changes[3]->resend));
    EXPECT_FALSE(changes[4]);
}

TEST(Detection, NeedsNothingButARoundsGeometry) {
    Rng rng(2);
    std::vector<Row> rows;
    std::vector<SiteId> sites;
    for (std::size_t i = 0; i < 5; ++i) {
        rows.push_back(testing::random_row(rng, 20));
        sites.push_back(testing::site_id(i));
    }
    const Geometry geometry = testing::geometry_of(rows);
    const Detection detection = detect_round({.round = 3,
                                              .sites = sites,
                                              .geometry = &geometry,
                                              .f = 1,
                                              .seed = 1,
                                              .signs = {},
                                              .earlier = {}},
                                             {}, limits_for(5));
    for (const SiteFigures& figures : detection.figures) {
        EXPECT_TRUE(figures[static_cast<std::size_t>(Signal::kDistance)]);
        EXPECT_FALSE(figures[static_cast<std::size_t>(Signal::kSigns)]);
        EXPECT_FALSE(figures[static_cast<std::size_t>(Signal::kResend)]);
        EXPECT_FALSE(figures[static_cast<std::size_t>(Signal::kLikeness)]) << "one round only";
    }
    EXPECT_EQ(detection.history.round, 3U);
}

TEST(Detection, JudgesNobodyWhoIsAlone) {
    const Geometry geometry = testing::geometry_of({{1.0, 2.0}});
    const std::vector<SiteId> sites = {testing::site_id(0)};
    const Detection detection = detect_round({.round = 1,
                                              .sites = sites,
                                              .geometry = &geometry,
                                              .f = 0,
                                              .seed = 1,
                                              .signs = {},
                                              .earlier = {}},
                                             {}, limits_for(1));
    EXPECT_EQ(verdicts(detection, cautious_policy())[0].outcome, Outcome::kAccepted);
}

TEST(Detection, StrikesLargeAttacks) {
    for (const Attack attack : {Attack::kSignFlip, Attack::kScaling}) {
        const Tally tally = small_campaign(attack, 1);
        EXPECT_GT(tally.hostile.struck_default * 10, tally.hostile.site_rounds * 9)
            << testing::attack_name(attack);
    }
}

TEST(Detection, SeesResentUpdatesEachTime) {
    EXPECT_EQ(share(small_campaign(Attack::kLazy, 2).hostile, Signal::kResend), 1.0);
}

TEST(Detection, SeesNoiseByItsUnpredictability) {
    EXPECT_GT(share(small_campaign(Attack::kGaussian, 2).hostile, Signal::kPrediction), 0.8);
}

TEST(Detection, SeesSybilsTogether) {
    for (const Attack attack :
         {Attack::kSybilCopies, Attack::kSybilNoisy, Attack::kSybilOpposite}) {
        EXPECT_GT(share(small_campaign(attack, 3).hostile, Signal::kHiddenLikeness), 0.9)
            << testing::attack_name(attack);
    }
    EXPECT_EQ(share(small_campaign(Attack::kSybilSplit, 3).hostile, Signal::kLikeness), 1.0);
}

TEST(Detection, ThinksAMimicsVictimAnAccomplice) {
    // Which is why coalitions share weight and never strike.
    const Tally tally = small_campaign(Attack::kMimic, 1);
    EXPECT_EQ(share(tally.hostile, Signal::kLikeness), 1.0);
    EXPECT_GE(tally.honest.fired[static_cast<std::size_t>(Signal::kLikeness)],
              tally.hostile.site_rounds);
    EXPECT_EQ(tally.hostile.struck, 0U);
}

TEST(Detection, IsARepeatableFunctionOfItsInput) {
    const auto world = testing::mixed_sites(5, 2, 30, 9);
    std::vector<Digest> digests;
    for (int run = 0; run < 2; ++run) {
        testing::Federation federation(*world, Attack::kSybilNoisy, 2, 9);
        testing::Detector detector;
        Digest digest;
        for (int round = 0; round < 6; ++round) {
            const Detection detection =
                detector.observe(federation.next_round(), 2, Row(30, 0.125));
            digest = detection.history.digest();
        }
        digests.push_back(digest);
    }
    EXPECT_EQ(digests[0], digests[1]);
    // The same bits with every compiler and level of optimisation.
    EXPECT_EQ(digests[0].hex(),
              "0xe8d304f77394b31b1d52505b031114e31bfa8e8eafa1daf48397f7ce2d91a083");
}

// Real hospitals, nobody hostile: what an honest site risks.
TEST(Detection, SeldomStrikesHonestHospitals) {
    FEDSTAKE_NEED_SHARED(folder, "data/heart");
    Counts honest;
    for (std::uint64_t seed = 1; seed <= 3; ++seed) {
        const auto world = testing::heart_sites(folder, 0, seed);
        ASSERT_TRUE(world);
        honest.add(campaign(*world, Attack::kNone, 0, 1, 15, seed).honest);
    }
    EXPECT_LT(honest.struck_default * 100, honest.site_rounds * 8);
    EXPECT_LE(honest.struck, honest.struck_default);
}

}  // namespace
}  // namespace fedstake::aggregation::detect
