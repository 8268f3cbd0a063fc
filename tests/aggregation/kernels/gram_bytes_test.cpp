// The Gram matrix from bytes against sums in 128 bits, where the CPU has tile registers: fewer rows
// than gram.hpp hands to it, and the widest panels.
#include "aggregation/kernels/gram_bytes.hpp"

#include <algorithm>
#include <limits>
#include <type_traits>

#include <gtest/gtest.h>

#include "aggregation/kernels/gram_doubles.hpp"
#include "tests/aggregation/kernels/kernel_support.hpp"

namespace fedstake::aggregation::kernels {
namespace {

using namespace testing;

constexpr std::int32_t kLeast = std::numeric_limits<std::int32_t>::min();
constexpr std::int32_t kMost = std::numeric_limits<std::int32_t>::max();

class GramOfBytes : public ::testing::Test {
protected:
    void SetUp() override {
        if (!tiles::available()) {
            GTEST_SKIP() << "this CPU or system has no tile registers (AMX-INT8)";
        }
    }
};

template <class Any>
Any sums_of(const Matrix& rows, std::size_t width) {
    Any gram(rows.size(), width);
    const std::size_t columns = rows.front().size();
    for (std::size_t first = 0; first < columns; first += width) {
        const std::size_t count = std::min(width, columns - first);
        for (std::size_t i = 0; i < rows.size(); ++i) {
            gram.fill(i, rows[i].data() + first, count);
        }
        if constexpr (std::is_same_v<Any, ByteGram>) {
            gram.multiply();
        } else {
            gram.multiply({}, 0);
        }
    }
    return gram;
}

void expect_exact(const Matrix& rows, const ByteGram& gram) {
    for (std::size_t i = 0; i < rows.size(); ++i) {
        for (std::size_t j = 0; j < rows.size(); ++j) {
            ASSERT_TRUE(gram.inner(i, j) == schoolbook_inner(rows[i], rows[j]))
                << "rows " << i << " and " << j << " of " << rows.size();
        }
    }
}

TEST_F(GramOfBytes, EqualsSchoolbookSumsForHostileRows) {
    Rng rng(1);
    for (int trial = 0; trial < 60; ++trial) {
        const Matrix rows = hostile_rows(rng, 1 + rng.below(40), 1 + rng.below(300));
        expect_exact(rows, sums_of<ByteGram>(rows, 1 + rng.below(200)));
    }
}

TEST_F(GramOfBytes, EqualsSchoolbookSumsForEveryMagnitude) {
    Rng rng(2);
    for (unsigned bits = 0; bits <= 31; ++bits) {
        const Matrix rows = uniform_rows(rng, 18, 150, bits);
        expect_exact(rows, sums_of<ByteGram>(rows, 136));
    }
}

TEST_F(GramOfBytes, CountsBytesOfValuesOnBothSidesOfTheirBounds) {
    for (const unsigned bits : {7U, 15U, 23U}) {
        const std::int32_t power = std::int32_t{1} << bits;
        for (const std::int32_t value : {power - 1, -power, power, -power - 1}) {
            const Matrix rows{Values(70, value), Values(70, 1), Values(70, -1), Values(70, 255)};
            expect_exact(rows, sums_of<ByteGram>(rows, 64));
        }
    }
}

// The largest products of bytes, in all columns of the widest panel.
TEST_F(GramOfBytes, SumsOfTheWidestPanelsDoNotOverflow) {
    for (const std::int32_t value : {-1, kMost, kLeast, 0x00ffffff, 0x7f808080, -0x00808081}) {
        const Matrix rows{Values(tiles::kColumnsMax + 3, value), Values(tiles::kColumnsMax + 3, -1),
                          Values(tiles::kColumnsMax + 3, kMost)};
        expect_exact(rows, sums_of<ByteGram>(rows, tiles::kColumnsMax));
    }
}

TEST_F(GramOfBytes, EqualsTheMatrixOfDoubles) {
    Rng rng(3);
    const Matrix rows = uniform_rows(rng, 100, 2000, 23);
    const ByteGram bytes = sums_of<ByteGram>(rows, ByteGram::best_panel_columns(100));
    const DoubleGram doubles = sums_of<DoubleGram>(rows, DoubleGram::best_panel_columns(100));
    for (std::size_t i = 0; i < rows.size(); ++i) {
        for (std::size_t j = i; j < rows.size(); ++j) {
            ASSERT_TRUE(bytes.inner(i, j) == doubles.inner(i, j)) << i << " and " << j;
        }
    }
}

TEST_F(GramOfBytes, SumsOfObjectsAddUp) {
    Rng rng(4);
    const Matrix rows = hostile_rows(rng, 37, 100);
    Matrix left;
    Matrix right;
    for (const Values& row : rows) {
        left.emplace_back(row.begin(), row.begin() + 37);
        right.emplace_back(row.begin() + 37, row.end());
    }
    ByteGram sum = sums_of<ByteGram>(left, 64);
    sum.add(sums_of<ByteGram>(right, 64));
    expect_exact(rows, sum);
}

}  // namespace
}  // namespace fedstake::aggregation::kernels
