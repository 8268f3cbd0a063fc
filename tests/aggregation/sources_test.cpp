// Vector sources, the gate on them, and the worker pool.
#include <atomic>
#include <fstream>
#include <limits>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "aggregation/gate.hpp"
#include "aggregation/worker_pool.hpp"
#include "proto/crypto/content_tree.hpp"
#include "tests/support/temp_dir.hpp"

namespace fedstake::aggregation {
namespace {

using Values = std::vector<std::int32_t>;

std::filesystem::path write_values(const fedstake::testing::TempDir& dir, const Values& values,
                                   std::size_t bytes) {
    const std::filesystem::path path = dir / "values.bin";
    std::ofstream file(path, std::ios::binary);
    file.write(reinterpret_cast<const char*>(values.data()), static_cast<std::streamsize>(bytes));
    return path;
}

TEST(FileSource, ReadsAnyRange) {
    const fedstake::testing::TempDir dir;
    Values values(1000);
    for (std::size_t i = 0; i < values.size(); ++i) {
        values[i] = static_cast<std::int32_t>(i) - 500;
    }
    const auto source = file_source(write_values(dir, values, 4000));
    ASSERT_TRUE(source) << source.error().message;
    EXPECT_EQ((*source)->size(), 1000U);
    Values out(10);
    ASSERT_TRUE((*source)->read_int32(990, out));
    EXPECT_EQ(out, Values(values.end() - 10, values.end()));
}

TEST(FileSource, NamesWhatIsWrong) {
    const fedstake::testing::TempDir dir;
    const auto missing = file_source(dir / "nothing");
    ASSERT_FALSE(missing);
    EXPECT_EQ(missing.error().code, Errc::kNotFound);
    const auto odd = file_source(write_values(dir, {1, 2}, 7));
    ASSERT_FALSE(odd);
    EXPECT_EQ(odd.error().code, Errc::kCorrupt);
    EXPECT_THAT(odd.error().message, ::testing::HasSubstr("7 bytes"));
    EXPECT_FALSE(file_source(dir.path()));
}

TEST(FileSource, NoticesAFileThatShrinks) {
    const fedstake::testing::TempDir dir;
    const auto path = write_values(dir, Values(100, 1), 400);
    const auto source = file_source(path);
    ASSERT_TRUE(source);
    std::filesystem::resize_file(path, 200);
    Values out(100);
    const auto status = (*source)->read_int32(0, out);
    ASSERT_FALSE(status);
    EXPECT_EQ(status.error().code, Errc::kCorrupt);
}

TEST(Gate, GivesEachReason) {
    rules::RoundRules rules;
    rules.coordinates = 70'000;
    rules.aggregation.coordinate_max = 1000;
    const auto gate = [&](const Values& values) {
        const auto source = memory_source(std::span<const std::int32_t>(values));
        const auto inspected = inspect_update(rules, *source);
        EXPECT_TRUE(inspected);
        EXPECT_EQ(inspected->reason, gate_update(rules, *source).value());
        EXPECT_EQ(inspected->root,
                  crypto::content_root_of(
                      {reinterpret_cast<const std::uint8_t*>(values.data()), values.size() * 4}));
        return inspected->reason;
    };
    Values values(70'000, -1000);
    EXPECT_EQ(gate(values), Reason::kNone);
    values[69'999] = 1001;
    EXPECT_EQ(gate(values), Reason::kOutOfRange);
    values[69'999] = -1001;
    EXPECT_EQ(gate(values), Reason::kOutOfRange);
    values[66'000] = std::numeric_limits<std::int32_t>::min();
    EXPECT_EQ(gate(values), Reason::kNotANumber);
    EXPECT_EQ(gate(Values(70'000, 0)), Reason::kAllZero);
    EXPECT_EQ(gate(Values(69'999, 1)), Reason::kWrongSize);
    EXPECT_EQ(gate(Values{}), Reason::kWrongSize);
}

TEST(WorkerPool, RunsEveryIndexOnceAndReportsTheLowestError) {
    for (unsigned threads = 1; threads <= 8; ++threads) {
        WorkerPool pool(threads);
        for (int repeat = 0; repeat < 50; ++repeat) {
            std::vector<std::atomic<int>> hits(37);
            EXPECT_TRUE(pool.for_each(hits.size(), [&](std::size_t worker, std::size_t index) {
                EXPECT_LT(worker, pool.workers());
                ++hits[index];
                return Status{};
            }));
            for (const auto& hit : hits) {
                EXPECT_EQ(hit.load(), 1);
            }
        }
        const auto status = pool.for_each(20, [](std::size_t, std::size_t index) -> Status {
            if (index % 7 == 5) {
                return fail(Errc::kUnavailable, "index " + std::to_string(index));
            }
            return {};
        });
        ASSERT_FALSE(status);
        EXPECT_EQ(status.error().message, "index 5");
        EXPECT_TRUE(pool.for_each(0, [](std::size_t, std::size_t) { return Status{}; }));
    }
}

}  // namespace
}  // namespace fedstake::aggregation
