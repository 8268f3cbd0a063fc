// Cases of an accused site on a real chain: listed, appealed, escalated, closed.
#include "contracts/cpp/evm/slash_cases.hpp"

#include "contracts/cpp/case_id.hpp"
#include "contracts/cpp/evm/federation_view.hpp"
#include "tests/contracts/cpp/evm/chain_fixture.hpp"

namespace fedstake::evm {
namespace {

using namespace fedstake::testing;

constexpr Amount kStake = 1000;
constexpr std::uint16_t kBps = 500;

// Site 3 does not audit and is accused about round 1 by auditors 0 and 1.
class SlashCases : public ::testing::Test {
protected:
    void SetUp() override {
        if (const auto anvil = find_anvil(); !anvil) GTEST_SKIP() << anvil.error().message;
        chain_ = std::make_unique<TestChain>();
        chain_->enroll(3, kStake);
        const auto c = sample_commitment(1, 0, test_federation());
        ASSERT_TRUE(chain_->send(kCoordinator, chain_->contracts().round_manager,
                                 chain_->abis().round_manager, "commitRound",
                                 {abi_of(c), AbiValue::bytes(chain::pack_signatures(
                                                 audited(chain_->domain(), c.struct_hash())))}));
        crypto::AttestedFault fault;
        fault.federation = test_federation();
        fault.round = 1;
        fault.site = owner_key(3).address();
        fault.bps = kBps;
        fault.evidence_root = c.struct_hash();
        fault.deadline = now() + 1000;
        id_ = chain::case_digest(fault);
        ASSERT_TRUE(chain_->send(kDeployer, chain_->contracts().slash_court,
                                 chain_->abis().slash_court, "accuse",
                                 {abi_of(fault), AbiValue::bytes(chain::pack_signatures(audited(
                                                     chain_->domain(), fault.struct_hash())))}));
        owner_ = std::make_unique<crypto::SigningKey>(owner_key(3));
        account_ = std::make_unique<SiteAccount>(
            *SiteAccount::open(chain_->node(), *owner_, chain_->contracts()));
        bond_ = *appeal_bond(chain_->node(), chain_->contracts(), chain_->abis());
    }

    std::uint64_t now() { return chain_->node().latest_block()->timestamp; }
    TriedCase the_case() {
        const auto cases =
            read_cases(chain_->node(), chain_->contracts(), chain_->abis(), owner_->address());
        EXPECT_TRUE(cases) << cases.error().message;
        EXPECT_EQ(cases->size(), 1U);
        return cases->front();
    }
    std::string next() { return next_step(the_case(), bond_, now()); }
    void mint(Amount amount) {
        ASSERT_TRUE(mint_test_tokens(chain_->node(), dev_key(kDeployer), chain_->contracts().token,
                                     owner_->address(), amount));
    }
    // The one auditor who did not accuse is the panel.
    Status panel_confirms() {
        const auto digest =
            call_view(chain_->node(), chain_->contracts().slash_court, chain_->abis().slash_court,
                      "rulingDigest", {AbiValue::word(id_), AbiValue::boolean(true)});
        const std::vector<chain::AuditorSignature> signatures{
            {2, signer_key(2).sign(*(*digest)[0].as_digest())}};
        return chain_->send(kDeployer, chain_->contracts().slash_court, chain_->abis().slash_court,
                            "ruleByPanel",
                            {AbiValue::word(id_), AbiValue::boolean(true),
                             AbiValue::bytes(chain::pack_signatures(signatures))});
    }

