// An auditor compares the keys of a context with what the vault has bound.
#include "client/app/signer_check.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/contracts/cpp/evm/chain_fixture.hpp"

namespace fedstake::client {
namespace {

using namespace fedstake::testing;
using ::testing::HasSubstr;

class SignerCheckOnAChain : public ::testing::Test {
protected:
    void SetUp() override {
        FEDSTAKE_NEED_ANVIL();
        chain_ = std::make_unique<TestChain>();
        for (std::size_t site = 0; site < 2; ++site) chain_->enroll(site, 1000);
        check_ = std::make_unique<SignerCheck>(chain_->connect(), chain_->contracts().stake_vault,
                                               chain_->abis().stake_vault);
        for (std::size_t site = 0; site < 3; ++site) {
            context_.cohort.push_back(
                {.site = owner_key(site).address(), .signer = signer_key(site).address()});
        }
        context_.cohort[2].barred = true;  // never bound a key
    }
    std::unique_ptr<TestChain> chain_;
    std::unique_ptr<SignerCheck> check_;
    rules::RoundContext context_;
};

TEST_F(SignerCheckOnAChain, BoundKeysAndBarredSitesAreAsTheyShouldBe) {
    const auto first = (*check_)(context_);
    ASSERT_TRUE(first) << first.error().message;
    EXPECT_TRUE(first->empty());
}

TEST_F(SignerCheckOnAChain, AKeyOfNobodyOrOfAnotherSiteIsNamed) {
    context_.cohort[2].barred = false;
    std::swap(context_.cohort[0].signer, context_.cohort[1].signer);
    const auto found = (*check_)(context_);
    ASSERT_TRUE(found) << found.error().message;
    ASSERT_EQ(found->size(), 3U);
    EXPECT_THAT((*found)[0].recomputed,
                HasSubstr("bound on the chain to " + owner_key(1).address().hex()));
    EXPECT_THAT((*found)[2].recomputed, HasSubstr("bound to nobody"));
    EXPECT_FALSE((*found)[2].matches);
}

// Bindings never end.
TEST_F(SignerCheckOnAChain, AFormerKeyWillDo) {
    const auto owner = owner_key(0);
    auto account = evm::SiteAccount::open(chain_->node(), owner, chain_->contracts());
    ASSERT_TRUE(account);
    ASSERT_TRUE(account->set_signer(signer_key(3)));
    EXPECT_TRUE((*check_)(context_)->empty());
    context_.cohort[0].signer = signer_key(3).address();
    EXPECT_TRUE((*check_)(context_)->empty());
}

TEST_F(SignerCheckOnAChain, ANodeThatIsAwayIsAnErrorAndWhatWasSeenIsNotAskedAgain) {
    ASSERT_TRUE((*check_)(context_));
    chain_->anvil().stop();
    const auto known = (*check_)(context_);
    ASSERT_TRUE(known) << known.error().message;
    EXPECT_TRUE(known->empty());
    context_.cohort[2].barred = false;
    EXPECT_EQ((*check_)(context_).error().code, Errc::kUnavailable);
}

}  // namespace
}  // namespace fedstake::client
