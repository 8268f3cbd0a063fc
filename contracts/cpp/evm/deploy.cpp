// The order of deployment follows the constructors: token, vault, rounds, then what stands on them.
#include "contracts/cpp/evm/deploy.hpp"

#include <algorithm>

#include "contracts/cpp/evm/artifacts.hpp"

namespace fedstake::evm {

namespace {

constexpr std::string_view kBurnAddress = "0x000000000000000000000000000000000000dEaD";
constexpr std::size_t kAuditorsMax = 32;
constexpr std::uint64_t kDelayMax = std::uint64_t{10} * 365 * 86'400;

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

    Status create_all() {
        ContractAddresses& at = made_.contracts;
        if (config_.token) {
            at.token = *config_.token;
        } else {
            FS_ASSIGN(at.token, create("TestToken", {}));
        }
        FS_ASSIGN(const Address burn, Address::parse(kBurnAddress));
        const Address pool = config_.slash_pool.is_zero() ? burn : config_.slash_pool;
        FS_ASSIGN(at.stake_vault,
                  create("StakeVault", {AbiValue::address(at.token), AbiValue::address(pool),
                                        AbiValue::number(config_.unbonding_delay),
                                        AbiValue::number(config_.slash_delay)}));
        std::vector<AbiValue> auditors;
        for (const Address& auditor : config_.auditors) {
            auditors.push_back(AbiValue::address(auditor));
        }
        FS_ASSIGN(
            at.round_manager,
            create("RoundManager",
                   {AbiValue::word(config_.federation), AbiValue::address(at.token),
                    AbiValue::address(at.stake_vault), AbiValue::address(config_.coordinator),
                    AbiValue::number(config_.threshold), AbiValue::number(config_.challenge_window),
                    AbiValue::list(std::move(auditors))}));
        const AbiValue rounds = AbiValue::address(at.round_manager);
        FS_ASSIGN(at.fault_prover,
                  create("FaultProver", {rounds, AbiValue::number(config_.equivocation_bps)}));
        FS_ASSIGN(at.slash_court,
                  create("SlashCourt", {rounds, AbiValue::number(config_.accusation_bps_max)}));
        const Address publisher =
            config_.publisher.is_zero() ? config_.coordinator : config_.publisher;
        FS_ASSIGN(at.model_registry,
                  create("ModelRegistry", {rounds, AbiValue::address(publisher)}));
        return {};
    }

    Status wire() {
        const ContractAddresses& at = made_.contracts;
        FS_TRY(call(at.stake_vault, abis_.stake_vault, "setRoles",
                    {AbiValue::address(at.slash_court), AbiValue::address(at.fault_prover),
                     AbiValue::address(council())}));
        return call(at.round_manager, abis_.round_manager, "setRoles",
                    {AbiValue::address(at.fault_prover), AbiValue::address(council())});
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
};

tl::unexpected<Error> bad(const std::string& field, const std::string& rule) {
    return fail(Errc::kInvalidInput, "deployment: " + field + " " + rule);
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
