// Who acts in the replayed scripts, and the federation's terms on both sides.
#pragma once

#include <vector>

#include "contracts/cpp/memory_chain.hpp"
#include "tests/contracts/cpp/evm/replay_chain.hpp"

namespace fedstake::testing {

[[nodiscard]] Digest replay_label(const std::string& text);

// Keys and accounts with names, the same for every script.
struct ReplayPeople {
    ReplayPeople();

    Address council;
    Address governor;  // and holder of the parameters
    Address outsider;
    Address whale;                                 // has more tokens than an account may stake
    std::vector<crypto::SigningKey> coordinators;  // two; each also acts
    std::vector<crypto::SigningKey> signers;       // six; the first five audit in epoch 0
    std::vector<Address> owners;                   // five; the first four are bound to auditors

    [[nodiscard]] std::vector<Address> actors() const;
    // The key of an auditor or coordinator. REQUIRES it to be one.
    [[nodiscard]] const crypto::SigningKey& key_of(const Address& address) const;
};

inline constexpr Amount kOwnerTokens = 1'000'000;
inline constexpr Amount kWhaleTokens = Amount{1} << 100U;
inline constexpr Amount kReplayFund = 200'000;

[[nodiscard]] evm::DeploymentConfig replay_deployment(const ReplayPeople& people);
// Seconds, shorter than real ones so that a script comes past all of them.
[[nodiscard]] chain::VaultWindows replay_windows();
[[nodiscard]] std::unique_ptr<chain::MemoryChain> replay_model(const ReplayPeople& people,
                                                               const ReplayChain& chain,
                                                               std::uint64_t start_time);
// Tokens, allowances, keys and windows on the chain, as replay_model has them.
void replay_prepare(const ReplayPeople& people, ReplayChain& chain);

}  // namespace fedstake::testing
