// The fields of audit_messages.hpp with their bounds. Private to wire; see archive.hpp.
#pragma once

#include "proto/wire/archive.hpp"
#include "proto/wire/messages.hpp"

namespace fedstake::wire {

template <class A>
void describe(A& a, Ref<A, AttestRequest> m) {
    a.number("round", m.round);
    a.number("attempt", m.attempt);
    a.bytes("context", m.context, kContextBytesMax);
    a.blob_list("signed_updates", m.signed_updates, limits::kSitesMax, kSignedUpdateBytesMax);
    a.nested("commitment", m.commitment);
    a.bytes("report", m.report, limits::kReportBytesMax);
    a.nested_list("faults", m.faults, limits::kSitesMax);
}

template <class A>
void describe(A& a, Ref<A, Attestation> m) {
    a.number("round", m.round);
    a.number("attempt", m.attempt);
    a.fixed("commitment_signature", m.commitment_signature);
    a.fixed_list("fault_signatures", m.fault_signatures, limits::kSitesMax);
}

template <class A>
void describe(A& a, Ref<A, AttestRefusal> m) {
    a.number("round", m.round);
    a.number("attempt", m.attempt);
    a.text("reason", m.reason, kReasonBytesMax);
}

template <class A>
void describe(A& a, Ref<A, RoundRecordRequest> m) {
    a.number("round", m.round);
    a.number("attempt", m.attempt);
}

template <class A>
void describe(A& a, Ref<A, FaultRecord> m) {
    a.nested("fault", m.fault);
    a.signature_list("signatures", m.signatures);
}

template <class A>
void describe(A& a, Ref<A, RoundRecord> m) {
    a.number("round", m.round);
    a.number("attempt", m.attempt);
    a.bytes("context", m.context, kContextBytesMax);
    a.blob_list("signed_updates", m.signed_updates, limits::kSitesMax, kSignedUpdateBytesMax);
    a.nested("commitment", m.commitment);
    a.bytes("report", m.report, limits::kReportBytesMax);
    a.signature_list("signatures", m.signatures);
    a.nested_list("faults", m.faults, limits::kSitesMax);
    a.text("intent_key", m.intent_key, kIntentKeyBytesMax);
    a.fixed("transaction", m.transaction);
    a.number("block", m.block);
    a.text("state", m.state, kStateNameBytesMax);
}

}  // namespace fedstake::wire