    std::unique_ptr<TestChain> chain_;
    std::unique_ptr<crypto::SigningKey> owner_;
    std::unique_ptr<SiteAccount> account_;
    Digest id_;
    Amount bond_ = 0;
};

TEST_F(SlashCases, AreReadWithTheirTrial) {
    const TriedCase tried = the_case();
    EXPECT_EQ(tried.id, id_);
    EXPECT_EQ(tried.site, owner_->address());
    EXPECT_EQ(tried.round, 1U);
    EXPECT_EQ(tried.bps, kBps);
    EXPECT_EQ(tried.amount, kStake * kBps / 10'000);
    EXPECT_EQ(tried.accusers, 0b11U);
    EXPECT_EQ(tried.state, CaseState::kPending);
    EXPECT_EQ(tried.stage, TrialStage::kAccused);
    EXPECT_NE(next().find("50 wei are taken after"), std::string::npos) << next();
    const auto others =
        read_cases(chain_->node(), chain_->contracts(), chain_->abis(), owner_key(0).address());
    EXPECT_TRUE(others->empty());
    const auto view =
        read_federation(chain_->node(), chain_->contracts(), chain_->abis(), {owner_->address()});
    ASSERT_TRUE(view) << view.error().message;
    EXPECT_EQ(view->cases.size(), 1U);
    EXPECT_EQ(view->stakes[0].open_cases, 1U);
    EXPECT_EQ(view->stakes[0].held, Amount{50});
}

TEST_F(SlashCases, AnAppealTakesTheBondAndLapsesWhenNobodyRules) {
    const Status poor = account_->appeal(id_, bond_);
    EXPECT_EQ(poor.error().code, Errc::kInvalidInput);
    EXPECT_NE(poor.error().message.find("wants to pay a bond of"), std::string::npos);
    mint(bond_);
    ASSERT_TRUE(account_->appeal(id_, bond_));
    EXPECT_EQ(account_->steps().size(), 2U) << "approve, appeal";
    EXPECT_EQ(*account_->token_balance(), Amount{0});
    EXPECT_EQ(the_case().stage, TrialStage::kAppealed);
    EXPECT_NE(next().find("rule until"), std::string::npos) << next();
    const Status early = account_->lapse(id_);
    EXPECT_EQ(early.error().code, Errc::kNotNow);
    EXPECT_NE(early.error().message.find("(DeadlineNotPassed)"), std::string::npos)
        << early.error().message;
    chain_->set_next_time(the_case().deadline + 1);
    chain_->mine();
    EXPECT_NE(next().find("nobody ruled in time"), std::string::npos) << next();
    ASSERT_TRUE(account_->lapse(id_));
    EXPECT_EQ(*account_->token_balance(), bond_);
    EXPECT_EQ(the_case().state, CaseState::kDropped);
    EXPECT_EQ(next(), "closed");
}

TEST_F(SlashCases, AConfirmedOneIsEscalatedForTwiceTheBond) {
    mint(3 * bond_);
    ASSERT_TRUE(account_->appeal(id_, bond_));
    const Status early = account_->escalate(id_, 2 * bond_);
    EXPECT_NE(early.error().message.find("is appealed"), std::string::npos)
        << early.error().message;
    const Status ruled = panel_confirms();
    ASSERT_TRUE(ruled) << ruled.error().message;
    EXPECT_EQ(the_case().stage, TrialStage::kConfirmed);
    EXPECT_NE(next().find("escalates before"), std::string::npos) << next();
    ASSERT_TRUE(account_->escalate(id_, 2 * bond_));
    EXPECT_EQ(the_case().stage, TrialStage::kEscalated);
    EXPECT_NE(next().find("the governor rules until"), std::string::npos) << next();
    EXPECT_EQ(*account_->token_balance(), Amount{0});
    chain_->set_next_time(the_case().deadline + 1);
    chain_->mine();
    EXPECT_NE(next().find("the panel's confirmation stands"), std::string::npos) << next();
    ASSERT_TRUE(account_->lapse(id_));
    EXPECT_EQ(*account_->token_balance(), Amount{0}) << "the bonds are lost";
    EXPECT_NE(next().find("anyone may now carry the slash"), std::string::npos) << next();
}

TEST_F(SlashCases, OneAboutAVoidedRoundIsDropped) {
    const Status early = account_->drop_voided(the_case());
    EXPECT_NE(early.error().message.find("(RoundNotVoided)"), std::string::npos)
        << early.error().message;
    const auto c = sample_commitment(1, 0, test_federation());
    ASSERT_TRUE(chain_->send(kDeployer, chain_->contracts().round_manager,
                             chain_->abis().round_manager, "voidRound", {abi_of(c)}));
    EXPECT_TRUE(the_case().round_voided);
    EXPECT_NE(next().find("its round was voided: `appeal --close` drops"), std::string::npos)
        << next();
    ASSERT_TRUE(account_->drop_voided(the_case()));
    EXPECT_EQ(the_case().state, CaseState::kDropped);
    EXPECT_EQ(account_->standing()->held, Amount{0});
}

TEST_F(SlashCases, TheBondOfAVetoedAppealComesBackOnRequest) {
    mint(bond_);
    ASSERT_TRUE(account_->appeal(id_, bond_));
    ASSERT_TRUE(chain_->send(kDeployer, chain_->contracts().stake_vault, chain_->abis().stake_vault,
                             "vetoSlash", {AbiValue::word(id_)}));
    EXPECT_TRUE(the_case().bond_left());
    EXPECT_NE(next().find("still in the court"), std::string::npos) << next();
    ASSERT_TRUE(account_->settle_vetoed(id_));
    EXPECT_EQ(*account_->token_balance(), bond_);
    EXPECT_EQ(next(), "closed");
}

TEST_F(SlashCases, HoldBackAWithdrawal) {
    ASSERT_TRUE(account_->request_exit(kStake));
    const SiteStanding standing = *account_->standing();
    EXPECT_EQ(standing.exiting, kStake);
    EXPECT_EQ(standing.held, Amount{50});
    EXPECT_EQ(standing.withdrawable(), kStake - 50);
    mint(bond_);
    ASSERT_TRUE(account_->appeal(id_, bond_));  // keeps the case open beyond the unbonding delay
    chain_->set_next_time(standing.exit_ready_at + 1);
    chain_->mine();
    ASSERT_TRUE(account_->withdraw());
    EXPECT_EQ(*account_->token_balance(), kStake - 50);
    EXPECT_EQ(account_->standing()->exiting, Amount{50});
    const Status again = account_->withdraw();
    EXPECT_NE(again.error().message.find("1 open slash cases hold back the exit"),
              std::string::npos)
        << again.error().message;
}

TEST_F(SlashCases, ADryRunSendsNothing) {
    mint(bond_);
    const std::uint64_t before = *chain_->node().nonce(owner_->address(), false);
    account_->dry_run();
    ASSERT_TRUE(account_->request_exit(10));
    ASSERT_TRUE(account_->appeal(id_, bond_));
    ASSERT_EQ(account_->steps().size(), 3U);
    EXPECT_GT(account_->steps()[0].gas, 40'000U);
    EXPECT_GT(account_->steps()[0].cost, Amount{0});
    EXPECT_EQ(account_->steps()[2].gas, 0U) << "its gas depends on the approval";
    EXPECT_FALSE(account_->request_exit(kStake + 1)) << "refusals are found all the same";
    EXPECT_EQ(*chain_->node().nonce(owner_->address(), false), before);
    EXPECT_EQ(the_case().stage, TrialStage::kAccused);
}

TEST_F(SlashCases, TooLateToAppeal) {
    mint(bond_);
    chain_->set_next_time(the_case().execute_after + 1);
    chain_->mine();
    EXPECT_NE(next().find("anyone may now carry the slash"), std::string::npos) << next();
    const Status late = account_->appeal(id_, bond_);
    EXPECT_NE(late.error().message.find("could be appealed until"), std::string::npos)
        << late.error().message;
}

}  // namespace
}  // namespace fedstake::evm
