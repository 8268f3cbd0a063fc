// Whether a round's context lets sites train with their own keys only: an auditor who signs one
// that does not is slashed with the coordinator.
#pragma once

#include <memory>
#include <set>
#include <utility>
#include <vector>

#include "client/session/verify.hpp"
#include "contracts/cpp/evm/contract_set.hpp"
#include "contracts/cpp/evm/eth_node.hpp"
#include "proto/rules/round_context.hpp"

namespace fedstake::client {

// One thread.
class SignerCheck {
public:
    SignerCheck(std::unique_ptr<evm::Rpc> rpc, const Address& stake_vault, evm::ContractAbi vault);

    // A figure for each member that is not barred and whose key the vault has not bound to it.
    // Bindings never end: what was seen once is not asked again. RETURNS the node's error.
    [[nodiscard]] Result<std::vector<session::Check>> operator()(
        const rules::RoundContext& context);

private:
    std::unique_ptr<evm::Rpc> rpc_;
    evm::EthNode node_;
    Address stake_vault_;
    evm::ContractAbi vault_;
    std::set<std::pair<SiteId, Address>> bound_;
};

}  // namespace fedstake::client
