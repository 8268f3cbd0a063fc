// Bytes in memory, in files and out of pipes.
#include "sim/matrix/byte_store.hpp"

#include <sys/stat.h>

#include <thread>

#include <gtest/gtest.h>

#include "tests/sim/matrix/matrix_bytes.hpp"
#include "tests/support/temp_dir.hpp"

namespace fedstake::sim {
namespace {

std::string text_of(const ByteStore& store, std::uint64_t offset, std::size_t count) {
    Bytes bytes(count);
    EXPECT_TRUE(store.read(offset, bytes));
    return to_text(bytes);
}

TEST(Spool, MovesToAFileAboveItsBoundAndReadsTheSame) {
    Spool spool(8);
    ASSERT_TRUE(spool.append(as_bytes("01234567")));
    EXPECT_TRUE(spool.in_memory());
    EXPECT_EQ(text_of(spool, 2, 3), "234");
    ASSERT_TRUE(spool.append(as_bytes("89")));
    EXPECT_FALSE(spool.in_memory());
    ASSERT_TRUE(spool.append(as_bytes("abc")));
    EXPECT_EQ(spool.size(), 13U);
    EXPECT_EQ(text_of(spool, 0, 13), "0123456789abc");
    EXPECT_EQ(text_of(spool, 7, 4), "789a");
    EXPECT_EQ(text_of(spool, 13, 0), "");
}

TEST(OpenBytes, ReadsFilesAtAnyPlace) {
    const testing::TempDir folder;
    write_file(folder / "bytes", "hello");
    const auto store = open_bytes(folder / "bytes");
    ASSERT_TRUE(store) << store.error().message;
    EXPECT_EQ((*store)->size(), 5U);
    EXPECT_EQ(text_of(**store, 1, 3), "ell");
}

TEST(OpenBytes, NamesAFileThatIsNotThere) {
    const testing::TempDir folder;
    const auto store = open_bytes(folder / "nothing");
    ASSERT_FALSE(store);
    EXPECT_EQ(store.error().code, Errc::kNotFound);
    EXPECT_NE(store.error().message.find("nothing"), std::string::npos);
}

TEST(OpenBytes, RefusesAFolder) {
    const testing::TempDir folder;
    const auto store = open_bytes(folder.path());
    ASSERT_FALSE(store);
    EXPECT_EQ(store.error().code, Errc::kInvalidInput);
}

TEST(OpenBytes, ReadsAPipeToItsEnd) {
    const testing::TempDir folder;
    const std::filesystem::path pipe = folder / "pipe";
    ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
    std::thread writer([&pipe] { write_file(pipe, "through a pipe"); });
    const auto store = open_bytes(pipe);
    writer.join();
    ASSERT_TRUE(store) << store.error().message;
    EXPECT_EQ(text_of(**store, 0, 14), "through a pipe");
}

TEST(OpenBytes, NoticesAFileThatBecomesShorter) {
    const testing::TempDir folder;
    write_file(folder / "bytes", "hello");
    const auto store = open_bytes(folder / "bytes");
    ASSERT_TRUE(store);
    std::filesystem::resize_file(folder / "bytes", 2);
    Bytes out(5);
    const Status status = (*store)->read(0, out);
    ASSERT_FALSE(status);
    EXPECT_EQ(status.error().code, Errc::kCorrupt);
}

}  // namespace
}  // namespace fedstake::sim
