#include "proto/base/ids.hpp"

#include <gtest/gtest.h>

namespace fedstake {
namespace {

TEST(FixedBytes, OrdersAsBigEndianNumbers) {
    const auto low = *Address::parse("0x00000000000000000000000000000000000000ff");
    const auto high = *Address::parse("0x0100000000000000000000000000000000000000");
    EXPECT_LT(low, high);
    EXPECT_EQ(high.short_hex(), "0x01000000");
}

TEST(FixedBytes, RefusesTheWrongLength) {
    const auto parsed = Address::parse("0xff");
    ASSERT_FALSE(parsed);
    EXPECT_EQ(parsed.error().message, "expected 20 bytes of hexadecimal, got 1");
}

TEST(Amount, RoundTripsTheLargestValue) {
    const Amount largest = ~Amount{0};
    EXPECT_EQ(amount_to_string(largest), "340282366920938463463374607431768211455");
    EXPECT_TRUE(*parse_amount(amount_to_string(largest)) == largest);
    EXPECT_EQ(amount_to_string(0), "0");
}

TEST(Amount, RefusesOverflowSignsAndEmptyText) {
    EXPECT_FALSE(parse_amount("340282366920938463463374607431768211456"));
    EXPECT_FALSE(parse_amount("-1"));
    EXPECT_FALSE(parse_amount("1.5"));
    EXPECT_FALSE(parse_amount(""));
}

}  // namespace
}  // namespace fedstake
