// The fields of session_messages.hpp with their bounds. Private to wire; see archive.hpp.
#pragma once

#include <algorithm>
#include <functional>

#include "proto/wire/archive.hpp"
#include "proto/wire/messages.hpp"

namespace fedstake::wire {

template <class A>
void describe(A& a, Ref<A, Hello> m) {
    a.fixed("federation", m.federation);
    a.fixed("site", m.site);
    a.number("protocol_version", m.protocol_version);
    a.text("software", m.software, kSoftwareBytesMax);
}

template <class A>
void describe(A& a, Ref<A, Welcome> m) {
    a.fixed("federation", m.federation);
    a.number("round", m.round);
    a.number("attempt", m.attempt);
    a.fixed("rules_digest", m.rules_digest);
    a.fixed("latest_model", m.latest_model);
    a.signed_number("coordinator_time", m.coordinator_time.ms);
}

template <class A>
void describe(A& a, Ref<A, Bye> m) {
    a.text("reason", m.reason, kReasonBytesMax);
}

template <class A>
void describe(A& a, Ref<A, RoundOpen> m) {
    a.bytes("context", m.context, kContextBytesMax);
    a.signed_number("remaining_ms", m.remaining.ms);
}

template <class A>
void describe(A& a, Ref<A, RoundClosed> m) {
    a.number("round", m.round);
    a.number("attempt", m.attempt);
    a.fixed_list("accepted", m.accepted, limits::kSitesMax);
    a.require(std::adjacent_find(m.accepted.begin(), m.accepted.end(), std::greater_equal<>{}) ==
                  m.accepted.end(),
              "accepted", "sites not ascending");
}

template <class A>
void describe(A& a, Ref<A, RoundResult> m) {
    a.number("round", m.round);
    a.number("attempt", m.attempt);
    a.flag("aborted", m.aborted);
    a.text("reason", m.reason, kReasonBytesMax);
    a.nested("commitment", m.commitment);
    a.bytes("report", m.report, limits::kReportBytesMax);
    a.fixed("model", m.model);
}

template <class A>
void describe(A& a, Ref<A, SiteMetrics> m) {
    a.number("round", m.round);
    a.number("rows", m.rows);
    a.number("test_rows", m.test_rows);
    a.number("test_correct", m.test_correct);
    a.real("loss", m.loss);
    a.require(m.test_correct <= m.test_rows, "test_correct", "more than test_rows");
}

template <class A>
void describe(A&, Ref<A, StatusRequest>) {}

template <class A>
void describe(A& a, Ref<A, StatusReport> m) {
    a.document("json", m.json, kStatusBytesMax);
}

}  // namespace fedstake::wire
