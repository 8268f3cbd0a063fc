// Follows the vault's slash cases through its events.
#pragma once

#include <vector>

#include "contracts/cpp/evm/contract_set.hpp"

namespace fedstake::evm {

class SlashLog {
public:
    SlashLog(const ContractAddresses& addresses, const ContractAbi& vault)
        : vault_address_(addresses.stake_vault),
          next_block_(addresses.deployed_block),
          vault_(vault) {}

    // Every case, in order of opening. Blocks that are deep enough are read once, and stay read
    // when a later request fails; the last ones are read anew each time, so that reorganisations
    // leave no trace. RETURNS kNotNow, after some dozen requests, while old blocks are left: call
    // it again at once.
    [[nodiscard]] Result<std::vector<chain::SlashCase>> read(EthNode& node);

private:
    [[nodiscard]] Status apply(std::vector<chain::SlashCase>& cases, const Log& log) const;
    // One page of settled blocks into settled_.
    [[nodiscard]] Status advance(EthNode& node, std::uint64_t last_block);

    Address vault_address_;
    std::uint64_t next_block_;  // first block that settled_ does not cover
    const ContractAbi& vault_;
    std::vector<chain::SlashCase> settled_;
};

}  // namespace fedstake::evm
