// What a coordinator's status may look like before a site prints it.
#include "client/app/status_text.hpp"

#include <gtest/gtest.h>

namespace fedstake::client {
namespace {

std::string nested(int levels) {
    const auto count = static_cast<std::size_t>(levels);
    return std::string(count, '[') + std::string(count, ']');
}

TEST(StatusText, IsIndentedOrOnOneLine) {
    EXPECT_EQ(status_text(R"({"round": 3})", true).value(), R"({"round":3})");
    EXPECT_EQ(status_text(R"({"round": 3})", false).value(), "{\n  \"round\": 3\n}");
}

TEST(StatusText, RefusesWhatIsNoJson) {
    EXPECT_EQ(status_text("{", true).error().code, Errc::kCorrupt);
    EXPECT_EQ(status_text("", true).error().code, Errc::kCorrupt);
}

TEST(StatusText, RefusesNestingBeyondTheLimit) {
    EXPECT_TRUE(status_text(nested(kStatusNestingMax), true));
    EXPECT_TRUE(status_text(R"({"a": [[[1, {"b": null}]]]})", true));
    EXPECT_EQ(status_text(nested(kStatusNestingMax + 1), true).error().code, Errc::kCorrupt);
    EXPECT_EQ(status_text(nested(200'000), true).error().code, Errc::kCorrupt);
    EXPECT_EQ(status_text(std::string(200'000, '['), true).error().code, Errc::kCorrupt);
}

}  // namespace
}  // namespace fedstake::client
