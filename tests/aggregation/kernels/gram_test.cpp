// The exact Gram matrix against sums in 128 bits.
#include "aggregation/kernels/gram.hpp"

#include <algorithm>
#include <limits>

#include <gtest/gtest.h>

#include "tests/aggregation/kernels/kernel_support.hpp"

namespace fedstake::aggregation::kernels {
namespace {

using namespace testing;

// Fills panels of `width` columns from the rows.
Gram gram_of(const Matrix& rows, std::size_t width) {
    Gram gram(rows.size(), width);
    const std::size_t columns = rows.front().size();
    for (std::size_t first = 0; first < columns; first += width) {
        const std::size_t count = std::min(width, columns - first);
        for (std::size_t i = 0; i < rows.size(); ++i) {
            gram.fill(i, rows[i].data() + first, count);
        }
        gram.multiply();
    }
    return gram;
}

void expect_exact(const Matrix& rows, const Gram& gram) {
    for (std::size_t i = 0; i < rows.size(); ++i) {
        for (std::size_t j = 0; j < rows.size(); ++j) {
            ASSERT_TRUE(gram.inner(i, j) == schoolbook_inner(rows[i], rows[j]))
                << "rows " << i << " and " << j << " of " << rows.size();
        }
    }
}

TEST(Gram, EqualsSchoolbookSumsForHostileRows) {
    for_each_target([] {
        Rng rng(1);
        for (int trial = 0; trial < 40; ++trial) {
            const Matrix rows = hostile_rows(rng, 1 + rng.below(12), 1 + rng.below(200));
            expect_exact(rows, gram_of(rows, 8 * (1 + rng.below(20))));
        }
    });
}

TEST(Gram, EqualsSchoolbookSumsForEveryMagnitude) {
    for_each_target([] {
        Rng rng(2);
        for (unsigned bits = 0; bits <= 31; ++bits) {
            const Matrix rows = uniform_rows(rng, 5, 150, bits);
            expect_exact(rows, gram_of(rows, 136));
        }
    });
}

TEST(Gram, IsExactAtTheExtremes) {
    constexpr std::int32_t kLeast = std::numeric_limits<std::int32_t>::min();
    constexpr std::int32_t kMost = std::numeric_limits<std::int32_t>::max();
    const Matrix rows{Values(600, kLeast), Values(600, kMost), Values(600, -kMost),
                      Values(600, 0),      Values(600, 1),     Values(600, kLeast)};
    for_each_target([&] { expect_exact(rows, gram_of(rows, 512)); });
}

// Groups of 16 rows, one or two of them at a time, with rows missing in the last.
TEST(Gram, EqualsSchoolbookSumsForEveryNumberOfRows) {
    for_each_target([] {
        Rng rng(5);
        for (std::size_t n = 20; n <= 84; ++n) {
            const Matrix rows = n % 2 == 0 ? hostile_rows(rng, n, 1 + rng.below(150))
                                           : uniform_rows(rng, n, 1 + rng.below(150),
                                                          static_cast<unsigned>(n % 31));
            expect_exact(rows, gram_of(rows, 8 * (1 + rng.below(12))));
        }
    });
}

// A panel whose values need more bytes than those before and behind it.
TEST(Gram, RowsMayNeedMoreBytesInSomePanels) {
    for_each_target([] {
        Rng rng(6);
        for (const unsigned bits : {7U, 8U, 15U, 16U, 23U, 24U, 31U}) {
            Matrix rows = uniform_rows(rng, 33, 400, 6);
            const Matrix wide = uniform_rows(rng, 1, 130, bits);
            std::copy(wide[0].begin(), wide[0].end(), rows[bits].begin() + 100);
            expect_exact(rows, gram_of(rows, 64));
        }
    });
}

// Equal signs all over, so that every sum grows as fast as it can.
TEST(Gram, IsExactOnBothSidesOfEachPowerOfTwo) {
    for_each_target([] {
        for (unsigned bits = 20; bits <= 30; ++bits) {
            const std::int32_t power = std::int32_t{1} << bits;
            const Matrix rows{Values(512, power), Values(512, power - 1), Values(512, -power),
                              Values(512, power + 1), Values(512, 3)};
            expect_exact(rows, gram_of(rows, 512));
        }
    });
}

TEST(Gram, ForgetsSplitRowsOfTheLastPanel) {
    for_each_target([] {
        Rng rng(3);
        Matrix rows = uniform_rows(rng, 9, 64, 20);
        for (const std::size_t wide : {0U, 3U, 4U, 5U, 6U, 8U}) {
            for (std::size_t j = 0; j < 16; ++j) {
                rows[wide][j] = std::numeric_limits<std::int32_t>::min();
            }
        }
        expect_exact(rows, gram_of(rows, 16));
    });
}

TEST(Gram, SumsOfObjectsAddUp) {
    Rng rng(4);
    const Matrix rows = hostile_rows(rng, 7, 100);
    Matrix left;
    Matrix right;
    for (const Values& row : rows) {
        left.emplace_back(row.begin(), row.begin() + 37);
        right.emplace_back(row.begin() + 37, row.end());
    }
    Gram sum = gram_of(left, 16);
    sum.add(gram_of(right, 24));
    expect_exact(rows, sum);
}

TEST(Gram, MemoryIsSmallAndStated) {
    for_each_target([] {
        EXPECT_LE(Gram::bytes(512, Gram::best_panel_columns(512)), std::size_t{5} << 20U);
        EXPECT_LE(Gram::bytes(1024, Gram::best_panel_columns(1024)), std::size_t{12} << 20U);
        for (const std::size_t rows : {4U, 100U, 1024U}) {
            EXPECT_EQ(Gram::best_panel_columns(rows) % 8, 0U);
            EXPECT_NO_FATAL_FAILURE(Gram(rows, Gram::best_panel_columns(rows)));
        }
    });
}

TEST(LargestMagnitude, CountsTheLeastValueAsTwoToThe31) {
    for_each_target([] {
        Values values(77, -5);
        EXPECT_EQ(largest_magnitude(values.data(), values.size()), 5U);
        EXPECT_EQ(largest_magnitude(values.data(), 0), 0U);
        for (std::size_t place = 0; place < values.size(); ++place) {
            values[place] = std::numeric_limits<std::int32_t>::min();
            EXPECT_EQ(largest_magnitude(values.data(), values.size()), 0x80000000U);
            values[place] = -5;
        }
    });
}

}  // namespace
}  // namespace fedstake::aggregation::kernels
