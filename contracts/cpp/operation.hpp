// Facts about operations that both ledgers need.
#pragma once

#include "contracts/cpp/ledger.hpp"

namespace fedstake::chain {

// Two operations with one identity have one effect. Signatures do not count: a commitment may be
// signed by another set of auditors.
[[nodiscard]] Digest operation_identity(const Operation& operation);

// The round that the operation is about; 0 for ExecuteSlash.
[[nodiscard]] RoundNumber operation_round(const Operation& operation) noexcept;

// Operations of one lane are sent in the order of submission, each after the one before took effect
// or was rejected; empty: no order.
[[nodiscard]] std::string_view operation_lane(const Operation& operation) noexcept;

// "commitment of round 3", "claim of site 0x1a2b3c4d": for messages.
[[nodiscard]] std::string operation_text(const Operation& operation);

}  // namespace fedstake::chain
