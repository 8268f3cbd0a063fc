// The stored form of a site's own parameters, and damage to it.
#include "client/training/local_state.hpp"

#include <gtest/gtest.h>

#include <limits>

namespace fedstake::training {
namespace {

LocalState some_state() {
    return {.parameters = {1.5F, -0.0F, std::numeric_limits<float>::denorm_min()}};
}

TEST(LocalState, ReadsBackTheSame) {
    const auto again = decode_local_state(encode(some_state()));
    ASSERT_TRUE(again);
    EXPECT_EQ(encode(*again), encode(some_state()));
    EXPECT_EQ(decode_local_state(encode({})).value(), LocalState{});
}

TEST(LocalState, NoticesEveryFlippedByte) {
    const Bytes bytes = encode(some_state());
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        Bytes damaged = bytes;
        damaged[i] ^= 0x10U;
        const auto read = decode_local_state(damaged);
        ASSERT_FALSE(read) << i;
        EXPECT_EQ(read.error().code, Errc::kCorrupt);
    }
}

TEST(LocalState, NoticesEveryCutAndAnythingAppended) {
    Bytes bytes = encode(some_state());
    for (std::size_t size = 0; size < bytes.size(); ++size) {
        EXPECT_FALSE(decode_local_state(ByteView(bytes).first(size)));
    }
    bytes.push_back(0);
    EXPECT_FALSE(decode_local_state(bytes));
}

}  // namespace
}  // namespace fedstake::training
