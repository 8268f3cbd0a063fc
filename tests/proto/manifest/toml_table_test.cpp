#include "proto/manifest/toml_table.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace fedstake::manifest {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

TomlTable parse(std::string_view text) {
    return *TomlTable::parse(text, "site.toml");
}

TEST(TomlTable, NamesFileLineAndTheNearestKeyOfAnUnknownOne) {
    TomlTable table = parse("port = 1\n\nrund = 3\n");
    EXPECT_TRUE(table.integer("port", {}));
    EXPECT_TRUE(table.integer("rounds", {.fallback = 15}));
    const Status status = table.finish();
    ASSERT_FALSE(status);
    EXPECT_THAT(status.error().message, StartsWith("site.toml:3"));
    EXPECT_THAT(status.error().message, HasSubstr("rund"));
}

TEST(TomlTable, SaysWhichTypeWasExpected) {
    TomlTable table = parse("port = \"seven\"");
    const auto port = table.integer("port", {});
    ASSERT_FALSE(port);
    EXPECT_THAT(port.error().message, StartsWith("site.toml:1"));
    EXPECT_THAT(port.error().message, HasSubstr("port"));
    EXPECT_THAT(port.error().message, HasSubstr("integer"));
}

TEST(TomlTable, SaysTheAllowedRange) {
    TomlTable table = parse("port = 70000");
    const auto port = table.integer("port", {.min = 1, .max = 65535});
    ASSERT_FALSE(port);
    EXPECT_THAT(port.error().message, HasSubstr("65535"));
}

TEST(TomlTable, MissingKeysNameThemselves) {
    TomlTable table = parse("a = 1");
    const auto name = table.text("name", std::nullopt);
    ASSERT_FALSE(name);
    EXPECT_THAT(name.error().message, HasSubstr("name"));
}

TEST(TomlTable, SyntaxErrorsHaveTheirLine) {
    const auto table = TomlTable::parse("a = 1\nb = = 2\n", "x.toml");
    ASSERT_FALSE(table);
    EXPECT_THAT(table.error().message, HasSubstr("x.toml:2"));
}

TEST(TomlTable, MissingFilesAreNotFound) {
    const auto table = TomlTable::load("/nonexistent/fedstake.toml");
    ASSERT_FALSE(table);
    EXPECT_EQ(table.error().code, Errc::kNotFound);
    EXPECT_THAT(table.error().message, HasSubstr("/nonexistent/fedstake.toml"));
}

}  // namespace
}  // namespace fedstake::manifest
