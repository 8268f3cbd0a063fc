#include "coordinator/round/refusal.hpp"

#include <set>

#include <gtest/gtest.h>

namespace fedstake::round {
namespace {

TEST(Refusal, EveryNumberHasItsOwnName) {
    std::set<std::string_view> names;
    std::size_t count = 0;
    for (std::uint8_t number = 0; number <= kRefusalLast; ++number) {
        if (is_refusal(number)) {
            names.insert(refusal_name(static_cast<Refusal>(number)));
            ++count;
        }
    }
    EXPECT_EQ(names.size(), count);
    EXPECT_EQ(names.count("unknown"), 0U);
    EXPECT_FALSE(is_refusal(200));
}

TEST(Refusal, GateVerdictsBecomeRefusalsAndSetVerdictsDoNot) {
    using aggregation::Reason;
    EXPECT_EQ(refusal_of(Reason::kNone), Refusal::kNone);
    EXPECT_EQ(refusal_of(Reason::kNotANumber), Refusal::kNotANumber);
    EXPECT_EQ(refusal_of(Reason::kOutOfRange), Refusal::kOutOfRange);
    EXPECT_EQ(refusal_of(Reason::kAllZero), Refusal::kAllZero);
    EXPECT_EQ(refusal_of(Reason::kWrongSize), Refusal::kWrongSize);
    EXPECT_EQ(refusal_of(Reason::kCopy), Refusal::kNone);
    EXPECT_EQ(refusal_of(Reason::kAnomalous), Refusal::kNone);
}

}  // namespace
}  // namespace fedstake::round
