// Chunk roots are read once, and again only where the file is another.
#include "coordinator/store/content_cache.hpp"

#include <chrono>
#include <fstream>
#include <string>

#include <gtest/gtest.h>

#include "tests/support/temp_dir.hpp"

namespace fedstake::store {
namespace {

void write_file(const std::filesystem::path& path, const std::string& text) {
    std::ofstream(path) << text;
}

Digest root_of(const std::string& text) {
    return crypto::content_root_of(Bytes(text.begin(), text.end()));
}

TEST(ContentCache, ReadsAFileOnce) {
    fedstake::testing::TempDir dir;
    write_file(dir / "a", "first");
    ContentCache cache;
    for (int i = 0; i < 3; ++i) {
        const auto content = cache.of(dir / "a");
        ASSERT_TRUE(content.has_value()) << content.error().message;
        EXPECT_EQ((*content)->root, root_of("first"));
        EXPECT_EQ((*content)->total_bytes, 5U);
    }
    EXPECT_EQ(cache.hashed(), 1U);
}

TEST(ContentCache, ReadsAFileThatWasReplaced) {
    fedstake::testing::TempDir dir;
    write_file(dir / "a", "damaged");
    ContentCache cache;
    ASSERT_TRUE(cache.of(dir / "a").has_value());
    write_file(dir / "a", "restored");
    std::filesystem::last_write_time(
        dir / "a", std::filesystem::last_write_time(dir / "a") + std::chrono::seconds(1));
    EXPECT_EQ(cache.of(dir / "a").value()->root, root_of("restored"));
    EXPECT_EQ(cache.hashed(), 2U);
    std::filesystem::remove(dir / "a");
    EXPECT_EQ(cache.of(dir / "a").error().code, Errc::kNotFound);
}

TEST(ContentCache, StaysWithinItsBytesAndForgetsTheOldest) {
    fedstake::testing::TempDir dir;
    for (const char* name : {"a", "b", "c"}) {
        write_file(dir / name, name);
    }
    ContentCache cache(1'000);  // two small files
    const auto look = [&](const char* name) {
        EXPECT_TRUE(cache.of(dir / name).has_value());
        return cache.hashed();
    };
    EXPECT_EQ(look("a"), 1U);
    EXPECT_EQ(look("b"), 2U);
    EXPECT_EQ(look("a"), 2U);
    EXPECT_EQ(look("c"), 3U) << "forgets b";
    EXPECT_EQ(look("a"), 3U);
    EXPECT_EQ(look("b"), 4U);
}

}  // namespace
}  // namespace fedstake::store
