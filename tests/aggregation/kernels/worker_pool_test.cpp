// Which error a pool returns, and that every index is called once.
#include "aggregation/worker_pool.hpp"

#include <atomic>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace fedstake::aggregation {
namespace {

TEST(WorkerPool, CallsEveryIndexOnce) {
    for (unsigned threads = 1; threads <= 8; ++threads) {
        WorkerPool pool(threads);
        for (const std::size_t count : {0U, 1U, 2U, 1000U}) {
            std::vector<std::atomic<int>> calls(count);
            const Status status = pool.for_each(count, [&](std::size_t worker, std::size_t index) {
                EXPECT_LT(worker, pool.workers());
                ++calls[index];
                return Status{};
            });
            EXPECT_TRUE(status);
            for (const std::atomic<int>& call : calls) {
                EXPECT_EQ(call.load(), 1);
            }
        }
    }
}

TEST(WorkerPool, ReturnsTheErrorOfTheLowestFailingIndex) {
    for (unsigned threads = 1; threads <= 8; ++threads) {
        WorkerPool pool(threads);
        for (int round = 0; round < 50; ++round) {
            const Status status = pool.for_each(300, [](std::size_t, std::size_t index) -> Status {
                if (index % 7 == 6) {
                    return fail(Errc::kUnavailable, std::to_string(index));
                }
                return {};
            });
            ASSERT_FALSE(status);
            EXPECT_EQ(status.error().message, "6");
        }
        EXPECT_TRUE(pool.for_each(10, [](std::size_t, std::size_t) { return Status{}; }));
    }
}

TEST(WorkerPool, StopsSoonAfterAFailure) {
    WorkerPool pool(2);
    std::atomic<std::size_t> calls{0};
    const Status status =
        pool.for_each(std::size_t{1} << 60U, [&](std::size_t, std::size_t) -> Status {
            ++calls;
            return fail(Errc::kCorrupt, "no");
        });
    ASSERT_FALSE(status);
    EXPECT_LE(calls.load(), 2U);
}

}  // namespace
}  // namespace fedstake::aggregation
