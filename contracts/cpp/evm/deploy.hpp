// Deploys the contracts of one federation and wires their roles.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "contracts/cpp/evm/contract_set.hpp"
#include "contracts/cpp/evm/transaction_sender.hpp"

namespace fedstake::evm {

struct DeploymentConfig {
    FederationId federation;
    // The staking token; nothing: a TestToken is deployed too, which the deployer mints at will.
    std::optional<Address> token;
    Address coordinator;            // commits rounds
    Address publisher;              // releases models; zero: the coordinator
    Address council;                // vetoes slashes, voids rounds; zero: the deployer
    Address slash_pool;             // receives slashed stake; zero: 0x...dEaD, i.e. it is burnt
    std::vector<Address> auditors;  // signer addresses in index order (Manifest::auditors)
    std::uint8_t threshold = 1;     // M
    std::uint64_t challenge_window = 86'400;  // seconds
    std::uint64_t slash_delay = 7 * 86'400;
    std::uint64_t unbonding_delay = 14 * 86'400;  // at least both of the above
    std::uint16_t accusation_bps_max = 2'000;
    std::uint16_t equivocation_bps = 1'000;
    // Put into the reward fund from the deployer's tokens; with a TestToken they are minted.
    Amount reward_fund = 0;

    // RETURNS kInvalidInput naming the field.
    [[nodiscard]] Status validate() const;
};

struct Deployment {
    ContractAddresses contracts;
    std::uint64_t gas_used = 0;
    Address deployer;
};

// Nine to twelve transactions. A failure in between names the step; what was deployed until then
// stays unused on the chain and the next try starts anew.
[[nodiscard]] Result<Deployment> deploy_contracts(EthNode& node, const crypto::SigningKey& deployer,
                                                  const DeploymentConfig& config,
                                                  SenderOptions options = {});

}  // namespace fedstake::evm
