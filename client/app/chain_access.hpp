// The chain as a site's commands see it.
#pragma once

#include <atomic>
#include <memory>

#include "client/app/site.hpp"
#include "contracts/cpp/evm/contract_set.hpp"
#include "contracts/cpp/evm/rpc.hpp"
#include "contracts/cpp/ledger.hpp"

namespace fedstake::client {

[[nodiscard]] evm::ContractAddresses contract_addresses(const manifest::ChainEntry& chain);

// RETURNS kInvalidInput when the federation has no chain or the configuration no rpc.
[[nodiscard]] Status check_chain(const Site& site);

// The configured chain node; once `stop` is true every call fails with kUnavailable, so that
// nothing goes on waiting for a receipt. RETURNS kInvalidInput for an address that is none.
[[nodiscard]] Result<std::unique_ptr<evm::Rpc>> open_rpc(const Site& site,
                                                         const std::atomic<bool>& stop);

// RETURNS kInvalidInput when the federation has no chain or the configuration no rpc, kConflict for
// another chain id, kNotFound for a contract that is not at its address, kUnavailable for no
// answer.
// kRead needs no key; kOwner unlocks the owner's and remembers what it sent in the state folder.
enum class LedgerUse { kRead, kOwner };
[[nodiscard]] Result<std::unique_ptr<chain::Ledger>> open_ledger(const Site& site, LedgerUse use,
                                                                 const std::atomic<bool>& stop);

}  // namespace fedstake::client
