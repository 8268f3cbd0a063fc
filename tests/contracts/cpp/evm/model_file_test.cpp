// Safetensors files as the registry knows them.
#include "contracts/cpp/evm/model_file.hpp"

#include <fstream>

#include <gtest/gtest.h>

#include "proto/base/bytes.hpp"
#include "proto/crypto/content_tree.hpp"
#include "proto/crypto/sha256.hpp"
#include "tests/support/temp_dir.hpp"

namespace fedstake::evm {
namespace {

Bytes little_endian(std::uint64_t value) {
    Bytes bytes;
    for (int i = 0; i < 8; ++i) bytes.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
    return bytes;
}

class ModelFileTest : public ::testing::Test {
protected:
    Result<ModelFile> read(const Bytes& content) {
        const auto path = folder_.path() / "model.safetensors";
        std::ofstream out(path, std::ios::binary);
        out.write(reinterpret_cast<const char*>(content.data()),
                  static_cast<std::streamsize>(content.size()));
        out.close();
        return read_model_file(path);
    }
    fedstake::testing::TempDir folder_;
};

TEST_F(ModelFileTest, SplitsHeaderAndValues) {
    // More than one piece of either, so that the border falls inside of one.
    for (const std::size_t header : {std::size_t{16}, std::size_t{(1U << 20U) + 8}}) {
        Bytes content = little_endian(header);
        content.insert(content.end(), header, ' ');
        Bytes values;
        for (std::size_t i = 0; i < (std::size_t{1} << 20U) + 4096; ++i) {
            values.push_back(static_cast<std::uint8_t>(i * 7 + i / 256));
        }
        content.insert(content.end(), values.begin(), values.end());
        const auto file = read(content);
        ASSERT_TRUE(file) << file.error().message;
        EXPECT_EQ(file->bytes, content.size());
        EXPECT_EQ(file->sha256, crypto::sha256(content));
        EXPECT_EQ(file->values_root, crypto::content_root_of(values));
    }
}

TEST_F(ModelFileTest, RefusesFilesWhoseHeaderDoesNotFit) {
    for (const Bytes& content : {Bytes{}, Bytes{1, 2, 3}, little_endian(1),
                                 little_endian(~std::uint64_t{0}), little_endian(200'000'000)}) {
        const auto file = read(content);
        ASSERT_FALSE(file);
        EXPECT_EQ(file.error().code, Errc::kInvalidInput);
        EXPECT_NE(file.error().message.find("no safetensors file"), std::string::npos);
    }
    EXPECT_EQ(read_model_file(folder_.path() / "none").error().code, Errc::kNotFound);
    EXPECT_EQ(read_model_file(folder_.path()).error().code, Errc::kNotFound) << "a folder";
}

TEST_F(ModelFileTest, AFileWithoutValuesHasTheRootOfNothing) {
    Bytes content = little_endian(2);
    content.insert(content.end(), {'{', '}'});
    EXPECT_EQ(read(content)->values_root, crypto::content_root_of({}));
}

// As `ipfs add --cid-version 1 --raw-leaves` prints for a file with the text "hello\n".
TEST_F(ModelFileTest, NamesTheCidOfTheDigest) {
    EXPECT_EQ(cid_of(crypto::sha256(as_bytes("hello\n"))),
              "bafkreicysg23kiwv34eg2d7qweipxwosdo2py4ldv42nbauguluen5v6am");
}

}  // namespace
}  // namespace fedstake::evm
