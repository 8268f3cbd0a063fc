// Replacing the signer key, and being interrupted in between.
#include "client/app/key_rotation.hpp"

#include <gtest/gtest.h>

#include "tests/support/temp_dir.hpp"

namespace fedstake::client {
namespace {

namespace fs = std::filesystem;

constexpr const char* kPassphrase = "secret";

class KeyRotation : public ::testing::Test {
protected:
    void SetUp() override {
        keys_ = folder_.path() / "keys";
        old_ = *make_keys(keys_, kPassphrase, crypto::kLightKeystoreCost);
    }
    Address prepare() {
        const auto next = prepare_next_signer(keys_, kPassphrase, crypto::kLightKeystoreCost);
        EXPECT_TRUE(next) << next.error().message;
        return next ? next->address() : Address{};
    }
    void expect_adopted(const Address& next) {
        EXPECT_EQ(read_public_keys(keys_)->signer, next);
        EXPECT_EQ(read_public_keys(keys_)->owner, old_.owner);
        EXPECT_EQ(read_public_keys(keys_)->curve, old_.curve);
        EXPECT_EQ(read_signer_key(keys_, kPassphrase)->address(), next);
        const fs::path kept = keys_ / ("signer-" + old_.signer.hex() + ".json");
        EXPECT_EQ(crypto::read_keystore(kept, kPassphrase)->address(), old_.signer);
        EXPECT_FALSE(fs::exists(keys_ / "signer-next.json"));
    }

    fedstake::testing::TempDir folder_;
    fs::path keys_;
    PublicKeys old_;
};

TEST_F(KeyRotation, PutsTheNewKeyInPlaceAndKeepsTheOldOne) {
    const Address next = prepare();
    EXPECT_NE(next, old_.signer);
    EXPECT_EQ(read_signer_key(keys_, kPassphrase)->address(), old_.signer) << "not yet";
    ASSERT_TRUE(adopt_next_signer(keys_, old_, next));
    expect_adopted(next);
}

TEST_F(KeyRotation, GoesOnWithTheSameKeyAfterAnyInterruption) {
    const Address next = prepare();
    EXPECT_EQ(prepare(), next) << "before the chain knew it";
    fs::rename(keys_ / "signer.json", keys_ / ("signer-" + old_.signer.hex() + ".json"));
    EXPECT_EQ(prepare(), next) << "between the two renames";
    fs::rename(keys_ / "signer-next.json", keys_ / "signer.json");
    EXPECT_EQ(prepare(), next) << "before public.json was written";
    ASSERT_TRUE(adopt_next_signer(keys_, old_, next));
    expect_adopted(next);
}

TEST_F(KeyRotation, OverwritesNoKey) {
    const Address next = prepare();
    fs::copy_file(keys_ / "owner.json", keys_ / ("signer-" + old_.signer.hex() + ".json"));
    const Status refused = adopt_next_signer(keys_, old_, next);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, Errc::kConflict);
    EXPECT_EQ(read_signer_key(keys_, kPassphrase)->address(), old_.signer);
    EXPECT_EQ(read_public_keys(keys_)->signer, old_.signer);
}

}  // namespace
}  // namespace fedstake::client
