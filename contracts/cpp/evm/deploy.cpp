// The order of deployment follows the initializers: token, access, vault, rounds, then what stands
// on them, then the roles.
#include "contracts/cpp/evm/deploy.hpp"

#include <algorithm>

#include "contracts/cpp/evm/artifacts.hpp"
#include "proto/crypto/keccak256.hpp"

namespace fedstake::evm {

namespace {

constexpr std::string_view kBurnAddress = "0x000000000000000000000000000000000000dEaD";
constexpr std::size_t kAuditorsMax = 32;
constexpr std::uint64_t kDelayMax = std::uint64_t{10} * 365 * 86'400;
constexpr std::uint64_t kBlocksMax = 10'000'000;
constexpr std::uint64_t kChallengeMax = (std::uint64_t{1} << 24U) - 1;  // uint24 in the contract
// That an appeal waits for a ruling.
constexpr std::uint64_t kAppeal = std::uint64_t{72} * 3600;

class Deployer {
public:
    Deployer(EthNode& node, const crypto::SigningKey& key, const DeploymentConfig& config,
             ContractAbis abis, SenderOptions options)
        : sender_(node, key, options), config_(config), abis_(std::move(abis)) {
        made_.deployer = key.address();
    }

    Result<Deployment> run() {
        FS_ASSIGN(made_.contracts.chain_id, sender_.node().chain_id());
        FS_ASSIGN(const BlockHead head, sender_.node().latest_block());
        made_.contracts.deployed_block = head.number;
        FS_TRY(create_all());
        if (!config_.members.empty()) FS_TRY(create_governance());
        FS_TRY(wire());
        FS_TRY(fund());
        return made_;
    }

private:
    Result<Address> create(const char* name, std::vector<AbiValue> arguments) {
        FS_ASSIGN(const Artifact* const found, artifact(name));
        FS_ASSIGN(const Bytes encoded, found->abi.encode_constructor(std::move(arguments)));
        Bytes code = found->bytecode;
        code.insert(code.end(), encoded.begin(), encoded.end());
        FS_ASSIGN(const Receipt receipt, sender_.create(std::move(code), abis_.round_manager,
                                                        std::string("deploying ") + name));
        made_.gas_used += receipt.gas_used;
        return *receipt.created;
    }

    Status call(const Address& contract, const ContractAbi& abi, std::string_view function,
                std::vector<AbiValue> arguments) {
        FS_ASSIGN(const Receipt receipt,
                  sender_.call(contract, abi, function, std::move(arguments)));
        made_.gas_used += receipt.gas_used;
        return {};
    }

    [[nodiscard]] Address council() const {
        return config_.council.is_zero() ? sender_.address() : config_.council;
    }

    // Who changes code, parameters and roles.
    [[nodiscard]] Address governor() const {
        if (!config_.members.empty()) return made_.governance.timelock;
        return config_.governor.is_zero() ? council() : config_.governor;
    }

    // Who rules on appeals and disputes.
    [[nodiscard]] Address judge() const {
        return config_.members.empty() ? governor() : made_.governance.rulings_timelock;
    }

    // The implementation, and a proxy that initializes itself with these arguments.
    Result<Address> create_behind_proxy(const char* name, std::vector<AbiValue> arguments) {
        FS_ASSIGN(const Artifact* const found, artifact(name));
        FS_ASSIGN(Bytes initialization, found->abi.encode_call("initialize", std::move(arguments)));
        FS_ASSIGN(const Address implementation, create(name, {}));
        return create("Proxy", {AbiValue::address(implementation),
                                AbiValue::bytes(std::move(initialization))});
    }

    // Seconds, in the order of IStakeVault.Windows.
    [[nodiscard]] AbiValue windows() const {
        const std::uint64_t spare = config_.unbonding_delay - config_.challenge_window;
        const std::uint64_t evidence = std::min(config_.evidence_age, spare / 11 * 10);
        return AbiValue::list({AbiValue::number(config_.unbonding_delay),
                               AbiValue::number(config_.challenge_window),
                               AbiValue::number(std::min(config_.resolution, spare)),
                               AbiValue::number(config_.slash_delay), AbiValue::number(kAppeal),
                               AbiValue::number(evidence)});
    }

