// Intents on the reference ledger.
#include "contracts/cpp/memory_ledger.hpp"

#include <gtest/gtest.h>

#include "tests/contracts/cpp/memory_world.hpp"

namespace fedstake::chain {
namespace {

using testing::MemoryWorld;

MemoryLedger coordinator_ledger(const MemoryWorld& world) {
    return MemoryLedger(world.chain, world.coordinator());
}

TEST(MemoryLedger, CommitsAndReads) {
    MemoryWorld world;
    MemoryLedger ledger = coordinator_ledger(world);
    const CommitRound call = world.commitment(1, 5);
    EXPECT_EQ(ledger.committed(1).error().code, Errc::kNotFound);
    ASSERT_TRUE(ledger.submit({"commit/1", call}));
    EXPECT_EQ(ledger.status("commit/1")->state, IntentState::kQueued);
    const auto changed = *ledger.pump();
    ASSERT_EQ(changed.size(), 1U);
    EXPECT_EQ(changed[0].state, IntentState::kDone);
    EXPECT_FALSE(changed[0].transaction.is_zero());
    EXPECT_EQ(*ledger.committed(1), call.commitment.struct_hash());
    EXPECT_EQ(*ledger.committed_head(), 1U);
    EXPECT_FALSE(*ledger.is_final(1));
    world.chain->advance(world.chain->options().challenge_window);
    EXPECT_TRUE(*ledger.is_final(1));
    EXPECT_TRUE(ledger.pump()->empty());
}

TEST(MemoryLedger, QueuesWhileUnavailable) {
    MemoryWorld world;
    MemoryLedger ledger = coordinator_ledger(world);
    ledger.set_available(false);
    for (RoundNumber round = 1; round <= 3; ++round) {
        ASSERT_TRUE(ledger.submit({"commit/" + std::to_string(round), world.commitment(round, 0)}));
        EXPECT_EQ(ledger.pump().error().code, Errc::kUnavailable);
    }
    EXPECT_EQ(ledger.committed_head().error().code, Errc::kUnavailable);
    EXPECT_EQ(ledger.stake_of(world.site(0)).error().code, Errc::kUnavailable);
    ledger.set_available(true);
    EXPECT_EQ(ledger.pump()->size(), 3U);
    EXPECT_EQ(*ledger.committed_head(), 3U);
}

TEST(MemoryLedger, OneKeyOneEffect) {
    MemoryWorld world;
    MemoryLedger ledger = coordinator_ledger(world);
    CommitRound call = world.commitment(1, 0);
    ASSERT_TRUE(ledger.submit({"commit/1", call}));
    call.signatures.pop_back();  // other signatures, same effect
    EXPECT_TRUE(ledger.submit({"commit/1", call}));
    EXPECT_EQ(ledger.submit({"commit/1", world.commitment(1, 1)}).error().code, Errc::kConflict);
    EXPECT_EQ(ledger.pump()->size(), 1U);
}

TEST(MemoryLedger, RejectsForGoodAndSaysWhy) {
    MemoryWorld world;
    MemoryLedger ledger = coordinator_ledger(world);
    ASSERT_TRUE(world.commit(1, 7));
    ASSERT_TRUE(ledger.submit({"commit/1", world.commitment(1, 8)}));
    ASSERT_TRUE(ledger.submit({"commit/1 again", world.commitment(1, 7)}));
    ASSERT_TRUE(ledger.pump());
    EXPECT_EQ(ledger.status("commit/1")->state, IntentState::kRejected);
    EXPECT_NE(ledger.status("commit/1")->detail.find("FENCED"), std::string::npos);
    EXPECT_EQ(ledger.status("commit/1 again")->state, IntentState::kDone);
}

TEST(MemoryLedger, RejectsADescendantOfAVoidedRound) {
    MemoryWorld world;
    MemoryLedger ledger = coordinator_ledger(world);
    for (RoundNumber round = 1; round <= 3; ++round) ASSERT_TRUE(world.commit(round, 0));
    ASSERT_TRUE(world.chain->void_round(world.council(), world.commitment(2, 0).commitment));
    ASSERT_TRUE(ledger.submit({"commit/3", world.commitment(3, 0)}));
    ASSERT_TRUE(ledger.pump());
    EXPECT_EQ(ledger.status("commit/3")->state, IntentState::kRejected) << "it would wait for ever";
    EXPECT_NE(ledger.status("commit/3")->detail.find("was voided"), std::string::npos);
}

TEST(MemoryLedger, WaitsAndGoesOnByItself) {
    MemoryWorld world;
    MemoryLedger ledger = coordinator_ledger(world);
    const Address site = world.site(0);
    ASSERT_TRUE(world.chain->vault().stake(site, 1'000));
    ASSERT_TRUE(ledger.submit({"accuse", world.accusation(1, site, 200)}));
    ASSERT_TRUE(ledger.submit({"commit/1", world.commitment(1, 0)}));
    ASSERT_TRUE(ledger.pump());
    EXPECT_EQ(ledger.status("accuse")->state, IntentState::kDone) << "the commitment let it";
    const auto cases = *ledger.slash_cases();
    ASSERT_EQ(cases.size(), 1U);
    EXPECT_EQ(ledger.stake_of(site)->open_cases, 1U);
    ASSERT_TRUE(ledger.submit({"execute", ExecuteSlash{cases[0].id}}));
    ASSERT_TRUE(ledger.pump());
    EXPECT_EQ(ledger.status("execute")->state, IntentState::kQueued);
    world.chain->advance(world.chain->options().slash_delay);
    ASSERT_TRUE(ledger.pump());
    EXPECT_EQ(ledger.status("execute")->state, IntentState::kDone);
    EXPECT_EQ(ledger.stake_of(site)->stake, Amount{980});
    EXPECT_EQ(ledger.slash_cases()->at(0).amount, Amount{20});
}

TEST(MemoryLedger, PublishedTwiceIsDone) {
    MemoryWorld world;
    MemoryLedger ledger = coordinator_ledger(world);
    ASSERT_TRUE(world.commit(1, 0));
    ASSERT_TRUE(ledger.submit({"publish", world.release(1)}));
    ASSERT_TRUE(ledger.pump());
    EXPECT_EQ(ledger.status("publish")->state, IntentState::kQueued) << "not final yet";
    world.chain->advance(world.chain->options().challenge_window);
    ASSERT_TRUE(ledger.pump());
    EXPECT_EQ(ledger.status("publish")->state, IntentState::kDone);
    MemoryLedger restarted = coordinator_ledger(world);
    ASSERT_TRUE(restarted.submit({"publish", world.release(1)}));
    PublishModel other = world.release(1);
    other.weights_bytes += 1;
    ASSERT_TRUE(restarted.submit({"publish other", other}));
    ASSERT_TRUE(restarted.pump());
    EXPECT_EQ(restarted.status("publish")->state, IntentState::kDone);
    EXPECT_EQ(restarted.status("publish other")->state, IntentState::kRejected);
}

TEST(PackSignatures, IsSixtySixBytesEach) {
    MemoryWorld world;
    const auto signatures = world.commitment(1, 0).signatures;
    const Bytes packed = pack_signatures(signatures);
    ASSERT_EQ(packed.size(), 132U);
    EXPECT_EQ(packed[0], 0);
    EXPECT_EQ(packed[66], 2);
    EXPECT_EQ(packed[65], signatures[0].signature.bytes[64]);
}

}  // namespace
}  // namespace fedstake::chain
