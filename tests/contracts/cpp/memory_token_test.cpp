// Arithmetic and balances of the reference model.
#include "contracts/cpp/memory_token.hpp"

#include <gtest/gtest.h>

#include "tests/contracts/cpp/memory_world.hpp"

namespace fedstake::chain {
namespace {

using testing::refusal;

TEST(ShareOf, RoundsUpAndDownWithoutOverflow) {
    EXPECT_EQ(share_up(10'001, 200), Amount{201});
    EXPECT_EQ(share_down(10'001, 200), Amount{200});
    EXPECT_EQ(share_up(10'000, 200), Amount{200});
    EXPECT_EQ(share_up(1, 1), Amount{1});
    EXPECT_EQ(share_down(1, 9'999), Amount{0});
    EXPECT_EQ(share_up(~Amount{0}, 10'000), ~Amount{0});
    EXPECT_EQ(share_down(~Amount{0}, 10'000), ~Amount{0});
}

TEST(Amount96, RefusesWhatTheContractsCannotKeep) {
    EXPECT_TRUE(to_96_bits(kAmount96Max));
    EXPECT_EQ(refusal(to_96_bits(kAmount96Max + 1)), "SafeCastOverflowedUintDowncast");
    EXPECT_EQ(*add_96_bits(kAmount96Max - 1, 1), kAmount96Max);
    const auto over = add_96_bits(kAmount96Max, 1);
    ASSERT_FALSE(over);
    EXPECT_EQ(refusal_name(over.error()), "Panic");
}

TEST(MemoryToken, MovesOnlyWhatThereIs) {
    MemoryToken token;
    const Address from = testing::label_address("from");
    const Address to = testing::label_address("to");
    ASSERT_TRUE(token.mint(from, 10));
    EXPECT_EQ(refusal(token.transfer(from, to, 11)), "ERC20InsufficientBalance");
    EXPECT_EQ(token.balance_of(from), Amount{10});
    ASSERT_TRUE(token.transfer(from, from, 10)) << "to itself";
    EXPECT_EQ(token.balance_of(from), Amount{10});
    ASSERT_TRUE(token.transfer(from, to, 10));
    EXPECT_EQ(token.balance_of(to), Amount{10});
    EXPECT_FALSE(token.mint(to, ~Amount{0})) << "more than 2^128 in all";
}

}  // namespace
}  // namespace fedstake::chain