    // In the order of IRoundManager.Epoch.
    [[nodiscard]] AbiValue first_epoch() const {
        std::vector<AbiValue> auditors;
        for (const Address& auditor : config_.auditors) {
            auditors.push_back(AbiValue::address(auditor));
        }
        return AbiValue::list(
            {AbiValue::address(config_.coordinator), AbiValue::number(config_.threshold),
             AbiValue::number(config_.challenge_window), AbiValue::word(config_.rules_digest),
             AbiValue::list(std::move(auditors))});
    }

    // In the order of ILeafDemands.Terms.
    [[nodiscard]] AbiValue demand_terms() const {
        return AbiValue::list({AbiValue::number(config_.demand_bond),
                               AbiValue::number(config_.answer_time),
                               AbiValue::number(config_.withheld_bps)});
    }

    Status create_all() {
        ContractAddresses& at = made_.contracts;
        if (config_.token) {
            at.token = *config_.token;
        } else {
            FS_ASSIGN(at.token, create("TestToken", {}));
        }
        FS_ASSIGN(const Address burn, Address::parse(kBurnAddress));
        const Address pool = config_.slash_pool.is_zero() ? burn : config_.slash_pool;
        FS_ASSIGN(at.access, create("ConsortiumAccess", {AbiValue::address(sender_.address())}));
        const AbiValue access = AbiValue::address(at.access);
        FS_ASSIGN(at.stake_vault,
                  create_behind_proxy("StakeVault", {AbiValue::address(at.token),
                                                     AbiValue::address(pool), access, windows()}));
        FS_ASSIGN(at.round_manager,
                  create_behind_proxy("RoundManager",
                                      {AbiValue::word(config_.federation),
                                       AbiValue::address(at.stake_vault), access, first_epoch()}));
        return create_provers_and_courts(AbiValue::address(at.round_manager), access);
    }

    Status create_provers_and_courts(const AbiValue& rounds, const AbiValue& access) {
        ContractAddresses& at = made_.contracts;
        const AbiValue shares = AbiValue::list({AbiValue::number(config_.equivocation_bps),
                                                AbiValue::number(config_.coordinator_bps),
                                                AbiValue::number(config_.signer_bps)});
        FS_ASSIGN(at.fault_prover, create_behind_proxy("FaultProver", {rounds, access, shares}));
        FS_ASSIGN(result_prover_, create_behind_proxy("ResultProver", {rounds, access, shares}));
        FS_ASSIGN(settlement_prover_,
                  create_behind_proxy("SettlementProver", {rounds, access, shares}));
        FS_ASSIGN(at.slash_court,
                  create_behind_proxy("SlashCourt",
                                      {rounds, access, AbiValue::number(config_.accusation_bps_max),
                                       AbiValue::number(config_.appeal_bond)}));
        FS_ASSIGN(round_disputes_,
                  create_behind_proxy("RoundDisputes",
                                      {rounds, access, AbiValue::number(config_.dispute_bond)}));
        FS_ASSIGN(leaf_demands_,
                  create_behind_proxy("LeafDemands", {rounds, access, demand_terms()}));
        const Address publisher =
            config_.publisher.is_zero() ? config_.coordinator : config_.publisher;
        FS_ASSIGN(
            at.model_registry,
            create_behind_proxy("ModelRegistry", {rounds, access, AbiValue::address(publisher)}));
        return {};
    }

    struct Votes {
        std::uint64_t delay_blocks;
        std::uint64_t period_blocks;
        std::uint64_t extension_blocks;
        std::uint64_t timelock_s;
        bool council_cancels;  // what waits in the timelock
    };

