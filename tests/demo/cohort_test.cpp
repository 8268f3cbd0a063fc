#include "demo/cohort.hpp"

#include <gtest/gtest.h>

namespace fedstake::demo {
namespace {

TEST(DemoQuorum, IsAllButOne) {
    EXPECT_EQ(quorum_of(5, 1), 4U);
    EXPECT_EQ(quorum_of(4, 1), 3U);
    EXPECT_EQ(quorum_of(3, 0), 2U);
}

TEST(DemoQuorum, IsNeverBelowWhatTheRulesNeed) {
    EXPECT_EQ(quorum_of(3, 1), 3U);
}

}  // namespace
}  // namespace fedstake::demo
