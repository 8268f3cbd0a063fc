#include "proto/manifest/toml_table.hpp"

#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/temp_dir.hpp"

namespace fedstake::manifest {
namespace {

using ::testing::ElementsAre;
using ::testing::StartsWith;

TomlTable parse(std::string_view text) {
    return *TomlTable::parse(text, "conf/site.toml");
}

template <class T>
std::string message(const Result<T>& result) {
    return result ? "accepted" : result.error().message;
}

TEST(TomlTable, ReadsEveryType) {
    TomlTable table = parse(
        "i = -3\nn = 2\nx = 0.5\nb = true\ns = \"a\"\nss = [\"a\", \"b\"]\nis = [1, 2]\n"
        "p = \"keys/a\"\n[t]\nz = 1\n[[u]]\n[[u]]\n");
    EXPECT_EQ(*table.integer("i", {}), -3);
    EXPECT_EQ(*table.number("n", {}), 2.0);
    EXPECT_EQ(*table.number("x", {}), 0.5);
    EXPECT_EQ(*table.boolean("b", std::nullopt), true);
    EXPECT_EQ(*table.text("s", std::nullopt), "a");
    EXPECT_THAT(*table.texts("ss", std::nullopt), ElementsAre("a", "b"));
    EXPECT_THAT(*table.integers("is", std::nullopt), ElementsAre(1, 2));
    EXPECT_EQ(*table.path("p", std::nullopt), "conf/keys/a");
    auto inner = table.table("t", true);
    EXPECT_EQ(*inner->integer("z", {}), 1);
    EXPECT_EQ(table.tables("u")->size(), 2U);
    EXPECT_TRUE(table.finish());
    EXPECT_TRUE(inner->finish());
}

TEST(TomlTable, MissingKeysTakeTheirFallback) {
    TomlTable table = parse("");
    EXPECT_EQ(*table.integer("a", {.fallback = 7}), 7);
    EXPECT_EQ(*table.number("a", {.fallback = 0.5}), 0.5);
    EXPECT_EQ(*table.boolean("a", true), true);
    EXPECT_EQ(*table.text("a", "x"), "x");
    EXPECT_THAT(*table.texts("a", std::vector<std::string>{}), ElementsAre());
    EXPECT_EQ(*table.path("a", "/x"), "/x");
    EXPECT_EQ(table.tables("a")->size(), 0U);
    auto absent = table.table("t", false);
    EXPECT_EQ(*absent->integer("a", {.fallback = 1}), 1);
    EXPECT_TRUE(absent->finish());
}

TEST(TomlTable, UnknownKeysNameFileLineAndTheNearestKnownKey) {
    TomlTable table = parse("port = 1\n\nruonds = 3\n");
    EXPECT_TRUE(table.integer("port", {}));
    EXPECT_TRUE(table.integer("rounds", {.fallback = 15}));
    EXPECT_EQ(message(table.finish()),
              "conf/site.toml:3: unknown key \"ruonds\" in the top level: did you mean "
              "\"rounds\"?");
}

TEST(TomlTable, UnknownKeysLikeNoOtherListTheKnownOnes) {
    TomlTable root = parse("[http]\nfavourite_colour = 3\n");
    auto table = root.table("http", true);
    EXPECT_TRUE(table->integer("port", {.fallback = 1}));
    EXPECT_TRUE(table->text("host", ""));
    EXPECT_EQ(message(table->finish()),
              "conf/site.toml:2: unknown key \"favourite_colour\" in [http]: known here: host, "
              "port");
}

TEST(TomlTable, KeysThatWereOnlyLookedForCountAsKnown) {
    TomlTable table = parse("tokn = \"a\"");
    EXPECT_FALSE(table.has("token"));
    EXPECT_THAT(message(table.finish()), ::testing::HasSubstr("did you mean \"token\"?"));
}

TEST(TomlTable, SaysWhatWasExpectedAndFound) {
    TomlTable table =
        parse("a = \"x\"\nb = 1.5\nc = 1\nd = [1, \"x\"]\ne = {}\nf = 1979-05-27\ng = [true]\n");
    EXPECT_EQ(message(table.integer("a", {})),
              "conf/site.toml:1: \"a\" must be an integer, found a string");
    EXPECT_EQ(message(table.integer("b", {})),
              "conf/site.toml:2: \"b\" must be an integer, found a number with a fraction");
    EXPECT_EQ(message(table.text("c", std::nullopt)),
              "conf/site.toml:3: \"c\" must be a string, found an integer");
    EXPECT_EQ(message(table.boolean("c", std::nullopt)),
              "conf/site.toml:3: \"c\" must be true or false, found an integer");
    EXPECT_EQ(message(table.integers("d", std::nullopt)),
              "conf/site.toml:4: \"d[1]\" must be an integer, found a string");
    EXPECT_EQ(message(table.number("e", {})),
              "conf/site.toml:5: \"e\" must be a number, found a table");
    EXPECT_EQ(message(table.texts("f", std::nullopt)),
              "conf/site.toml:6: \"f\" must be an array of strings, found a date");
    EXPECT_EQ(message(table.table("a", true)),
              "conf/site.toml:1: \"a\" must be a table, found a string");
    EXPECT_EQ(message(table.tables("e")),
              "conf/site.toml:5: \"e\" must be an array of tables, found a table");
    EXPECT_EQ(message(table.tables("g")),
              "conf/site.toml:7: \"g[0]\" must be a table, found a boolean");
}

TEST(TomlTable, SaysTheAllowedRange) {
    TomlTable table = parse("port = 70000\nrate = -0.5\nodd = nan\n");
    EXPECT_EQ(message(table.integer("port", {.min = 1, .max = 65535})),
              "conf/site.toml:1: \"port\" is 70000, must be 1 to 65535");
    EXPECT_EQ(message(table.number("rate", {.min = 0, .max = 1})),
              "conf/site.toml:2: \"rate\" is -0.5, must be 0 to 1");
    EXPECT_EQ(message(table.number("odd", {.min = 0, .max = 1})),
              "conf/site.toml:3: \"odd\" is nan, must be 0 to 1");
}

TEST(TomlTable, MissingKeysNameSectionAndFile) {
    TomlTable root = parse("a = 1\n\n[chain]\n");
    auto chain = root.table("chain", true);
    EXPECT_EQ(message(chain->integer("chain_id", {.min = 1, .max = 9})),
              "conf/site.toml:3: [chain] has no \"chain_id\": add it (an integer, 1 to 9)");
    EXPECT_EQ(message(root.text("name", std::nullopt)),
              "conf/site.toml: the top level has no \"name\": add it (a string)");
    EXPECT_EQ(message(root.table("rules", true)),
              "conf/site.toml: section [rules] is missing: add it");
    EXPECT_EQ(message(root.path("a", std::nullopt)),
              "conf/site.toml:1: \"a\" must be a string, found an integer");
}

TEST(TomlTable, KeysComeInFileOrder) {
    EXPECT_THAT(parse("b = 1\na = 2\nc = 3\n").keys(), ElementsAre("b", "a", "c"));
    EXPECT_THAT(parse("x = {b = 1, a = 2}").table("x", true)->keys(), ElementsAre("b", "a"));
}

TEST(TomlTable, SyntaxErrorsHaveTheirLine) {
    EXPECT_THAT(message(TomlTable::parse("a = 1\nb = = 2\n", "x.toml")),
                StartsWith("x.toml:2: not valid TOML: Error while parsing"));
    EXPECT_THAT(message(TomlTable::parse("a = 1\na = 2\n", "x.toml")),
                StartsWith("x.toml:2: not valid TOML: "));
    EXPECT_THAT(message(TomlTable::parse("a = \"\xff\"\n", "x.toml")),
                StartsWith("x.toml:1: not valid TOML: "));
}

TEST(TomlTable, DeepNestingIsAnErrorAndNotACrash) {
    EXPECT_FALSE(TomlTable::parse("a = " + std::string(100'000, '['), "x.toml"));
    std::string nested = "a = ";
    for (int i = 0; i < 100'000; ++i) nested += "{a=";
    EXPECT_FALSE(TomlTable::parse(nested, "x.toml"));
}

TEST(TomlTable, FilesThatCannotBeReadAreNamed) {
    const testing::TempDir folder;
    EXPECT_EQ(message(TomlTable::load("/nonexistent/fedstake.toml")),
              "/nonexistent/fedstake.toml: no such file");
    EXPECT_EQ(TomlTable::load("/nonexistent/fedstake.toml").error().code, Errc::kNotFound);
    EXPECT_EQ(message(TomlTable::load(folder.path())),
              folder.path().string() + ": not a regular file");
    const auto huge = folder / "huge.toml";
    std::ofstream(huge) << std::string((4U << 20U) + 1, '#');
    EXPECT_EQ(message(TomlTable::load(huge)),
              huge.string() + ": 4194305 bytes, a TOML file may have at most 4194304");
}

TEST(TomlTable, EmptyFilesAreEmptyTables) {
    const testing::TempDir folder;
    const auto path = folder / "empty.toml";
    std::ofstream(path).flush();
    const auto table = TomlTable::load(path);
    ASSERT_TRUE(table) << table.error().message;
    EXPECT_TRUE(table->finish());
}

}  // namespace
}  // namespace fedstake::manifest