    // As contracts/test/Governance.t.sol: the governor proposes to the timelock, anyone carries it
    // out, and the deployer gives its own role up.
    Status create_pair(const Votes& votes, Address& timelock, Address& governor) {
        const AbiValue anyone = AbiValue::list({AbiValue::address(Address{})});
        FS_ASSIGN(timelock, create("TimelockController",
                                   {AbiValue::number(votes.timelock_s), AbiValue::list({}), anyone,
                                    AbiValue::address(sender_.address())}));
        FS_ASSIGN(
            governor,
            create("ConsortiumGovernor",
                   {AbiValue::address(made_.governance.members), AbiValue::address(timelock),
                    AbiValue::number(votes.delay_blocks), AbiValue::number(votes.period_blocks),
                    AbiValue::number(votes.extension_blocks)}));
        const auto role = [](std::string_view name) {
            return AbiValue::word(crypto::keccak256(as_bytes(name)));
        };
        FS_TRY(call(timelock, abis_.timelock, "grantRole",
                    {role("PROPOSER_ROLE"), AbiValue::address(governor)}));
        if (votes.council_cancels) {
            FS_TRY(call(timelock, abis_.timelock, "grantRole",
                        {role("CANCELLER_ROLE"), AbiValue::address(council())}));
        }
        const AbiValue admin_role = AbiValue::word(Digest{});
        return call(timelock, abis_.timelock, "renounceRole",
                    {admin_role, AbiValue::address(sender_.address())});
    }

    Status create_governance() {
        Governance& made = made_.governance;
        std::vector<AbiValue> founders;
        for (const Address& member : config_.members) {
            founders.push_back(AbiValue::address(member));
        }
        FS_ASSIGN(made.members,
                  create("MembershipToken", {AbiValue::address(made_.contracts.access),
                                             AbiValue::list(std::move(founders))}));
        FS_TRY(create_pair({config_.vote_delay_blocks, config_.vote_period_blocks,
                            config_.vote_extension_blocks, config_.timelock_delay, true},
                           made.timelock, made.governor));
        const std::uint64_t blocks = config_.ruling_vote_blocks;
        return create_pair({std::max<std::uint64_t>(blocks / 24, 1), blocks, blocks / 4, 0, false},
                           made.rulings_timelock, made.rulings_governor);
    }

    // Every role in one call; then the deployer's admin role goes to the governor.
    Status wire() {
        const ContractAddresses& at = made_.contracts;
        const AbiValue contracts = AbiValue::list(
            {AbiValue::address(at.stake_vault), AbiValue::address(at.round_manager),
             AbiValue::address(at.fault_prover), AbiValue::address(result_prover_),
             AbiValue::address(settlement_prover_), AbiValue::address(at.slash_court),
             AbiValue::address(round_disputes_), AbiValue::address(at.model_registry),
             AbiValue::address(leaf_demands_)});
        const bool voted = !config_.members.empty();  // the timelock has a delay of its own
        const AbiValue holders = AbiValue::list(
            {AbiValue::address(council()), AbiValue::address(judge()),
             AbiValue::address(governor()), AbiValue::number(voted ? 0 : config_.upgrade_delay),
             AbiValue::number(voted ? 0 : config_.parameter_delay)});
        FS_TRY(call(at.access, abis_.access, "wire", {contracts, holders}));
        if (governor() == sender_.address()) return {};
        return call(at.access, abis_.access, "handOver", {AbiValue::address(governor())});
    }

    Status fund() {
        if (config_.reward_fund == 0) return {};
        const ContractAddresses& at = made_.contracts;
        const AbiValue amount = AbiValue::number(config_.reward_fund);
        if (!config_.token) {
            FS_TRY(call(at.token, abis_.token, "mint",
                        {AbiValue::address(sender_.address()), amount}));
        }
        FS_TRY(
            call(at.token, abis_.token, "approve", {AbiValue::address(at.round_manager), amount}));
        return call(at.round_manager, abis_.round_manager, "fund", {amount});
    }

