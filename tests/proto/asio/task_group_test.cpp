#include "proto/asio/task_group.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

namespace fedstake::async {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

// A group on a context that runs until nothing is left to do.
struct World {
    boost::asio::io_context context;
    std::vector<std::string> failures;
    TaskGroup group{context.get_executor(), 3,
                    [this](const std::string& name, const std::string& what) {
                        failures.push_back(name + ": " + what);
                    }};
    bool joined = false;

    void join_and_run() {
        boost::asio::co_spawn(
            context,
            [this]() -> Task<> {
                co_await group.join();
                joined = true;
            },
            boost::asio::detached);
        context.run();
    }
};

// Waits for ever, or for its cancellation.
Task<> wait_for_ever() {
    boost::asio::steady_timer timer(co_await boost::asio::this_coro::executor,
                                    boost::asio::steady_timer::time_point::max());
    co_await timer.async_wait(boost::asio::use_awaitable);
}

TEST(TaskGroup, JoinWaitsForAllTasks) {
    World world;
    int done = 0;
    for (int i = 0; i < 3; ++i) {
        ASSERT_TRUE(world.group
                        .spawn("count",
                               [&]() -> Task<> {
                                   co_await boost::asio::post(boost::asio::use_awaitable);
                                   ++done;
                               })
                        .has_value());
    }
    world.join_and_run();
    EXPECT_TRUE(world.joined);
    EXPECT_EQ(done, 3);
    EXPECT_TRUE(world.failures.empty());
}

TEST(TaskGroup, JoinOfAnEmptyGroupReturns) {
    World world;
    world.join_and_run();
    EXPECT_TRUE(world.joined);
}

TEST(TaskGroup, StopCancelsWhatRunsAndRefusesMore) {
    World world;
    for (int i = 0; i < 3; ++i) {
        ASSERT_TRUE(world.group.spawn("wait", wait_for_ever).has_value());
    }
    boost::asio::post(world.context, [&] { world.group.stop(); });
    world.join_and_run();
    EXPECT_TRUE(world.joined);
    EXPECT_TRUE(world.failures.empty()) << "cancellation is no failure";
    EXPECT_EQ(world.group.spawn("late", wait_for_ever).error().code, Errc::kNotNow);
}

TEST(TaskGroup, StopReachesTasksThatHaveNotRunYet) {
    World world;
    ASSERT_TRUE(world.group.spawn("wait", wait_for_ever).has_value());
    world.group.stop();
    world.join_and_run();
    EXPECT_TRUE(world.joined);
}

TEST(TaskGroup, IsBounded) {
    World world;
    for (int i = 0; i < 3; ++i) {
        ASSERT_TRUE(world.group.spawn("wait", wait_for_ever).has_value());
    }
    const Status fourth = world.group.spawn("fourth", wait_for_ever);
    ASSERT_FALSE(fourth.has_value());
    EXPECT_EQ(fourth.error().code, Errc::kLimitExceeded);
    EXPECT_THAT(fourth.error().message, HasSubstr("fourth"));
    boost::asio::post(world.context, [&] { world.group.stop(); });
    world.join_and_run();
    EXPECT_EQ(world.group.running(), 0U);
}

TEST(TaskGroup, ExceptionsAreReportedAndEndOneTaskOnly) {
    World world;
    bool other_done = false;
    ASSERT_TRUE(world.group
                    .spawn("broken",
                           []() -> Task<> {
                               co_await boost::asio::post(boost::asio::use_awaitable);
                               throw std::runtime_error("no disk");
                           })
                    .has_value());
    ASSERT_TRUE(world.group
                    .spawn("fine",
                           [&]() -> Task<> {
                               co_await boost::asio::post(boost::asio::use_awaitable);
                               co_await boost::asio::post(boost::asio::use_awaitable);
                               other_done = true;
                           })
                    .has_value());
    world.join_and_run();
    EXPECT_TRUE(other_done);
    EXPECT_THAT(world.failures, ElementsAre("broken: no disk"));
}

TEST(TaskGroup, KeepsCapturesAliveUntilTheTaskEnds) {
    World world;
    auto token = std::make_shared<int>(7);
    std::weak_ptr<int> alive = token;
    int seen = 0;
    ASSERT_TRUE(world.group
                    .spawn("capture",
                           [&seen, token = std::move(token)]() -> Task<> {
                               co_await boost::asio::post(boost::asio::use_awaitable);
                               seen = *token;
                           })
                    .has_value());
    EXPECT_FALSE(alive.expired());
    world.join_and_run();
    EXPECT_EQ(seen, 7);
    EXPECT_TRUE(alive.expired());
}

}  // namespace
}  // namespace fedstake::async
