// Digests of fixed values, written down once: a change of the canonical formats must be deliberate,
// because it makes every earlier round unverifiable and every other implementation wrong.
#include <gtest/gtest.h>

#include "proto/crypto/sha256.hpp"
#include "proto/rules/round_context.hpp"
#include "proto/rules/round_rules.hpp"
#include "proto/rules/settlement.hpp"
#include "proto/rules/signed_update.hpp"
#include "tests/proto/rules/fixtures.hpp"

namespace fedstake::rules {
namespace {

using testing::accepted;
using testing::context_of;
using testing::filled;
using testing::member;
using testing::site_id;
using testing::struck;
using testing::valid_rules;

RoundContext golden_context() {
    RoundContext context = context_of({member(1), member(2, 500), member(3)});
    context.cohort[0].cumulative_reward = 12345;
    context.cohort[2].strikes = 2;
    context.cohort[2].offences = 1;
    return context;
}

TEST(GoldenDigests, Rules) {
    EXPECT_EQ(valid_rules().digest().hex(),
              "0xe45a3253c41516786c39fd44c0c58703a94abfe7a9a5878bd5f487574169491a");
}

TEST(GoldenDigests, Context) {
    EXPECT_EQ(golden_context().digest().hex(),
              "0x628ade2d34cbf856bdac46329f99232c4418950e70672617a858cea025c48a92");
}

TEST(GoldenDigests, Settlement) {
    const auto settlement =
        settle(golden_context(), valid_rules(),
               std::vector{accepted(1, 700'000), accepted(2, 300'000), struck(3)});
    ASSERT_TRUE(settlement) << settlement.error().message;
    EXPECT_EQ(amount_to_string(settlement->reward_total), "1012344");
    EXPECT_EQ(settlement->score_sum, 700'050U);
    EXPECT_EQ(settlement->sites[2].accused_bps, 400);
    EXPECT_EQ(settlement->scores_root.hex(),
              "0x07a98a2a66fc53dddefa8f700d4b5809492ead913161ef48844fa7f134f57db8");
    EXPECT_EQ(settlement->rewards_root.hex(),
              "0xac8392f31dcda2bc5187c881d4ad3ec913efd6bd870e69ebe3fa9bd5ffdcb7f9");
}

TEST(GoldenDigests, SignedUpdate) {
    SignedUpdate update;
    update.details = {1, 2, 3};
    update.statement = {.federation = filled<FederationId>(0xfe),
                        .round = 3,
                        .attempt = 1,
                        .site = site_id(5),
                        .base_model = filled<Digest>(0x0b),
                        .update_root = filled<Digest>(0x0c),
                        .coordinates = 13,
                        .details_digest = crypto::sha256(update.details)};
    update.signature = filled<crypto::Signature>(0x0d);
    const crypto::Eip712Domain domain{.chain_id = 31337,
                                      .verifying_contract = filled<Address>(0xcc)};
    EXPECT_EQ(crypto::sha256(update.encode()).hex(),
              "0xdebbda9cd5605b858a1badc4e259047176186292afe4d9ea7bef135542c45ccc");
    EXPECT_EQ(updates_root(domain, std::vector{update}).hex(),
              "0x1d2c17abdb0bcb9288eb0c1f1030dc0b4c45c2e1c7bdbc4d0d88ba4cd14f0893");
}

}  // namespace
}  // namespace fedstake::rules
