// What a site remembers across starts.
#include "client/app/state_store.hpp"

#include <gtest/gtest.h>

#include "tests/support/temp_dir.hpp"

namespace fedstake::client {
namespace {

FederationId federation(std::uint8_t first) {
    FederationId id;
    id.bytes[0] = first;
    return id;
}

TEST(StateStore, RemembersTheRoundSatOutOfOneFederation) {
    const testing::TempDir folder;
    {
        const auto store = StateStore::open(folder.path());
        ASSERT_TRUE(store) << store.error().message;
        EXPECT_EQ(store->sat_out(federation(1)).value(), 0U);
        ASSERT_TRUE(store->store_sat_out(federation(1), 7));
    }
    const auto store = StateStore::open(folder.path());
    ASSERT_TRUE(store);
    EXPECT_EQ(store->sat_out(federation(1)).value(), 7U);
    EXPECT_EQ(store->sat_out(federation(2)).value(), 0U) << "of another federation";
}

TEST(StateStore, IsForOneClientAtATime) {
    const testing::TempDir folder;
    const auto store = StateStore::open(folder.path());
    ASSERT_TRUE(store);
    EXPECT_EQ(StateStore::open(folder.path()).error().code, Errc::kConflict);
}

}  // namespace
}  // namespace fedstake::client
