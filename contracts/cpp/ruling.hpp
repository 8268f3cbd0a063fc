// What panels of auditors sign: rulings on appeals and on disputes.
#pragma once

#include <cstdint>

#include "proto/base/ids.hpp"
#include "proto/crypto/eip712.hpp"

namespace fedstake::chain {

// EIP-712 digest of AppealRuling(bytes32 caseId,bool upheld), in the RoundManager's domain.
[[nodiscard]] Digest appeal_ruling_digest(const crypto::Eip712Domain& domain, const Digest& case_id,
                                          bool upheld);
// EIP-712 digest of DisputeRuling(bytes32 commitment,uint64 challenge,bool upheld), in the
// RoundManager's domain. challenge: how often the round's number had been challenged, this time
// included, so that a ruling decides one dispute.
[[nodiscard]] Digest dispute_ruling_digest(const crypto::Eip712Domain& domain,
                                           const Digest& commitment, std::uint64_t challenge,
                                           bool upheld);

}  // namespace fedstake::chain
