// Blobs are durable, named by content, and leftovers of crashes go away.
#include "coordinator/store/blob_store.hpp"

#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/temp_dir.hpp"

namespace fedstake::store {
namespace {

using ::testing::HasSubstr;

Bytes pattern(std::size_t size) {
    Bytes bytes(size);
    for (std::size_t i = 0; i < size; ++i) {
        bytes[i] = static_cast<std::uint8_t>(i * 31 + (i >> 8U));
    }
    return bytes;
}

void write_file(const std::filesystem::path& path, std::string_view text) {
    std::ofstream(path) << text;
}

TEST(BlobStore, KeepsBytesUnderTheirContentRoot) {
    fedstake::testing::TempDir dir;
    auto store = BlobStore::open(dir.path());
    ASSERT_TRUE(store.has_value()) << store.error().message;
    const Bytes bytes = pattern(3'000'000);
    auto blob = (*store)->create();
    ASSERT_TRUE(blob.has_value());
    ASSERT_TRUE(blob->append(ByteView(bytes).first(1'234'567)).has_value());
    ASSERT_TRUE(blob->append(ByteView(bytes).subspan(1'234'567)).has_value());
    const auto content = blob->commit();
    ASSERT_TRUE(content.has_value()) << content.error().message;
    EXPECT_EQ(content->root, crypto::content_root_of(bytes));
    EXPECT_TRUE((*store)->has(content->root));
    EXPECT_TRUE((*store)->verify(content->root).has_value());
    EXPECT_EQ((*store)->read(content->root, 4'000'000).value(), bytes);
    EXPECT_EQ((*store)->read(content->root, 1000).error().code, Errc::kLimitExceeded);
}

TEST(BlobStore, SameBytesTwiceAreOneBlob) {
    fedstake::testing::TempDir dir;
    auto store = BlobStore::open(dir.path());
    const Bytes bytes = pattern(100);
    EXPECT_EQ((*store)->put(bytes)->root, (*store)->put(bytes)->root);
    EXPECT_TRUE(std::filesystem::is_empty(dir / "incoming"));
}

TEST(BlobStore, UnfinishedResultLeavesNothing) {
    fedstake::testing::TempDir dir;
    auto store = BlobStore::open(dir.path());
    {
        auto blob = (*store)->create();
        ASSERT_TRUE(blob->append(pattern(10)).has_value());
    }
    EXPECT_TRUE(std::filesystem::is_empty(dir / "incoming"));
}

TEST(BlobStore, NamesACorruptOrMissingBlob) {
    fedstake::testing::TempDir dir;
    auto store = BlobStore::open(dir.path());
    const Digest root = (*store)->put(pattern(5000))->root;
    {
        std::fstream file((*store)->path_of(root), std::ios::in | std::ios::out);
        file.seekp(4321);
        file.put('!');
    }
    const auto corrupt = (*store)->verify(root);
    ASSERT_FALSE(corrupt.has_value());
    EXPECT_EQ(corrupt.error().code, Errc::kCorrupt);
    EXPECT_THAT(corrupt.error().message, HasSubstr((*store)->path_of(root).string()));
    ASSERT_TRUE((*store)->remove(root).has_value());
    ASSERT_TRUE((*store)->remove(root).has_value()) << "removing twice is fine";
    EXPECT_EQ((*store)->verify(root).error().code, Errc::kNotFound);
}

TEST(BlobStore, StartDeletesHalfResultsAndKeepsUploads) {
    fedstake::testing::TempDir dir;
    SiteId site;
    site.bytes.fill(7);
    Digest wanted;
    wanted.bytes.fill(8);
    Digest stray;
    stray.bytes.fill(9);
    {
        auto store = BlobStore::open(dir.path());
        write_file(dir / "incoming/new-0.part", "half");
        write_file((*store)->part_of(site, wanted), "upload");
        write_file((*store)->part_of(site, stray), "upload of an aborted round");
    }
    auto store = BlobStore::open(dir.path());
    EXPECT_FALSE(std::filesystem::exists(dir / "incoming/new-0.part"));
    EXPECT_EQ((*store)->clean_incoming({{site, wanted}}).value(), 1U);
    EXPECT_TRUE(std::filesystem::exists((*store)->part_of(site, wanted)));
    EXPECT_FALSE(std::filesystem::exists((*store)->part_of(site, stray)));
}

TEST(BlobStore, RefusesWhatTheDiskCannotHold) {
    fedstake::testing::TempDir dir;
    auto store = BlobStore::open(dir.path());
    EXPECT_TRUE((*store)->check_space(1024).has_value());
    const auto full = (*store)->check_space(std::uint64_t{1} << 60U);
    ASSERT_FALSE(full.has_value());
    EXPECT_EQ(full.error().code, Errc::kLimitExceeded);
    EXPECT_THAT(full.error().message, HasSubstr("MiB free"));
}

}  // namespace
}  // namespace fedstake::store
