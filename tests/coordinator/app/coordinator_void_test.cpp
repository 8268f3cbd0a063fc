// A round that the council voids on a real chain: the real program goes back to the round before it
// and the rounds of the federation go on, also after kill -9.
#include <chrono>
#include <csignal>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "contracts/cpp/evm/anvil_process.hpp"
#include "contracts/cpp/evm/eth_node.hpp"
#include "contracts/cpp/evm/evm_ledger.hpp"
#include "contracts/cpp/evm/json_rpc.hpp"
#include "contracts/cpp/evm/site_account.hpp"
#include "coordinator/app/commands.hpp"
#include "coordinator/app/config.hpp"
#include "coordinator/app/text_file.hpp"
#include "proto/crypto/keystore.hpp"
#include "tests/coordinator/app/test_federation.hpp"

namespace fedstake::coordinator::testing {
namespace {

using ::testing::SizeIs;

constexpr Amount kStake = 100'000'000;

std::vector<std::int32_t> values_of(std::size_t site, RoundNumber round) {
    std::vector<std::int32_t> values(13);
    for (std::size_t i = 0; i < values.size(); ++i) {
        values[i] = static_cast<std::int32_t>((site + 1) * 100'000 + i * 1000 + round);
    }
    return values;
}

class VoidedRound : public ::testing::Test {
protected:
    void SetUp() override {
        if (const auto anvil = evm::find_anvil(); !anvil) {
            GTEST_SKIP() << anvil.error().message;
        }
        auto node = evm::AnvilProcess::start();
        ASSERT_TRUE(node) << node.error().message;
        anvil_.emplace(*std::move(node));
        rpc_ = *evm::JsonRpc::open(anvil_->url());
        node_.emplace(*rpc_);
        abis_ = *evm::ContractAbis::load();
        deploy_contracts();
        stake();
        restart();
    }

    void deploy_contracts() {
        Config config = *load_config(federation_.config());
        config.rpc = anvil_->url();
        config.poll = Duration{50};
        ASSERT_TRUE(replace_file(federation_.config(), to_toml(config)));
        manifest::Manifest manifest = federation_.manifest();
        manifest.chain.enabled = true;
        ASSERT_TRUE(replace_file(config.manifest_file, manifest::to_toml(manifest)));
        DeployOptions options;
        options.config = federation_.config();
        options.deployer_key = federation_.folder() / "bank.json";
        options.reward_fund = "1000000";
        options.fund_coordinator = "1000000000000000000";
        options.challenge_window_s = 1000;
        options.json = true;
        ASSERT_TRUE(crypto::write_keystore(options.deployer_key, evm::dev_key(0), "test",
                                           crypto::kLightKeystoreCost));
        ::testing::internal::CaptureStdout();
        const Status done = deploy(options);
        static_cast<void>(::testing::internal::GetCapturedStdout());
        ASSERT_TRUE(done) << done.error().message;
        const manifest::ChainEntry chain = federation_.manifest().chain;
        contracts_ = {.chain_id = chain.chain_id,
                      .token = chain.token,
                      .stake_vault = chain.stake_vault,
                      .round_manager = chain.round_manager,
                      .fault_prover = chain.fault_prover,
                      .slash_court = chain.slash_court,
                      .model_registry = chain.model_registry,
                      .deployed_block = chain.deployed_block};
    }

    void stake() {
        for (const SiteKeys& site : federation_.sites) {
            const Address owner = site.owner.address();
            ASSERT_TRUE(node_->raw("anvil_setBalance",
                                   evm::Json::array({owner.hex(), "0xde0b6b3a7640000"})));
            ASSERT_TRUE(
                evm::mint_test_tokens(*node_, evm::dev_key(0), contracts_.token, owner, kStake));
            auto account = evm::SiteAccount::open(*node_, site.owner, contracts_);
            ASSERT_TRUE(account) << account.error().message;
            ASSERT_TRUE(account->set_signer(site.signer));
            ASSERT_TRUE(account->stake_up_to(kStake));
        }
    }

    void restart() {
        child_ = std::make_unique<ChildCoordinator>(
            federation_, std::vector<std::string>{"--rounds", std::to_string(kRounds)});
        if (sites_.empty()) {
            for (std::size_t i = 0; i < federation_.sites.size(); ++i) {
                sites_.push_back(std::make_unique<TestSite>(federation_, i));
            }
        }
        for (const auto& site : sites_) {
            site->join();
        }
    }

    // Passes over what was offered before.
    rules::RoundContext wait_for(std::size_t site, RoundNumber round, std::uint32_t attempt) {
        rules::RoundContext context;
        for (int i = 0; i < 10; ++i) {
            context = sites_[site]->wait_for_round();
            if (context.round == round && context.attempt == attempt) {
                return context;
            }
        }
        ADD_FAILURE() << "round " << round << " attempt " << attempt << " was never offered";
        return context;
    }

    // Trains and attests one round; every site sees the same context.
    crypto::RoundCommitment run_round(RoundNumber round, std::uint32_t attempt) {
        rules::RoundContext context;
        for (std::size_t i = 0; i < sites_.size(); ++i) {
            context = wait_for(i, round, attempt);
            const auto answer =
                sites_[i]->upload(sites_[i]->make_update(context, values_of(i, round)));
            EXPECT_TRUE(std::holds_alternative<wire::Receipt>(answer));
        }
        contexts_.push_back(context);
        sites_[0]->attest(sites_[0]->expect<wire::AttestRequest>());
        for (;;) {
            const auto result = sites_[0]->expect<wire::RoundResult>();
            if (!result.aborted) {
                for (const auto& site : sites_) {
                    site->send(wire::SiteMetrics{.round = round,
                                                 .rows = 10,
                                                 .test_rows = 10,
                                                 .test_correct = 9,
                                                 .loss = 0.1});
                }
                return result.commitment;
            }
        }
    }

    bool eventually(const std::function<bool()>& holds) {
        for (int i = 0; i < 1000; ++i) {
            if (holds()) {
                return true;
            }
            std::this_thread::sleep_for(std::chrono::milliseconds(20));
        }
        return false;
    }
    Digest committed(RoundNumber round) {
        const auto found = evm::call_view(*node_, contracts_.round_manager, abis_.round_manager,
                                          "slotOf", {evm::AbiValue::number(round)});
        const auto head =
            evm::call_view(*node_, contracts_.round_manager, abis_.round_manager, "head", {});
        if (!found || !head || *(*head)[0].as_u64() < round) {
            return {};
        }
        return *(*found)[0].as_list()->at(0).as_digest();
    }
    bool wait_for_commitment(const crypto::RoundCommitment& commitment) {
        return eventually([&] { return committed(commitment.round) == commitment.struct_hash(); });
    }
    void council(std::string_view function, std::vector<evm::AbiValue> arguments) {
        const auto key = evm::dev_key(0);
        const auto done = evm::TransactionSender(*node_, key)
                              .call(contracts_.round_manager, abis_.round_manager, function,
                                    std::move(arguments));
        ASSERT_TRUE(done) << done.error().message;
    }
    void void_round(const crypto::RoundCommitment& commitment) {
        council("voidRound", {evm::abi_of(commitment)});
    }
    // Lets every window pass and waits for the program's end.
    std::optional<int> finish() {
        EXPECT_TRUE(node_->raw("evm_increaseTime", evm::Json::array({2000})));
        EXPECT_TRUE(node_->raw("evm_mine", evm::Json::array()));
        return child_->wait(std::chrono::seconds(30));
    }

    static constexpr RoundNumber kRounds = 3;
    TestFederation federation_{2};
    std::optional<evm::AnvilProcess> anvil_;
    std::unique_ptr<evm::Rpc> rpc_;
    std::optional<evm::EthNode> node_;
    evm::ContractAbis abis_;
    evm::ContractAddresses contracts_;
    std::unique_ptr<ChildCoordinator> child_;
    std::vector<std::unique_ptr<TestSite>> sites_;
    std::vector<rules::RoundContext> contexts_;
};

TEST_F(VoidedRound, IsRunAgainFromTheRoundBeforeAndTheRunFinishes) {
    const auto first = run_round(1, 0);
    const auto second = run_round(2, 0);
    ASSERT_TRUE(wait_for_commitment(second));
    void_round(second);
    const auto again = run_round(2, 1);
    EXPECT_EQ(contexts_.back().base_model, first.model);
    EXPECT_EQ(contexts_.back().previous_rewards_root, first.rewards_root);
    EXPECT_EQ(contexts_.back().cohort, contexts_[1].cohort) << "rewards of round 1 alone";
    EXPECT_EQ(again.model, second.model) << "the same updates: the same result";
    EXPECT_NE(again.struct_hash(), second.struct_hash());
    const auto third = run_round(3, 1);
    ASSERT_TRUE(wait_for_commitment(third));
    EXPECT_EQ(committed(2), again.struct_hash());

    sites_[0]->send(wire::RoundRecordRequest{.round = 2, .attempt = 0});
    EXPECT_EQ(sites_[0]->expect<wire::RoundRecord>().commitment, again);
    sites_[0]->send(wire::RoundRecordRequest{.round = 2, .attempt = 1});
    const auto evidence = sites_[0]->expect<wire::RoundRecord>();
    EXPECT_EQ(evidence.commitment, second);
    EXPECT_EQ(evidence.state, "voided");
    EXPECT_EQ(finish(), 0);
    EXPECT_THAT(federation_.events_named("rounds_voided"), SizeIs(1));
    EXPECT_THAT(federation_.events_named("round_attested"), SizeIs(4));
}

TEST_F(VoidedRound, IsNoticedAfterARestartAndCarriedOutThroughKills) {
    const auto first = run_round(1, 0);
    const auto second = run_round(2, 0);
    ASSERT_TRUE(wait_for_commitment(second));
    child_->kill(SIGKILL);
    void_round(first);
    restart();
    const auto opened = wait_for(0, 1, 1);  // round 3 may be offered before the chain is asked
    for (int i = 0; i < 2; ++i) {
        child_->kill(SIGKILL);
        restart();
        EXPECT_EQ(wait_for(0, 1, 1), opened) << "same round, same attempt, same salt";
    }
    child_->kill(SIGKILL);
    restart();
    for (RoundNumber round = 1; round <= kRounds; ++round) {
        const auto commitment = run_round(round, 1);
        ASSERT_TRUE(wait_for_commitment(commitment)) << round;
    }
    EXPECT_EQ(finish(), 0);
}

TEST_F(VoidedRound, TakesRoundsWithItThatWereNeverPosted) {
    const auto first = run_round(1, 0);
    ASSERT_TRUE(wait_for_commitment(first));
    // Rounds 2 and 3 wait for the end of a pause.
    council("pause", {evm::AbiValue::number(node_->latest_block()->timestamp + 3600)});
    const auto second = run_round(2, 0);
    const auto third = run_round(3, 0);
    void_round(first);
    const auto again = run_round(1, 1);
    council("unpause", {});
    ASSERT_TRUE(wait_for_commitment(again));
    const auto new_second = run_round(2, 1);
    const auto new_third = run_round(3, 1);
    ASSERT_TRUE(wait_for_commitment(new_third));
    EXPECT_EQ(committed(2), new_second.struct_hash());
    EXPECT_NE(committed(2), second.struct_hash());
    EXPECT_NE(committed(3), third.struct_hash());
    EXPECT_EQ(finish(), 0);
}

}  // namespace
}  // namespace fedstake::coordinator::testing
