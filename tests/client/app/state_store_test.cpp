// What a site remembers across starts.
#include "client/app/state_store.hpp"

#include <filesystem>
#include <fstream>
#include <vector>

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

TEST(StateStore, RemembersTheAttemptsOfOneFederation) {
    const testing::TempDir folder;
    const session::Attempts attempts{.highest = 5, .floor = 3};
    {
        const auto store = StateStore::open(folder.path());
        ASSERT_TRUE(store) << store.error().message;
        EXPECT_EQ(store->attempts(federation(1)).value(), session::Attempts{});
        ASSERT_TRUE(store->store_attempts(federation(1), attempts));
    }
    const auto store = StateStore::open(folder.path());
    ASSERT_TRUE(store);
    EXPECT_EQ(store->attempts(federation(1)).value(), attempts);
    EXPECT_EQ(store->attempts(federation(2)).value(), session::Attempts{}) << "of another one";
}

TEST(StateStore, ADamagedRecordOfAttemptsStopsTheSite) {
    const testing::TempDir folder;
    const auto store = StateStore::open(folder.path());
    ASSERT_TRUE(store) << store.error().message;
    std::ofstream(folder / "attempts.bin") << "short";
    const auto attempts = store->attempts(federation(1));
    ASSERT_FALSE(attempts);
    EXPECT_EQ(attempts.error().code, Errc::kCorrupt);
    EXPECT_NE(attempts.error().message.find("attempts.bin"), std::string::npos);
    EXPECT_NE(attempts.error().message.find("backup"), std::string::npos);
}

TEST(StateStore, LocalParametersOfRoundsThatBeganAgainGiveWayToNewOnes) {
    const testing::TempDir folder;
    const auto store = StateStore::open(folder.path());
    ASSERT_TRUE(store) << store.error().message;
    for (RoundNumber round = 1; round <= 7; ++round) {
        ASSERT_TRUE(store->store_local_parameters(round, Bytes{static_cast<std::uint8_t>(round)}));
    }
    EXPECT_EQ(store->local_parameters(3).value(), Bytes{}) << "the last four are kept";
    EXPECT_EQ(store->local_parameters(4).value(), Bytes{4});
    ASSERT_TRUE(store->store_local_parameters(5, Bytes{55}));
    EXPECT_EQ(store->local_parameters(5).value(), Bytes{55});
    EXPECT_EQ(store->local_parameters(4).value(), Bytes{4});
    EXPECT_EQ(store->local_parameters(9).value(), Bytes{55}) << "rounds 6 and 7 are no more";
    ASSERT_TRUE(store->store_local_parameters(2, Bytes{22}));
    EXPECT_EQ(store->local_parameters(9).value(), Bytes{22});
}

TEST(StateStore, RemovesBlobsThatAreNotWhatTheirNamesSay) {
    const testing::TempDir folder;
    auto store = StateStore::open(folder.path());
    ASSERT_TRUE(store) << store.error().message;
    const std::vector<std::int32_t> values(1000, 7);
    const auto good = store->put_values(values);
    const auto bad = store->put_values(std::vector<std::int32_t>(1000, 8));
    ASSERT_TRUE(good && bad);
    EXPECT_EQ(store->read_blob(good->root, 4000)->size(), 4000U);
    EXPECT_EQ(store->read_blob(good->root, 3999).error().code, Errc::kLimitExceeded);
    const auto path = store->blob_path(bad->root);
    std::filesystem::permissions(path, std::filesystem::perms::owner_write,
                                 std::filesystem::perm_options::add);
    std::fstream(path, std::ios::in | std::ios::out | std::ios::binary).put('x');
    store->remove_damaged();
    EXPECT_TRUE(store->has_blob(good->root));
    EXPECT_FALSE(store->has_blob(bad->root));
    EXPECT_EQ(store->read_blob(bad->root, 4000).error().code, Errc::kNotFound);
}

TEST(StateStore, IsForOneClientAtATime) {
    const testing::TempDir folder;
    const auto store = StateStore::open(folder.path());
    ASSERT_TRUE(store);
    EXPECT_EQ(StateStore::open(folder.path()).error().code, Errc::kConflict);
}

}  // namespace
}  // namespace fedstake::client
