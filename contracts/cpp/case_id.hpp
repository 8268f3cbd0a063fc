// Names of slash cases: the contracts' 32-byte id and the short number that the port uses.
#pragma once

#include "proto/base/ids.hpp"
#include "proto/crypto/statements.hpp"

namespace fedstake::chain {

// SlashCourt.caseIdOf: keccak256(abi.encode(federation, round, site, kind, evidence_root)).
[[nodiscard]] Digest case_digest(const crypto::AttestedFault& fault);

// SlashCase::id and ExecuteSlash::case_id: the first eight bytes, big-endian. Stable whatever the
// order of events on the chain.
[[nodiscard]] std::uint64_t case_number(const Digest& case_digest);

}  // namespace fedstake::chain
