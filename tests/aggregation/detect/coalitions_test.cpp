#include "aggregation/detect/coalitions.hpp"

#include <algorithm>
#include <functional>
#include <limits>

#include <gtest/gtest.h>

#include "tests/aggregation/detect/campaign.hpp"

namespace fedstake::aggregation::detect {
namespace {

using testing::random_row;
using testing::Row;
using testing::scaled;
using testing::site_id;
using testing::sum_of;

constexpr std::size_t kDimension = 300;
constexpr std::size_t kHonest = 7;
constexpr std::size_t kSites = 10;

// Seven honest sites with a lasting difference each, three hostile ones by a function.
class Rounds {
public:
    using Hostile = std::function<std::optional<Row>(std::size_t k, int round, Rng& rng)>;

    Rounds(std::uint64_t seed, Hostile hostile) : rng_(seed), hostile_(std::move(hostile)) {
        common_ = random_row(rng_, kDimension);
        for (std::size_t i = 0; i < kHonest; ++i) own_.push_back(random_row(rng_, kDimension));
    }

    const History& run(int rounds) {
        for (int round = 1; round <= rounds; ++round) step(round);
        return history_;
    }

private:
    void step(int round) {
        std::vector<Row> rows;
        std::vector<SiteId> sites;
        for (std::size_t i = 0; i < kHonest; ++i) {
            const Row noise = scaled(random_row(rng_, kDimension), 0.5);
            rows.push_back(sum_of(sum_of(common_, own_[i]), noise));
            sites.push_back(site_id(i));
        }
        for (std::size_t k = 0; k + kHonest < kSites; ++k) {
            if (auto row = hostile_(k, round, rng_)) {
                rows.push_back(*row);
                sites.push_back(site_id(kHonest + k));
            }
        }
        history_ = begin_round(history_, static_cast<RoundNumber>(round), sites);
        add_likeness(history_, sites, testing::geometry_of(rows));
        if (!before_.empty()) {
            std::vector<Row> both = rows;
            both.insert(both.end(), before_.begin(), before_.end());
            const Geometry geometry = testing::geometry_of(both, rows.size());
            std::vector<std::size_t> now;
            std::vector<std::size_t> then;
            for (std::size_t i = 0; i < both.size(); ++i)
                (i < rows.size() ? now : then).push_back(i);
            add_lagged(history_,
                       {.geometry = &geometry,
                        .sites = sites,
                        .rows = now,
                        .sites_before = sites_before_,
                        .rows_before = then},
                       3);
        }
        before_ = rows;
        sites_before_ = sites;
    }

