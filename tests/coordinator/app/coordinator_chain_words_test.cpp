// Who is barred for what the chain says, and which news call for a person.
#include "coordinator/app/coordinator_chain_words.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace fedstake::coordinator {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

Address address_of(std::uint8_t last) {
    Address address;
    address.bytes.back() = last;
    return address;
}

manifest::Manifest two_sites() {
    manifest::Manifest manifest;
    for (std::uint8_t i = 1; i <= 2; ++i) {
        manifest::SiteEntry site;
        site.name = "site-" + std::to_string(i);
        site.owner = address_of(i);
        site.signer = address_of(static_cast<std::uint8_t>(100 + i));
        manifest.sites.push_back(site);
    }
    return manifest;
}

chain::StakeAccount account_of(std::uint8_t owner, std::uint8_t signer) {
    chain::StakeAccount account;
    account.site = address_of(owner);
    account.signer = address_of(signer);
    account.stake = 1000;
    account.exiting = 300;
    return account;
}

chain::IntentStatus intent(std::string key, chain::IntentState state, std::string detail) {
    chain::IntentStatus status;
    status.key = std::move(key);
    status.state = state;
    status.detail = std::move(detail);
    return status;
}

TEST(StakesKnown, SiteWithTheManifestsSignerTakesPartWithWhatIsNotLeaving) {
    const auto event = stakes_known({account_of(1, 101)}, two_sites());
    ASSERT_EQ(event.stakes.size(), 1U);
    EXPECT_EQ(event.stakes[0].stake, Amount{700});
    EXPECT_FALSE(event.stakes[0].barred);
}

TEST(StakesKnown, SiteWithAnotherSignerOrNoneIsBarred) {
    const auto event = stakes_known({account_of(1, 150), account_of(2, 0)}, two_sites());
    ASSERT_EQ(event.stakes.size(), 2U);
    EXPECT_TRUE(event.stakes[0].barred) << "another signer";
    EXPECT_TRUE(event.stakes[1].barred) << "no signer";
}

TEST(StakesKnown, JailedSiteIsBarred) {
    chain::StakeAccount jailed = account_of(1, 101);
    jailed.jailed = true;
    EXPECT_TRUE(stakes_known({jailed}, two_sites()).stakes[0].barred);
}

TEST(SignerMismatch, NamesTheSiteAndBothKeys) {
    const auto other = signer_mismatch(account_of(1, 150), two_sites());
    ASSERT_TRUE(other.has_value());
    EXPECT_THAT(other->text(),
                AllOf(HasSubstr("site-1"), HasSubstr(address_of(101).hex()),
                      HasSubstr(address_of(150).hex()), HasSubstr("fedstake-client stake")));
    const auto none = signer_mismatch(account_of(2, 0), two_sites());
    ASSERT_TRUE(none.has_value());
    EXPECT_THAT(none->text(), AllOf(HasSubstr("no signer"), Not(HasSubstr(address_of(0).hex()))));
    EXPECT_FALSE(signer_mismatch(account_of(2, 102), two_sites()).has_value());
}

TEST(CappedAccusation, IsNotWhatCallsForAPerson) {
    using enum chain::IntentState;
    const std::string capped = "not accused again: its slashes within 90 days would come to 22 %";
    EXPECT_TRUE(is_capped_accusation(intent("accuse/3/0x1", kRejected, capped)));
    EXPECT_FALSE(is_capped_accusation(intent("accuse/3/0x1", kRejected, "NothingAtStake(...)")));
    EXPECT_FALSE(is_capped_accusation(intent("accuse/3/0x1", kQueued, capped)));
}

TEST(HeldBack, SaysWhyACommitmentWaitsAndNotThatAnAccusationDoes) {
    using enum chain::IntentState;
    EXPECT_EQ(held_back(intent("commit/3", kQueued, "RingFull(oldestRound = 1): too many")),
              "ledger: commit/3 waits: RingFull(oldestRound = 1): too many");
    EXPECT_EQ(held_back(intent("commit/3", kQueued, "")), "");
    EXPECT_EQ(held_back(intent("accuse/3/0x1", kQueued, "UnknownRound(round = 3)")), "");
    EXPECT_NE(held_back(intent("accuse/3/0x1", kSent, "the chain asks for more")), "");
    EXPECT_EQ(held_back(intent("commit/3", kRejected, "RoundTaken")), "");
}

TEST(SettlementStopped, DoesNotBlameTheNodeForAnEmptyAccount) {
    const std::string text =
        settlement_stopped({.code = Errc::kUnavailable, .detail = "account 0x1: send it ether"});
    EXPECT_THAT(text, AllOf(HasSubstr("send it ether"), Not(HasSubstr("does not answer"))));
}

}  // namespace
}  // namespace fedstake::coordinator
