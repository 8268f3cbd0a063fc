#include "aggregation/detect/history.hpp"

#include <algorithm>
#include <limits>

#include <gtest/gtest.h>

#include "proto/base/limits.hpp"
#include "proto/base/rng.hpp"
#include "tests/aggregation/detect/campaign.hpp"

namespace fedstake::aggregation::detect {
namespace {

using testing::site_id;

std::vector<SiteId> sites(std::initializer_list<std::size_t> indices) {
    std::vector<SiteId> result;
    for (const std::size_t index : indices) result.push_back(site_id(index));
    return result;
}

History trained_history() {
    const auto world = testing::mixed_sites(5, 1, 20, 3);
    testing::Federation federation(*world, testing::Attack::kSybilCopies, 1, 3);
    testing::Detector detector;
    History history;
    for (int round = 0; round < 8; ++round) {
        auto updates = federation.next_round();
        if (round == 4) updates[2].reset();
        std::vector<testing::Row> rows;
        for (const auto& update : updates) {
            if (update) rows.push_back(*update);
        }
        const testing::Row centre = testing::centre_of(rows);
        history = detector.observe(updates, 1, centre).history;
        federation.apply(centre);
    }
    return history;
}

TEST(DetectionHistory, ComesBackFromItsBytes) {
    const History history = trained_history();
    ASSERT_EQ(history.sites.size(), 6U);
    EXPECT_FALSE(history.sites[0].errors.empty());
    const auto back = History::decode(history.encode());
    ASSERT_TRUE(back) << back.error().message;
    EXPECT_EQ(*back, history);
    EXPECT_EQ(back->digest(), history.digest());
}

TEST(DetectionHistory, EmptyOnesHaveBytesToo) {
    const auto back = History::decode(History{}.encode());
    ASSERT_TRUE(back);
    EXPECT_EQ(*back, History{});
}

TEST(DetectionHistory, RefusesEveryTruncation) {
    const Bytes bytes = trained_history().encode();
    for (std::size_t size = 0; size < bytes.size(); ++size) {
        EXPECT_FALSE(History::decode(ByteView(bytes).first(size))) << size;
    }
    Bytes longer = bytes;
    longer.push_back(0);
    EXPECT_FALSE(History::decode(longer));
}

TEST(DetectionHistory, RefusesOrSurvivesEveryChangedByte) {
    const Bytes bytes = trained_history().encode();
    Rng rng(1);
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        Bytes changed = bytes;
        changed[i] = static_cast<std::uint8_t>(changed[i] ^ (1U + rng.below(255)));
        if (const auto history = History::decode(changed)) {
            EXPECT_EQ(history->encode(), changed) << "one value, one encoding";
        }
    }
}

TEST(DetectionHistory, RefusesWhatNoRoundsLeave) {
    const History good = trained_history();
    const auto refused = [&](auto&& change) {
        History bad = good;
        change(bad);
        return !History::decode(bad.encode());
    };
    EXPECT_TRUE(refused([](History& h) { std::swap(h.sites[0], h.sites[1]); })) << "order";
    EXPECT_TRUE(refused([](History& h) { h.sites[1].site = h.sites[0].site; })) << "repeated";
    EXPECT_TRUE(refused([](History& h) { h.sites[0].presence = 0; }));
    EXPECT_TRUE(refused([](History& h) { h.sites[0].energy = -1.0; }));
    EXPECT_TRUE(refused([](History& h) { h.sites[0].errors.assign(11, 0.1); }));
    EXPECT_TRUE(refused([](History& h) { h.sites[0].errors = {1.5}; }));
    EXPECT_TRUE(refused([](History& h) { h.rounds = 10.1; }));
    EXPECT_TRUE(refused([](History& h) { h.lagged_rounds = h.rounds + 0.1; }));
    EXPECT_TRUE(refused([](History& h) { h.likeness.add(1, 0, 100.0); }));
    EXPECT_TRUE(refused([](History& h) { h.likeness.add(1, 1, 0.5); }));
    EXPECT_TRUE(refused([](History& h) { h.lagged.add(1, 0, 1e6); }));
    EXPECT_TRUE(
        refused([](History& h) { h.lagged.add(1, 0, std::numeric_limits<double>::quiet_NaN()); }));
    EXPECT_FALSE(refused([](History&) {}));
}

TEST(DetectionHistory, HasOneEncodingForZero) {
    SiteId site;
    site.bytes[0] = 0x5c;
    History history = begin_round({}, 1, std::vector<SiteId>{site});
    const Bytes bytes = history.encode();
    history.sites[0].energy = -0.0;
    EXPECT_EQ(history.encode(), bytes);
    // presence, then energy, behind the site's 20 bytes; the sign bit is the first one.
    const auto at = static_cast<std::size_t>(std::search(bytes.begin(), bytes.end(),
                                                         history.sites[0].site.bytes.begin(),
                                                         history.sites[0].site.bytes.end()) -
                                             bytes.begin());
    Bytes negative = bytes;
    negative[at + 28] = 0x80;
    EXPECT_TRUE(History::decode(bytes));
    EXPECT_FALSE(History::decode(negative));
}

TEST(DetectionHistory, RefusesTooManySitesBeforeReadingThem) {
    ByteWriter writer;
    writer.u8(1).u64(1).f64_bits(1.0).f64_bits(0.0).u32(0xFFFFFFFFU);
    EXPECT_FALSE(History::decode(writer.bytes()));
}

TEST(DetectionHistory, ForgetsSitesAfter64Rounds) {
    History history = begin_round({}, 1, sites({1, 2}));
    for (RoundNumber round = 2; round <= 64; ++round) {
        history = begin_round(history, round, sites({1}));
        ASSERT_TRUE(position(history, site_id(2))) << round;
    }
    history = begin_round(history, 65, sites({1}));
    EXPECT_FALSE(position(history, site_id(2)));
    EXPECT_EQ(history.sites.size(), 1U);
}

TEST(DetectionHistory, MovesSumsWithTheirSites) {
    History history = begin_round({}, 1, sites({2, 5}));
    history.likeness.add(0, 1, 0.5);
    history.sites[1].energy = 4.0;
    history = begin_round(history, 2, sites({1, 2, 3, 5}));
    EXPECT_DOUBLE_EQ(history.likeness.at(1, 3), 0.45);
    EXPECT_DOUBLE_EQ(history.sites[3].energy, 3.6);
    EXPECT_EQ(history.likeness.at(0, 2), 0.0);
    EXPECT_EQ(history.sites[1].presence, 3U);
    EXPECT_EQ(history.sites[0].presence, 1U);
}

TEST(DetectionHistory, NeverHoldsMoreThanTheLargestFederation) {
    std::vector<SiteId> first;
    std::vector<SiteId> second;
    for (std::size_t i = 0; i < limits::kSitesMax; ++i) {
        first.push_back(site_id(i));
        second.push_back(site_id(i + 10));
    }
    const History history = begin_round(begin_round({}, 1, first), 2, second);
    EXPECT_EQ(history.sites.size(), limits::kSitesMax);
    EXPECT_FALSE(position(history, site_id(0)));
    EXPECT_TRUE(position(history, site_id(10)));
}

}  // namespace
}  // namespace fedstake::aggregation::detect
