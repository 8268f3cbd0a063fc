// What client.toml may not say.
#include "client/app/config.hpp"

#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/temp_dir.hpp"

namespace fedstake::client {
namespace {

using ::testing::HasSubstr;

void write(const std::filesystem::path& path, const std::string& text) {
    std::ofstream(path) << text;
}

TEST(ClientConfig, AnUnknownBuiltInSchemaIsBadInputWithItsPlace) {
    const testing::TempDir folder;
    write(folder / "federation.toml", "");
    write(folder / "rows.csv", "");
    std::filesystem::create_directory(folder / "keys");
    const std::string head =
        "manifest = \"federation.toml\"\nkeys = \"keys\"\n[data]\nfile = \"rows.csv\"\n";
    write(folder / "client.toml", head + "schema = \"uci-heart\"\n");
    const auto good = load_config(folder / "client.toml");
    ASSERT_TRUE(good) << good.error().message;
    write(folder / "client.toml", head + "schema = \"heart\"\n");
    const auto config = load_config(folder / "client.toml");
    ASSERT_FALSE(config);
    EXPECT_EQ(config.error().code, Errc::kInvalidInput);
    EXPECT_THAT(config.error().message, HasSubstr("client.toml:5"));
    EXPECT_THAT(config.error().message, HasSubstr("clinical-cohort"));
}

TEST(ClientConfig, FoldersAreBesideTheFileWhereverItIsReadFrom) {
    const testing::TempDir folder;
    write(folder / "federation.toml", "");
    std::filesystem::create_directory(folder / "keys");
    write(folder / "client.toml", "manifest = \"federation.toml\"\n");
    const auto config = load_config(folder / "client.toml");
    ASSERT_TRUE(config) << config.error().message;
    EXPECT_EQ(config->keys, folder / "keys");
    EXPECT_EQ(config->state, folder / "state");
}

}  // namespace
}  // namespace fedstake::client
