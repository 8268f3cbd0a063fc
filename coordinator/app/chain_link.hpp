// Configuration, manifest and chain node, as the commands that talk to the chain need them.
#pragma once

#include <filesystem>
#include <memory>

#include "contracts/cpp/evm/contract_set.hpp"
#include "contracts/cpp/evm/transaction_sender.hpp"
#include "coordinator/app/config.hpp"
#include "coordinator/app/keys.hpp"

namespace fedstake::coordinator {

[[nodiscard]] evm::ContractAddresses contract_addresses(const manifest::ChainEntry& chain);

struct ChainLink {
    // RETURNS kInvalidInput where the federation has no chain or no contracts yet, and what
    // check_contracts() does.
    [[nodiscard]] static Result<ChainLink> open(const std::filesystem::path& config);

    Config config;
    manifest::Manifest manifest;
    evm::ContractAddresses contracts;
    evm::ContractAbis abis;
    std::unique_ptr<evm::Rpc> rpc;
    std::unique_ptr<evm::EthNode> node;
};

// Who pays: `key_file` where one is named, else the coordinator's own key.
struct PayerOptions {
    std::filesystem::path key_file;
    PassphraseSource key_passphrase;
    PassphraseSource passphrase;  // of the coordinator's keys
};
[[nodiscard]] Result<crypto::SigningKey> payer_key(const PayerOptions& options,
                                                   const Config& config);

// The same call twice: estimated for a dry run, sent otherwise.
struct CallResult {
    Digest transaction;  // zero in a dry run
    std::uint64_t gas = 0;
    Amount cost = 0;  // wei, at most; dry run only
};
[[nodiscard]] Result<CallResult> call_or_try(ChainLink& link, const crypto::SigningKey& key,
                                             const Address& contract, const evm::ContractAbi& abi,
                                             std::string_view function,
                                             std::vector<evm::AbiValue> arguments, bool dry_run);

}  // namespace fedstake::coordinator
