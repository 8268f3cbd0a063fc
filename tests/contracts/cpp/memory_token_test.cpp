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

TEST(Refuse, NamesTheErrorAndItsValuesAsTheContractsDo) {
    const Address who = testing::label_address("who");
    const Digest what = testing::label("what");
    const Error error = refuse("Some", {7U, kAmount96Max, who, what, "bond"}).value();
    EXPECT_EQ(error.code, Errc::kNotNow);
    EXPECT_EQ(refusal_name(error), "Some");
    EXPECT_EQ(refusal_values(error),
              "7, 79228162514264337593543950335, " + who.hex() + ", " + what.hex() + ", \"bond\"");
    EXPECT_EQ(refusal_values(refuse("Bare").value()), "");
    EXPECT_EQ(refusal_values(refuse_overflow().value()), "17") << "0x11";
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

TEST(MemoryToken, MayRefuseAReceiver) {
    MemoryToken token;
    const Address from = testing::label_address("from");
    const Address to = testing::label_address("to");
    ASSERT_TRUE(token.mint(from, 10));
    token.set_refused(to, true);
    EXPECT_EQ(refusal(token.transfer(from, to, 10)), "ERC20InvalidReceiver");
    EXPECT_EQ(token.balance_of(from), Amount{10});
    token.set_refused(to, false);
    EXPECT_TRUE(token.transfer(from, to, 10));
}

}  // namespace
}  // namespace fedstake::chain
