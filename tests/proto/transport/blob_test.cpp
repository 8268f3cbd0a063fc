// Blob shapes, bitmaps, and the file ports.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include "proto/crypto/content_tree.hpp"
#include "proto/transport/chunk_set.hpp"
#include "proto/transport/file_blob.hpp"
#include "proto/wire/messages.hpp"
#include "tests/support/temp_dir.hpp"

namespace fedstake::transport {
namespace {

using ::testing::HasSubstr;

TEST(BlobShape, RefusesWhatDoesNotHashToTheRoot) {
    BlobShape shape;
    shape.total_bytes = limits::kChunkBytes + 1;
    shape.chunk_roots.resize(2);
    shape.chunk_roots[0].bytes[0] = 1;
    shape.chunk_roots[1].bytes[0] = 2;
    shape.root = crypto::content_root(shape.total_bytes, shape.chunk_roots);
    EXPECT_TRUE(shape.check().has_value());
    EXPECT_EQ(shape.chunk_bytes(0), limits::kChunkBytes);
    EXPECT_EQ(shape.chunk_bytes(1), 1U);

    BlobShape other = shape;
    other.total_bytes += 1;
    EXPECT_EQ(other.check().error().code, Errc::kCorrupt);
    other = shape;
    other.chunk_roots[1].bytes[0] = 3;
    EXPECT_EQ(other.check().error().code, Errc::kCorrupt);
    other = shape;
    other.chunk_roots.pop_back();
    EXPECT_EQ(other.check().error().code, Errc::kInvalidInput);
    other = {shape.root, 0, {}};
    EXPECT_EQ(other.check().error().code, Errc::kInvalidInput);
    other = {shape.root, ~std::uint64_t{0}, {}};
    EXPECT_EQ(other.check().error().code, Errc::kInvalidInput);
}

TEST(ChunkSet, CountsAndFindsWhatIsMissing) {
    ChunkSet set(11);
    EXPECT_EQ(set.first_missing(), 0U);
    for (const std::uint64_t index : {0U, 1U, 2U, 8U, 8U}) {
        set.insert(index);
    }
    EXPECT_EQ(set.count(), 4U);
    EXPECT_EQ(set.first_missing(), 3U);
    EXPECT_EQ(set.first_missing(8), 9U);
    EXPECT_FALSE(set.full());
    for (std::uint64_t i = 0; i < 11; ++i) {
        set.insert(i);
    }
    EXPECT_TRUE(set.full());
    EXPECT_EQ(set.first_missing(), std::nullopt);
    EXPECT_EQ(set.bitmap(), (Bytes{0xFF, 0x07}));
}

TEST(ChunkSet, ParseRefusesBitmapsOfAnotherBlob) {
    EXPECT_TRUE(ChunkSet::parse(Bytes{0xFF, 0x07}, 11)->full());
    EXPECT_FALSE(ChunkSet::parse(Bytes{0xFF}, 11).has_value());
    EXPECT_FALSE(ChunkSet::parse(Bytes{0xFF, 0x07, 0x00}, 11).has_value());
    EXPECT_FALSE(ChunkSet::parse(Bytes{0xFF, 0x08}, 11).has_value());
    EXPECT_TRUE(ChunkSet::parse(Bytes{0xFF}, 8)->full());
}

TEST(FileBlob, PartBecomesTheBlobOnCommit) {
    const fedstake::testing::TempDir folder;
    auto writer = FilePartWriter::open(folder / "x.part", folder / "x", 6).value();
    ASSERT_TRUE(writer->write_at(3, Bytes{4, 5, 6}).has_value());
    ASSERT_TRUE(writer->write_at(0, Bytes{1, 2, 3}).has_value());
    EXPECT_FALSE(std::filesystem::exists(folder / "x"));
    ASSERT_TRUE(writer->commit().has_value());
    EXPECT_FALSE(std::filesystem::exists(folder / "x.part"));
    struct ::stat info {};
    ASSERT_EQ(::stat((folder / "x").c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 0777U, 0600U);

    auto reader = FileBlobReader::open(folder / "x").value();
    EXPECT_EQ(reader->size(), 6U);
    Bytes bytes(4);
    ASSERT_TRUE(reader->read_at(2, bytes).has_value());
    EXPECT_EQ(bytes, (Bytes{3, 4, 5, 6}));
    EXPECT_EQ(reader->read_at(3, bytes).error().code, Errc::kCorrupt);
}

TEST(FileBlob, PartIsContinuedAfterARestartAndCutToSize) {
    const fedstake::testing::TempDir folder;
    {
        auto first = FilePartWriter::open(folder / "x.part", folder / "x", 100).value();
        ASSERT_TRUE(first->write_at(0, Bytes(100, 7)).has_value());
    }
    auto second = FilePartWriter::open(folder / "x.part", folder / "x", 4).value();
    Bytes bytes(8);
    EXPECT_EQ(second->read_back(96, bytes).value(), 4U);
    EXPECT_EQ(second->read_back(200, bytes).value(), 0U);
    EXPECT_EQ(second->write_at(2, Bytes(3)).error().code, Errc::kInternal);
    ASSERT_TRUE(second->commit().has_value());
    EXPECT_EQ(std::filesystem::file_size(folder / "x"), 4U);
}

TEST(FileBlob, ErrorsNameTheFile) {
    const fedstake::testing::TempDir folder;
    const auto missing = FileBlobReader::open(folder / "absent");
    ASSERT_FALSE(missing.has_value());
    EXPECT_EQ(missing.error().code, Errc::kNotFound);
    EXPECT_THAT(missing.error().message, HasSubstr("absent"));
    EXPECT_EQ(FileBlobReader::open(folder.path()).error().code, Errc::kInvalidInput);
    EXPECT_FALSE(FilePartWriter::open(folder / "no/x.part", folder / "x", 4).has_value());
    std::filesystem::create_symlink(folder / "target", folder / "link.part");
    EXPECT_FALSE(FilePartWriter::open(folder / "link.part", folder / "x", 4).has_value())
        << "a link must not lead writes elsewhere";
}

TEST(FileBlob, AFullDiskIsAnError) {
    if (!std::filesystem::exists("/dev/full")) {
        GTEST_SKIP() << "no /dev/full here";
    }
    const fedstake::testing::TempDir folder;
    auto writer = FilePartWriter::open("/dev/full", folder / "x", 4).value();
    const Status written = writer->write_at(0, Bytes(4));
    ASSERT_FALSE(written.has_value());
    EXPECT_EQ(written.error().code, Errc::kUnavailable);
    EXPECT_THAT(written.error().message, HasSubstr("/dev/full"));
}

}  // namespace
}  // namespace fedstake::transport
