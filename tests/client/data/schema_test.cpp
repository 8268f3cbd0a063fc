// Schemas: built-in, from files, and the ones that make no sense.
#include "client/data/schema.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "tests/support/temp_dir.hpp"

namespace fedstake::data {
namespace {

using ::testing::HasSubstr;

const std::filesystem::path kConfigs = std::filesystem::path(FEDSTAKE_SOURCE_DIR) / "configs/data";

Result<Schema> load_text(std::string_view text) {
    const testing::TempDir folder;
    std::ofstream(folder / "schema.toml") << text;
    return load_schema(folder / "schema.toml");
}

TEST(Schema, BuiltInHeartHasThirteenFeatures) {
    const auto schema = builtin_schema("uci-heart");
    ASSERT_TRUE(schema);
    EXPECT_EQ(schema->feature_names().size(), 13U);
    EXPECT_EQ(schema->classes(), 2U);
    EXPECT_TRUE(schema->validate());
}

TEST(Schema, BuiltInHeartIsThePublishedFile) {
    const auto file = load_schema(kConfigs / "uci-heart.toml");
    ASSERT_TRUE(file) << file.error().message;
    EXPECT_EQ(*file, builtin_schema("uci-heart").value());
}

TEST(Schema, TextReadsBackTheSame) {
    for (const char* name : {"uci-heart", "clinical-cohort"}) {
        const Schema schema = builtin_schema(name).value();
        const auto again = load_text(to_toml(schema));
        ASSERT_TRUE(again) << again.error().message;
        EXPECT_EQ(*again, schema);
    }
}

TEST(Schema, TextEscapesWhatTomlWouldMisread) {
    Schema schema = builtin_schema("uci-heart").value();
    schema.name = "a\"b\\c\n";
    schema.missing = "\t";
    schema.separator = '\\';
    const auto again = load_text(to_toml(schema));
    ASSERT_TRUE(again) << again.error().message;
    EXPECT_EQ(*again, schema);
}

TEST(Schema, NamesTheBuiltInOnesForAnUnknownName) {
    const auto schema = builtin_schema("heart");
    ASSERT_FALSE(schema);
    EXPECT_THAT(schema.error().message, HasSubstr("uci-heart"));
}

TEST(Schema, NamesFileAndLineOfAnUnknownKey) {
    const auto schema = load_text("name = \"x\"\nheaders = true\n");
    ASSERT_FALSE(schema);
    EXPECT_THAT(schema.error().message, HasSubstr("schema.toml:2"));
}

TEST(Schema, NamesFileAndLineOfAnUnknownType) {
    const auto schema = load_text("name = \"x\"\n[[column]]\nname = \"a\"\ntype = \"number\"\n");
    ASSERT_FALSE(schema);
    EXPECT_THAT(schema.error().message, HasSubstr("schema.toml:4"));
    EXPECT_THAT(schema.error().message, HasSubstr("numeric, categorical, ignored or label"));
}

TEST(Schema, RefusesKeysOfAnotherColumnType) {
    EXPECT_FALSE(
        load_text("name = \"x\"\n[[column]]\nname = \"a\"\ntype = \"numeric\"\n"
                  "levels = [\"1\"]\n[[column]]\nname = \"y\"\ntype = \"label\"\n"));
}

TEST(Schema, RefusesSeparatorsThatAreNotOneCharacter) {
    const auto schema = load_text("name = \"x\"\nseparator = \"ab\"\n");
    ASSERT_FALSE(schema);
    EXPECT_THAT(schema.error().message, HasSubstr("schema.toml:2"));
}

TEST(Schema, RefusesWhatCannotBeLearned) {
    const Schema good = builtin_schema("uci-heart").value();
    const auto refused = [&](auto change) {
        Schema schema = good;
        change(schema);
        return !schema.validate();
    };
    EXPECT_TRUE(refused([](Schema& s) { s.columns.pop_back(); })) << "no label";
    EXPECT_TRUE(refused([](Schema& s) { s.columns.push_back(s.columns.back()); })) << "same name";
    EXPECT_TRUE(refused([](Schema& s) {
        s.columns[0] = s.columns.back();
        s.columns[0].name = "other";
    })) << "two labels";
    EXPECT_TRUE(refused([](Schema& s) { s.columns[0].name.clear(); })) << "empty name";
    EXPECT_TRUE(refused([](Schema& s) { s.columns[2].levels = {"1"}; })) << "one level";
    EXPECT_TRUE(refused([](Schema& s) { s.columns[2].levels = {"1", "1"}; })) << "same level";
    EXPECT_TRUE(refused([](Schema& s) { s.columns.back().positive_above = 4; })) << "never 1";
    EXPECT_TRUE(refused([](Schema& s) { s.columns.back().positive_above = -1; })) << "never 0";
    EXPECT_TRUE(refused([](Schema& s) { s.columns.back().label_min = 9; })) << "empty range";
    EXPECT_TRUE(refused([](Schema& s) {
        s.columns.back().positive_above.reset();
        s.columns.back().label_min = INT64_MIN;
        s.columns.back().label_max = INT64_MAX;
    })) << "2^64 classes";
    EXPECT_TRUE(refused([](Schema& s) { s.columns.erase(s.columns.begin(), s.columns.end() - 1); }))
        << "no feature";
    EXPECT_TRUE(refused([](Schema& s) { s.separator = '\n'; }));
}

}  // namespace
}  // namespace fedstake::data
