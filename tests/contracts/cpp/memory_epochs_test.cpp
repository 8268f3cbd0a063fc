// Epochs and pauses of the reference model.
#include "contracts/cpp/memory_rounds.hpp"

#include <gtest/gtest.h>

#include "tests/contracts/cpp/memory_world.hpp"

namespace fedstake::chain {
namespace {

using testing::MemoryWorld;
using testing::refusal;

constexpr std::uint64_t kWeek = 7 * 86'400;

TEST(MemoryEpochs, TermsAreChecked) {
    MemoryWorld world;
    const EpochTerms good = world.chain->rounds().terms();
    const auto opened = [&](auto change) {
        EpochTerms terms = good;
        change(terms);
        return refusal(world.chain->rounds().open_epoch(world.governor(), terms));
    };
    EXPECT_EQ(refusal(world.chain->rounds().open_epoch(world.council(), good)),
              "AccessManagedUnauthorized");
    EXPECT_EQ(opened([](auto& t) { t.coordinator = Address{}; }), "ZeroAddress");
    EXPECT_EQ(opened([](auto& t) { t.auditors[1] = Address{}; }), "ZeroAddress");
    EXPECT_EQ(opened([](auto& t) { t.threshold = 0; }), "BadQuorum");
    EXPECT_EQ(opened([](auto& t) { t.threshold = 4; }), "BadQuorum");
    EXPECT_EQ(opened([](auto& t) { t.auditors.resize(33); }), "BadQuorum");
    EXPECT_EQ(opened([](auto& t) { t.auditors[2] = t.auditors[0]; }), "DuplicateAuditor");
    EXPECT_EQ(opened([](auto& t) { t.challenge_window = 0; }), "ZeroField");
    EXPECT_EQ(opened([](auto& t) { t.challenge_window += 1; }), "ChallengeTooLong");
    EXPECT_EQ(world.chain->rounds().current_epoch(), 0);
    EXPECT_EQ(opened([](auto&) {}), "accepted");
    EXPECT_EQ(world.chain->rounds().current_epoch(), 1);
}

TEST(MemoryEpochs, AShorterWindowOvertakesNothing) {
    MemoryWorld world;
    ASSERT_TRUE(world.commit(1, 0));
    EpochTerms terms = world.chain->rounds().terms();
    terms.challenge_window = 1;
    ASSERT_TRUE(world.chain->rounds().open_epoch(world.governor(), terms));
    ASSERT_TRUE(world.commit(2, 0));
    EXPECT_EQ(world.chain->rounds().slot_of(2).final_at, world.chain->rounds().slot_of(1).final_at);
    world.chain->advance(2);
    EXPECT_FALSE(world.chain->is_final(2));
}

TEST(MemoryEpochs, TheAuditorsOfAnOldEpochSignNoMore) {
    MemoryWorld world;
    EpochTerms terms = world.chain->rounds().terms();
    std::swap(terms.auditors[0], terms.auditors[1]);
    ASSERT_TRUE(world.chain->rounds().open_epoch(world.governor(), terms));
    EXPECT_EQ(refusal(world.commit(1, 0)), "NotSignedByAuditor");
}

TEST(MemoryEpochs, APauseEndsByItselfAndRestsAWeek) {
    MemoryWorld world;
    MemoryRounds& rounds = world.chain->rounds();
    const std::uint64_t now = world.chain->now();
    EXPECT_EQ(refusal(rounds.pause(world.governor(), now + 10)), "AccessManagedUnauthorized");
    EXPECT_EQ(refusal(rounds.pause(world.council(), now)), "PauseTooLong");
    EXPECT_EQ(refusal(rounds.pause(world.council(), now + kWeek + 1)), "PauseTooLong");
    ASSERT_TRUE(rounds.pause(world.council(), now + kWeek));
    EXPECT_EQ(refusal(rounds.pause(world.council(), now + kWeek)), "PauseTooSoon");
    EXPECT_EQ(refusal(world.commit(1, 0)), "PausedUntil");
    world.chain->advance(kWeek);
    EXPECT_TRUE(world.commit(1, 0));
    EXPECT_EQ(refusal(rounds.pause(world.council(), world.chain->now() + 1)), "PauseTooSoon");
    world.chain->advance(kWeek);
    EXPECT_TRUE(rounds.pause(world.council(), world.chain->now() + 1));
}

TEST(MemoryEpochs, APauseEndsEarlyAndANewEpochDoesNotEndIt) {
    MemoryWorld world;
    MemoryRounds& rounds = world.chain->rounds();
    ASSERT_TRUE(rounds.pause(world.council(), world.chain->now() + 100));
    ASSERT_TRUE(rounds.open_epoch(world.governor(), EpochTerms(rounds.terms())));
    EXPECT_EQ(refusal(world.commit(1, 0)), "PausedUntil");
    EXPECT_EQ(refusal(rounds.unpause(world.coordinator())), "AccessManagedUnauthorized");
    ASSERT_TRUE(rounds.unpause(world.council()));
    EXPECT_EQ(rounds.paused_until(), world.chain->now());
    EXPECT_TRUE(world.commit(1, 0));
    EXPECT_EQ(refusal(rounds.pause(world.council(), world.chain->now() + 1)), "PauseTooSoon")
        << "the week counts from the end";
}

}  // namespace
}  // namespace fedstake::chain
