// Which rows each step sees.
#include "client/training/batch_order.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <set>

namespace fedstake::training {
namespace {

std::vector<std::int64_t> draw(std::size_t rows, std::uint64_t seed, std::size_t count) {
    BatchOrder order(rows, seed);
    std::vector<std::int64_t> drawn(count);
    order.next(drawn);
    return drawn;
}

TEST(BatchOrder, EachPassShowsEveryRowOnce) {
    BatchOrder order(7, 3);
    std::vector<std::int64_t> seen;
    std::array<std::int64_t, 3> batch{};
    for (int i = 0; i < 7; ++i) {
        order.next(batch);
        seen.insert(seen.end(), batch.begin(), batch.end());
    }
    for (std::size_t pass = 0; pass < 3; ++pass) {
        std::vector<std::int64_t> rows(seen.begin() + static_cast<std::ptrdiff_t>(7 * pass),
                                       seen.begin() + static_cast<std::ptrdiff_t>(7 * pass + 7));
        std::sort(rows.begin(), rows.end());
        EXPECT_EQ(rows, (std::vector<std::int64_t>{0, 1, 2, 3, 4, 5, 6}));
    }
}

TEST(BatchOrder, RepeatsUnderItsSeedAlone) {
    EXPECT_EQ(draw(50, 1, 200), draw(50, 1, 200));
    EXPECT_NE(draw(50, 1, 200), draw(50, 2, 200));
}

TEST(BatchSeed, DependsOnSeedSiteRoundAndAttempt) {
    SiteId other;
    other.bytes[19] = 1;
    const std::set<std::uint64_t> seeds = {batch_seed(1, {}, 1),    batch_seed(2, {}, 1),
                                           batch_seed(1, other, 1), batch_seed(1, {}, 2),
                                           batch_seed(1, {}, 1, 1), batch_seed(1, {}, 1, 2)};
    EXPECT_EQ(seeds.size(), 6U);
}

TEST(BatchSeed, IsPublished) {
    // printf 'fedstake/batches/v1' + 8 bytes 1 + 20 bytes 0 + 8 bytes 1 | sha256sum
    EXPECT_EQ(batch_seed(1, {}, 1), 0x57319bf078ece7a9U);
}

}  // namespace
}  // namespace fedstake::training
