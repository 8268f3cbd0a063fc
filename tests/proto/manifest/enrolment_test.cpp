#include "proto/manifest/enrolment.hpp"

#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/temp_dir.hpp"

namespace fedstake::manifest {
namespace {

using ::testing::HasSubstr;

class Enrolment : public ::testing::Test {
protected:
    EnrolmentRequest request() const {
        crypto::SiteEnrolment enrolment;
        enrolment.federation.bytes[0] = 3;
        enrolment.owner = owner_.address();
        enrolment.signer = signer_.address();
        enrolment.curve_key.bytes[1] = 4;
        enrolment.name = "cleveland";
        return make_enrolment(enrolment, 31337, owner_, signer_);
    }

    crypto::SigningKey owner_ = crypto::SigningKey::generate();
    crypto::SigningKey signer_ = crypto::SigningKey::generate();
    testing::TempDir folder_;
};

TEST_F(Enrolment, RoundTripsThroughItsFile) {
    const auto path = folder_ / "request.json";
    std::ofstream(path) << to_json(request());
    const auto loaded = load_enrolment(path);
    ASSERT_TRUE(loaded) << loaded.error().message;
    EXPECT_TRUE(verify_enrolment(*loaded));
    EXPECT_EQ(enrolment_fingerprint(*loaded), enrolment_fingerprint(request()));
}

TEST_F(Enrolment, NeedsBothSignatures) {
    EnrolmentRequest swapped = request();
    std::swap(swapped.owner_signature, swapped.signer_signature);
    EXPECT_EQ(verify_enrolment(swapped).error().code, Errc::kUnauthorized);
    EnrolmentRequest changed = request();
    changed.enrolment.curve_key.bytes[0] ^= 1;
    EXPECT_FALSE(verify_enrolment(changed));
    EnrolmentRequest other_chain = request();
    other_chain.chain_id = 1;
    EXPECT_FALSE(verify_enrolment(other_chain));
}

TEST_F(Enrolment, RefusesOneAccountForBothKeys) {
    crypto::SiteEnrolment enrolment = request().enrolment;
    enrolment.signer = enrolment.owner;
    EXPECT_THAT(verify_enrolment(make_enrolment(enrolment, 1, owner_, owner_)).error().message,
                HasSubstr("different accounts"));
}

TEST_F(Enrolment, NamesTheFileAndTheFieldOfABadRequest) {
    const auto path = folder_ / "bad.json";
    std::ofstream(path) << R"({"format": "fedstake-enrolment-1", "name": "x", "chain_id": 5})";
    const auto loaded = load_enrolment(path);
    ASSERT_FALSE(loaded);
    EXPECT_THAT(loaded.error().message, HasSubstr("bad.json"));
    EXPECT_THAT(loaded.error().message, HasSubstr("federation"));
    EXPECT_EQ(load_enrolment(folder_ / "none.json").error().code, Errc::kNotFound);
}

}  // namespace
}  // namespace fedstake::manifest
