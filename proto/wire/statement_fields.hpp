// The fields of signed statements with their bounds. Private to wire; see archive.hpp.
#pragma once

#include "proto/wire/archive.hpp"
#include "proto/wire/messages.hpp"

namespace fedstake::wire {

template <class A>
void describe(A& a, Ref<A, crypto::UpdateReceipt> m) {
    a.fixed("federation", m.federation);
    a.number("round", m.round);
    a.number("attempt", m.attempt);
    a.fixed("site", m.site);
    a.fixed("update_root", m.update_root);
    a.fixed("statement_digest", m.statement_digest);
}

template <class A>
void describe(A& a, Ref<A, crypto::RoundCommitment> m) {
    a.fixed("federation", m.federation);
    a.number("round", m.round);
    a.number("attempt", m.attempt);
    a.number("sites", m.sites, static_cast<std::uint32_t>(limits::kSitesMax));
    a.number("coordinates", m.coordinates, limits::kCoordinatesMax);
    a.amount("reward_total", m.reward_total);
    a.number("score_sum", m.score_sum, limits::kSitesMax * limits::kScoreMax);
    a.fixed("context_digest", m.context_digest);
    a.fixed("parent_model", m.parent_model);
    a.fixed("model", m.model);
    a.fixed("updates_root", m.updates_root);
    a.fixed("aggregate_root", m.aggregate_root);
    a.fixed("report_digest", m.report_digest);
    a.fixed("scores_root", m.scores_root);
    a.fixed("rewards_root", m.rewards_root);
}

template <class A>
void describe(A& a, Ref<A, crypto::AttestedFault> m) {
    a.fixed("federation", m.federation);
    a.number("round", m.round);
    a.fixed("site", m.site);
    a.code("kind", m.kind, static_cast<std::uint32_t>(crypto::FaultKind::kFreeRiding));
    a.number("bps", m.bps, std::uint16_t{10'000});
    a.fixed("evidence_root", m.evidence_root);
    a.number("deadline", m.deadline);
}

}  // namespace fedstake::wire
