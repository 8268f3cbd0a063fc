// The keyed fingerprint of a data set.
#include "client/app/dataset_fingerprint.hpp"

#include <fstream>

#include <gtest/gtest.h>

#include "tests/support/temp_dir.hpp"

namespace fedstake::client {
namespace {

// RFC 4231, test cases 1, 2 and 6.
TEST(HmacSha256, GivesTheAnswersOfTheStandard) {
    EXPECT_EQ(hmac_sha256(Bytes(20, 0x0b), as_bytes("Hi There")).hex(),
              "0xb0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
    EXPECT_EQ(hmac_sha256(as_bytes("Jefe"), as_bytes("what do ya want for nothing?")).hex(),
              "0x5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    EXPECT_EQ(hmac_sha256(Bytes(131, 0xaa),
                          as_bytes("Test Using Larger Than Block-Size Key - Hash Key First"))
                  .hex(),
              "0x60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

class DatasetFingerprint : public ::testing::Test {
protected:
    void SetUp() override {
        data_.file = folder_.path() / "rows.csv";
        data_.schema = "uci-heart";
        std::ofstream(data_.file) << "1,2,3\n";
        key_.bytes.fill(7);
    }
    Digest made() { return *dataset_fingerprint(data_, key_, federation_, site_); }

    fedstake::testing::TempDir folder_;
    DataConfig data_;
    Digest key_;
    FederationId federation_;
    SiteId site_;
};

TEST_F(DatasetFingerprint, ChangesWithEverythingThatItNames) {
    const Digest before = made();
    EXPECT_EQ(made(), before);
    data_.split_seed = 2;
    EXPECT_NE(made(), before);
    data_.split_seed = 1;
    site_.bytes[0] = 1;
    EXPECT_NE(made(), before);
    site_.bytes[0] = 0;
    federation_.bytes[0] = 1;
    EXPECT_NE(made(), before);
    federation_.bytes[0] = 0;
    key_.bytes[0] ^= 1;
    EXPECT_NE(made(), before);
    key_.bytes[0] ^= 1;
    EXPECT_EQ(made(), before);
    std::ofstream(data_.file) << "1,2,4\n";
    EXPECT_NE(made(), before);
}

TEST_F(DatasetFingerprint, TakesTheSchemaFileByItsContent) {
    const auto schema = folder_.path() / "schema.toml";
    std::ofstream(schema) << "a = 1\n";
    data_.schema = schema.string();
    const Digest before = made();
    const auto moved = folder_.path() / "moved.toml";
    std::filesystem::rename(schema, moved);
    data_.schema = moved.string();
    EXPECT_EQ(made(), before);
    std::ofstream(moved) << "a = 2\n";
    EXPECT_NE(made(), before);
}

TEST_F(DatasetFingerprint, SaysWhatIsMissing) {
    data_.file.clear();
    EXPECT_EQ(dataset_fingerprint(data_, key_, federation_, site_).error().code,
              Errc::kInvalidInput);
    data_.file = folder_.path() / "none.csv";
    EXPECT_EQ(dataset_fingerprint(data_, key_, federation_, site_).error().code, Errc::kNotFound);
}

TEST_F(DatasetFingerprint, KeepsItsKeyAndNeedsThePassphrase) {
    const auto first = dataset_key(folder_.path(), "secret", crypto::kLightKeystoreCost);
    ASSERT_TRUE(first) << first.error().message;
    EXPECT_FALSE(first->is_zero());
    EXPECT_EQ(*dataset_key(folder_.path(), "secret", crypto::kLightKeystoreCost), *first);
    EXPECT_EQ(dataset_key(folder_.path(), "other", crypto::kLightKeystoreCost).error().code,
              Errc::kUnauthorized);
}

}  // namespace
}  // namespace fedstake::client
