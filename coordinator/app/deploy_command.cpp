// deploy: the contracts of a federation.
#include <algorithm>
#include <cstdio>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "contracts/cpp/evm/deploy.hpp"
#include "contracts/cpp/evm/json_rpc.hpp"
#include "coordinator/app/chain_link.hpp"
#include "coordinator/app/commands.hpp"
#include "coordinator/app/config.hpp"
#include "coordinator/app/text_file.hpp"

namespace fedstake::coordinator {

namespace {

Result<Address> parse_account(const std::string& text, const char* option) {
    if (text.empty()) {
        return Address{};
    }
    auto address = Address::parse(text);
    if (!address) {
        return with_context(address.error(), option);
    }
    return address;
}

Result<Amount> parse_wei(const std::string& text, const char* option) {
    auto amount = parse_amount(text);
    if (!amount) {
        return with_context(amount.error(), option);
    }
    return amount;
}

Result<std::vector<Address>> members_of(const DeployOptions& options,
                                        const manifest::Manifest& manifest) {
    std::vector<Address> members;
    for (const std::string& text : options.members) {
        FS_ASSIGN(const Address member, parse_account(text, "--member"));
        members.push_back(member);
    }
    if (options.members_are_sites) {
        for (const manifest::SiteEntry& entry : manifest.sites) {
            members.push_back(entry.owner);
        }
    }
    return members;
}

// Where stake may leave soon, disputes and demands share what time there is: demands whose answer
// may take too long are refused, and who withholds a round's data would go free.
void fit_windows(evm::DeploymentConfig& deployment) {
    const std::uint64_t spare = deployment.unbonding_delay -
                                std::min(deployment.unbonding_delay, deployment.challenge_window);
    deployment.resolution = std::min(deployment.resolution, spare / 2);
    const std::uint64_t most = (spare - deployment.resolution) / 4;
    deployment.answer_time = std::clamp<std::uint64_t>(most, 1, deployment.answer_time);
}

Result<evm::DeploymentConfig> deployment_of(const DeployOptions& options,
                                            const manifest::Manifest& manifest) {
    evm::DeploymentConfig deployment;
    deployment.federation = manifest.federation;
    deployment.coordinator = manifest.coordinator;
    deployment.auditors = manifest.auditors();
    if (manifest.rules.schedule.auditors_needed > deployment.auditors.size() ||
        deployment.auditors.empty()) {
        return fail(
            Errc::kInvalidInput,
            fmt::format("{} of {} auditors must sign each round: admit auditors first "
                        "(admit --auditor); the contracts keep their list",
                        manifest.rules.schedule.auditors_needed, deployment.auditors.size()));
    }
    deployment.threshold = static_cast<std::uint8_t>(manifest.rules.schedule.auditors_needed);
    deployment.rules_digest = manifest.rules.digest();
    deployment.accusation_bps_max = manifest.rules.settlement.slash_bps_max;
    deployment.challenge_window = options.challenge_window_s;
    deployment.slash_delay = options.slash_delay_s;
    deployment.unbonding_delay = options.unbonding_delay_s;
    fit_windows(deployment);
    FS_ASSIGN(deployment.council, parse_account(options.council, "--council"));
    FS_ASSIGN(deployment.reward_fund, parse_wei(options.reward_fund, "--reward-fund"));
    if (!options.token.empty()) {
        FS_ASSIGN(deployment.token, parse_account(options.token, "--token"));
    }
    FS_ASSIGN(deployment.members, members_of(options, manifest));
    deployment.timelock_delay = options.timelock_s;
    deployment.vote_delay_blocks = options.vote_delay_blocks;
    deployment.vote_period_blocks = options.vote_period_blocks;
    deployment.vote_extension_blocks = std::max<std::uint64_t>(options.vote_period_blocks / 3, 1);
    deployment.ruling_vote_blocks = options.ruling_vote_blocks;
    FS_TRY(deployment.validate());
    return deployment;
}

nlohmann::ordered_json governance_json(const evm::Deployment& made) {
    return {{"chain_id", made.contracts.chain_id},
            {"members", made.governance.members.hex()},
            {"governor", made.governance.governor.hex()},
            {"timelock", made.governance.timelock.hex()},
            {"rulings_governor", made.governance.rulings_governor.hex()},
            {"rulings_timelock", made.governance.rulings_timelock.hex()},
            {"access", made.contracts.access.hex()}};
}

void print(const DeployOptions& options, const evm::Deployment& made) {
    const evm::ContractAddresses& at = made.contracts;
    nlohmann::ordered_json json{{"chain_id", at.chain_id},
                                {"deployer", made.deployer.hex()},
                                {"token", at.token.hex()},
                                {"stake_vault", at.stake_vault.hex()},
                                {"round_manager", at.round_manager.hex()},
                                {"fault_prover", at.fault_prover.hex()},
                                {"slash_court", at.slash_court.hex()},
                                {"model_registry", at.model_registry.hex()},
                                {"deployed_block", at.deployed_block},
                                {"gas_used", made.gas_used}};
    if (!made.governance.governor.is_zero()) {
        json.update(governance_json(made));
    }
    if (options.json) {
        fmt::print("{}\n", json.dump());
        return;
    }
    for (const auto& [key, value] : json.items()) {
        fmt::print("{:<16} {}\n", key, value.is_string() ? value.get<std::string>() : value.dump());
    }
    if (made.governance.governor.is_zero()) {
        fmt::print(
            "governance       none: {} changes code and parameters alone, after a delay; "
            "--member or --members-are-sites lets the organisations vote\n",
            options.council.empty() ? "the deployer" : "the council");
    }
}

}  // namespace

Status deploy(const DeployOptions& options) {
    FS_ASSIGN(const Config config, load_config(options.config));
    FS_ASSIGN(manifest::Manifest manifest, manifest::load_manifest(config.manifest_file));
    const std::string file = config.manifest_file.string();
    if (!manifest.chain.enabled) {
        return fail(Errc::kInvalidInput, file + ": chain.enabled is false: nothing to deploy");
    }
    if (!manifest.chain.round_manager.is_zero()) {
        return fail(Errc::kConflict, file +
                                         ": the contracts are deployed already; remove their "
                                         "addresses from [chain] to deploy again");
    }
    FS_ASSIGN(const evm::DeploymentConfig deployment, deployment_of(options, manifest));
    FS_ASSIGN(const Amount gas_money, parse_wei(options.fund_coordinator, "--fund-coordinator"));
    FS_ASSIGN(const crypto::SigningKey key,
              payer_key({.key_file = options.deployer_key,
                         .key_passphrase = options.deployer_passphrase,
                         .passphrase = options.passphrase},
                        config));
    FS_ASSIGN(const auto rpc, evm::JsonRpc::open(config.rpc));
    evm::EthNode node(*rpc);
    FS_ASSIGN(const std::uint64_t chain_id, node.chain_id());
    if (chain_id != manifest.chain.chain_id) {
        return fail(Errc::kConflict,
                    fmt::format("{} is chain {}, {} says {}: check [chain] rpc in {}", config.rpc,
                                chain_id, file, manifest.chain.chain_id, config.file.string()));
    }
    FS_ASSIGN(const evm::Deployment made, evm::deploy_contracts(node, key, deployment));
    manifest.chain.token = made.contracts.token;
    manifest.chain.stake_vault = made.contracts.stake_vault;
    manifest.chain.round_manager = made.contracts.round_manager;
    manifest.chain.fault_prover = made.contracts.fault_prover;
    manifest.chain.slash_court = made.contracts.slash_court;
    manifest.chain.model_registry = made.contracts.model_registry;
    manifest.chain.deployed_block = made.contracts.deployed_block;
    FS_TRY(replace_file(config.manifest_file, manifest::to_toml(manifest)));
    if (!made.governance.governor.is_zero()) {
        std::filesystem::path beside = config.manifest_file;
        beside.replace_filename("governance.json");
        FS_TRY(replace_file(beside, governance_json(made).dump(2) + "\n"));
    }
    if (gas_money > 0) {
        evm::TransactionSender sender(node, key);
        FS_TRY(sender.transfer(manifest.coordinator, gas_money));
    }
    print(options, made);
    return {};
}

}  // namespace fedstake::coordinator
