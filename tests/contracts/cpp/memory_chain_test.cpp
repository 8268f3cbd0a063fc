// The contracts put together. That the reference model is theirs is shown by replaying scripts on
// both (evm/replay_calls_test.cpp).
#include "contracts/cpp/memory_chain.hpp"

#include <gtest/gtest.h>

#include "tests/contracts/cpp/memory_world.hpp"

namespace fedstake::chain {
namespace {

using testing::MemoryWorld;
using testing::refusal;

MemoryChainOptions options() {
    return MemoryWorld().chain->options();
}

TEST(MemoryChain, RolesFallBackAsInADeployment) {
    MemoryChainOptions plain = options();
    plain.governor = plain.parameters = plain.publisher = Address{};
    MemoryChain chain(plain);
    EXPECT_TRUE(chain.court().set_appeal_bond(plain.council, 1));
    EXPECT_EQ(chain.registry().publisher(), plain.coordinator);
    MemoryChainOptions split = options();
    split.parameters = testing::label_address("timelock");
    MemoryChain other(split);
    EXPECT_EQ(refusal(other.court().set_appeal_bond(split.governor, 1)),
              "AccessManagedUnauthorized");
    EXPECT_TRUE(other.court().set_appeal_bond(split.parameters, 1));
}

TEST(MemoryChain, LowersWhatTheUnbondingDelayDoesNotAllow) {
    MemoryChainOptions tight = options();
    tight.challenge_window = 100;
    tight.slash_delay = 200;
    tight.unbonding_delay = 300;
    const VaultWindows expected{300, 100, 200, 200, tight.appeal, 180};
    EXPECT_EQ(MemoryChain(tight).vault().windows(), expected);
}

TEST(MemoryChain, ExecutesByTheShortNumber) {
    MemoryWorld world;
    EXPECT_EQ(refusal(world.chain->execute_slash(7)), "CaseNotPending");
    ASSERT_TRUE(world.chain->vault().stake(world.site(0), 1'000));
    ASSERT_TRUE(world.commit(1, 0));
    ASSERT_TRUE(world.chain->accuse(world.accusation(1, world.site(0), 100)));
    const std::uint64_t number = world.chain->vault().cases().at(0).id;
    EXPECT_EQ(refusal(world.chain->execute_slash(number)), "CaseNotReady");
    world.chain->advance(world.chain->options().slash_delay);
    EXPECT_TRUE(world.chain->execute_slash(number));
}

}  // namespace
}  // namespace fedstake::chain
