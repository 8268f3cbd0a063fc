// Strict hexadecimal of JSON-RPC.
#include "contracts/cpp/evm/quantity.hpp"

#include <gtest/gtest.h>

namespace fedstake::evm {
namespace {

TEST(Quantity, RoundTrips) {
    for (const Amount value : {Amount{0}, Amount{1}, Amount{15}, Amount{16}, Amount{0x1b4},
                               Amount{1} << 64U, ~Amount{0}}) {
        EXPECT_EQ(*parse_quantity(to_quantity(value), "x"), value);
    }
    EXPECT_EQ(to_quantity(0), "0x0");
    EXPECT_EQ(to_quantity(1024), "0x400");
}

TEST(Quantity, RefusesEveryOtherForm) {
    for (const Json& bad : {Json("0x"), Json("0x00"), Json("0x01"), Json("1"), Json(""),
                            Json("0xg"), Json("-0x1"), Json(" 0x1"), Json("0x1 "), Json("0X1"),
                            Json(1), Json(), Json::array(), Json("0x" + std::string(33, 'f'))}) {
        EXPECT_FALSE(parse_quantity(bad, "x")) << bad;
    }
    EXPECT_FALSE(parse_quantity_u64("0x1" + std::string(16, '0'), "x"));
    EXPECT_EQ(*parse_quantity_u64("0x" + std::string(16, 'f'), "x"), ~std::uint64_t{0});
}

TEST(Quantity, NamesTheField) {
    EXPECT_NE(parse_quantity("zero", "block base fee").error().message.find("block base fee"),
              std::string::npos);
}

TEST(Data, RefusesOddMissingAndDoublePrefix) {
    EXPECT_EQ(*parse_data("0x", "x"), Bytes{});
    EXPECT_EQ(*parse_data("0xAbcd", "x"), (Bytes{0xab, 0xcd}));
    for (const Json& bad : {Json("0xabc"), Json("abcd"), Json("0x0xab"), Json("0xzz"), Json(7)}) {
        EXPECT_FALSE(parse_data(bad, "x")) << bad;
    }
    EXPECT_FALSE(parse_fixed<Address>(Json("0x" + std::string(42, '0')), "x"));
}

}  // namespace
}  // namespace fedstake::evm
