// Opening, keys, calls.
#include "coordinator/app/chain_link.hpp"

#include <utility>

#include "contracts/cpp/evm/json_rpc.hpp"

namespace fedstake::coordinator {

evm::ContractAddresses contract_addresses(const manifest::ChainEntry& chain) {
    return {.chain_id = chain.chain_id,
            .token = chain.token,
            .stake_vault = chain.stake_vault,
            .round_manager = chain.round_manager,
            .fault_prover = chain.fault_prover,
            .slash_court = chain.slash_court,
            .model_registry = chain.model_registry,
            .deployed_block = chain.deployed_block};
}

Result<ChainLink> ChainLink::open(const std::filesystem::path& config) {
    ChainLink link;
    FS_ASSIGN(link.config, load_config(config));
    FS_ASSIGN(link.manifest, manifest::load_manifest(link.config.manifest_file));
    const std::string file = link.config.manifest_file.string();
    if (!link.manifest.chain.enabled) {
        return fail(Errc::kInvalidInput, file + ": this federation runs without a chain");
    }
    if (link.manifest.chain.round_manager.is_zero()) {
        return fail(Errc::kInvalidInput,
                    file + ": no contracts are deployed: run `fedstake-coordinator deploy`");
    }
    link.contracts = contract_addresses(link.manifest.chain);
    FS_ASSIGN(link.abis, evm::ContractAbis::load());
    FS_ASSIGN(link.rpc, evm::JsonRpc::open(link.config.rpc));
    link.node = std::make_unique<evm::EthNode>(*link.rpc);
    FS_TRY(evm::check_contracts(*link.node, link.contracts));
    return link;
}

Result<crypto::SigningKey> payer_key(const PayerOptions& options, const Config& config) {
    if (!options.key_file.empty()) {
        FS_ASSIGN(const std::string passphrase, read_passphrase(options.key_passphrase));
        return crypto::read_keystore(options.key_file, passphrase);
    }
    PassphraseSource source = options.passphrase;
    if (source.file.empty() && source.fd < 0) {
        source.file = config.passphrase_file;
    }
    FS_ASSIGN(const std::string passphrase, read_passphrase(source));
    FS_ASSIGN(Keys keys, read_keys(config.keys, passphrase));
    return std::move(keys.signer);
}

Result<CallResult> call_or_try(ChainLink& link, const crypto::SigningKey& key,
                               const Address& contract, const evm::ContractAbi& abi,
                               std::string_view function, std::vector<evm::AbiValue> arguments,
                               bool dry_run) {
    evm::TransactionSender sender(*link.node, key);
    if (!dry_run) {
        FS_ASSIGN(const evm::Receipt receipt,
                  sender.call(contract, abi, function, std::move(arguments)));
        return CallResult{.transaction = receipt.transaction, .gas = receipt.gas_used, .cost = 0};
    }
    FS_ASSIGN(const evm::CallTrial trial,
              sender.attempt(contract, abi, function, std::move(arguments)));
    return CallResult{.transaction = {}, .gas = trial.gas, .cost = trial.cost};
}

}  // namespace fedstake::coordinator
