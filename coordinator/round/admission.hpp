// Checks of a signed statement against the open round: everything that can be known before the
// bytes arrive.
#pragma once

#include <string>

#include "coordinator/round/refusal.hpp"
#include "proto/rules/round_context.hpp"
#include "proto/rules/round_rules.hpp"
#include "proto/rules/signed_update.hpp"

namespace fedstake::round {

struct StatementVerdict {
    Refusal refusal = Refusal::kNone;
    std::string detail;  // what was expected, for the site's operator
};

// Whether a cohort member may send an update in this round.
[[nodiscard]] bool may_train(const rules::CohortMember& member, const rules::RoundRules& rules);

// Federation, round, attempt, cohort, stake, base model, size, details and signature, in this
// order. The signature must be by the signer that the cohort lists for the site.
[[nodiscard]] StatementVerdict check_statement(const rules::RoundContext& context,
                                               const rules::RoundRules& rules,
                                               const crypto::Eip712Domain& domain,
                                               const rules::SignedUpdate& update);

}  // namespace fedstake::round
