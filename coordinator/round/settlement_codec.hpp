// Bytes of a settlement, a commitment and accusations, for the journal and for stored rounds.
#pragma once

#include <vector>

#include "proto/base/bytes.hpp"
#include "proto/crypto/statements.hpp"
#include "proto/rules/settlement.hpp"

namespace fedstake::round {

void write(ByteWriter& out, const rules::Settlement& settlement);
void write(ByteWriter& out, const crypto::RoundCommitment& commitment);
void write(ByteWriter& out, const crypto::AttestedFault& fault);

// Each RETURNS kCorrupt or kLimitExceeded for bytes that write() could not have written.
[[nodiscard]] Result<rules::Settlement> read_settlement(ByteReader& in);
[[nodiscard]] Result<crypto::RoundCommitment> read_commitment(ByteReader& in);
[[nodiscard]] Result<crypto::AttestedFault> read_fault(ByteReader& in);

// Counts in front of lists, bounded so that a corrupt one cannot allocate.
[[nodiscard]] Result<std::size_t> read_count(ByteReader& in, std::size_t max);
// 0 or 1.
[[nodiscard]] Result<bool> read_flag(ByteReader& in);

}  // namespace fedstake::round
