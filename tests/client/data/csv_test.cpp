// What the loader reads, and the place and reason of everything it refuses.
#include "client/data/csv.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "tests/support/temp_dir.hpp"

namespace fedstake::data {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

// age numeric, kind categorical a/b/3, note ignored, sick label 0..2 positive above 0
Schema small_schema() {
    Schema schema;
    schema.name = "small";
    schema.columns.resize(4);
    schema.columns[0].name = "age";
    schema.columns[1] = {.name = "kind",
                         .type = ColumnType::kCategorical,
                         .levels = {"a", "b", "3"},
                         .drop_first = true,
                         .positive_above = {}};
    schema.columns[2].name = "note";
    schema.columns[2].type = ColumnType::kIgnored;
    schema.columns[3].name = "sick";
    schema.columns[3].type = ColumnType::kLabel;
    schema.columns[3].label_max = 2;
    schema.columns[3].positive_above = 0;
    return schema;
}

std::string error_of(std::string_view text, const Schema& schema = small_schema()) {
    const auto loaded = parse_csv(text, "site.csv", schema);
    if (loaded) return "(no error)";
    EXPECT_EQ(loaded.error().code, Errc::kInvalidInput);
    return loaded.error().message;
}

TEST(Csv, ReadsNumbersLevelsAndLabels) {
    const auto csv = parse_csv("50,a,x,0\n61.5,b,,2\n-1e1,3.0,?,1\n", "site.csv", small_schema());
    ASSERT_TRUE(csv) << csv.error().message;
    EXPECT_EQ(csv->data.feature_names, (std::vector<std::string>{"age", "kind=b", "kind=3"}));
    EXPECT_EQ(csv->data.features, (std::vector<float>{50, 0, 0, 61.5F, 1, 0, -10, 0, 1}));
    EXPECT_EQ(csv->data.labels, (std::vector<std::int32_t>{0, 1, 1}));
    EXPECT_EQ(csv->data.positives(), 2U);
    EXPECT_EQ(csv->rows_dropped, 0U);
}

TEST(Csv, SkipsAByteOrderMarkInFrontOfNumbersAndHeaders) {
    const auto csv = parse_csv(
        "\xEF\xBB\xBF"
        "50,a,x,0\n",
        "site.csv", small_schema());
    ASSERT_TRUE(csv) << csv.error().message;
    EXPECT_EQ(csv->data.features, (std::vector<float>{50, 0, 0}));
    Schema schema = small_schema();
    schema.header = true;
    const auto titled = parse_csv(
        "\xEF\xBB\xBF"
        "age,kind,note,sick\n50,a,x,0\n",
        "site.csv", schema);
    ASSERT_TRUE(titled) << titled.error().message;
    EXPECT_EQ(titled->data.rows(), 1U);
    EXPECT_THAT(error_of("50,a,x,0\n\xEF\xBB\xBF"
                         "50,a,x,0\n"),
                StartsWith("site.csv:2:1:"));
}

TEST(Csv, AcceptsBlanksCrLfBlankLinesAndNoLastNewline) {
    const auto csv = parse_csv(" 50 ,\ta, x ,0\r\n\r\n  \n.5,b,,+1", "site.csv", small_schema());
    ASSERT_TRUE(csv) << csv.error().message;
    EXPECT_EQ(csv->data.features, (std::vector<float>{50, 0, 0, .5F, 1, 0}));
    EXPECT_EQ(csv->rows_read, 2U);
}

TEST(Csv, DropsRowsWithMissingValuesOutsideIgnoredColumns) {
    const auto csv = parse_csv("?,a,x,0\n1,?,x,0\n2,a,?,1\n3,a,x,?\n", "site.csv", small_schema());
    ASSERT_TRUE(csv) << csv.error().message;
    EXPECT_EQ(csv->data.features, (std::vector<float>{2, 0, 0}));
    EXPECT_EQ(csv->rows_read, 4U);
    EXPECT_EQ(csv->rows_dropped, 3U);
}

TEST(Csv, LabelsWithoutThresholdAreClasses) {
    Schema schema = small_schema();
    schema.columns[3].positive_above = std::nullopt;
    schema.columns[3].label_min = -1;
    schema.columns[3].label_max = 1;
    const auto csv = parse_csv("1,a,,-1\n1,a,,1\n", "site.csv", schema);
    ASSERT_TRUE(csv) << csv.error().message;
    EXPECT_EQ(csv->data.classes, 3U);
    EXPECT_EQ(csv->data.labels, (std::vector<std::int32_t>{0, 2}));
}

TEST(Csv, NamesLineAndColumnOfAWrongCount) {
    EXPECT_THAT(error_of("1,a,,0\n1,a,0\n"), StartsWith("site.csv:2:3: 3 columns"));
    EXPECT_THAT(error_of("1,a,,0,9\n"), HasSubstr("5 columns, but schema \"small\" declares 4"));
}

TEST(Csv, NamesLineAndColumnOfANonNumber) {
    EXPECT_THAT(error_of("1,a,,0\n\nold,a,,0\n"),
                StartsWith("site.csv:3:1: \"age\" must be a finite number, not \"old\""));
}

TEST(Csv, RefusesNumbersThatAreNotFinite) {
    for (const char* cell : {"nan", "inf", "-inf", "1e999", "1e39", "0x10", "1 2", "", "+-1", "1e"})
        EXPECT_THAT(error_of(std::string(cell) + ",a,,0\n"), StartsWith("site.csv:1:1: ")) << cell;
}

TEST(Csv, NamesAnUnknownLevelAndTheKnownOnes) {
    EXPECT_THAT(error_of("1,c,,0\n"), StartsWith("site.csv:1:2: \"kind\" is \"c\""));
    EXPECT_THAT(error_of("1,c,,0\n"), HasSubstr("(a, b, 3)"));
}

TEST(Csv, RefusesLabelsOutOfRange) {
    EXPECT_THAT(error_of("1,a,,3\n"), StartsWith("site.csv:1:4: label \"sick\" is 3"));
    EXPECT_THAT(error_of("1,a,,-1\n"), HasSubstr("outside the schema's 0 to 2"));
    EXPECT_THAT(error_of("1,a,,0.5\n"), HasSubstr("must be a whole number"));
    EXPECT_THAT(error_of("1,a,,1e300\n"), HasSubstr("outside"));
}

TEST(Csv, SaysWhatIsMissingWhenNothingIsLeft) {
    const std::string message = error_of("1,?,,0\n2,?,,1\n");
    EXPECT_THAT(message, HasSubstr("no rows left: 2 read, 2 dropped"));
    EXPECT_THAT(message, HasSubstr("\"kind\" is missing in 2"));
    EXPECT_THAT(error_of(""), HasSubstr("no rows left: 0 read"));
}

TEST(Csv, ChecksTheHeader) {
    Schema schema = small_schema();
    schema.header = true;
    EXPECT_TRUE(parse_csv("age,kind,note,sick\n1,a,,0\n", "site.csv", schema));
    EXPECT_THAT(error_of("age,note,kind,sick\n1,a,,0\n", schema),
                StartsWith("site.csv:1:2: header is \"note\""));
    EXPECT_THAT(error_of("", schema), HasSubstr("expects a header"));
    EXPECT_THAT(error_of("age,kind,note,sick\n", schema), HasSubstr("no rows left"));
}

TEST(Csv, RefusesQuotes) {
    EXPECT_THAT(error_of("\"1\",a,,0\n"), HasSubstr("quoted cells are not supported"));
}

TEST(Csv, KeepsControlCharactersOutOfMessages) {
    const std::string message = error_of("\x1b[31m" + std::string(1000, 'z') + ",a,,0\n");
    EXPECT_EQ(message.find('\x1b'), std::string::npos);
    EXPECT_LT(message.size(), 200U);
}

TEST(Csv, NamesAFileThatIsNotThere) {
    const testing::TempDir folder;
    const auto loaded = load_csv(folder / "none.csv", small_schema());
    ASSERT_FALSE(loaded);
    EXPECT_EQ(loaded.error().code, Errc::kNotFound);
    EXPECT_THAT(loaded.error().message, HasSubstr("none.csv"));
    // A folder is not a file.
    EXPECT_FALSE(load_csv(folder.path(), small_schema()));
}

TEST(Csv, ReadsAFile) {
    const testing::TempDir folder;
    std::ofstream(folder / "site.csv") << "1;a;x;0\n";
    Schema schema = small_schema();
    schema.separator = ';';
    const auto loaded = load_csv(folder / "site.csv", schema);
    ASSERT_TRUE(loaded) << loaded.error().message;
    EXPECT_EQ(loaded->data.rows(), 1U);
}

}  // namespace
}  // namespace fedstake::data
