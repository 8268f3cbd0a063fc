// What a site says beside its update.
#include "proto/rules/update_details.hpp"

#include <gtest/gtest.h>

#include "tests/proto/rules/fixtures.hpp"

namespace fedstake::rules {
namespace {

using testing::filled;

UpdateDetails example() {
    return {.salt = filled<Digest>(0x5a), .rows = 303, .loss = 0.625};
}

TEST(UpdateDetails, DecodesWhatItEncodes) {
    EXPECT_EQ(UpdateDetails::decode(example().encode()), example());
}

TEST(UpdateDetails, AnythingElseIsNothing) {
    const Bytes bytes = example().encode();
    for (std::size_t length = 0; length < bytes.size(); ++length) {
        EXPECT_FALSE(UpdateDetails::decode(ByteView(bytes).first(length))) << length;
    }
    Bytes longer = bytes;
    longer.push_back(0);
    EXPECT_FALSE(UpdateDetails::decode(longer));
    Bytes other = bytes;
    other[26] = '2';  // v2
    EXPECT_FALSE(UpdateDetails::decode(other));
    EXPECT_FALSE(UpdateDetails::decode(Bytes(4096, 0xff)));
}

}  // namespace
}  // namespace fedstake::rules
