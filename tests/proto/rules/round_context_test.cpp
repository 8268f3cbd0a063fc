#include "proto/rules/round_context.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "proto/base/limits.hpp"
#include "proto/base/rng.hpp"
#include "proto/crypto/sha256.hpp"
#include "tests/proto/rules/fixtures.hpp"

namespace fedstake::rules {
namespace {

using testing::context_of;
using testing::filled;
using ::testing::HasSubstr;
using testing::member;
using testing::site_id;

// Bytes before the cohort: federation, round, attempt, six digests, count.
constexpr std::size_t kHeaderBytes = 32 + 8 + 4 + 6 * 32 + 4;
constexpr std::size_t kMemberBytes = 20 + 20 + 16 + 16 + 4 + 4 + 1;

RoundContext example() {
    RoundContext context = context_of({member(1), member(2, 5), member(9)});
    context.cohort[1].barred = true;
    context.cohort[1].strikes = 2;
    context.cohort[2].cumulative_reward = Amount{3} << 100U;
    context.cohort[2].offences = 4;
    return context;
}

TEST(RoundContext, RoundTrips) {
    const Bytes bytes = example().encode();
    EXPECT_EQ(bytes.size(), kHeaderBytes + 3 * kMemberBytes);
    const auto decoded = RoundContext::decode(bytes);
    ASSERT_TRUE(decoded) << decoded.error().message;
    EXPECT_EQ(*decoded, example());
    EXPECT_EQ(decoded->digest(), crypto::sha256(bytes));
}

TEST(RoundContext, RoundTripsAnEmptyCohort) {
    EXPECT_EQ(*RoundContext::decode(context_of({}).encode()), context_of({}));
}

TEST(RoundContext, RefusesEveryTruncation) {
    const Bytes bytes = example().encode();
    for (std::size_t length = 0; length < bytes.size(); ++length) {
        const auto decoded = RoundContext::decode(ByteView(bytes).first(length));
        ASSERT_FALSE(decoded) << length;
        EXPECT_EQ(decoded.error().code, Errc::kCorrupt);
    }
}

TEST(RoundContext, RefusesTrailingBytes) {
    Bytes bytes = example().encode();
    bytes.push_back(0);
    const auto decoded = RoundContext::decode(bytes);
    ASSERT_FALSE(decoded);
    EXPECT_EQ(decoded.error().message, "round context: 1 unexpected bytes after the last field");
}

TEST(RoundContext, RefusesUnorderedAndDuplicateSites) {
    RoundContext unordered = example();
    std::swap(unordered.cohort[0], unordered.cohort[1]);
    const auto decoded = RoundContext::decode(unordered.encode());
    ASSERT_FALSE(decoded);
    EXPECT_EQ(decoded.error().code, Errc::kCorrupt);
    EXPECT_EQ(decoded.error().message,
              "round context: cohort is not in ascending order at site " + site_id(1).hex());

    RoundContext twice = example();
    twice.cohort[1].site = twice.cohort[0].site;
    EXPECT_EQ(RoundContext::decode(twice.encode()).error().code, Errc::kCorrupt);
}

TEST(RoundContext, RefusesFlagsThatAreNeitherZeroNorOne) {
    Bytes bytes = example().encode();
    bytes.back() = 2;
    const auto decoded = RoundContext::decode(bytes);
    ASSERT_FALSE(decoded);
    EXPECT_EQ(decoded.error().code, Errc::kCorrupt);
    EXPECT_THAT(decoded.error().message, HasSubstr(site_id(9).hex()));
}

TEST(RoundContext, RefusesAHugeCohortBeforeReadingIt) {
    Bytes bytes = example().encode();
    bytes[kHeaderBytes - 3] = 0xff;
    const auto decoded = RoundContext::decode(bytes);
    ASSERT_FALSE(decoded);
    EXPECT_EQ(decoded.error().code, Errc::kCorrupt);
    EXPECT_THAT(decoded.error().message, HasSubstr("at most 512 allowed"));
}

// Whatever decodes must be what encode() writes: one context has one digest.
TEST(RoundContext, AcceptsOnlyCanonicalBytes) {
    Rng rng(11);
    const Bytes original = example().encode();
    for (int trial = 0; trial < 5000; ++trial) {
        Bytes bytes = original;
        for (std::uint64_t flips = 1 + rng.below(3); flips > 0; --flips) {
            bytes[rng.below(bytes.size())] = static_cast<std::uint8_t>(rng.next());
        }
        const auto decoded = RoundContext::decode(bytes);
        if (decoded) {
            ASSERT_EQ(decoded->encode(), bytes);
        }
    }
}

TEST(RoundContext, DigestDependsOnEveryField) {
    std::vector<RoundContext> variants(15, example());
    variants[0].federation = filled<FederationId>(0);
    variants[1].round = 8;
    variants[2].attempt = 2;
    variants[3].rules_digest = {};
    variants[4].base_model = {};
    variants[5].previous_aggregate = {};
    variants[6].previous_rewards_root = {};
    variants[7].salt = {};
    variants[8].cohort[0].signer = {};
    variants[9].cohort[0].stake = 0;
    variants[10].cohort[0].cumulative_reward = 1;
    variants[11].cohort[0].strikes = 1;
    variants[12].cohort[0].offences = 1;
    variants[13].cohort[0].barred = true;
    variants[14].previous_state = {};
    for (const RoundContext& variant : variants) EXPECT_NE(variant.digest(), example().digest());
}

TEST(RoundContext, FindsMembers) {
    const RoundContext context = example();
    EXPECT_EQ(context.find(site_id(2)), &context.cohort[1]);
    EXPECT_EQ(context.find(site_id(3)), nullptr);
    EXPECT_EQ(context.find(site_id(0xff)), nullptr);
    EXPECT_EQ(context_of({}).find(site_id(1)), nullptr);
}

TEST(RoundContext, LeafSaltsDifferBySiteAndRound) {
    RoundContext other = example();
    other.salt = filled<Digest>(0x99);
    EXPECT_NE(leaf_salt(example(), site_id(1)), leaf_salt(example(), site_id(2)));
    EXPECT_NE(leaf_salt(example(), site_id(1)), leaf_salt(other, site_id(1)));
}

}  // namespace
}  // namespace fedstake::rules
