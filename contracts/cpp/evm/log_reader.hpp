// All logs of a query, page by page.
#pragma once

#include <optional>
#include <vector>

#include "contracts/cpp/evm/contract_abi.hpp"
#include "contracts/cpp/evm/eth_node.hpp"

namespace fedstake::evm {

// Oldest first. For commands: as many requests as the node's pages need. from_block is the
// federation's deployed_block; to_block of the query is set to the newest one.
[[nodiscard]] Result<std::vector<Log>> read_logs(EthNode& node, LogQuery query);

// The newest log of a query, searched from the newest block backwards.
[[nodiscard]] Result<std::optional<Log>> newest_log(EthNode& node, LogQuery query);

// An address or number as an indexed topic.
[[nodiscard]] Digest topic_of(const Address& address) noexcept;
[[nodiscard]] Digest topic_of(std::uint64_t number) noexcept;

}  // namespace fedstake::evm
