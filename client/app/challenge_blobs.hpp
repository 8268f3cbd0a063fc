// Looks for faults in the values of a round: sizes, the gate, the aggregate, the model. Fetches the
// blobs that it needs and opens the leaves that prove what it finds.
#pragma once

#include <atomic>
#include <vector>

#include "client/app/challenge_faults.hpp"
#include "client/app/challenge_papers.hpp"

namespace fedstake::client {

// REQUIRES of all: papers.report, readable. RETURN what PaperSource::blob() does where a blob is
// not to be had, kUnavailable once stopped.

// The model has not four bytes a coordinate, or a parameter that is not base plus aggregate.
// REQUIRES papers.context.
[[nodiscard]] Result<std::vector<Finding>> find_in_model(const ChallengeTerms& terms,
                                                         const RoundPapers& papers,
                                                         PaperSource& source,
                                                         const std::atomic<bool>& stop);
// The same of the aggregate; and a coordinate that is not what the report's weights, or the rule,
// make of the updates. Nothing where the rule cannot be recomputed by columns.
[[nodiscard]] Result<std::vector<Finding>> find_in_aggregate(const ChallengeTerms& terms,
                                                             const RoundPapers& papers,
                                                             PaperSource& source,
                                                             const std::atomic<bool>& stop);
// Accepted updates of another size or with a value beyond the gate. REQUIRES papers.context.
[[nodiscard]] Result<std::vector<Finding>> find_in_updates(const ChallengeTerms& terms,
                                                           const RoundPapers& papers,
                                                           PaperSource& source,
                                                           const std::atomic<bool>& stop);

}  // namespace fedstake::client
