// Released models are safetensors files with the model's tensors.
#include "coordinator/app/released_model.hpp"

#include <cstring>
#include <fstream>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "coordinator/app/build_commit.hpp"
#include "coordinator/app/release_register.hpp"
#include "coordinator/store/blob_store.hpp"
#include "proto/crypto/sha256.hpp"
#include "tests/support/temp_dir.hpp"

namespace fedstake::coordinator {
namespace {

Bytes read(const std::filesystem::path& path) {
    std::ifstream in(path, std::ios::binary);
    return Bytes(std::istreambuf_iterator<char>(in), {});
}

std::vector<SharedTensor> two_tensors() {
    return {{.name = "a.weight", .shape = {2, 3}, .count = 6, .fan_in = 3},
            {.name = "a.bias", .shape = {2}, .count = 2, .fan_in = 0}};
}

TEST(ReleasedModel, HasHeaderTensorsAndDigest) {
    fedstake::testing::TempDir dir;
    Bytes vector(32);
    for (std::size_t i = 0; i < vector.size(); ++i) {
        vector[i] = static_cast<std::uint8_t>(i);
    }
    std::ofstream(dir / "vector", std::ios::binary)
        .write(reinterpret_cast<const char*>(vector.data()), 32);
    const auto released = write_released_model(dir / "model.safetensors", dir / "vector",
                                               two_tensors(), {{"round", "4"}});
    ASSERT_TRUE(released.has_value()) << released.error().message;
    const Bytes file = read(dir / "model.safetensors");
    EXPECT_EQ(released->bytes, file.size());
    EXPECT_EQ(released->sha256, crypto::sha256(file));
    std::uint64_t length = 0;
    std::memcpy(&length, file.data(), 8);
    EXPECT_EQ(length % 8, 0U);
    const auto header =
        nlohmann::json::parse(file.begin() + 8, file.begin() + 8 + static_cast<long>(length));
    EXPECT_EQ(header["__metadata__"]["round"], "4");
    EXPECT_EQ(header["a.weight"]["dtype"], "F32");
    EXPECT_EQ(header["a.weight"]["shape"], (nlohmann::json{2, 3}));
    EXPECT_EQ(header["a.bias"]["data_offsets"], (nlohmann::json{24, 32}));
    EXPECT_EQ(Bytes(file.end() - 32, file.end()), vector);
    EXPECT_FALSE(std::filesystem::exists(dir / "model.safetensors.part"));
}

TEST(ReleasedModel, RefusesAVectorOfAnotherSize) {
    fedstake::testing::TempDir dir;
    std::ofstream(dir / "vector") << "too short";
    EXPECT_FALSE(write_released_model(dir / "m", dir / "vector", two_tensors(), {}).has_value());
    EXPECT_FALSE(std::filesystem::exists(dir / "m"));
}

TEST(ReleaseRegister, CountsVersionsAndRepeatsARelease) {
    fedstake::testing::TempDir dir;
    auto database = store::Database::open(dir / "a.db");
    ASSERT_TRUE(database.has_value());
    chain::PublishModel first;
    first.commitment.round = 5;
    ASSERT_TRUE(number_release(**database, first).has_value());
    EXPECT_EQ(first.version, 1U);
    EXPECT_TRUE(first.parent.is_zero());
    chain::PublishModel second;
    second.commitment.round = 9;
    ASSERT_TRUE(number_release(**database, second).has_value());
    EXPECT_EQ(second.version, 2U);
    EXPECT_FALSE(second.parent.is_zero());
    chain::PublishModel again;
    again.commitment.round = 5;
    ASSERT_TRUE(number_release(**database, again).has_value());
    EXPECT_EQ(again.version, 1U);
    again.weights_bytes = 3;
    EXPECT_EQ(number_release(**database, again).error().code, Errc::kConflict);
}

// A release that is repeated by a newer program is still the release of the older one.
TEST(ReleaseRegister, KeepsTheCommitThatTheRoundWasReleasedWith) {
    fedstake::testing::TempDir dir;
    auto database = store::Database::open(dir / "a.db");
    ASSERT_TRUE(database.has_value());
    chain::PublishModel release;
    release.commitment.round = 5;
    release.code_commit.bytes[31] = 1;
    ASSERT_TRUE(number_release(**database, release).has_value());
    chain::PublishModel again;
    again.commitment.round = 5;
    again.code_commit.bytes[31] = 2;
    ASSERT_TRUE(number_release(**database, again).has_value());
    EXPECT_EQ(again.code_commit, release.code_commit);
}

TEST(ReleaseRegister, GoesOnFromWhatWasPublishedByHand) {
    fedstake::testing::TempDir dir;
    auto database = store::Database::open(dir / "a.db");
    ASSERT_TRUE(database.has_value());
    EXPECT_EQ(last_release(**database)->version, 0U);
    Digest record;
    record.bytes[0] = 9;
    ASSERT_TRUE(remember_release(**database, {.version = 4, .record = record}));
    EXPECT_EQ(last_release(**database)->record, record);
    chain::PublishModel next;
    next.commitment.round = 8;
    ASSERT_TRUE(number_release(**database, next).has_value());
    EXPECT_EQ(next.version, 5U);
    EXPECT_EQ(next.parent, record);
    EXPECT_EQ(last_release(**database)->version, 5U);
}

TEST(BuildCommit, IsReadAsTheRegistryStoresIt) {
    const std::string sha1 = "0123456789abcdef0123456789abcdef01234567";
    EXPECT_EQ(parse_commit(sha1)->hex(), "0x" + std::string(24, '0') + sha1);
    EXPECT_EQ(parse_commit(std::string(64, 'a'))->hex(), "0x" + std::string(64, 'a'));
    for (const char* wrong : {"", "abc", "unknown", "0x123456789abcdef0123456789abcdef01234567",
                              "zz23456789abcdef0123456789abcdef01234567"}) {
        const auto refused = parse_commit(wrong);
        ASSERT_FALSE(refused) << wrong;
        EXPECT_NE(refused.error().message.find("git rev-parse HEAD"), std::string::npos);
    }
    const BuildCommit built = build_commit();
    EXPECT_EQ(recorded_commit().is_zero(), built.modified || built.hex.empty());
}

}  // namespace
}  // namespace fedstake::coordinator
