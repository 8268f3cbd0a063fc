#include "proto/base/bytes.hpp"

#include <cmath>

#include <gtest/gtest.h>

namespace fedstake {
namespace {

TEST(Hex, RoundTripsBothCasesAndPrefix) {
    EXPECT_EQ(to_hex0x(*from_hex("0x00fFaB")), "0x00ffab");
    EXPECT_EQ(to_hex(*from_hex("")), "");
}

TEST(Hex, RefusesOddLengthAndStrangers) {
    EXPECT_EQ(from_hex("abc").error().code, Errc::kInvalidInput);
    EXPECT_EQ(from_hex("zz").error().code, Errc::kInvalidInput);
    EXPECT_EQ(from_hex("0x0x").error().code, Errc::kInvalidInput);
}

TEST(ByteWriter, WritesBigEndianFieldsThatTheReaderReturns) {
    const Bytes bytes = ByteWriter()
                            .u8(1)
                            .u16(0x0203)
                            .u32(0x04050607)
                            .u64(0x08090a0b0c0d0e0fULL)
                            .u128(static_cast<unsigned __int128>(7) << 100U)
                            .i64(-5)
                            .f64_bits(-0.0)
                            .text("abc")
                            .take();
    EXPECT_EQ(to_hex(ByteView(bytes).first(7)), "01020304050607");
    ByteReader reader(bytes);
    EXPECT_EQ(*reader.u8(), 1);
    EXPECT_EQ(*reader.u16(), 0x0203);
    EXPECT_EQ(*reader.u32(), 0x04050607U);
    EXPECT_EQ(*reader.u64(), 0x08090a0b0c0d0e0fULL);
    EXPECT_TRUE(*reader.u128() == static_cast<unsigned __int128>(7) << 100U);
    EXPECT_EQ(*reader.i64(), -5);
    EXPECT_TRUE(std::signbit(*reader.f64_bits()));
    EXPECT_EQ(*reader.text(3), "abc");
    EXPECT_TRUE(reader.finish().has_value());
}

TEST(ByteReader, RefusesTruncatedOversizedAndTrailing) {
    const Bytes lying = ByteWriter().u64(1ULL << 60U).take();
    EXPECT_EQ(ByteReader(lying).blob(1024).error().code, Errc::kLimitExceeded);
    const Bytes short_blob = ByteWriter().u64(9).u8(1).take();
    EXPECT_EQ(ByteReader(short_blob).blob(1024).error().code, Errc::kCorrupt);
    EXPECT_EQ(ByteReader(ByteView{}).u8().error().code, Errc::kCorrupt);
    EXPECT_EQ(ByteReader(short_blob).finish().error().code, Errc::kCorrupt);
}

}  // namespace
}  // namespace fedstake
