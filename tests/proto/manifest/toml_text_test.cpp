#include "proto/manifest/toml_text.hpp"

#include <bit>
#include <cmath>
#include <limits>

#include <gtest/gtest.h>

#include "proto/base/rng.hpp"
#include "proto/manifest/toml_table.hpp"

namespace fedstake::manifest {
namespace {

TEST(TomlText, EscapesWhatABasicStringCannotHold) {
    EXPECT_EQ(toml_string("a \"b\" \\ \n\x7f"), R"("a \"b\" \\ \u000a\u007f")");
    EXPECT_EQ(toml_strings({"a", "b"}), R"(["a", "b"])");
    EXPECT_EQ(toml_strings({}), "[]");
}

TEST(TomlText, QuotesOnlyKeysThatNeedIt) {
    EXPECT_EQ(toml_key("learning_rate-2"), "learning_rate-2");
    EXPECT_EQ(toml_key("a b"), "\"a b\"");
    EXPECT_EQ(toml_key(""), "\"\"");
}

TEST(TomlText, NumbersAreNotIntegers) {
    EXPECT_EQ(toml_number(1.0), "1.0");
    EXPECT_EQ(toml_number(-0.25), "-0.25");
    EXPECT_EQ(toml_number(1e300), "1e+300");
}

TEST(TomlText, NumbersReadBackBitByBit) {
    constexpr double kLargest = std::numeric_limits<double>::max();
    Rng rng(3);
    for (int i = 0; i < 2000; ++i) {
        const double value = std::bit_cast<double>(rng.next());
        if (!std::isfinite(value)) continue;
        auto table = TomlTable::parse("x = " + toml_number(value), "x.toml");
        ASSERT_TRUE(table) << table.error().message;
        const auto again = table->number("x", {.min = -kLargest, .max = kLargest});
        ASSERT_TRUE(again) << again.error().message;
        EXPECT_EQ(std::bit_cast<std::uint64_t>(*again), std::bit_cast<std::uint64_t>(value));
    }
}

TEST(TomlText, AnyTextReadsBack) {
    std::string text;
    for (int c = 0; c < 128; ++c) text.push_back(static_cast<char>(c));
    auto table = TomlTable::parse(toml_key(text) + " = " + toml_string(text), "x.toml");
    ASSERT_TRUE(table) << table.error().message;
    EXPECT_EQ(*table->text(text, std::nullopt), text);
}

}  // namespace
}  // namespace fedstake::manifest
