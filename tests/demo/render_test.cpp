// Amounts and the table of a finished run.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "demo/run_record.hpp"

namespace fedstake::demo {
namespace {

using ::testing::HasSubstr;

constexpr Amount kToken = 1'000'000'000'000'000'000ULL;
constexpr Amount kMicro = 1'000'000'000'000ULL;

TEST(Tokens, ShowsWholeAndSmallAmounts) {
    EXPECT_EQ(tokens(0), "0.00");
    EXPECT_EQ(tokens(1000 * kToken), "1000.00");
    EXPECT_EQ(tokens(13 * kToken + kToken / 2), "13.50");
    EXPECT_EQ(tokens(13 * kToken + 337'812 * kMicro), "13.337812");
    EXPECT_EQ(tokens(4 * kToken / 1000), "0.004");
    EXPECT_EQ(tokens(kMicro), "0.000001");
}

TEST(Tokens, RoundsToTheNearestAndHidesNothing) {
    EXPECT_EQ(tokens(1), "<0.000001");
    EXPECT_EQ(tokens(kMicro / 2 - 1), "<0.000001");
    EXPECT_EQ(tokens(kMicro / 2), "0.000001");
    EXPECT_EQ(tokens(1000 * kToken - 1), "1000.00");
    EXPECT_EQ(tokens(999 * kToken + kToken / 100 * 99 + 2'600 * kMicro), "999.9926");
    EXPECT_EQ(tokens(kMicro + kMicro / 2), "0.000002");
}

TEST(RenderTable, ShowsRewardsThatAreSmall) {
    RunRecord record;
    record.sites.resize(2);
    record.sites[0].name = "cleveland";
    record.sites[0].reward = 4 * kToken / 1000;
    record.sites[1].name = "attacker";
    record.sites[1].attacker = true;
    record.sites[1].slashed = 20 * kToken;
    const std::string table = render_table(record, false);
    EXPECT_THAT(table, HasSubstr(" 0.004"));
    EXPECT_THAT(table, HasSubstr(" 20.00  <- attacker"));
}

}  // namespace
}  // namespace fedstake::demo