    Rng rng_;
    Hostile hostile_;
    Row common_;
    std::vector<Row> own_;
    std::vector<Row> before_;
    std::vector<SiteId> sites_before_;
    History history_;
};

Row aim() {
    Rng rng(1234);
    return scaled(random_row(rng, kDimension), 1.3);
}

std::vector<SiteId> hostile_sites(std::size_t count) {
    std::vector<SiteId> result;
    for (std::size_t k = 0; k < count; ++k) result.push_back(site_id(kHonest + k));
    return result;
}

void expect_only(const Coalitions& coalitions, const std::vector<SiteId>& sites) {
    ASSERT_EQ(coalitions.groups.size(), 1U);
    EXPECT_EQ(coalitions.groups[0].sites, sites);
    EXPECT_GT(coalitions.groups[0].least, coalitions.limit);
}

TEST(Coalitions, FindsCopiesWithALittleNoise) {
    Rounds rounds(1, [](std::size_t, int, Rng& rng) {
        return sum_of(aim(), scaled(random_row(rng, kDimension), 0.1));
    });
    const History& history = rounds.run(5);
    expect_only(alike(history), hostile_sites(3));
    expect_only(alike_behind_noise(history), hostile_sites(3));
}

TEST(Coalitions, FindsSplitUpdates) {
    Rounds rounds(2, [](std::size_t k, int, Rng& rng) {
        return sum_of(scaled(aim(), k == 0 ? 0.5 : 0.25),
                      scaled(random_row(rng, kDimension), 0.02));
    });
    expect_only(alike(rounds.run(5)), hostile_sites(3));
}

TEST(Coalitions, SeesThroughFreshNoiseOfFullLength) {
    Rounds rounds(3, [](std::size_t, int, Rng& rng) {
        return sum_of(aim(), scaled(random_row(rng, kDimension), 1.3));
    });
    const History& history = rounds.run(8);
    expect_only(alike_behind_noise(history), hostile_sites(3));
}

TEST(Coalitions, SeesThroughNoiseThatCancels) {
    Row noise;
    Rounds rounds(4, [&noise](std::size_t k, int, Rng& rng) -> std::optional<Row> {
        if (k == 2) return std::nullopt;
        if (k == 0) noise = scaled(random_row(rng, kDimension), 1.3);
        return sum_of(aim(), scaled(noise, k == 0 ? 1.0 : -1.0));
    });
    expect_only(alike_behind_noise(rounds.run(8)), hostile_sites(2));
}

TEST(Coalitions, ConnectsIdentitiesThatTakeTurns) {
    Rounds rounds(5, [](std::size_t k, int round, Rng& rng) -> std::optional<Row> {
        if (static_cast<std::size_t>(round % 3) != k) return std::nullopt;
        return sum_of(aim(), scaled(random_row(rng, kDimension), 0.1));
    });
    const History& history = rounds.run(24);
    expect_only(alike_behind_noise(history), hostile_sites(3));
    expect_only(taking_turns(history), hostile_sites(3));
    EXPECT_TRUE(alike(history).groups.empty()) << "they never met";
}

TEST(Coalitions, AccuseNoHonestSitesThatDifferLastingly) {
    for (std::uint64_t seed = 10; seed < 20; ++seed) {
        Rounds rounds(seed, [](std::size_t, int, Rng&) { return std::nullopt; });
        const History& history = rounds.run(8);
        EXPECT_TRUE(alike(history).groups.empty()) << seed;
        EXPECT_TRUE(alike_behind_noise(history).groups.empty()) << seed;
        EXPECT_TRUE(taking_turns(history).groups.empty()) << seed;
    }
}

TEST(Coalitions, TwoSitesThatSendAlmostNothingAreNotAlike) {
    Rounds rounds(
        6, [](std::size_t, int, Rng& rng) { return scaled(random_row(rng, kDimension), 1e-3); });
    const History& history = rounds.run(8);
    EXPECT_TRUE(alike(history).groups.empty());
    EXPECT_TRUE(alike_behind_noise(history).groups.empty());
}

TEST(Coalitions, WaitForThreeRoundsAndFourSites) {
    Rounds rounds(7, [](std::size_t, int, Rng&) { return aim(); });
    const History& history = rounds.run(2);
    EXPECT_EQ(alike(history).limit, std::numeric_limits<double>::infinity());
    EXPECT_TRUE(alike(history).groups.empty());
    EXPECT_TRUE(alike_behind_noise(history).groups.empty());
    EXPECT_TRUE(alike({}).groups.empty());
    EXPECT_TRUE(taking_turns({}).groups.empty());
}

// A history whose pairs have these likenesses in each of five rounds.
History history_with(const std::vector<std::vector<double>>& likeness) {
    std::vector<SiteId> sites;
    for (std::size_t i = 0; i < likeness.size(); ++i) sites.push_back(site_id(i));
    History history;
    for (RoundNumber round = 1; round <= 5; ++round) {
        history = begin_round(history, round, sites);
        for (std::size_t i = 0; i < sites.size(); ++i) {
            for (std::size_t j = 0; j < i; ++j) history.likeness.add(i, j, likeness[i][j]);
        }
    }
    return history;
}

std::vector<std::vector<double>> likeness_of(std::size_t n, double others) {
    std::vector<std::vector<double>> result(n, std::vector<double>(n, others));
    for (std::size_t i = 0; i < n; ++i) {
        for (std::size_t j = 0; j < n; ++j) {
            result[i][j] += 0.01 * static_cast<double>((i * 7 + j * 7) % 5);
        }
    }
    return result;
}

TEST(Coalitions, AreNeverHalfOfTheSites) {
    auto likeness = likeness_of(6, -0.2);
    likeness[1][0] = likeness[2][0] = likeness[2][1] = 0.99;
    EXPECT_TRUE(alike(history_with(likeness)).groups.empty());
    likeness[2][0] = likeness[2][1] = -0.2;
    EXPECT_EQ(alike(history_with(likeness)).groups.size(), 1U);
}

TEST(Coalitions, NeedEveryPairToBeAlike) {
    // 0-1 and 1-2 are alike, 0-2 is not: the nearer pair is the group.
    auto likeness = likeness_of(9, -0.1);
    likeness[1][0] = 0.9;
    likeness[2][1] = 0.95;
    const Coalitions coalitions = alike(history_with(likeness));
    ASSERT_EQ(coalitions.groups.size(), 1U);
    EXPECT_EQ(coalitions.groups[0].sites, (std::vector<SiteId>{site_id(1), site_id(2)}));
    EXPECT_GT(coalitions.figures[0], coalitions.limit) << "its figure is reported all the same";
}

TEST(Coalitions, DiscountWhatAllHonestSitesHaveInCommon) {
    // Seven of ten are alike at about 0.6 because the centre has moved; three copies moved it.
    auto likeness = likeness_of(10, 0.6);
    for (std::size_t i = 7; i < 10; ++i) {
        for (std::size_t j = 0; j < i; ++j) likeness[i][j] = j < 7 ? -0.5 : 0.98;
    }
    const Coalitions coalitions = alike(history_with(likeness));
    ASSERT_EQ(coalitions.groups.size(), 1U);
    EXPECT_EQ(coalitions.groups[0].sites, hostile_sites(3));
}

TEST(TakingTurns, NeedsMoreRoundsThanChance) {
    const auto history_of = [](RoundNumber rounds) {
        History history;
        for (RoundNumber round = 1; round <= rounds; ++round) {
            std::vector<SiteId> present = {site_id(0), site_id(1), site_id(2)};
            present.push_back(site_id(3 + round % 2));
            history = begin_round(history, round, present);
        }
        return history;
    };
    EXPECT_TRUE(taking_turns(history_of(8)).groups.empty());
    expect_only(taking_turns(history_of(40)), {site_id(3), site_id(4)});
}

}  // namespace
}  // namespace fedstake::aggregation::detect
