// Everything that must be true of a round's input before a number is computed: the context belongs
// to the rules, every update is signed by its site for this round, and the stored values are the
// ones that were signed.
#pragma once

#include <vector>

#include "aggregation/detect/round_signals.hpp"
#include "aggregation/pipeline.hpp"
#include "aggregation/worker_pool.hpp"

namespace fedstake::aggregation {

struct AdmittedUpdate {
    const SubmittedUpdate* update = nullptr;
    Reason reason = Reason::kNone;  // of the gate, copies included
    detect::SignCounts signs;
};

// The updates by ascending site. RETURNS
//   kInvalidInput  context of other rules, base model of another size, missing state or one that is
//                  not of an earlier round, unknown, barred or repeated site, statement of another
//                  federation, round or attempt
//   kUnauthorized  a signature that is not the site's signer's
//   kCorrupt       values that are not what the site signed, a state that is not the context's
// naming the site in each case.
[[nodiscard]] Result<std::vector<AdmittedUpdate>> admit_updates(const RoundInput& input,
                                                                WorkerPool& pool);

}  // namespace fedstake::aggregation
