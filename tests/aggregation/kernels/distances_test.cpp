// Squared distances: exact for all rows, threads, block sizes and instruction sets.
#include "aggregation/distances.hpp"

#include <algorithm>
#include <limits>
#include <memory>

#include <gtest/gtest.h>

#include "tests/aggregation/kernels/kernel_support.hpp"

namespace fedstake::aggregation {
namespace {

using kernels::testing::for_each_target;
using kernels::testing::hostile_rows;
using kernels::testing::limited_mean;
using kernels::testing::Matrix;
using kernels::testing::uniform_rows;
using kernels::testing::Values;

constexpr std::size_t kMemory = std::size_t{64} << 20U;

struct Setup {
    unsigned threads = 1;
    std::size_t memory_bytes = kMemory;
    bool centre = true;
    std::size_t memory_rows = 0;
};

Result<Distances> measure(const Matrix& rows, const Setup& setup) {
    std::vector<std::unique_ptr<VectorSource>> sources;
    std::vector<Row> borrowed;
    for (const Values& row : rows) {
        sources.push_back(memory_source(std::span<const std::int32_t>(row)));
        borrowed.push_back({.values = sources.back().get()});
    }
    WorkerPool pool(setup.threads);
    return measure_distances(borrowed, rows.front().size(), pool, setup.memory_bytes, setup.centre,
                             setup.memory_rows);
}

// The rows, zero, and the median of the rows but the last memory_rows.
Matrix points_of(const Matrix& rows, std::size_t memory_rows) {
    Matrix points = rows;
    points.emplace_back(rows.front().size(), 0);
    Values centre;
    for (std::size_t j = 0; j < rows.front().size(); ++j) {
        Values column;
        for (std::size_t i = 0; i + memory_rows < rows.size(); ++i) {
            column.push_back(rows[i][j]);
        }
        std::sort(column.begin(), column.end());
        const std::int64_t low = column[(column.size() - 1) / 2];
        centre.push_back(limited_mean(low + column[column.size() / 2], 2));
    }
    points.push_back(centre);
    return points;
}

Wide schoolbook_square(const Values& x, const Values& y) {
    Wide sum = 0;
    for (std::size_t j = 0; j < x.size(); ++j) {
        const SignedWide difference = SignedWide{x[j]} - y[j];
        sum += static_cast<Wide>(difference * difference);
    }
    return sum;
}

void expect_exact(const Matrix& points, const Distances& distances, bool centre = true) {
    const std::size_t count = points.size() - (centre ? 0 : 1);
    for (std::size_t i = 0; i < count; ++i) {
        for (std::size_t j = 0; j < count; ++j) {
            ASSERT_TRUE(distances.between(i, j) == schoolbook_square(points[i], points[j]))
                << "points " << i << " and " << j << " of " << count;
        }
    }
}

TEST(Distances, EqualSchoolbookSumsForHostileRows) {
    for_each_target([] {
        Rng rng(1);
        for (int trial = 0; trial < 20; ++trial) {
            Matrix rows = hostile_rows(rng, 1 + rng.below(9), 1 + rng.below(150));
            for (Values& row : rows) {
                std::replace(row.begin(), row.end(), std::numeric_limits<std::int32_t>::min(),
                             -std::numeric_limits<std::int32_t>::max());
            }
            expect_exact(points_of(rows, 0), measure(rows, {}).value());
        }
    });
}

TEST(Distances, EqualSchoolbookSumsForTheLeastValue) {
    constexpr std::int32_t kLeast = std::numeric_limits<std::int32_t>::min();
    const Matrix rows{Values(70, kLeast), Values(70, std::numeric_limits<std::int32_t>::max()),
                      Values(70, 0)};
    for_each_target(
        [&] { expect_exact(points_of(rows, 0), measure(rows, {.centre = false}).value(), false); });
}

TEST(Distances, DoNotDependOnThreadsOrMemory) {
    Rng rng(2);
    const Matrix rows = uniform_rows(rng, 11, 1500, 28);
    const Matrix points = points_of(rows, 0);
    for (unsigned threads = 1; threads <= 8; ++threads) {
        for (const std::size_t memory :
             {std::size_t{32} << 10U, std::size_t{200} << 10U, kMemory}) {
            expect_exact(points,
                         measure(rows, {.threads = threads, .memory_bytes = memory}).value());
        }
    }
}

TEST(Distances, CentreIsZeroUnlessAskedFor) {
    Rng rng(3);
    const Matrix rows = uniform_rows(rng, 6, 100, 20);
    const Distances distances = measure(rows, {.centre = false}).value();
    expect_exact(points_of(rows, 0), distances, false);
    for (std::size_t i = 0; i < rows.size(); ++i) {
        EXPECT_TRUE(distances.to_centre(i) == 0);
    }
    EXPECT_TRUE(distances.centre_norm() == 0);
}

TEST(Distances, MemoryRowsAreNotInTheCentre) {
    Rng rng(4);
    const Matrix rows = uniform_rows(rng, 10, 90, 24);
    for (const std::size_t memory_rows : {1U, 5U, 9U}) {
        expect_exact(points_of(rows, memory_rows),
                     measure(rows, {.memory_rows = memory_rows}).value());
    }
}

TEST(Distances, TakeAThousandRowsWithinTheirMemory) {
    Rng rng(5);
    const Matrix rows = uniform_rows(rng, kDistanceRowsMax, 9, 31);
    const Distances distances =
        measure(rows, {.threads = 8, .memory_rows = kDistanceRowsMax / 2}).value();
    const Matrix points = points_of(rows, kDistanceRowsMax / 2);
    for (int trial = 0; trial < 3000; ++trial) {
        const std::size_t i = rng.below(points.size());
        const std::size_t j = rng.below(points.size());
        ASSERT_TRUE(distances.between(i, j) == schoolbook_square(points[i], points[j]));
    }
}

TEST(Distances, SayWhatMemoryTheyNeed) {
    const Matrix rows(20, Values(100, 1));
    const auto distances = measure(rows, {.threads = 2, .memory_bytes = 1000});
    ASSERT_FALSE(distances);
    EXPECT_EQ(distances.error().code, Errc::kLimitExceeded);
    EXPECT_NE(distances.error().message.find("allows 1000"), std::string::npos);
}

TEST(Distances, RestrictionKeepsAnchors) {
    Rng rng(6);
    const Matrix rows = uniform_rows(rng, 7, 40, 20);
    const Distances all = measure(rows, {}).value();
    const std::vector<std::size_t> kept{4, 1, 6};
    const Distances some = all.restricted_to(kept);
    for (std::size_t i = 0; i < kept.size(); ++i) {
        EXPECT_TRUE(some.norm(i) == all.norm(kept[i]));
        EXPECT_TRUE(some.to_centre(i) == all.to_centre(kept[i]));
        for (std::size_t j = 0; j < kept.size(); ++j) {
            EXPECT_TRUE(some.between(i, j) == all.between(kept[i], kept[j]));
            EXPECT_TRUE(some.inner(i, j) == all.inner(kept[i], kept[j]));
        }
    }
}

}  // namespace
}  // namespace fedstake::aggregation
