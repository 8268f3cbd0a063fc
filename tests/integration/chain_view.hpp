// The chain of a running federation as a test sees it itself, past every program: balances to the
// wei, accounts, and the clock of the development node. What cannot be read fails the test.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "contracts/cpp/evm/contract_set.hpp"
#include "contracts/cpp/evm/json_rpc.hpp"
#include "contracts/cpp/ledger.hpp"
#include "demo/federation.hpp"

namespace fedstake::testing {

inline constexpr Amount kToken = 1'000'000'000'000'000'000ULL;  // wei
inline constexpr Amount kStake = 1'000 * kToken;  // of every site, as the demo founds them

// Where a transaction took effect.
struct Place {
    std::uint64_t block = 0;
    std::uint64_t index = 0;  // among the block's transactions
    std::uint64_t time = 0;   // of the block, Unix seconds
    friend auto operator<=>(const Place&, const Place&) = default;
};

class ChainView {
public:
    // REQUIRES a deployed federation whose node answers.
    [[nodiscard]] static Result<std::unique_ptr<ChainView>> open(
        const demo::Federation& federation);

    [[nodiscard]] Amount tokens_of(const Address& account);
    [[nodiscard]] chain::StakeAccount account_of(const Address& account);
    [[nodiscard]] Amount bounty_of(const Address& account);
    // Slashed and not yet swept, without what are bounties.
    [[nodiscard]] Amount slash_pool();
    [[nodiscard]] Amount total_bonded();
    // Of IStakeVault.Windows, by position; seconds.
    [[nodiscard]] std::uint64_t window(std::size_t position);
    [[nodiscard]] RoundNumber head();
    [[nodiscard]] Digest committed(RoundNumber round);  // zero where there is none
    [[nodiscard]] bool is_final(RoundNumber round);
    // Mined ones.
    [[nodiscard]] std::uint64_t transactions_of(const Address& account);
    // Of the newest block, Unix seconds.
    [[nodiscard]] std::uint64_t time();
    [[nodiscard]] std::size_t count_events(const Address& contract, const evm::ContractAbi& abi,
                                           std::string_view event);

    [[nodiscard]] Result<Place> place_of(const Digest& transaction);

    // One mined call. RETURNS the contract's reason in words.
    [[nodiscard]] Result<Place> send(const crypto::SigningKey& key, const Address& contract,
                                     const evm::ContractAbi& abi, std::string_view function,
                                     std::vector<evm::AbiValue> arguments);
    // Mints tokens for the coordinator's account, which stakes them itself.
    [[nodiscard]] Status stake_coordinator(const demo::Federation& federation, Amount amount);
    // Moves the node's clock forward and mines a block.
    [[nodiscard]] Status advance(std::uint64_t seconds);
    [[nodiscard]] Status mine(std::uint64_t blocks);

    [[nodiscard]] evm::EthNode& node() noexcept { return node_; }
    [[nodiscard]] const evm::ContractAbis& abis() const noexcept { return abis_; }
    [[nodiscard]] const manifest::ChainEntry& at() const noexcept { return at_; }

private:
    ChainView(std::unique_ptr<evm::JsonRpc> rpc, std::unique_ptr<chain::Ledger> ledger,
              evm::ContractAbis abis, manifest::ChainEntry at);
    [[nodiscard]] Amount amount_at(const Address& contract, const evm::ContractAbi& abi,
                                   std::string_view function, std::vector<evm::AbiValue> arguments);

    std::unique_ptr<evm::JsonRpc> rpc_;
    std::unique_ptr<chain::Ledger> ledger_;
    evm::EthNode node_;
    evm::ContractAbis abis_;
    manifest::ChainEntry at_;
};

}  // namespace fedstake::testing