    TransactionSender sender_;
    const DeploymentConfig& config_;
    ContractAbis abis_;
    Deployment made_;
    Address result_prover_;
    Address settlement_prover_;
    Address round_disputes_;
    Address leaf_demands_;
};

tl::unexpected<Error> bad(const std::string& field, const std::string& rule) {
    return fail(Errc::kInvalidInput, "deployment: " + field + " " + rule);
}

Status validate_members(const DeploymentConfig& config) {
    if (!config.governor.is_zero()) return bad("governor", "and members exclude each other");
    std::vector<Address> sorted = config.members;
    std::ranges::sort(sorted);
    const bool twice = std::ranges::adjacent_find(sorted) != sorted.end();
    if (twice || sorted.front().is_zero()) {
        return bad("members", "must be different accounts, none of them zero");
    }
    if (config.timelock_delay > kDelayMax) return bad("timelock_delay", "is above ten years");
    if (config.vote_period_blocks < 1 || config.vote_period_blocks > kBlocksMax ||
        config.vote_delay_blocks > kBlocksMax) {
        return bad("vote_period_blocks and vote_delay_blocks",
                   "must be at most " + std::to_string(kBlocksMax) + ", the period at least 1");
    }
    if (config.ruling_vote_blocks < 4 || config.ruling_vote_blocks > kBlocksMax) {
        return bad("ruling_vote_blocks", "must be 4 to " + std::to_string(kBlocksMax));
    }
    if (config.vote_extension_blocks > config.vote_period_blocks) {
        return bad("vote_extension_blocks", "must be at most vote_period_blocks");
    }
    return {};
}

}  // namespace

Status DeploymentConfig::validate() const {
    if (federation.is_zero()) return bad("federation", "must not be zero");
    if (coordinator.is_zero()) return bad("coordinator", "must not be the zero address");
    if (auditors.empty() || auditors.size() > kAuditorsMax) {
        return bad("auditors", "must be 1 to 32, got " + std::to_string(auditors.size()));
    }
    if (threshold < 1 || threshold > auditors.size()) {
        return bad("threshold", "must be 1 to the number of auditors (" +
                                    std::to_string(auditors.size()) + "), got " +
                                    std::to_string(threshold));
    }
    for (std::size_t i = 0; i < auditors.size(); ++i) {
        if (auditors[i].is_zero() ||
            std::find(auditors.begin(), auditors.begin() + static_cast<std::ptrdiff_t>(i),
                      auditors[i]) != auditors.begin() + static_cast<std::ptrdiff_t>(i)) {
            return bad("auditors",
                       "has a zero or repeated address at position " + std::to_string(i));
        }
    }
    if (unbonding_delay > kDelayMax) return bad("unbonding_delay", "must be at most ten years");
    if (unbonding_delay < challenge_window || unbonding_delay < slash_delay) {
        return bad("unbonding_delay",
                   "must be at least challenge_window and slash_delay: stake must not leave "
                   "before a fault in it can be punished");
    }
    if (challenge_window > kChallengeMax) {
        return bad("challenge_window", "must be at most " + std::to_string(kChallengeMax) + " s");
    }
    if (!members.empty()) FS_TRY(validate_members(*this));
    if (upgrade_delay > kDelayMax || parameter_delay > kDelayMax) {
        return bad("upgrade_delay and parameter_delay", "must be at most ten years");
    }
    if (coordinator_bps < 1 || coordinator_bps > 10'000 || signer_bps < 1 || signer_bps > 10'000) {
        return bad("coordinator_bps and signer_bps", "must be 1 to 10000");
    }
    if (dispute_bond == 0) return bad("dispute_bond", "must not be zero");
    if (demand_bond == 0) return bad("demand_bond", "must not be zero");
    if (resolution > kDelayMax) return bad("resolution", "must be at most ten years");
    if (answer_time == 0 || answer_time > kDelayMax) {
        return bad("answer_time", "must be 1 s to ten years");
    }
    if (withheld_bps < 1 || withheld_bps > 10'000) return bad("withheld_bps", "must be 1 to 10000");
    if (accusation_bps_max < 1 || accusation_bps_max > 2'000) {
        return bad("accusation_bps_max", "must be 1 to 2000");
    }
    if (equivocation_bps < 1 || equivocation_bps > 10'000) {
        return bad("equivocation_bps", "must be 1 to 10000");
    }
    return {};
}

Result<Deployment> deploy_contracts(EthNode& node, const crypto::SigningKey& deployer,
                                    const DeploymentConfig& config, SenderOptions options) {
    FS_TRY(config.validate());
    FS_ASSIGN(ContractAbis abis, ContractAbis::load());
    return Deployer(node, deployer, config, std::move(abis), options).run();
}

}  // namespace fedstake::evm
