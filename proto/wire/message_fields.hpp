// The fields of every message with their bounds, described once for both directions (archive.hpp).
// Private to wire.
#pragma once

#include <algorithm>
#include <functional>
#include <type_traits>

#include "proto/wire/archive.hpp"

namespace fedstake::wire {

// T& for an archive that reads into the struct, const T& for one that writes from it.
template <class Archive, class T>
using Ref = std::conditional_t<Archive::kReads, T&, const T&>;

// ---- Statements --------------------------------------------------------------------------------

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

// ---- Session and round -------------------------------------------------------------------------

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

// ---- Transfer ----------------------------------------------------------------------------------

template <class A>
void describe_shape(A& a, std::uint64_t total_bytes, const std::vector<Digest>& chunk_roots) {
    const std::uint64_t chunks =
        total_bytes / limits::kChunkBytes + (total_bytes % limits::kChunkBytes != 0 ? 1 : 0);
    a.require(total_bytes != 0, "total_bytes", "zero");
    a.require(chunk_roots.size() == chunks, "chunk_roots", "not one root for each 1 MiB chunk");
}

template <class A>
void describe_chunk(A& a, Ref<A, std::uint64_t> index, Ref<A, Bytes> data) {
    a.number("index", index, std::uint64_t{kChunksMax - 1});
    a.bytes("data", data, limits::kChunkBytes);
    a.require(!data.empty(), "data", "empty");
}

template <class A>
void describe(A& a, Ref<A, UploadBegin> m) {
    a.bytes("signed_update", m.signed_update, kSignedUpdateBytesMax);
    a.number("total_bytes", m.total_bytes, limits::kCoordinatesMax * 4);
    a.fixed_list("chunk_roots", m.chunk_roots, kChunksMax);
    describe_shape(a, m.total_bytes, m.chunk_roots);
}

template <class A>
void describe(A& a, Ref<A, UploadState> m) {
    a.fixed("update_root", m.update_root);
    a.bytes("have", m.have, kChunksMax / 8);
    a.number("credits", m.credits, static_cast<std::uint32_t>(limits::kChunkCredits));
    a.flag("done", m.done);
}

template <class A>
void describe(A& a, Ref<A, UploadChunk> m) {
    a.fixed("update_root", m.update_root);
    describe_chunk(a, m.index, m.data);
}

template <class A>
void describe(A& a, Ref<A, UploadAck> m) {
    a.fixed("update_root", m.update_root);
    a.number("index", m.index, std::uint64_t{kChunksMax - 1});
}

template <class A>
void describe(A& a, Ref<A, UploadEnd> m) {
    a.fixed("update_root", m.update_root);
}

template <class A>
void describe(A& a, Ref<A, Receipt> m) {
    a.nested("receipt", m.receipt);
    a.fixed("signature", m.signature);
}

template <class A>
void describe(A& a, Ref<A, Refusal> m) {
    a.code("code", m.code, kRefusalCodeLast);
    a.text("reason", m.reason, kReasonBytesMax);
    a.number("round", m.round);
    a.fixed("update_root", m.update_root);
}

template <class A>
void describe(A& a, Ref<A, FetchBegin> m) {
    a.fixed("root", m.root);
}

template <class A>
void describe(A& a, Ref<A, FetchInfo> m) {
    a.fixed("root", m.root);
    a.number("total_bytes", m.total_bytes, limits::kCoordinatesMax * 4);
    a.fixed_list("chunk_roots", m.chunk_roots, kChunksMax);
    describe_shape(a, m.total_bytes, m.chunk_roots);
}

template <class A>
void describe(A& a, Ref<A, FetchChunk> m) {
    a.fixed("root", m.root);
    a.number("index", m.index, std::uint64_t{kChunksMax - 1});
}

template <class A>
void describe(A& a, Ref<A, FetchData> m) {
    a.fixed("root", m.root);
    describe_chunk(a, m.index, m.data);
}

// ---- Audit -------------------------------------------------------------------------------------

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
