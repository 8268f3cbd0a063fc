// Mixed rows against 128-bit arithmetic.
#include "aggregation/kernels/mix.hpp"

#include <algorithm>
#include <limits>

#include <gtest/gtest.h>

#include "tests/aggregation/kernels/kernel_support.hpp"

namespace fedstake::aggregation::kernels {
namespace {

using namespace testing;

Matrix schoolbook_mix(const RowMap& map, const Matrix& rows) {
    Matrix result(map.rows_out(), Values(rows.front().size()));
    for (std::size_t i = 0; i < map.rows_out(); ++i) {
        for (std::size_t j = 0; j < rows.front().size(); ++j) {
            SignedWide sum = 0;
            for (std::size_t a = 0; a < rows.size(); ++a) {
                sum += SignedWide{map.weight(i, a)} * rows[a][j];
            }
            result[i][j] = limited_mean(sum, map.denominator());
        }
    }
    return result;
}

Matrix kernel_mix(const RowMap& map, const Matrix& rows) {
    const Mixer mixer(map);
    AlignedArray<double> scratch(mixer.scratch_size());
    Matrix result(map.rows_out(), Values(rows.front().size()));
    mixer.run(pointers(rows), rows.front().size(), pointers(result), scratch);
    return result;
}

// Equal weights, some weights 0, or any weights, row by row.
RowMap any_map(Rng& rng, std::size_t rows_out, std::size_t rows_in, std::uint32_t denominator) {
    RowMap map(rows_out, rows_in, denominator);
    for (std::size_t i = 0; i < rows_out; ++i) {
        std::uint64_t left = denominator;
        const bool equal = rng.below(2) == 0;
        const std::uint64_t share = denominator / rows_in;
        const std::uint64_t same = share > 1 && rng.below(2) == 0 ? 1 + rng.below(share) : share;
        for (std::size_t a = 0; a < rows_in; ++a) {
            const std::uint64_t weight =
                equal ? (rng.below(3) == 0 ? 0 : same) : rng.below(left / (1 + rng.below(3)) + 1);
            left -= weight;
            map.set(i, a, static_cast<std::uint32_t>(weight));
        }
    }
    return map;
}

TEST(Mixer, EqualsSchoolbookForHostileRows) {
    for_each_target([] {
        Rng rng(1);
        for (int trial = 0; trial < 60; ++trial) {
            const Matrix rows = hostile_rows(rng, 1 + rng.below(12), 1 + rng.below(150));
            const std::uint32_t denominator =
                rng.below(3) == 0
                    ? kWeightOne
                    : static_cast<std::uint32_t>(1 + (rng.below(kWeightOne) >> rng.below(30)));
            const RowMap map = any_map(rng, 1 + rng.below(12), rows.size(), denominator);
            ASSERT_EQ(kernel_mix(map, rows), schoolbook_mix(map, rows)) << "trial " << trial;
        }
    });
}

TEST(Mixer, EqualsSchoolbookForEveryMagnitudeAndDenominator) {
    for_each_target([] {
        Rng rng(2);
        for (unsigned bits = 2; bits <= 31; ++bits) {
            const Matrix rows = uniform_rows(rng, 9, 70, bits);
            for (const unsigned shift : {0U, 4U, 20U, 29U, 30U}) {
                const RowMap map = any_map(rng, 6, 9, 1U << shift);
                ASSERT_EQ(kernel_mix(map, rows), schoolbook_mix(map, rows))
                    << bits << " bits over 2^" << shift;
            }
        }
    });
}

TEST(Mixer, EqualsSchoolbookForEveryNumberOfRowsAndColumns) {
    for_each_target([] {
        Rng rng(3);
        for (std::size_t columns = 1; columns <= 200; columns += 3) {
            const std::size_t n = 1 + columns % 40;
            const Matrix rows = uniform_rows(rng, n, columns, 23);
            const RowMap map =
                any_map(rng, 1 + (columns + 7) % 13, n, static_cast<std::uint32_t>(7 * n));
            ASSERT_EQ(kernel_mix(map, rows), schoolbook_mix(map, rows)) << columns << " columns";
        }
    });
}

// Sums at the bounds of the fast ways, all of one sign.
TEST(Mixer, IsExactOnBothSidesOfItsBounds) {
    for_each_target([] {
        for (const std::int32_t value :
             {(1 << 23) - 5, (1 << 23) - 4, (1 << 23) - 3, 1 << 23, (1 << 27) - 1, 1 << 27,
              std::numeric_limits<std::int32_t>::max(), std::numeric_limits<std::int32_t>::min()}) {
            const Matrix rows(16, Values(64, value));
            RowMap map(3, 16, kWeightOne);
            RowMap mean(1, 16, 16);
            for (std::size_t a = 0; a < 16; ++a) {
                map.set(0, a, kWeightOne / 16);
                map.set(1, a, a == 0 ? kWeightOne / 16 + 15 : kWeightOne / 16 - 1);
                map.set(2, a, a == 0 ? kWeightOne / 16 : kWeightOne / 16 - 3);
                mean.set(0, a, 1);
            }
            ASSERT_EQ(kernel_mix(map, rows), schoolbook_mix(map, rows)) << value;
            ASSERT_EQ(kernel_mix(mean, rows), schoolbook_mix(mean, rows)) << value;
        }
    });
}

TEST(Mixer, IsExactBesideHalves) {
    for_each_target([] {
        for (const std::uint32_t denominator :
             {3U, 7U, 65'537U, 715'827'883U, kWeightOne - 13, kWeightOne - 1, kWeightOne}) {
            for (const std::int32_t middle :
                 {1 << 10, 1 << 22, 7 << 20, 1 << 23, 1 << 24, 1 << 29}) {
                const Matrix rows = rows_beside_halves(denominator, middle, 384);
                RowMap map(1, 2, denominator);
                map.set(0, 0, denominator - 1);
                map.set(0, 1, 1);
                ASSERT_EQ(kernel_mix(map, rows), schoolbook_mix(map, rows))
                    << denominator << ", values around " << middle;
            }
        }
    });
}

// Means of equal weights, on halves and beside them.
TEST(Mixer, EqualWeightsAreExactBesideHalves) {
    for_each_target([] {
        for (std::uint32_t rows_in = 1; rows_in <= 9; ++rows_in) {
            Matrix rows(rows_in, Values(256, 0));
            for (std::size_t j = 0; j < 256; ++j) {
                rows[0][j] = static_cast<std::int32_t>(j) - 128;
                rows[rows_in - 1][j] += (1 << 27) / static_cast<std::int32_t>(rows_in);
            }
            RowMap map(1, rows_in, rows_in);
            for (std::uint32_t a = 0; a < rows_in; ++a) {
                map.set(0, a, 1);
            }
            ASSERT_EQ(kernel_mix(map, rows), schoolbook_mix(map, rows)) << rows_in << " rows";
        }
    });
}

TEST(Mixer, IdentityKeepsEveryRow) {
    for_each_target([] {
        Rng rng(4);
        const Matrix rows = uniform_rows(rng, 7, 100, 30);
        EXPECT_EQ(kernel_mix(RowMap::identity(7), rows), rows);
    });
}

TEST(Mixer, RowsWithoutWeightsAreZero) {
    for_each_target([] {
        const Matrix rows(3, Values(65, 9));
        EXPECT_EQ(kernel_mix(RowMap(2, 3, 5), rows), Matrix(2, Values(65, 0)));
    });
}

}  // namespace
}  // namespace fedstake::aggregation::kernels
