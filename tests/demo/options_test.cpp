#include "demo/options.hpp"

#include <vector>

#include <gtest/gtest.h>

namespace fedstake::demo {
namespace {

Parsed parse(std::vector<const char*> words) {
    words.insert(words.begin(), "demo");
    return parse_options(static_cast<int>(words.size()), words.data());
}

TEST(DemoOptions, TakesSeedsThatRulesCanHold) {
    const Parsed parsed = parse({"--seed", "9223372036854775807"});
    EXPECT_FALSE(parsed.exit_code);
    EXPECT_EQ(parsed.options.seed, 9'223'372'036'854'775'807U);
}

TEST(DemoOptions, RefusesLargerSeedsAtOnce) {
    EXPECT_EQ(parse({"--seed", "9223372036854775808"}).exit_code, 2);
    EXPECT_EQ(parse({"--seed", "18446744073709551615"}).exit_code, 2);
}

TEST(DemoOptions, TakesThreeToThirtyTwoSites) {
    EXPECT_FALSE(parse({"--sites", "3", "--attack", "none"}).exit_code);
    EXPECT_EQ(parse({"--sites", "2"}).exit_code, 2);
    EXPECT_EQ(parse({"--sites", "33"}).exit_code, 2);
}

}  // namespace
}  // namespace fedstake::demo
