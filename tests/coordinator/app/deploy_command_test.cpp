// deploy against a real node, and a coordinator whose manifest was edited afterwards.
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "contracts/cpp/evm/anvil_process.hpp"
#include "contracts/cpp/evm/contract_set.hpp"
#include "contracts/cpp/evm/eth_node.hpp"
#include "contracts/cpp/evm/json_rpc.hpp"
#include "coordinator/app/commands.hpp"
#include "coordinator/app/config.hpp"
#include "coordinator/app/text_file.hpp"
#include "proto/crypto/keystore.hpp"
#include "tests/coordinator/app/test_federation.hpp"

namespace fedstake::coordinator::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

class DeployCommand : public ::testing::Test {
protected:
    void SetUp() override {
        if (const auto anvil = evm::find_anvil(); !anvil) {
            GTEST_SKIP() << anvil.error().message;
        }
        auto node = evm::AnvilProcess::start();
        ASSERT_TRUE(node) << node.error().message;
        node_.emplace(*std::move(node));
        config_ = *load_config(federation_.config());
        config_.rpc = node_->url();
        ASSERT_TRUE(replace_file(federation_.config(), to_toml(config_)));
        manifest::Manifest manifest = federation_.manifest();
        manifest.chain.enabled = true;
        write(manifest);
        const auto key = folder() / "bank.json";
        ASSERT_TRUE(
            crypto::write_keystore(key, evm::dev_key(0), "test", crypto::kLightKeystoreCost));
        options_.config = federation_.config();
        options_.deployer_key = key;
        options_.json = true;
    }
    [[nodiscard]] std::filesystem::path folder() const { return federation_.folder(); }
    void write(const manifest::Manifest& manifest) {
        ASSERT_TRUE(replace_file(config_.manifest_file, manifest::to_toml(manifest)));
    }
    Status run_deploy() {
        ::testing::internal::CaptureStdout();
        Status done = deploy(options_);
        static_cast<void>(::testing::internal::GetCapturedStdout());
        return done;
    }
    auto open() {
        return Coordinator::open(config_, federation_.manifest(), *read_keys(config_.keys, "test"),
                                 {});
    }

    TestFederation federation_{2};
    std::optional<evm::AnvilProcess> node_;
    Config config_;
    DeployOptions options_;
};

TEST_F(DeployCommand, WritesAddressesAndTheFirstBlockToReadFrom) {
    const auto rpc = *evm::JsonRpc::open(node_->url());
    evm::EthNode chain(*rpc);
    ASSERT_TRUE(chain.raw("anvil_mine", evm::Json::array({"0x64"})));
    const Status done = run_deploy();
    ASSERT_TRUE(done) << done.error().message;
    const manifest::Manifest deployed = federation_.manifest();
    EXPECT_FALSE(deployed.chain.round_manager.is_zero());
    EXPECT_EQ(deployed.chain.deployed_block, 100U);
    EXPECT_TRUE(open());
}

TEST_F(DeployCommand, ManifestWithOtherAuditorsThanTheContractsIsAConflictAtTheStart) {
    ASSERT_TRUE(run_deploy());
    manifest::Manifest edited = federation_.manifest();
    edited.sites[0].audits = !edited.sites[0].audits;
    edited.sites[1].audits = !edited.sites[1].audits;
    write(edited);
    const auto refused = open();
    ASSERT_FALSE(refused);
    EXPECT_EQ(exit_code_for(refused.error().code), ExitCode::kConflict);
    EXPECT_THAT(refused.error().message,
                AllOf(HasSubstr("federation.toml"), HasSubstr("RoundManager"),
                      HasSubstr("auditor 0"), HasSubstr("restore the manifest")));
    // The same without a node to ask: training does not wait for it.
    node_->stop();
    EXPECT_TRUE(open());
}

TEST_F(DeployCommand, PinsTheRulesAndLeavesTimeForDemands) {
    options_.unbonding_delay_s = 8 * 86'400;  // a challenge of one day, seven to share
    ASSERT_TRUE(run_deploy());
    manifest::Manifest edited = federation_.manifest();
    const auto rpc = *evm::JsonRpc::open(node_->url());
    evm::EthNode chain(*rpc);
    const auto abis = *evm::ContractAbis::load();
    const auto pinned =
        evm::call_view(chain, edited.chain.round_manager, abis.round_manager, "rulesDigest", {});
    EXPECT_EQ((*pinned)[0].as_digest()->hex(), edited.rules.digest().hex());
    const auto windows =
        evm::call_view(chain, edited.chain.stake_vault, abis.stake_vault, "windows", {});
    const auto fields = *(*windows)[0].as_list();
    const std::uint64_t left = *fields[0].as_u64() - *fields[1].as_u64() - *fields[2].as_u64();
    EXPECT_GE(left, 4 * 86'400U) << "four answers of a day each";

    edited.rules.settlement.round_budget += 1;
    write(edited);
    const auto refused = open();
    ASSERT_FALSE(refused);
    EXPECT_EQ(exit_code_for(refused.error().code), ExitCode::kConflict);
    EXPECT_THAT(refused.error().message, AllOf(HasSubstr("federation.toml"),
                                               HasSubstr("rules of digest"), HasSubstr("restore")));
}

TEST_F(DeployCommand, LetsTheSitesVoteAndWritesWhere) {
    options_.members_are_sites = true;
    options_.timelock_s = 60;
    options_.vote_period_blocks = 3;
    const Status done = run_deploy();
    ASSERT_TRUE(done) << done.error().message;
    std::ifstream in(federation_.config().parent_path() / "governance.json");
    const auto written = nlohmann::json::parse(in, nullptr, false);
    ASSERT_TRUE(written.is_object());
    const auto rpc = *evm::JsonRpc::open(node_->url());
    evm::EthNode chain(*rpc);
    for (const char* contract : {"governor", "timelock", "members", "access"}) {
        const auto address = Address::parse(written.value(contract, ""));
        ASSERT_TRUE(address) << contract;
        EXPECT_FALSE(chain.code(*address)->empty()) << contract;
    }
    const auto abis = *evm::ContractAbis::load();
    const auto members =
        evm::call_view(chain, *Address::parse(written.value("members", "")), abis.members,
                       "isMember", {evm::AbiValue::address(federation_.manifest().sites[1].owner)});
    EXPECT_TRUE(*(*members)[0].as_bool());
}

TEST_F(DeployCommand, RefusesAMemberThatIsNoAddress) {
    options_.members = {"st-anna"};
    const Status refused = run_deploy();
    ASSERT_FALSE(refused);
    EXPECT_THAT(refused.error().message, HasSubstr("--member"));
    EXPECT_TRUE(federation_.manifest().chain.round_manager.is_zero()) << "nothing was deployed";
}

}  // namespace
}  // namespace fedstake::coordinator::testing
