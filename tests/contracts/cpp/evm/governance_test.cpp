// deploy with members: the whole governance on a real chain, and one proposal carried out.
#include <algorithm>

#include "proto/crypto/keccak256.hpp"
#include "tests/contracts/cpp/evm/chain_fixture.hpp"

namespace fedstake::evm {
namespace {

using namespace fedstake::testing;

constexpr std::uint64_t kVoteDelay = 2;
constexpr std::uint64_t kVotePeriod = 10;
constexpr std::uint64_t kTimelock = 1000;
constexpr const char* kReason = "a longer way out";

DeploymentConfig voted() {
    DeploymentConfig config = deployment_config();
    for (std::size_t site = 0; site < kSites; ++site) {
        config.members.push_back(owner_key(site).address());
    }
    config.timelock_delay = kTimelock;
    config.vote_delay_blocks = kVoteDelay;
    config.vote_period_blocks = kVotePeriod;
    config.vote_extension_blocks = 3;
    config.ruling_vote_blocks = 8;
    return config;
}

class Governed : public ::testing::Test {
protected:
    void SetUp() override {
        if (const auto anvil = find_anvil(); !anvil) GTEST_SKIP() << anvil.error().message;
        auto node = AnvilProcess::start();
        ASSERT_TRUE(node) << node.error().message;
        anvil_.emplace(*std::move(node));
        rpc_ = *JsonRpc::open(anvil_->url());
        node_ = std::make_unique<EthNode>(*rpc_);
        abis_ = *ContractAbis::load();
        const auto deployed = deploy_contracts(*node_, dev_key(kDeployer), voted());
        ASSERT_TRUE(deployed) << deployed.error().message;
        made_ = *deployed;
    }

    Status send(std::size_t key_index, const Address& to, const ContractAbi& abi,
                std::string_view function, std::vector<AbiValue> arguments) {
        const auto key = dev_key(key_index);
        FS_TRY(TransactionSender(*node_, key).call(to, abi, function, std::move(arguments)));
        return {};
    }
    Status govern(std::size_t key_index, std::string_view function,
                  std::vector<AbiValue> arguments) {
        return send(key_index, made_.governance.governor, abis_.governor, function,
                    std::move(arguments));
    }
    AbiValue view(const Address& at, const ContractAbi& abi, std::string_view function,
                  std::vector<AbiValue> arguments) {
        const auto result = call_view(*node_, at, abi, function, std::move(arguments));
        EXPECT_TRUE(result) << result.error().message;
        return (*result)[0];
    }
    void mine(std::uint64_t blocks) {
        ASSERT_TRUE(node_->raw("anvil_mine", Json::array({blocks})));
    }
    // setWindows with a longer unbonding delay.
    Bytes proposal() {
        auto windows =
            *view(made_.contracts.stake_vault, abis_.stake_vault, "windows", {}).as_list();
        windows[0] = AbiValue::number(10 * kUnbonding);
        return *abis_.stake_vault.encode_call("setWindows", {AbiValue::list(std::move(windows))});
    }
    std::vector<AbiValue> lists(const AbiValue& last) {
        return {AbiValue::list({AbiValue::address(made_.contracts.stake_vault)}),
                AbiValue::list({AbiValue::number(0)}),
                AbiValue::list({AbiValue::bytes(proposal())}), last};
    }
    AbiValue reason_hash() { return AbiValue::word(crypto::keccak256(as_bytes(kReason))); }

