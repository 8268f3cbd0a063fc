// Who takes part by what the chain says: a round with a key that the vault has not bound could be
// voided by anyone.
#include <algorithm>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/coordinator/round/federation_fixture.hpp"

namespace fedstake::round::testing {
namespace {

using ::testing::Contains;
using ::testing::Not;

bool is_barred(const MachineTest& test, std::size_t site) {
    return test.state().context.find(test.federation.site(site))->barred;
}

TEST(RoundStakes, ASiteThatTheChainWasNotReadAboutTakesNoPart) {
    MachineTest test;
    StakesKnown most = test.federation.stakes();
    most.stakes.pop_back();
    test.step(most);
    test.step(test.federation.started());
    EXPECT_TRUE(is_barred(test, 3));
    EXPECT_FALSE(is_barred(test, 0));
    EXPECT_THAT(test.machine.asked(), Not(Contains(test.federation.site(3))));
    test.step(test.federation.stakes());
    EXPECT_FALSE(is_barred(test, 3)) << "the round was not announced yet";
    EXPECT_THAT(test.machine.asked(), Contains(test.federation.site(3)));
}

TEST(RoundStakes, WithoutAChainThereIsNothingToRead) {
    MachineTest test({.chain_enabled = false});
    test.step(test.federation.started());
    EXPECT_FALSE(is_barred(test, 0));
}

// What was read was about the signer that the manifest had then; this one may not be bound.
TEST(RoundStakes, ASiteWithAnotherSignerIsOutUntilTheChainIsReadAgain) {
    MachineTest test;
    test.start();
    ASSERT_FALSE(is_barred(test, 2));
    Started again = test.federation.started();
    again.roster[2].signer.bytes.fill(0x44);
    test.step(again);
    EXPECT_TRUE(is_barred(test, 2));
    EXPECT_FALSE(is_barred(test, 1)) << "others are who they were";
    StakesKnown bound = test.federation.stakes();
    test.step(bound);
    EXPECT_FALSE(is_barred(test, 2));
    EXPECT_EQ(test.state().context.find(test.federation.site(2))->signer, again.roster[2].signer);
    test.step(again);
    EXPECT_FALSE(is_barred(test, 2)) << "a restart with the same manifest forgets nothing";
}

TEST(RoundStakes, WhatWasReadAboutASiteThatLeftIsForgottenWhenItComesBack) {
    MachineTest test;
    test.start();
    Started without = test.federation.started();
    without.roster.erase(without.roster.begin() + 2);
    test.step(without);
    Started back = test.federation.started();
    back.roster[2].signer.bytes.fill(0x55);
    test.step(back);
    EXPECT_TRUE(is_barred(test, 2));
}

}  // namespace
}  // namespace fedstake::round::testing
