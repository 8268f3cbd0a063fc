#include "tests/proto/wire/sample_messages.hpp"

namespace fedstake::wire::testing {

namespace {

crypto::RoundCommitment sample_commitment() {
    return {.federation = filled<FederationId>(1),
            .round = 7,
            .attempt = 1,
            .sites = 5,
            .coordinates = 13,
            .reward_total = (Amount{1} << 100U) + 3,
            .score_sum = 999,
            .context_digest = filled<Digest>(2),
            .parent_model = filled<Digest>(3),
            .model = filled<Digest>(4),
            .updates_root = filled<Digest>(5),
            .aggregate_root = filled<Digest>(6),
            .report_digest = filled<Digest>(7),
            .scores_root = filled<Digest>(8),
            .rewards_root = filled<Digest>(9)};
}

crypto::AttestedFault sample_fault() {
    return {.federation = filled<FederationId>(1),
            .round = 7,
            .site = filled<SiteId>(20),
            .kind = crypto::FaultKind::kFreeRiding,
            .bps = 500,
            .evidence_root = filled<Digest>(30),
            .deadline = 1'700'000'000};
}

}  // namespace

std::vector<Message> sample_messages() {
    const Digest root = filled<Digest>(40);
    const crypto::Signature signature = filled<crypto::Signature>(50);
    const std::vector<AuditorSignature> signatures = {{0, signature}, {3, signature}};
    return {
        Hello{filled<FederationId>(1), filled<SiteId>(2), kProtocolVersion, "fedstake-client 0.1"},
        Welcome{filled<FederationId>(1), 3, 1, filled<Digest>(2), filled<Digest>(3), {1234567}},
        Bye{"stopping: Grüße"},
        RoundOpen{{1, 2, 3}, {30'000}},
        RoundClosed{3, 1, {filled<SiteId>(1), filled<SiteId>(2)}},
        RoundResult{3, 1, true, "no quorum", sample_commitment(), {9, 9}, filled<Digest>(4)},
        SiteMetrics{3, 303, 100, 81, 0.4375},
        UploadBegin{{4, 5}, limits::kChunkBytes + 1, {filled<Digest>(1), filled<Digest>(2)}},
        UploadState{root, {0x05}, 8, true},
        UploadChunk{root, 4, {1, 2, 3, 4}},
        UploadAck{root, 4},
        UploadEnd{root},
        Receipt{{filled<FederationId>(1), 3, 1, filled<SiteId>(2), root, filled<Digest>(3)},
                signature},
        Refusal{RefusalCode::kNotANumber, "coordinate 7 is not a number", 3, root},
        FetchBegin{root},
        FetchInfo{root, 52, {filled<Digest>(1)}},
        FetchChunk{root, 5},
        FetchData{root, 5, {7, 8}},
        AttestRequest{3, 1, {1}, {{2, 2}, {3}}, sample_commitment(), {4}, {sample_fault()}},
        Attestation{3, 1, signature, {signature, signature}},
        AttestRefusal{3, 1, "score of site 0x01 differs"},
        RoundRecordRequest{3, 2},
        RoundRecord{3,
                    1,
                    {1},
                    {{2, 2}},
                    sample_commitment(),
                    {4},
                    signatures,
                    {{sample_fault(), signatures}},
                    "commit/3",
                    filled<Digest>(60),
                    12,
                    "posted"},
        StatusRequest{},
        StatusReport{"{\n  \"round\": 3\n}"},
    };
}

}  // namespace fedstake::wire::testing
