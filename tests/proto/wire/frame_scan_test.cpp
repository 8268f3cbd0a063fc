// Hostile skeletons: what must be refused before protobuf allocates for it.
#include "proto/wire/frame_scan.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "proto/fedstake/v1/frame.pb.h"
#include "proto/wire/codec.hpp"

namespace fedstake::wire {
namespace {

using ::testing::HasSubstr;

Status scan(const Bytes& bytes) {
    return scan_frame(*fedstake::v1::Frame::descriptor(), bytes);
}

void expect_refused(const Bytes& bytes, Errc code, const std::string& words) {
    const Status status = scan(bytes);
    ASSERT_FALSE(status.has_value());
    EXPECT_EQ(status.error().code, code);
    EXPECT_THAT(status.error().message, HasSubstr(words));
}

void append_varint(Bytes& out, std::uint64_t value) {
    for (; value >= 0x80; value >>= 7U) {
        out.push_back(static_cast<std::uint8_t>(value | 0x80U));
    }
    out.push_back(static_cast<std::uint8_t>(value));
}

// field number `field`, delimited, holding `inner`.
Bytes wrap(std::uint64_t field, const Bytes& inner) {
    Bytes out;
    append_varint(out, field << 3U | 2U);
    append_varint(out, inner.size());
    out.insert(out.end(), inner.begin(), inner.end());
    return out;
}

TEST(FrameScan, AcceptsAMessage) {
    EXPECT_TRUE(scan(encode(Bye{"later"}).value()).has_value());
}

TEST(FrameScan, RefusesUnknownFieldsAtEveryLevel) {
    expect_refused(wrap(99, {}), Errc::kInvalidInput, "Frame: unknown field number 99");
    expect_refused(wrap(3, wrap(2, {})), Errc::kInvalidInput, "Bye: unknown field number 2");
    expect_refused(wrap(15, wrap(1, wrap(9, {}))), Errc::kInvalidInput,
                   "UpdateReceipt: unknown field number 9");
    expect_refused({0x02, 0x00}, Errc::kInvalidInput, "unknown field number 0");
}

TEST(FrameScan, RefusesGroupsAndWrongWireTypes) {
    expect_refused({3U << 3U | 3U}, Errc::kInvalidInput, "wrong wire type");  // group start
    expect_refused({3U << 3U | 0U, 1}, Errc::kInvalidInput, "wrong wire type");
    expect_refused({3U << 3U | 5U, 0, 0, 0, 0}, Errc::kInvalidInput, "wrong wire type");
}

TEST(FrameScan, RefusesLengthsPastTheEnd) {
    expect_refused({3U << 3U | 2U, 5, 1}, Errc::kInvalidInput, "length past the end");
    Bytes huge = {3U << 3U | 2U};
    append_varint(huge, ~std::uint64_t{0});
    expect_refused(huge, Errc::kInvalidInput, "length past the end");
}

TEST(FrameScan, RefusesNumbersAboveSixtyFourBits) {
    Bytes tag(10, 0xFF);
    tag.back() = 0x02;
    expect_refused(tag, Errc::kInvalidInput, "bad number");
    expect_refused(Bytes(11, 0x80), Errc::kInvalidInput, "bad number");
}

TEST(FrameScan, RefusesACutDouble) {
    expect_refused(wrap(7, {5U << 3U | 1U, 0, 0}), Errc::kInvalidInput, "cut off");
}

TEST(FrameScan, RefusesASingularFieldGivenTwice) {
    Bytes twice = wrap(1, {'a'});
    const Bytes again = twice;
    twice.insert(twice.end(), again.begin(), again.end());
    expect_refused(wrap(3, twice), Errc::kInvalidInput, "Bye.reason: given twice");
}

// A megabyte of empty list items would become fifty megabytes of objects.
TEST(FrameScan, RefusesFloodsOfEmptyItems) {
    Bytes items;
    const Bytes one = wrap(7, {});  // AttestRequest.faults
    for (std::size_t i = 0; i < kFieldsMax; ++i) {
        items.insert(items.end(), one.begin(), one.end());
    }
    expect_refused(wrap(30, items), Errc::kLimitExceeded, "more than 8192 fields");
}

}  // namespace
}  // namespace fedstake::wire
