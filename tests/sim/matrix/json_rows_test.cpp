// Matrices as JSON text.
#include "sim/matrix/json_rows.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/sim/matrix/matrix_bytes.hpp"

namespace fedstake::sim {
namespace {

using ::testing::HasSubstr;

Table read(const std::string& text) {
    const auto rows = read_json_rows(*store_of(text));
    EXPECT_TRUE(rows) << message_of(rows);
    return rows ? table_of(*rows) : Table{};
}

std::string read_message(const std::string& text) {
    const auto rows = read_json_rows(*store_of(text));
    EXPECT_TRUE(rows || rows.error().code == Errc::kInvalidInput);
    EXPECT_EQ(message_of(rows).find('\n'), std::string::npos);
    return message_of(rows);
}

TEST(JsonRows, ReadsABareList) {
    EXPECT_EQ(read("[[1,2.5],[-3,4e2]]"), (Table{{1, 2.5}, {-3, 400}}));
    EXPECT_EQ(read(" [ [ 7 ] ] \n"), (Table{{7}}));
}

TEST(JsonRows, ReadsTheInputOfAnObjectAndPassesOverTheRest) {
    EXPECT_EQ(read(R"({"name":"x","params":{"input":[1],"f":[[{}]]},"input":[[1],[2]],"e":[3]})"),
              (Table{{1}, {2}}));
}

TEST(JsonRows, ReadsIntegersAsTheNearestDouble) {
    EXPECT_EQ(read("[[9007199254740993,-9223372036854775808,18446744073709551615]]"),
              (Table{{9007199254740992.0, -0x1p63, 0x1p64}}));
}

TEST(JsonRows, ReadsMoreNumbersThanItHolds) {
    std::string text = "[";
    for (int i = 0; i < 3; ++i) {
        text += i > 0 ? ",[" : "[";
        for (int k = 0; k < 20'000; ++k) {
            text += (k > 0 ? "," : "") + std::to_string(i * 20'000 + k);
        }
        text += "]";
    }
    const Table table = read(text + "]");
    ASSERT_EQ(table.size(), 3U);
    EXPECT_EQ(table[2][19'999], 59'999);
    EXPECT_EQ(table[1][0], 20'000);
}

TEST(JsonRows, NamesTheRowThatHasAnotherLength) {
    EXPECT_EQ(read_message("[[1,2],[3]]"), "row 1 has 1 values, row 0 has 2");
    EXPECT_EQ(read_message("[[1,2],[3,4,5]]"), "row 1 has more values than row 0, which has 2");
    EXPECT_EQ(read_message("[[1],[]]"), "row 1 is empty");
    EXPECT_EQ(read_message("[[]]"), "row 0 is empty");
    EXPECT_EQ(read_message("[]"), "there are no rows");
}

TEST(JsonRows, NamesWhatIsNotAFiniteNumber) {
    for (const char* word : {"NaN", "nan", "Infinity", "-Infinity", "inf", "1e999", "-1e999"}) {
        EXPECT_EQ(read_message(std::string("[[1,2],[3,") + word + "]]"),
                  "row 1, column 1 is not a finite number")
            << word;
    }
    EXPECT_EQ(read_message("[[1,null]]"), "row 0, column 1 is null, not a number");
    EXPECT_EQ(read_message("[[true]]"), "row 0, column 0 is true, not a number");
    EXPECT_EQ(read_message(R"([["1"]])"), "row 0, column 0 is text, not a number");
    EXPECT_EQ(read_message("[[[1]]]"), "row 0, column 0 is a list, not a number");
    EXPECT_EQ(read_message("[[{}]]"), "row 0, column 0 is an object, not a number");
}

TEST(JsonRows, RefusesOtherShapes) {
    EXPECT_EQ(read_message("[1,2]"), "row 0 is a number, not a list of numbers");
    EXPECT_EQ(read_message("[[1],{}]"), "row 1 is an object, not a list of numbers");
    EXPECT_THAT(read_message("5"), HasSubstr("not a list of rows"));
    EXPECT_EQ(read_message("{}"), "the object has no \"input\"");
    EXPECT_EQ(read_message(R"({"inputs":[[1]]})"), "the object has no \"input\"");
    EXPECT_EQ(read_message(R"({"input":3})"), "\"input\" is a number, not a list of rows");
    EXPECT_EQ(read_message(R"({"input":{}})"), "\"input\" is an object, not a list of rows");
    EXPECT_EQ(read_message(R"({"input":[[1]],"input":[[2]]})"), "\"input\" is given twice");
}

TEST(JsonRows, RefusesTruncatedTextAndGarbageBehind) {
    const std::string text = R"({"input":[[1,2],[3,4]]})";
    for (std::size_t length = 0; length < text.size(); ++length) {
        EXPECT_THAT(read_message(text.substr(0, length)), HasSubstr("not JSON")) << length;
    }
    EXPECT_THAT(read_message(text + "x"), HasSubstr("not JSON: parse error at line 1, column 24"));
    EXPECT_THAT(read_message(text + text), HasSubstr("not JSON"));
}

TEST(JsonRows, SurvivesDeepNesting) {
    EXPECT_THAT(read_message(R"({"a":)" + std::string(100'000, '[')), HasSubstr("not JSON"));
    EXPECT_THAT(read_message(std::string(100'000, '[')), HasSubstr("is a list, not a number"));
}

TEST(JsonRows, RefusesTooManyRows) {
    std::string text = "[[1]";
    for (int i = 1; i < 512; ++i) {
        text += ",[1]";
    }
    EXPECT_EQ(read(text + "]").size(), 512U);
    EXPECT_THAT(read_message(text + ",[1]]"), HasSubstr("more than 512 rows"));
}

}  // namespace
}  // namespace fedstake::sim
