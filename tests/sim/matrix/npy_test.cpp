// .npy files as NumPy writes them, and broken ones.
#include "sim/matrix/npy.hpp"

#include <limits>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/sim/matrix/matrix_bytes.hpp"

namespace fedstake::sim {
namespace {

using ::testing::HasSubstr;

const std::vector<float> kSix = {1, -2, 3.5F, 0, 1e-30F, 3e38F};
const Table kSixTable = {{1, -2, 3.5}, {0, double{1e-30F}, double{3e38F}}};

std::string read_message(const std::string& file) {
    const auto rows = read_npy(store_of(file));
    EXPECT_TRUE(rows || rows.error().code == Errc::kInvalidInput);
    return message_of(rows);
}

std::string good_file() {
    return npy(npy_header("<f4", "(2, 3)"), raw(kSix));
}

TEST(Npy, ReadsEveryVersionOfTheHeader) {
    for (const unsigned major : {1U, 2U, 3U}) {
        const auto rows = read_npy(store_of(npy(npy_header("<f4", "(2, 3)"), raw(kSix), major)));
        ASSERT_TRUE(rows) << rows.error().message;
        EXPECT_EQ(table_of(*rows), kSixTable);
        EXPECT_TRUE(rows->single_precision());
    }
}

TEST(Npy, ReadsEveryType) {
    const Table wanted = {{1, -2}, {3, 4}};
    const std::vector<std::string> files = {
        npy(npy_header("<f8", "(2, 2)"), raw<double>({1, -2, 3, 4})),
        npy(npy_header("<i4", "(2, 2)"), raw<std::int32_t>({1, -2, 3, 4})),
        npy(npy_header("<i8", "(2, 2)"), raw<std::int64_t>({1, -2, 3, 4}))};
    for (const std::string& file : files) {
        const auto rows = read_npy(store_of(file));
        ASSERT_TRUE(rows) << rows.error().message;
        EXPECT_EQ(table_of(*rows), wanted);
        EXPECT_FALSE(rows->single_precision());
    }
}

TEST(Npy, ReadsPiecesOfRows) {
    std::vector<std::int32_t> values(30'000);
    for (std::size_t k = 0; k < values.size(); ++k) {
        values[k] = static_cast<std::int32_t>(k);
    }
    const auto rows = read_npy(store_of(npy(npy_header("<i4", "(2, 15000)"), raw(values))));
    ASSERT_TRUE(rows) << rows.error().message;
    std::vector<double> piece(9000);  // more than one buffer
    ASSERT_TRUE(rows->read(1, 5000, piece));
    for (std::size_t k = 0; k < piece.size(); ++k) {
        ASSERT_EQ(piece[k], static_cast<double>(20'000 + k));
    }
}

TEST(Npy, TakesKeysInAnyOrderAndBothQuotes) {
    const auto rows = read_npy(store_of(
        npy(R"({"shape":(1,2),"fortran_order":False,"descr":"<i4"})", raw<std::int32_t>({7, 8}))));
    ASSERT_TRUE(rows) << rows.error().message;
    EXPECT_EQ(table_of(*rows), (Table{{7, 8}}));
}

TEST(Npy, RefusesOtherTypesByName) {
    const auto message = [](const std::string& descr) {
        return read_message(npy(npy_header(descr, "(1, 1)"), std::string(16, '\0')));
    };
    EXPECT_THAT(message(">f4"), HasSubstr("big-endian float32"));
    EXPECT_THAT(message("<f2"), HasSubstr("float16"));
    EXPECT_THAT(message("<u4"), HasSubstr("uint32"));
    EXPECT_THAT(message("<c16"), HasSubstr("complex128"));
    EXPECT_THAT(message("|b1"), HasSubstr("bool"));
    EXPECT_THAT(message("|O"), HasSubstr("Python objects"));
    EXPECT_THAT(message("<U5"), HasSubstr("text"));
    EXPECT_THAT(message(""), HasSubstr("unknown"));
    EXPECT_THAT(read_message(npy("{'descr': [('a', '<f4')], 'fortran_order': False, "
                                 "'shape': (1, 1)}",
                                 "1234")),
                HasSubstr("named fields"));
}

TEST(Npy, RefusesFortranOrderAndOtherDimensions) {
    EXPECT_THAT(read_message(npy(npy_header("<f4", "(2, 3)", true), raw(kSix))),
                HasSubstr("Fortran order"));
    EXPECT_THAT(read_message(npy(npy_header("<f4", "(6,)"), raw(kSix))), HasSubstr("1 dimension;"));
    EXPECT_THAT(read_message(npy(npy_header("<f4", "()"), raw<float>({1}))),
                HasSubstr("0 dimensions"));
    EXPECT_THAT(read_message(npy(npy_header("<f4", "(1, 2, 3)"), raw(kSix))),
                HasSubstr("3 dimensions"));
}

TEST(Npy, RefusesEmptyAndEnormousShapes) {
    EXPECT_THAT(read_message(npy(npy_header("<f4", "(0, 3)"), "")), HasSubstr("no rows"));
    EXPECT_THAT(read_message(npy(npy_header("<f4", "(3, 0)"), "")), HasSubstr("empty"));
    EXPECT_THAT(read_message(npy(npy_header("<f4", "(513, 1)"), "")), HasSubstr("at most 512"));
    EXPECT_THAT(read_message(npy(npy_header("<f4", "(2, 18446744073709551615)"), "")),
                HasSubstr("at most 2147483648"));
    EXPECT_THAT(read_message(npy(npy_header("<f4", "(2, 99999999999999999999)"), "")),
                HasSubstr("shape"));
    EXPECT_THAT(read_message(npy(npy_header("<f4", "(2, -3)"), "")), HasSubstr("shape"));
}

TEST(Npy, NoticesEveryTruncation) {
    const std::string file = good_file();
    for (std::size_t length = 6; length < file.size(); ++length) {
        EXPECT_THAT(read_message(file.substr(0, length)), HasSubstr("cut off")) << length;
    }
}

TEST(Npy, RefusesBytesBehindTheNumbers) {
    EXPECT_THAT(read_message(good_file() + "\n"), HasSubstr("1 bytes follow"));
}

TEST(Npy, RefusesBrokenHeaders) {
    const std::string data = raw(kSix);
    EXPECT_THAT(read_message(npy("", data)), HasSubstr("'{' is missing"));
    EXPECT_THAT(read_message(npy("{'descr': '<f4'", data)), HasSubstr("is missing"));
    EXPECT_THAT(read_message(npy("{'descr: ", data)), HasSubstr("quoted word"));
    EXPECT_THAT(read_message(npy("{'descr': '<f4'}", data)), HasSubstr("must have descr"));
    EXPECT_THAT(read_message(npy("{'descr': '<f4', 'descr': '<f4'}", data)), HasSubstr("twice"));
    EXPECT_THAT(read_message(npy("{'other': 1}", data)), HasSubstr("unknown entry 'other'"));
    EXPECT_THAT(read_message(npy(npy_header("<f4", "(2, 3)") + "x", data)),
                HasSubstr("behind the dictionary"));
    EXPECT_THAT(read_message(npy("{'descr': '<f4', 'fortran_order': 0, 'shape': (2, 3)}", data)),
                HasSubstr("True or False"));
    EXPECT_THAT(read_message(npy(npy_header("<f4", "(2, x)"), data)), HasSubstr("shape"));
    EXPECT_THAT(read_message(npy(npy_header("<f4", "(2, 3)"), data, 4)), HasSubstr("version is 4"));
}

TEST(Npy, RefusesAHeaderThatClaimsToBeLong) {
    const std::string file = npy("", "", 2).substr(0, 8) + "\xFF\xFF\xFF\xFF";
    EXPECT_THAT(read_message(file), HasSubstr("4294967295 bytes"));
}

TEST(Npy, WritesHeadersThatNumPyAligns) {
    const Bytes header = npy_vector_header(ElementType::kFloat64, 1'000'000);
    EXPECT_EQ(header.size() % 64, 0U);
    const std::string text = to_text(header);
    EXPECT_TRUE(looks_like_npy(header));
    EXPECT_THAT(text, HasSubstr("{'descr': '<f8', 'fortran_order': False, 'shape': (1000000,), }"));
    EXPECT_EQ(text.back(), '\n');
    EXPECT_EQ(static_cast<std::uint8_t>(text[8]) + 256U * static_cast<std::uint8_t>(text[9]),
              header.size() - 10);
}

}  // namespace
}  // namespace fedstake::sim
