// Decodes a claim and feeds the stored blobs to verify_round.
#include "client/app/audit_job.hpp"

#include <algorithm>

#include "aggregation/update_rows.hpp"

namespace fedstake::client {

namespace {

Status decode_parts(const Bytes& context, const std::vector<Bytes>& updates,
                    session::RoundClaim& claim) {
    FS_ASSIGN(claim.context, rules::RoundContext::decode(context));
    for (const Bytes& bytes : updates) {
        FS_ASSIGN(rules::SignedUpdate update, rules::SignedUpdate::decode(bytes));
        claim.updates.push_back(std::move(update));
    }
    return {};
}

}  // namespace

Result<AuditJob> AuditJob::from(const wire::AttestRequest& request) {
    AuditJob job;
    FS_TRY(decode_parts(request.context, request.signed_updates, job.claim_));
    job.claim_.commitment = request.commitment;
    job.claim_.report = request.report;
    job.claim_.faults = request.faults;
    if (request.commitment.round != request.round ||
        request.commitment.attempt != request.attempt) {
        return fail(Errc::kCorrupt, "the commitment is for another round than the request");
    }
    return job;
}

Result<AuditJob> AuditJob::from(const wire::RoundRecord& record) {
    AuditJob job;
    FS_TRY(decode_parts(record.context, record.signed_updates, job.claim_));
    job.claim_.commitment = record.commitment;
    job.claim_.report = record.report;
    for (const wire::FaultRecord& fault : record.faults) job.claim_.faults.push_back(fault.fault);
    return job;
}

std::vector<Digest> AuditJob::blobs() const {
    std::vector<Digest> roots = {claim_.context.base_model};
    for (const rules::SignedUpdate& update : claim_.updates) {
        const Digest& root = update.statement.update_root;
        if (std::find(roots.begin(), roots.end(), root) == roots.end()) roots.push_back(root);
    }
    return roots;
}

std::uint32_t valid_signatures(const manifest::Manifest& manifest,
                               const wire::RoundRecord& record) {
    const std::vector<Address> auditors = manifest.auditors();
    const Digest digest = crypto::signing_digest(manifest.domain(), record.commitment);
    std::uint32_t valid = 0;
    // The wire admits each auditor once, in ascending order.
    for (const wire::AuditorSignature& signature : record.signatures) {
        if (signature.auditor >= auditors.size()) continue;
        const auto signer = crypto::recover_signer(digest, signature.signature);
        if (signer && *signer == auditors[signature.auditor]) ++valid;
    }
    return valid;
}

Status AuditJob::set_previous(const wire::RoundRecord& record, const manifest::Manifest& manifest) {
    session::PreviousRound previous;
    FS_ASSIGN(previous.context, rules::RoundContext::decode(record.context));
    previous.commitment = record.commitment;
    previous.report = record.report;
    previous.valid_signatures = valid_signatures(manifest, record);
    previous_ = std::move(previous);
    return {};
}

Result<session::Verification> AuditJob::run(const manifest::Manifest& manifest,
                                            const StateStore& store, unsigned threads) const {
    FS_ASSIGN(std::vector<session::Check> checks,
              session::verify_context(manifest, claim_.context, previous_));
    FS_ASSIGN(const auto base,
              aggregation::file_source(store.blob_path(claim_.context.base_model)));
    std::vector<std::unique_ptr<aggregation::VectorSource>> values;
    for (const rules::SignedUpdate& update : claim_.updates) {
        FS_ASSIGN(auto source,
                  aggregation::file_source(store.blob_path(update.statement.update_root)));
        values.push_back(std::move(source));
    }
    FS_ASSIGN(
        session::Verification verification,
        session::verify_round(manifest.rules, manifest.domain(), claim_, *base, values, threads));
    verification.checks.insert(verification.checks.begin(), checks.begin(), checks.end());
    return verification;
}

}  // namespace fedstake::client
