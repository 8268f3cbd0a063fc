// A site's owner account on the chain.
#include "contracts/cpp/evm/site_account.hpp"

#include "tests/contracts/cpp/evm/chain_fixture.hpp"

namespace fedstake::evm {
namespace {

using namespace fedstake::testing;

TEST(SiteAccount, EnrolsAndMayBeRunAgain) {
    FEDSTAKE_NEED_ANVIL();
    TestChain chain;
    const auto owner = owner_key(0);
    ASSERT_TRUE(mint_test_tokens(chain.node(), dev_key(kDeployer), chain.contracts().token,
                                 owner.address(), 500));
    auto account = *SiteAccount::open(chain.node(), owner, chain.contracts());
    for (int run = 0; run < 2; ++run) {
        ASSERT_TRUE(account.set_signer(signer_key(0)));
        ASSERT_TRUE(account.stake_up_to(400));
        EXPECT_EQ(*account.active_stake(), Amount{400});
        EXPECT_EQ(*account.token_balance(), Amount{100});
    }
    EXPECT_EQ(*chain.node().nonce(owner.address(), false), 3U) << "nothing was sent twice";
}

TEST(SiteAccount, SaysWhatIsWrong) {
    FEDSTAKE_NEED_ANVIL();
    TestChain chain;
    const auto owner = owner_key(0);
    auto account = *SiteAccount::open(chain.node(), owner, chain.contracts());
    const auto poor = account.stake_up_to(400);
    EXPECT_NE(poor.error().message.find("has 0 tokens of"), std::string::npos)
        << poor.error().message;
    ASSERT_TRUE(account.set_signer(signer_key(0)));

    const auto thief = owner_key(1);
    auto other = *SiteAccount::open(chain.node(), thief, chain.contracts());
    const auto taken = other.set_signer(signer_key(0));
    EXPECT_EQ(taken.error().code, Errc::kNotNow);
    EXPECT_NE(taken.error().message.find("(SignerTaken)"), std::string::npos);
    EXPECT_NE(taken.error().message.find("make a new one with keygen"), std::string::npos);
    EXPECT_NE(account.withdraw().error().message.find("nothing to pay out"), std::string::npos);
}

TEST(SiteAccount, SendsNothingTwiceWhileATransactionWaits) {
    FEDSTAKE_NEED_ANVIL();
    TestChain chain;
    const auto owner = owner_key(0);
    ASSERT_TRUE(mint_test_tokens(chain.node(), dev_key(kDeployer), chain.contracts().token,
                                 owner.address(), 1000));
    auto account = *SiteAccount::open(chain.node(), owner, chain.contracts());
    ASSERT_TRUE(account.set_signer(signer_key(0)));
    const auto node = chain.connect();
    ASSERT_TRUE(node->call("evm_setAutomine", Json::array({false})));
    // What a command leaves behind that was interrupted while it waited.
    const auto waiting = TransactionSender(chain.node(), owner, {.deadline = {20}})
                             .transfer(owner_key(1).address(), 1);
    ASSERT_FALSE(waiting);
    const auto repeated = account.stake_up_to(400);
    ASSERT_FALSE(repeated);
    EXPECT_EQ(repeated.error().code, Errc::kUnavailable);
    EXPECT_NE(repeated.error().message.find("not mined yet"), std::string::npos)
        << repeated.error().message;
    ASSERT_TRUE(node->call("evm_setAutomine", Json::array({true})));
    chain.mine();
    ASSERT_TRUE(account.stake_up_to(400));
    EXPECT_EQ(*account.active_stake(), Amount{400});
}

TEST(SiteAccount, LeavesAfterTheDelay) {
    FEDSTAKE_NEED_ANVIL();
    TestChain chain;
    chain.enroll(0, 1000);
    const auto owner = owner_key(0);
    auto account = *SiteAccount::open(chain.node(), owner, chain.contracts());
    ASSERT_TRUE(account.request_exit(600));
    EXPECT_NE(account.withdraw().error().message.find("unbonding delay"), std::string::npos);
    chain.advance(kUnbonding + 1);
    ASSERT_TRUE(account.withdraw());
    EXPECT_EQ(*account.token_balance(), Amount{600});
    EXPECT_EQ(*account.active_stake(), Amount{400});
}

TEST(SiteAccount, NamesAnOwnerWithoutEther) {
    FEDSTAKE_NEED_ANVIL();
    TestChain chain;
    const auto owner = crypto::SigningKey::generate();
    auto account = *SiteAccount::open(chain.node(), owner, chain.contracts());
    const auto failed = account.set_signer(signer_key(1));
    EXPECT_EQ(failed.error().code, Errc::kUnavailable);
    EXPECT_NE(failed.error().message.find("send it ether"), std::string::npos)
        << failed.error().message;
    // And then somebody does.
    const auto friend_key = dev_key(kDeployer);
    ASSERT_TRUE(TransactionSender(chain.node(), friend_key)
                    .transfer(owner.address(), Amount{1'000'000'000'000'000'000}));
    EXPECT_TRUE(account.set_signer(signer_key(1)));
}

TEST(SiteAccount, OnlyTheDeployerMintsTestTokens) {
    FEDSTAKE_NEED_ANVIL();
    TestChain chain;
    const auto minted = mint_test_tokens(chain.node(), owner_key(0), chain.contracts().token,
                                         owner_key(0).address(), 1);
    EXPECT_NE(minted.error().message.find("only the deployer"), std::string::npos);
}

}  // namespace
}  // namespace fedstake::evm
