// Formats are told apart by their bytes.
#include "sim/matrix/matrix_file.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/sim/matrix/matrix_bytes.hpp"
#include "tests/support/temp_dir.hpp"

namespace fedstake::sim {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

class MatrixFile : public ::testing::Test {
protected:
    Result<NumberRows> open(const std::string& bytes) {
        write_file(folder_ / "matrix", bytes);
        return open_matrix(folder_ / "matrix");
    }
    fedstake::testing::TempDir folder_;
};

TEST_F(MatrixFile, KnowsEveryFormatWhateverTheName) {
    const std::vector<std::string> files = {
        "[[1,2],[3,4]]", "\xEF\xBB\xBF\n {\"input\":[[1,2],[3,4]]}",
        npy(npy_header("<i4", "(2, 2)"), raw<std::int32_t>({1, 2, 3, 4})),
        safetensors(R"({"x":{"dtype":"F64","shape":[2,2],"data_offsets":[0,32]}})",
                    raw<double>({1, 2, 3, 4}))};
    for (const std::string& file : files) {
        const auto rows = open(file);
        ASSERT_TRUE(rows) << rows.error().message;
        EXPECT_EQ(table_of(*rows), (Table{{1, 2}, {3, 4}}));
    }
}

TEST_F(MatrixFile, PutsThePathInFrontOfWhatIsWrong) {
    const auto rows = open("[[1],[2,3]]");
    ASSERT_FALSE(rows);
    EXPECT_EQ(rows.error().message,
              (folder_ / "matrix").string() + ": row 1 has more values than row 0, which has 1");
}

TEST_F(MatrixFile, RefusesWhatIsNoMatrixAtAll) {
    EXPECT_THAT(message_of(open("")), HasSubstr("it is empty"));
    EXPECT_THAT(message_of(open("PK\x03\x04")), HasSubstr("archive"));
    EXPECT_THAT(message_of(open("1,2,3\n")), HasSubstr("neither JSON"));
    EXPECT_THAT(message_of(open("\n\n")), HasSubstr("not JSON"));
    EXPECT_THAT(message_of(open("\x93NUM")), HasSubstr("neither JSON"));
}

TEST_F(MatrixFile, NamesAMissingFile) {
    const auto rows = open_matrix(folder_ / "absent");
    ASSERT_FALSE(rows);
    EXPECT_EQ(rows.error().code, Errc::kNotFound);
    EXPECT_THAT(rows.error().message, StartsWith("cannot open "));
}

}  // namespace
}  // namespace fedstake::sim
