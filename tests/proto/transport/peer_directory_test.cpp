// Tags: only what this process gave to a key that is still allowed counts.
#include "proto/transport/peer_directory.hpp"

#include <gtest/gtest.h>

namespace fedstake::transport {
namespace {

using std::chrono::milliseconds;

template <class T>
T filled(std::uint8_t byte) {
    T value;
    value.bytes.fill(byte);
    return value;
}

const AllowedPeer kBasel{filled<CurvePublicKey>(1), filled<SiteId>(0x11)};
const AllowedPeer kBern{filled<CurvePublicKey>(2), filled<SiteId>(0x22)};

TEST(PeerDirectory, AdmitsEnrolledKeysAndKnowsTheirTags) {
    PeerDirectory directory(30);
    directory.replace({kBasel, kBern});
    const auto admitted = directory.admit(kBasel.key, milliseconds{0});
    ASSERT_EQ(admitted.admission, Admission::kAccepted);
    EXPECT_EQ(directory.verify(admitted.user_id), kBasel.site);
}

TEST(PeerDirectory, RefusesStrangers) {
    PeerDirectory directory(30);
    directory.replace({kBasel});
    EXPECT_EQ(directory.admit(kBern.key, milliseconds{0}).admission, Admission::kNotEnrolled);
}

TEST(PeerDirectory, RefusesForgedTags) {
    PeerDirectory directory(30);
    directory.replace({kBasel, kBern});
    const std::string basel = directory.admit(kBasel.key, milliseconds{0}).user_id;
    const std::string bern = directory.admit(kBern.key, milliseconds{0}).user_id;
    const auto colon = basel.find(':');
    for (const std::string& forged :
         {std::string(), std::string("hospital-07"), std::string(":"), basel.substr(0, colon),
          basel.substr(0, colon + 1), kBasel.site.hex() + ":" + std::string(64, '0'),
          kBern.site.hex() + basel.substr(colon),  // the tag of another site
          basel + "00", basel.substr(0, basel.size() - 2), " " + basel}) {
        EXPECT_EQ(directory.verify(forged), std::nullopt) << forged;
    }
    EXPECT_EQ(directory.verify(bern), kBern.site);
}

TEST(PeerDirectory, RefusesTagsOfAnotherProcess) {
    PeerDirectory one(30);
    PeerDirectory other(30);
    one.replace({kBasel});
    other.replace({kBasel});
    EXPECT_EQ(other.verify(one.admit(kBasel.key, milliseconds{0}).user_id), std::nullopt);
}

TEST(PeerDirectory, RevocationTakesEffectAtOnce) {
    PeerDirectory directory(30);
    directory.replace({kBasel, kBern});
    const std::string basel = directory.admit(kBasel.key, milliseconds{0}).user_id;
    directory.replace({kBern});
    EXPECT_EQ(directory.verify(basel), std::nullopt);
    directory.replace({{kBern.key, kBern.site}, {filled<CurvePublicKey>(9), kBasel.site}});
    EXPECT_EQ(directory.verify(basel), std::nullopt) << "the old key of a site that rotated";
}

TEST(PeerDirectory, ASiteMayHaveTwoKeysWhileItRotates) {
    PeerDirectory directory(30);
    const AllowedPeer next{filled<CurvePublicKey>(9), kBasel.site};
    directory.replace({kBasel, next});
    EXPECT_EQ(directory.verify(directory.admit(kBasel.key, milliseconds{0}).user_id), kBasel.site);
    EXPECT_EQ(directory.verify(directory.admit(next.key, milliseconds{0}).user_id), kBasel.site);
}

TEST(PeerDirectory, HandshakesOfOneKeyAreBounded) {
    PeerDirectory directory(3);
    directory.replace({kBasel, kBern});
    milliseconds now{1'000'000};
    for (int i = 0; i < 3; ++i) {
        EXPECT_EQ(directory.admit(kBasel.key, now).admission, Admission::kAccepted);
    }
    EXPECT_EQ(directory.admit(kBasel.key, now).admission, Admission::kTooManyConnections);
    EXPECT_EQ(directory.admit(kBern.key, now).admission, Admission::kAccepted);
    directory.replace({kBasel, kBern});  // an update of the list gives no new budget
    EXPECT_EQ(directory.admit(kBasel.key, now).admission, Admission::kTooManyConnections);
    now += milliseconds{20'000};  // a third of the minute: one handshake
    EXPECT_EQ(directory.admit(kBasel.key, now).admission, Admission::kAccepted);
    EXPECT_EQ(directory.admit(kBasel.key, now).admission, Admission::kTooManyConnections);
}

}  // namespace
}  // namespace fedstake::transport
