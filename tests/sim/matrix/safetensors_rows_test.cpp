// safetensors files, whole and broken.
#include "sim/matrix/safetensors_rows.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/sim/matrix/matrix_bytes.hpp"

namespace fedstake::sim {
namespace {

using ::testing::HasSubstr;

std::string read_message(const std::string& file) {
    const auto rows = read_safetensors_rows(store_of(file));
    EXPECT_TRUE(rows || rows.error().code == Errc::kInvalidInput);
    return message_of(rows);
}

std::string entry(const std::string& dtype, const std::string& shape, std::size_t begin,
                  std::size_t end) {
    return R"({"dtype":")" + dtype + R"(","shape":)" + shape + R"(,"data_offsets":[)" +
           std::to_string(begin) + "," + std::to_string(end) + "]}";
}

TEST(SafetensorsRows, OneTensorOfTwoDimensionsIsTheMatrix) {
    const auto rows = read_safetensors_rows(store_of(safetensors(
        R"({"__metadata__":{"format":"pt"},"x":)" + entry("F32", "[2,3]", 0, 24) + "}  ",
        raw<float>({1, 2, 3, 4, 5, 6}))));
    ASSERT_TRUE(rows) << rows.error().message;
    EXPECT_EQ(table_of(*rows), (Table{{1, 2, 3}, {4, 5, 6}}));
    EXPECT_TRUE(rows->single_precision());
}

TEST(SafetensorsRows, SeveralTensorsAreRowsInTheOrderOfTheirNames) {
    const std::string data = raw<float>({1, 2, 3, 4}) + raw<std::int64_t>({5, 6, 7, 8});
    const auto rows = read_safetensors_rows(
        store_of(safetensors(R"({"site-b":)" + entry("F32", "[2,2]", 0, 16) + R"(,"site-a":)" +
                                 entry("I64", "[4]", 16, 48) + "}",
                             data)));
    ASSERT_TRUE(rows) << rows.error().message;
    EXPECT_EQ(table_of(*rows), (Table{{5, 6, 7, 8}, {1, 2, 3, 4}}));
    EXPECT_FALSE(rows->single_precision());
}

TEST(SafetensorsRows, RefusesRowsOfDifferentLengths) {
    EXPECT_THAT(read_message(safetensors(R"({"a":)" + entry("F32", "[2]", 0, 8) + R"(,"b":)" +
                                             entry("F32", "[1]", 8, 12) + "}",
                                         std::string(12, '\0'))),
                HasSubstr("tensor \"b\" has 1 values, \"a\" has 2"));
}

TEST(SafetensorsRows, RefusesALoneVector) {
    EXPECT_THAT(read_message(safetensors(R"({"a":)" + entry("F32", "[2]", 0, 8) + "}",
                                         std::string(8, '\0'))),
                HasSubstr("has 1 dimensions"));
}

TEST(SafetensorsRows, RefusesOtherTypesByName) {
    EXPECT_THAT(read_message(safetensors(R"({"a":)" + entry("BF16", "[2,1]", 0, 4) + "}",
                                         std::string(4, '\0'))),
                HasSubstr("BF16"));
}

TEST(SafetensorsRows, NoticesEveryTruncation) {
    const std::string file =
        safetensors(R"({"x":)" + entry("F32", "[2,1]", 0, 8) + "}", raw<float>({1, 2}));
    for (std::size_t length = 0; length < file.size(); ++length) {
        EXPECT_THAT(read_message(file.substr(0, length)), HasSubstr("cut off")) << length;
    }
}

TEST(SafetensorsRows, RefusesGapsOverlapsAndBytesBehind) {
    const std::string data(16, '\0');
    EXPECT_THAT(read_message(safetensors(R"({"a":)" + entry("F32", "[2]", 0, 8) + "}", data)),
                HasSubstr("8 bytes follow"));
    EXPECT_THAT(read_message(safetensors(R"({"a":)" + entry("F32", "[2]", 0, 8) + R"(,"b":)" +
                                             entry("F32", "[2]", 4, 12) + "}",
                                         data)),
                HasSubstr("overlap"));
    EXPECT_THAT(read_message(safetensors(R"({"a":)" + entry("F32", "[2]", 8, 16) + "}", data)),
                HasSubstr("gap"));
}

TEST(SafetensorsRows, RefusesBrokenHeaders) {
    EXPECT_THAT(read_message(safetensors("{", "")), HasSubstr("not a JSON object"));
    EXPECT_THAT(read_message(safetensors("{}", "")), HasSubstr("no tensors"));
    EXPECT_THAT(read_message(safetensors(R"({"a":1})", "")), HasSubstr("exactly dtype"));
    EXPECT_THAT(read_message(safetensors(R"({"a":)" + entry("F32", "[1]", 0, 4) + R"(,"a":)" +
                                             entry("F32", "[1]", 0, 4) + "}",
                                         "1234")),
                HasSubstr("appears twice"));
    EXPECT_THAT(read_message(safetensors(R"({"a":)" + entry("F32", "[-1,2]", 0, 4) + "}", "1234")),
                HasSubstr("bad shape"));
    EXPECT_THAT(read_message(safetensors(
                    R"({"a":)" + entry("F32", "[4294967296,4294967296]", 0, 0) + "}", "")),
                HasSubstr("do not fit"));
    EXPECT_THAT(read_message(safetensors(R"({"a":)" + entry("F32", "[1]", 8, 4) + "}", "12345678")),
                HasSubstr("do not fit"));
}

TEST(SafetensorsRows, RefusesAHeaderThatClaimsToBeLong) {
    EXPECT_THAT(read_message(std::string("\x00\x00\x00\x7F\x00\x00\x00\x00{", 9)),
                HasSubstr("at most"));
}

}  // namespace
}  // namespace fedstake::sim
