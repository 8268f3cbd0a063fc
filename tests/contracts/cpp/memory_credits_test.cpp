// Bonds that wait, in the reference model.
#include "contracts/cpp/memory_credits.hpp"

#include <gtest/gtest.h>

#include "tests/contracts/cpp/memory_world.hpp"

namespace fedstake::chain {
namespace {

using testing::label_address;
using testing::refusal;

TEST(MemoryCredits, NotesOnlyWhatTheTokenRefuses) {
    MemoryToken token;
    const Address holder = label_address("holder");
    const Address to = label_address("to");
    const Address other = label_address("other");
    ASSERT_TRUE(token.mint(holder, 100));
    MemoryCredits credits(holder, token);
    credits.pay(to, 10);
    EXPECT_EQ(token.balance_of(to), Amount{10});
    EXPECT_EQ(credits.credit_of(to), Amount{0});
    token.set_refused(to, true);
    credits.pay(to, 0);
    EXPECT_EQ(refusal(credits.withdraw(to)), "NothingCredited");
    credits.pay(to, 20);
    credits.pay(to, 30);
    credits.pay(other, 5);
    EXPECT_EQ(credits.credit_of(to), Amount{50});
    EXPECT_EQ(token.balance_of(other), Amount{5});
    EXPECT_EQ(refusal(credits.withdraw(to)), "ERC20InvalidReceiver");
    EXPECT_EQ(credits.credit_of(to), Amount{50}) << "it waits on";
    token.set_refused(to, false);
    credits.pay(to, 1);
    EXPECT_EQ(credits.credit_of(to), Amount{50}) << "paid at once";
    ASSERT_TRUE(credits.withdraw(to));
    EXPECT_EQ(token.balance_of(to), Amount{61});
    EXPECT_EQ(refusal(credits.withdraw(to)), "NothingCredited");
}

}  // namespace
}  // namespace fedstake::chain
