#include "proto/rules/signed_update.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "proto/base/limits.hpp"
#include "proto/crypto/keccak256.hpp"
#include "proto/crypto/keccak_tree.hpp"
#include "proto/crypto/sha256.hpp"
#include "tests/proto/rules/fixtures.hpp"

namespace fedstake::rules {
namespace {

using testing::filled;
using testing::site_id;

const crypto::Eip712Domain kDomain{.chain_id = 31337, .verifying_contract = filled<Address>(0xcc)};

SignedUpdate update_of(std::uint8_t site) {
    SignedUpdate update;
    update.details = {1, 2, 3, site};
    update.statement = {.federation = filled<FederationId>(0xfe),
                        .round = 3,
                        .attempt = 1,
                        .site = site_id(site),
                        .base_model = filled<Digest>(0x0b),
                        .update_root = filled<Digest>(site),
                        .coordinates = 13,
                        .details_digest = crypto::sha256(update.details)};
    update.signature = filled<crypto::Signature>(site);
    return update;
}

TEST(SignedUpdate, RoundTrips) {
    const auto decoded = SignedUpdate::decode(update_of(5).encode());
    ASSERT_TRUE(decoded) << decoded.error().message;
    EXPECT_EQ(*decoded, update_of(5));
}

TEST(SignedUpdate, RefusesEveryTruncationAndTrailingBytes) {
    Bytes bytes = update_of(5).encode();
    for (std::size_t length = 0; length < bytes.size(); ++length) {
        ASSERT_FALSE(SignedUpdate::decode(ByteView(bytes).first(length))) << length;
    }
    bytes.push_back(0);
    EXPECT_EQ(SignedUpdate::decode(bytes).error().message,
              "signed update: 1 unexpected bytes after the last field");
}

TEST(SignedUpdate, RefusesDetailsThatTheSiteDidNotSign) {
    SignedUpdate update = update_of(5);
    update.details[0] ^= 1U;
    const auto decoded = SignedUpdate::decode(update.encode());
    ASSERT_FALSE(decoded);
    EXPECT_EQ(decoded.error().code, Errc::kCorrupt);
    EXPECT_EQ(decoded.error().message, "signed update: details of site " + site_id(5).hex() +
                                           " do not match the digest that it signed");
}

TEST(SignedUpdate, RefusesOversizedDetails) {
    SignedUpdate update = update_of(5);
    update.details.resize(limits::kDetailsBytesMax + 1);
    update.statement.details_digest = crypto::sha256(update.details);
    EXPECT_EQ(SignedUpdate::decode(update.encode()).error().code, Errc::kLimitExceeded);
    update.details.pop_back();
    update.statement.details_digest = crypto::sha256(update.details);
    EXPECT_TRUE(SignedUpdate::decode(update.encode()));
}

TEST(UpdatesRoot, IsTheTreeOverTheDocumentedLeaves) {
    const std::vector<SignedUpdate> updates{update_of(1), update_of(2), update_of(3)};
    std::vector<Digest> leaves;
    for (std::size_t i = 0; i < updates.size(); ++i) {
        leaves.push_back(crypto::LeafHasher(crypto::LeafTag::kUpdate)
                             .number(i)
                             .address(updates[i].statement.site)
                             .word(updates[i].statement.update_root)
                             .word(crypto::signing_digest(kDomain, updates[i].statement))
                             .word(crypto::keccak256(updates[i].signature.bytes))
                             .finish());
    }
    EXPECT_EQ(updates_root(kDomain, updates), crypto::keccak_root(leaves));
}

TEST(UpdatesRoot, DependsOnStatementSignatureAndDomain) {
    const std::vector<SignedUpdate> updates{update_of(1), update_of(2)};
    const Digest root = updates_root(kDomain, updates);
    auto other_signature = updates;
    other_signature[1].signature.bytes[0] ^= 1U;
    auto other_statement = updates;
    other_statement[0].statement.attempt = 2;
    crypto::Eip712Domain other_domain = kDomain;
    other_domain.chain_id = 1;
    EXPECT_NE(updates_root(kDomain, other_signature), root);
    EXPECT_NE(updates_root(kDomain, other_statement), root);
    EXPECT_NE(updates_root(other_domain, updates), root);
}

TEST(UpdatesRoot, OfNoUpdatesIsTheEmptyTree) {
    EXPECT_EQ(updates_root(kDomain, {}), crypto::keccak_root({}));
}

TEST(UpdatesRootDeathTest, UnorderedUpdatesAreAProgrammingError) {
    const std::vector<SignedUpdate> updates{update_of(2), update_of(1)};
    EXPECT_DEATH((void)updates_root(kDomain, updates), "internal check failed");
}

}  // namespace
}  // namespace fedstake::rules
