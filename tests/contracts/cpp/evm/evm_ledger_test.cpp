// The ledger against the real contracts on anvil.
#include "contracts/cpp/evm/evm_ledger.hpp"

#include "contracts/cpp/case_id.hpp"
#include "tests/contracts/cpp/evm/chain_fixture.hpp"

namespace fedstake::evm {
namespace {

using namespace fedstake::testing;
using chain::IntentState;

const Digest kGenesisModel = *Digest::parse(std::string(64, '1'));

chain::Intent commit_intent(const crypto::Eip712Domain& domain,
                            const crypto::RoundCommitment& commitment) {
    return {"commit/" + std::to_string(commitment.round),
            chain::CommitRound{commitment, audited(domain, commitment.struct_hash())}};
}

TEST(EvmLedger, CommitsARoundAndReadsItBack) {
    FEDSTAKE_NEED_ANVIL();
    TestChain chain;
    auto ledger = chain.ledger();
    ASSERT_TRUE(ledger->check()) << ledger->check().error().message;
    EXPECT_EQ(*ledger->committed_head(), 0U);
    EXPECT_EQ(ledger->committed(1).error().code, Errc::kNotFound);

    const auto commitment = sample_commitment(1, 500, kGenesisModel);
    ASSERT_TRUE(ledger->submit(commit_intent(chain.domain(), commitment)));
    const auto changed = ledger->pump();
    ASSERT_TRUE(changed) << changed.error().message;
    ASSERT_EQ(changed->size(), 1U);
    EXPECT_EQ(changed->at(0).state, IntentState::kDone) << changed->at(0).detail;
    EXPECT_FALSE(changed->at(0).transaction.is_zero());
    EXPECT_GT(changed->at(0).block, 0U);

    EXPECT_EQ(*ledger->committed_head(), 1U);
    EXPECT_EQ(*ledger->committed(1), commitment.struct_hash());
    EXPECT_FALSE(*ledger->is_final(1));
    chain.advance(kChallengeWindow);
    EXPECT_TRUE(*ledger->is_final(1));
    EXPECT_TRUE(ledger->pump()->empty()) << "nothing is left to do";
}

TEST(EvmLedger, ReadsStakesAndSigners) {
    FEDSTAKE_NEED_ANVIL();
    TestChain chain;
    chain.enroll(0, 1000);
    const auto owner = owner_key(0);
    auto account = *SiteAccount::open(chain.node(), owner, chain.contracts());
    ASSERT_TRUE(account.request_exit(300));
    const auto ledger = chain.ledger();
    const auto stake = ledger->stake_of(owner_key(0).address());
    ASSERT_TRUE(stake) << stake.error().message;
    EXPECT_EQ(stake->stake, Amount{1000});
    EXPECT_EQ(stake->exiting, Amount{300});
    EXPECT_EQ(stake->signer, signer_key(0).address());
    EXPECT_FALSE(stake->jailed);
    const auto stranger = ledger->stake_of(owner_key(3).address());
    EXPECT_EQ(stranger->stake, Amount{0});
    EXPECT_TRUE(stranger->signer.is_zero());
}

TEST(EvmLedger, ReadsTheStakesOfManyAtOnceAsOneByOne) {
    FEDSTAKE_NEED_ANVIL();
    TestChain chain;
    chain.enroll(0, 1000);
    chain.enroll(2, 3000);
    const auto ledger = chain.ledger();
    std::vector<SiteId> sites;
    for (std::size_t i = 0; i < 60; ++i) {  // 120 views: more than a batch
        sites.push_back(owner_key(i % kSites).address());
    }
    const auto all = ledger->stakes_of(sites);
    ASSERT_TRUE(all) << all.error().message;
    ASSERT_EQ(all->size(), sites.size());
    for (std::size_t i = 0; i < sites.size(); ++i) {
        const auto one = ledger->stake_of(sites[i]);
        ASSERT_TRUE(one) << one.error().message;
        EXPECT_EQ(all->at(i).site, sites[i]);
        EXPECT_EQ(all->at(i).stake, one->stake);
        EXPECT_EQ(all->at(i).signer, one->signer);
    }
    EXPECT_EQ(all->at(2).stake, Amount{3000});
    EXPECT_TRUE(ledger->stakes_of({})->empty());
}

TEST(EvmLedger, SendsQueuedCommitmentsInOrderAndTheRestBetweenThem) {
    FEDSTAKE_NEED_ANVIL();
    TestChain chain;
    auto ledger = chain.ledger();
    const auto first = sample_commitment(1, 100, kGenesisModel);
    const auto second = sample_commitment(2, 200, first.model);
    const auto third = sample_commitment(3, 300, second.model);
    // Round 3 is known before 1 and 2 are: it waits.
    ASSERT_TRUE(ledger->submit(commit_intent(chain.domain(), third)));
    ASSERT_TRUE(ledger->pump());
    const auto waiting = *ledger->status("commit/3");
    EXPECT_EQ(waiting.state, IntentState::kQueued);
    EXPECT_NE(waiting.detail.find("RoundOutOfOrder"), std::string::npos) << waiting.detail;

    auto other = chain.ledger();
    ASSERT_TRUE(other->submit(commit_intent(chain.domain(), first)));
    ASSERT_TRUE(other->submit(commit_intent(chain.domain(), second)));
    ASSERT_TRUE(other->pump());
    EXPECT_EQ(*other->committed_head(), 2U);
    ASSERT_TRUE(ledger->pump());
    EXPECT_EQ(ledger->status("commit/3")->state, IntentState::kDone);
    EXPECT_EQ(*ledger->committed_head(), 3U);
}

TEST(EvmLedger, TheSameIntentTwiceIsOneAnotherContentAConflict) {
    FEDSTAKE_NEED_ANVIL();
    TestChain chain;
    auto ledger = chain.ledger();
    const auto commitment = sample_commitment(1, 100, kGenesisModel);
    ASSERT_TRUE(ledger->submit(commit_intent(chain.domain(), commitment)));
    ASSERT_TRUE(ledger->submit(commit_intent(chain.domain(), commitment)));
    EXPECT_EQ(
        ledger->submit(commit_intent(chain.domain(), sample_commitment(1, 101, kGenesisModel)))
            .error()
            .code,
        Errc::kConflict);
    EXPECT_EQ(ledger->pump()->size(), 1U);
    EXPECT_EQ(ledger->status("nothing").error().code, Errc::kNotFound);
}

TEST(EvmLedger, AnotherCommitmentOnTheChainFences) {
    FEDSTAKE_NEED_ANVIL();
    TestChain chain;
    auto ledger = chain.ledger();
    ASSERT_TRUE(
        ledger->submit(commit_intent(chain.domain(), sample_commitment(1, 100, kGenesisModel))));
    ASSERT_TRUE(ledger->pump());
    // A second coordinator with the same key and another view of round 1.
    auto stale = chain.ledger();
    ASSERT_TRUE(
        stale->submit(commit_intent(chain.domain(), sample_commitment(1, 90, kGenesisModel))));
    ASSERT_TRUE(stale->pump());
    const auto status = *stale->status("commit/1");
    EXPECT_EQ(status.state, IntentState::kRejected);
    EXPECT_NE(status.detail.find("FENCED"), std::string::npos) << status.detail;
    // The same commitment from elsewhere is done already.
    auto twin = chain.ledger();
    ASSERT_TRUE(
        twin->submit(commit_intent(chain.domain(), sample_commitment(1, 100, kGenesisModel))));
    ASSERT_TRUE(twin->pump());
    EXPECT_EQ(twin->status("commit/1")->state, IntentState::kDone);
}

TEST(EvmLedger, RejectsADescendantOfAVoidedRound) {
    FEDSTAKE_NEED_ANVIL();
    TestChain chain;
    auto ledger = chain.ledger();
    const auto first = sample_commitment(1, 100, kGenesisModel);
    const auto second = sample_commitment(2, 200, first.model);
    ASSERT_TRUE(ledger->submit(commit_intent(chain.domain(), first)));
    ASSERT_TRUE(ledger->submit(commit_intent(chain.domain(), second)));
    ASSERT_TRUE(ledger->pump());
    ASSERT_TRUE(chain.send(kDeployer, chain.contracts().round_manager, chain.abis().round_manager,
                           "voidRound", {abi_of(first)}));
    // Round 1 is missing now, but round 2 does not wait for it.
    auto again = chain.ledger();
    ASSERT_TRUE(again->submit(commit_intent(chain.domain(), second)));
    ASSERT_TRUE(again->pump());
    const auto status = *again->status("commit/2");
    EXPECT_EQ(status.state, IntentState::kRejected);
    EXPECT_NE(status.detail.find("was voided, by itself or with an earlier round"),
              std::string::npos)
        << status.detail;
}

TEST(EvmLedger, AVoidCountsWhenItHasItsConfirmations) {
    FEDSTAKE_NEED_ANVIL();
    TestChain chain;
    OutboxOptions options;
    options.confirmations = 3;
    auto ledger = chain.ledger(kCoordinator, std::make_unique<MemoryOutboxStore>(), options);
    auto quick = chain.ledger();
    const auto first = sample_commitment(1, 100, kGenesisModel);
    const auto second = sample_commitment(2, 200, first.model);
    const auto third = sample_commitment(3, 300, second.model);
    ASSERT_TRUE(quick->submit(commit_intent(chain.domain(), first)));
    ASSERT_TRUE(quick->submit(commit_intent(chain.domain(), second)));
    ASSERT_TRUE(quick->pump());
    EXPECT_FALSE(ledger->is_voided(first.struct_hash()).value());
    const auto before = *chain.node().raw("evm_snapshot", Json::array());
    ASSERT_TRUE(chain.send(kDeployer, chain.contracts().round_manager, chain.abis().round_manager,
                           "voidRound", {abi_of(first)}));
    EXPECT_TRUE(quick->is_voided(first.struct_hash()).value());
    EXPECT_TRUE(quick->is_voided(second.struct_hash()).value()) << "dead with its parent";
    EXPECT_FALSE(quick->is_voided(third.struct_hash()).value()) << "the chain never saw it";
    EXPECT_FALSE(ledger->is_voided(first.struct_hash()).value()) << "one confirmation of three";
    chain.mine();
    EXPECT_FALSE(ledger->is_voided(first.struct_hash()).value());
    chain.mine();
    EXPECT_TRUE(ledger->is_voided(first.struct_hash()).value());
    EXPECT_TRUE(ledger->is_voided(second.struct_hash()).value());
    // A reorganisation takes it back.
    ASSERT_TRUE(chain.node().raw("evm_revert", Json::array({before})));
    chain.mine();
    chain.mine();
    chain.mine();
    EXPECT_FALSE(ledger->is_voided(first.struct_hash()).value());
    chain.anvil().stop();
    EXPECT_EQ(ledger->is_voided(first.struct_hash()).error().code, Errc::kUnavailable);
}

TEST(EvmLedger, AfterAVoidDroppedRoundsMakeRoomForTheNextAttempt) {
    FEDSTAKE_NEED_ANVIL();
    TestChain chain;
    auto ledger = chain.ledger();
    const auto first = sample_commitment(1, 100, kGenesisModel);
    const auto second = sample_commitment(2, 200, first.model);
    ASSERT_TRUE(ledger->submit(commit_intent(chain.domain(), first)));
    ASSERT_TRUE(ledger->pump());
    ASSERT_TRUE(chain.send(kDeployer, chain.contracts().round_manager, chain.abis().round_manager,
                           "voidRound", {abi_of(first)}));
    // Round 2 was queued behind it, was never posted, and is not banned by the chain.
    ASSERT_TRUE(ledger->submit(commit_intent(chain.domain(), second)));
    ASSERT_TRUE(ledger->pump());
    EXPECT_EQ(ledger->status("commit/2")->state, IntentState::kQueued);
    ASSERT_TRUE(ledger->drop("commit/1", "voided"));
    ASSERT_TRUE(ledger->drop("commit/2", "voided"));
    EXPECT_EQ(ledger->status("commit/1")->state, IntentState::kDone);
    auto again = first;
    again.attempt = 1;
    ASSERT_TRUE(ledger->submit(
        {"commit/1/1", chain::CommitRound{again, audited(chain.domain(), again.struct_hash())}}));
    ASSERT_TRUE(ledger->pump());
    ASSERT_TRUE(ledger->pump());
    EXPECT_EQ(ledger->status("commit/1/1")->state, IntentState::kDone);
    EXPECT_EQ(ledger->status("commit/2")->state, IntentState::kRejected);
    EXPECT_EQ(*ledger->committed_head(), 1U) << "the dead round 2 has not slipped in behind it";
    EXPECT_EQ(*ledger->committed(1), again.struct_hash());
}

TEST(EvmLedger, RejectsWhatTheContractNeverAccepts) {
    FEDSTAKE_NEED_ANVIL();
    TestChain chain;
    auto ledger = chain.ledger();
    const auto commitment = sample_commitment(1, 100, kGenesisModel);
    const auto lone = audited(chain.domain(), commitment.struct_hash(), 1);
    ASSERT_TRUE(ledger->submit({"commit/1", chain::CommitRound{commitment, lone}}));
    ASSERT_TRUE(ledger->pump());
    const auto status = *ledger->status("commit/1");
    EXPECT_EQ(status.state, IntentState::kRejected);
    EXPECT_NE(status.detail.find("1 signatures are too few, 2 are needed: more auditors"),
              std::string::npos)
        << status.detail;

    auto stranger = chain.ledger(kFirstOwner);
    ASSERT_TRUE(stranger->submit(commit_intent(chain.domain(), commitment)));
    ASSERT_TRUE(stranger->pump());
    EXPECT_NE(stranger->status("commit/1")->detail.find("NotAuthorized"), std::string::npos);
}

TEST(EvmLedger, WaitsForTheRewardFund) {
    FEDSTAKE_NEED_ANVIL();
    TestChain chain;
    auto ledger = chain.ledger();
    const auto commitment = sample_commitment(1, kRewardFund + 5, kGenesisModel);
    ASSERT_TRUE(ledger->submit(commit_intent(chain.domain(), commitment)));
    ASSERT_TRUE(ledger->pump());
    EXPECT_EQ(ledger->status("commit/1")->state, IntentState::kQueued);
    EXPECT_NE(ledger->status("commit/1")->detail.find("add tokens"), std::string::npos);

    const auto& at = chain.contracts();
    const auto& abis = chain.abis();
    ASSERT_TRUE(chain.send(kDeployer, at.token, abis.token, "mint",
                           {AbiValue::address(dev_key(kDeployer).address()), AbiValue::number(5)}));
    ASSERT_TRUE(chain.send(kDeployer, at.token, abis.token, "approve",
                           {AbiValue::address(at.round_manager), AbiValue::number(5)}));
    ASSERT_TRUE(
        chain.send(kDeployer, at.round_manager, abis.round_manager, "fund", {AbiValue::number(5)}));
    ASSERT_TRUE(ledger->pump());
    EXPECT_EQ(ledger->status("commit/1")->state, IntentState::kDone);
}

TEST(EvmLedger, AccusesWaitsAndExecutes) {
    FEDSTAKE_NEED_ANVIL();
    TestChain chain;
    chain.enroll(3, 10'001);
    auto ledger = chain.ledger();
    crypto::AttestedFault fault;
    fault.federation = test_federation();
    fault.round = 1;
    fault.site = owner_key(3).address();
    fault.bps = 200;
    fault.evidence_root = sample_commitment(1, 100, kGenesisModel).struct_hash();
    fault.deadline = ~std::uint64_t{0} >> 20U;
    ASSERT_TRUE(ledger->submit(
        {"accuse/1/x", chain::Accuse{fault, audited(chain.domain(), fault.struct_hash())}}));
    ASSERT_TRUE(ledger->pump());
    EXPECT_EQ(ledger->status("accuse/1/x")->state, IntentState::kQueued) << "round 1 is missing";
    ASSERT_TRUE(
        ledger->submit(commit_intent(chain.domain(), sample_commitment(1, 100, kGenesisModel))));
    ASSERT_TRUE(ledger->pump());
    ASSERT_TRUE(ledger->pump());
    EXPECT_EQ(ledger->status("accuse/1/x")->state, IntentState::kDone);
    const Digest case_id = chain::case_digest(fault);
    fault.kind = crypto::FaultKind::kFreeRiding;
    fault.evidence_root = kGenesisModel;
    ASSERT_TRUE(ledger->submit(
        {"accuse/1/y", chain::Accuse{fault, audited(chain.domain(), fault.struct_hash())}}));
    ASSERT_TRUE(ledger->pump());
    EXPECT_EQ(ledger->status("accuse/1/y")->state, IntentState::kRejected);
    EXPECT_NE(ledger->status("accuse/1/y")->detail.find("another commitment than the chain holds"),
              std::string::npos);

    auto cases = *ledger->slash_cases();
    ASSERT_EQ(cases.size(), 1U);
    EXPECT_EQ(cases[0].digest, case_id);
    EXPECT_EQ(cases[0].state, chain::SlashState::kPending);
    EXPECT_EQ(cases[0].site, fault.site);
    EXPECT_EQ(cases[0].bps, 200);
    EXPECT_GE(cases[0].execute_after, *ledger->chain_time());
    EXPECT_EQ(ledger->stake_of(fault.site)->open_cases, 1U);

    // By number only: the ledger looks the case up.
    ASSERT_TRUE(ledger->submit({"execute/1", chain::ExecuteSlash{cases[0].id}}));
    ASSERT_TRUE(ledger->pump());
    EXPECT_EQ(ledger->status("execute/1")->state, IntentState::kQueued) << "too early";
    chain.advance(kSlashDelay + 1);
    ASSERT_TRUE(ledger->pump());
    EXPECT_EQ(ledger->status("execute/1")->state, IntentState::kDone);
    cases = *ledger->slash_cases();
    EXPECT_EQ(cases[0].state, chain::SlashState::kExecuted);
    EXPECT_EQ(cases[0].amount, Amount{201}) << "2 % of 10001, rounded up";
    EXPECT_EQ(ledger->stake_of(fault.site)->stake, Amount{9'800});
}

TEST(EvmLedger, ASiteAtTheCapIsNotAccusedAgainAndThatIsSaidInPlainWords) {
    FEDSTAKE_NEED_ANVIL();
    TestChain chain;
    chain.enroll(3, 10'000);
    auto ledger = chain.ledger();
    const auto first = sample_commitment(1, 100, kGenesisModel);
    ASSERT_TRUE(ledger->submit(commit_intent(chain.domain(), first)));
    const auto second = sample_commitment(2, 200, first.model);
    ASSERT_TRUE(ledger->submit(commit_intent(chain.domain(), second)));
    crypto::AttestedFault fault;
    fault.federation = test_federation();
    fault.site = owner_key(3).address();
    fault.deadline = ~std::uint64_t{0} >> 20U;
    for (const std::uint16_t bps : std::initializer_list<std::uint16_t>{1'400, 850}) {
        fault.round += 1;
        fault.evidence_root = fault.round == 1 ? first.struct_hash() : second.struct_hash();
        fault.bps = bps;
        ASSERT_TRUE(
            ledger->submit({"accuse/" + std::to_string(fault.round),
                            chain::Accuse{fault, audited(chain.domain(), fault.struct_hash())}}));
        ASSERT_TRUE(ledger->pump());
    }
    EXPECT_EQ(ledger->status("accuse/1")->state, IntentState::kDone);
    const auto capped = *ledger->status("accuse/2");
    EXPECT_EQ(capped.state, IntentState::kRejected);
    EXPECT_EQ(capped.detail,
              "not accused again: its slashes within 90 days would come to 22.5 % of its stake, "
              "20 % is the most");
}

TEST(EvmLedger, NamesWrongChainAndMissingContracts) {
    FEDSTAKE_NEED_ANVIL();
    TestChain chain;
    EvmLedgerOptions wrong_chain{chain.contracts(), test_federation(), {}};
    wrong_chain.contracts.chain_id = 5;
    auto ledger = *EvmLedger::open(chain.connect(), dev_key(kCoordinator),
                                   std::make_unique<MemoryOutboxStore>(), wrong_chain);
    EXPECT_EQ(ledger->check().error().code, Errc::kConflict);
    EXPECT_NE(ledger->check().error().message.find("is on chain 31337, the federation on chain 5"),
              std::string::npos);
    EXPECT_EQ(ledger->pump().error().code, Errc::kConflict);

    EvmLedgerOptions nowhere{chain.contracts(), test_federation(), {}};
    nowhere.contracts.slash_court = owner_key(0).address();
    ledger = *EvmLedger::open(chain.connect(), dev_key(kCoordinator),
                              std::make_unique<MemoryOutboxStore>(), nowhere);
    EXPECT_EQ(ledger->check().error().code, Errc::kNotFound);
    EXPECT_NE(ledger->check().error().message.find("no SlashCourt contract at"), std::string::npos);
}

TEST(EvmLedger, NamesAnAccountWithoutGasMoney) {
    FEDSTAKE_NEED_ANVIL();
    TestChain chain;
    auto ledger = chain.ledger();
    ASSERT_TRUE(chain.node().raw("anvil_setBalance",
                                 Json::array({dev_key(kCoordinator).address().hex(), "0x10"})));
    ASSERT_TRUE(
        ledger->submit(commit_intent(chain.domain(), sample_commitment(1, 100, kGenesisModel))));
    const auto pumped = ledger->pump();
    ASSERT_FALSE(pumped);
    EXPECT_EQ(pumped.error().code, Errc::kUnavailable);
    EXPECT_NE(pumped.error().message.find("has 16 wei and needs"), std::string::npos)
        << pumped.error().message;
    EXPECT_NE(pumped.error().message.find("send it ether"), std::string::npos);
    ASSERT_TRUE(chain.node().raw(
        "anvil_setBalance",
        Json::array({dev_key(kCoordinator).address().hex(), "0xde0b6b3a7640000"})));
    ASSERT_TRUE(ledger->pump());
    EXPECT_EQ(ledger->status("commit/1")->state, IntentState::kDone);
}

TEST(EvmLedger, QueuesWhileTheNodeIsDown) {
    FEDSTAKE_NEED_ANVIL();
    TestChain chain;
    auto ledger = chain.ledger();
    chain.anvil().stop();
    ASSERT_TRUE(
        ledger->submit(commit_intent(chain.domain(), sample_commitment(1, 100, kGenesisModel))));
    EXPECT_EQ(ledger->pump().error().code, Errc::kUnavailable);
    EXPECT_EQ(ledger->committed_head().error().code, Errc::kUnavailable);
    EXPECT_EQ(ledger->status("commit/1")->state, IntentState::kQueued);
}

TEST(Deployment, RefusesBadConfigurations) {
    const auto broken = [](auto change) {
        DeploymentConfig config = deployment_config();
        change(config);
        return config.validate().error().message;
    };
    EXPECT_TRUE(deployment_config().validate());
    EXPECT_NE(broken([](auto& c) { c.threshold = 4; }).find("threshold"), std::string::npos);
    EXPECT_NE(broken([](auto& c) { c.auditors.clear(); }).find("auditors"), std::string::npos);
    EXPECT_NE(broken([](auto& c) { c.auditors[1] = c.auditors[0]; }).find("repeated"),
              std::string::npos);
    EXPECT_NE(broken([](auto& c) { c.unbonding_delay = 50; }).find("unbonding_delay"),
              std::string::npos);
    EXPECT_NE(broken([](auto& c) { c.federation = {}; }).find("federation"), std::string::npos);
}

}  // namespace
}  // namespace fedstake::evm
