// What follows from a report once everything is computed: commitment and accusations.
#pragma once

#include <span>
#include <vector>

#include "aggregation/admission.hpp"

namespace fedstake::aggregation {

// Of every random choice: nobody knows it before all updates are in. SHA-256(context digest |
// updates root).
[[nodiscard]] Digest round_seed(const RoundInput& input, std::span<const AdmittedUpdate> admitted);

[[nodiscard]] crypto::RoundCommitment commit(const RoundInput& input,
                                             std::span<const AdmittedUpdate> admitted,
                                             const RoundReport& report,
                                             const rules::Settlement& settlement);

// One fault for each accused site, with the commitment as evidence; deadline 0.
[[nodiscard]] std::vector<crypto::AttestedFault> accuse(const rules::RoundContext& context,
                                                        const rules::Settlement& settlement,
                                                        const crypto::RoundCommitment& commitment);

}  // namespace fedstake::aggregation
