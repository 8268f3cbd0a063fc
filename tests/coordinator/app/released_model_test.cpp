// Released models are safetensors files with the model's tensors.
#include "coordinator/app/released_model.hpp"

#include <cstring>
#include <fstream>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

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

}  // namespace
}  // namespace fedstake::coordinator
