// An anvil chain with deployed contracts, and the people of a small federation.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "contracts/cpp/evm/anvil_process.hpp"
#include "contracts/cpp/evm/deploy.hpp"
#include "contracts/cpp/evm/evm_ledger.hpp"
#include "contracts/cpp/evm/json_rpc.hpp"
#include "contracts/cpp/evm/site_account.hpp"

namespace fedstake::testing {

inline constexpr std::uint64_t kChallengeWindow = 100;
inline constexpr std::uint64_t kSlashDelay = 200;
inline constexpr std::uint64_t kUnbonding = 300;
inline constexpr Amount kRewardFund = 1'000'000'000;

// Dev keys: 0 deployer and council, 1 coordinator, 2.. site owners, 10.. their signers.
inline constexpr std::size_t kDeployer = 0;
inline constexpr std::size_t kCoordinator = 1;
inline constexpr std::size_t kFirstOwner = 2;
inline constexpr std::size_t kFirstSigner = 10;
inline constexpr std::size_t kSites = 4;
inline constexpr std::uint8_t kThreshold = 2;

[[nodiscard]] crypto::SigningKey owner_key(std::size_t site);
[[nodiscard]] crypto::SigningKey signer_key(std::size_t site);
[[nodiscard]] FederationId test_federation();
// The first three sites audit.
[[nodiscard]] std::vector<Address> auditor_addresses();
[[nodiscard]] evm::DeploymentConfig deployment_config();

// A commitment with every field set. REQUIRES nothing of the chain.
[[nodiscard]] crypto::RoundCommitment sample_commitment(RoundNumber round, Amount reward_total,
                                                        const Digest& parent);
[[nodiscard]] std::vector<chain::AuditorSignature> audited(const crypto::Eip712Domain& domain,
                                                           const Digest& struct_hash,
                                                           std::size_t signatures = kThreshold);

// Anvil, a node connection, and the contracts.
class TestChain {
public:
    explicit TestChain(const evm::AnvilOptions& options = {},
                       const evm::DeploymentConfig& config = deployment_config());

    [[nodiscard]] evm::EthNode& node() { return *node_; }
    [[nodiscard]] const evm::ContractAddresses& contracts() const { return contracts_; }
    [[nodiscard]] crypto::Eip712Domain domain() const { return contracts_.domain(); }
    [[nodiscard]] const std::string& url() const { return anvil_->url(); }
    [[nodiscard]] evm::AnvilProcess& anvil() { return *anvil_; }
    [[nodiscard]] const evm::ContractAbis& abis() const { return abis_; }

    // Connects anew, as another process would.
    [[nodiscard]] std::unique_ptr<evm::Rpc> connect() const;
    [[nodiscard]] std::unique_ptr<evm::EvmLedger> ledger(
        std::size_t key_index = kCoordinator,
        std::unique_ptr<evm::OutboxStore> store = std::make_unique<evm::MemoryOutboxStore>(),
        evm::OutboxOptions options = {});
    // Mints tokens, binds the signer, stakes.
    void enroll(std::size_t site, Amount stake);
    // Moves the chain's time on and mines a block.
    void advance(std::uint64_t seconds);
    void set_next_time(std::uint64_t time);
    void mine();
    // One transaction of a dev account; the contract's reason on failure.
    Status send(std::size_t key_index, const Address& contract, const evm::ContractAbi& abi,
                std::string_view function, std::vector<evm::AbiValue> arguments);
    [[nodiscard]] Amount tokens_of(const Address& account);

private:
    std::unique_ptr<evm::AnvilProcess> anvil_;
    std::unique_ptr<evm::Rpc> rpc_;
    std::unique_ptr<evm::EthNode> node_;
    evm::ContractAddresses contracts_;
    evm::ContractAbis abis_;
};

}  // namespace fedstake::testing

// Skips where there is no anvil; a broken one fails.
#define FEDSTAKE_NEED_ANVIL()                                                 \
    if (const auto anvil_found = ::fedstake::evm::find_anvil(); !anvil_found) \
    GTEST_SKIP() << anvil_found.error().message