    std::optional<AnvilProcess> anvil_;
    std::unique_ptr<Rpc> rpc_;
    std::unique_ptr<EthNode> node_;
    ContractAbis abis_;
    Deployment made_;
};

TEST_F(Governed, CarriesOutWhatTheMembersVotedFor) {
    mine(1);
    const Status stranger = govern(kFirstSigner, "propose", lists(AbiValue::text(kReason)));
    EXPECT_NE(stranger.error().message.find("has 0 votes and needs 1 to propose"),
              std::string::npos)
        << stranger.error().message;
    const Status proposed = govern(kFirstOwner, "propose", lists(AbiValue::text(kReason)));
    ASSERT_TRUE(proposed) << proposed.error().message;
    const AbiValue id =
        view(made_.governance.governor, abis_.governor, "hashProposal", lists(reason_hash()));
    mine(kVoteDelay + 1);
    for (std::size_t site = 0; site < 3; ++site) {
        const Status cast = govern(kFirstOwner + site, "castVote", {id, AbiValue::number(1)});
        ASSERT_TRUE(cast) << cast.error().message;
    }
    mine(kVotePeriod + 1);
    const Status queued = govern(kDeployer, "queue", lists(reason_hash()));
    ASSERT_TRUE(queued) << queued.error().message;
    const Status early = govern(kDeployer, "execute", lists(reason_hash()));
    ASSERT_FALSE(early);
    EXPECT_NE(early.error().message.find("wait for its delay"), std::string::npos)
        << early.error().message;
    ASSERT_TRUE(node_->raw("evm_increaseTime", Json::array({kTimelock + 1})));
    mine(1);
    const Status executed = govern(kDeployer, "execute", lists(reason_hash()));
    ASSERT_TRUE(executed) << executed.error().message;
    EXPECT_EQ(*view(made_.contracts.stake_vault, abis_.stake_vault, "unbondingDelay", {}).as_u64(),
              10 * kUnbonding);
}

TEST_F(Governed, TheDeployerKeepsNothing) {
    const AbiValue deployer = AbiValue::address(dev_key(kDeployer).address());
    const AbiValue admin = AbiValue::word(Digest{});
    EXPECT_FALSE(
        *view(made_.governance.timelock, abis_.timelock, "hasRole", {admin, deployer}).as_bool());
    const auto wire = send(kDeployer, made_.contracts.access, abis_.access, "handOver", {deployer});
    EXPECT_NE(wire.error().message.find("make a proposal"), std::string::npos)
        << wire.error().message;
    const auto set =
        node_->call({dev_key(kDeployer).address(), made_.contracts.stake_vault, proposal(), 0});
    ASSERT_TRUE(set->revert);
    EXPECT_NE(explain_revert(abis_.stake_vault, *set->revert).find("does not hold the role"),
              std::string::npos);
    const AbiValue proposer = AbiValue::word(crypto::keccak256(as_bytes("PROPOSER_ROLE")));
    const AbiValue governor = AbiValue::address(made_.governance.governor);
    EXPECT_TRUE(*view(made_.governance.timelock, abis_.timelock, "hasRole", {proposer, governor})
                     .as_bool());
    EXPECT_FALSE(*view(made_.governance.timelock, abis_.timelock, "hasRole", {proposer, deployer})
                      .as_bool());
    EXPECT_EQ(*view(made_.governance.members, abis_.members, "memberCount", {}).as_u64(), kSites);
}

// What changes code waits for a week: too long for a dispute.
TEST_F(Governed, RulingsHaveAGovernorThatIsInTime) {
    const Governance& made = made_.governance;
    constexpr std::uint64_t kGovernorRole = 8;
    const auto holds = [&](const Address& who) {
        return *view(made_.contracts.access, abis_.access, "hasRole",
                     {AbiValue::number(kGovernorRole), AbiValue::address(who)})
                    .as_bool();
    };
    EXPECT_TRUE(holds(made.rulings_timelock));
    EXPECT_FALSE(holds(made.timelock));
    EXPECT_EQ(*view(made.rulings_timelock, abis_.timelock, "getMinDelay", {}).as_u64(), 0U);
    EXPECT_EQ(*view(made.rulings_governor, abis_.governor, "votingPeriod", {}).as_u64(), 8U);
    const AbiValue canceller = AbiValue::word(crypto::keccak256(as_bytes("CANCELLER_ROLE")));
    const AbiValue council = AbiValue::address(dev_key(kDeployer).address());
    EXPECT_FALSE(
        *view(made.rulings_timelock, abis_.timelock, "hasRole", {canceller, council}).as_bool())
        << "the council stops no ruling";
    const AbiValue admin = AbiValue::word(Digest{});
    EXPECT_FALSE(
        *view(made.rulings_timelock, abis_.timelock, "hasRole", {admin, council}).as_bool());
}

TEST(GovernedDeployment, RefusesMembersThatCannotVote) {
    DeploymentConfig config = voted();
    EXPECT_TRUE(config.validate());
    config.members.push_back(config.members.front());
    EXPECT_NE(config.validate().error().message.find("must be different accounts"),
              std::string::npos);
    config = voted();
    config.members.emplace_back();
    EXPECT_FALSE(config.validate());
    config = voted();
    config.governor = owner_key(0).address();
    EXPECT_NE(config.validate().error().message.find("exclude each other"), std::string::npos);
    config = voted();
    config.vote_period_blocks = 0;
    EXPECT_FALSE(config.validate());
    config = voted();
    config.ruling_vote_blocks = 3;
    EXPECT_FALSE(config.validate());
    config = voted();
    config.vote_extension_blocks = kVotePeriod + 1;
    EXPECT_FALSE(config.validate());
}

}  // namespace
}  // namespace fedstake::evm
