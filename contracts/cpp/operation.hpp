// Facts about operations that both ledgers need.
#pragma once

#include "contracts/cpp/ledger.hpp"

namespace fedstake::chain {

// Two operations with one identity have one effect. Signatures do not count: a commitment may be
// signed by another set of auditors.
[[nodiscard]] Digest operation_identity(const Operation& operation);

// The round that the operation is about; 0 for ExecuteSlash.
[[nodiscard]] RoundNumber operation_round(const Operation& operation) noexcept;

// "commit round 3", "claim of site 0x1a2b3c4d": for messages.
[[nodiscard]] std::string operation_text(const Operation& operation);

}  // namespace fedstake::chain
