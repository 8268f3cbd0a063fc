#include "proto/transport/curve_keys.hpp"

#include <gtest/gtest.h>

namespace fedstake::transport {
namespace {

// RFC 7748 section 6.1: Alice's key pair.
TEST(CurveKeys, PublicKeyMatchesRfc7748) {
    const auto secret =
        Digest::parse("77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a");
    const auto expected =
        CurvePublicKey::parse("8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a");
    EXPECT_EQ(curve_public_key(CurveSecretKey(secret->bytes)), *expected);
}

TEST(CurveKeys, GeneratedPairsBelongTogetherAndDiffer) {
    const CurveKeyPair first = generate_curve_keys();
    const CurveKeyPair second = generate_curve_keys();
    EXPECT_EQ(curve_public_key(first.secret_key), first.public_key);
    EXPECT_NE(first.public_key, second.public_key);
}

TEST(CurveKeys, Z85RoundTrip) {
    const CurveKeyPair pair = generate_curve_keys();
    EXPECT_EQ(curve_key_from_z85(to_z85(pair.public_key)).value(), pair.public_key);
}

// The example of ZeroMQ RFC 32, repeated to 32 bytes.
TEST(CurveKeys, Z85MatchesRfc32) {
    const auto key =
        CurvePublicKey::parse("864fd26fb559f75b864fd26fb559f75b864fd26fb559f75b864fd26fb559f75b");
    EXPECT_EQ(to_z85(*key), "HelloWorldHelloWorldHelloWorldHelloWorld");
}

TEST(CurveKeys, RefusesOtherText) {
    EXPECT_FALSE(curve_key_from_z85("").has_value());
    EXPECT_FALSE(curve_key_from_z85(std::string(39, '0')).has_value());
    EXPECT_FALSE(curve_key_from_z85(std::string(41, '0')).has_value());
    EXPECT_FALSE(curve_key_from_z85(std::string(40, '"')).has_value());
    EXPECT_FALSE(curve_key_from_z85(std::string(40, '\x7F')).has_value());
    EXPECT_FALSE(curve_key_from_z85(std::string(40, '\xC3')).has_value());
    EXPECT_FALSE(curve_key_from_z85(std::string(40, '\0')).has_value());
    EXPECT_FALSE(curve_key_from_z85(std::string(40, '#')).has_value()) << "above 2^32";
}

}  // namespace
}  // namespace fedstake::transport
