// Decodes a claim and feeds the stored blobs to verify_round.
#include "client/app/audit_job.hpp"

#include <algorithm>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <utility>

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

// A message about one round may not carry the context or the commitment of another one.
Status check_round(const std::string& what, RoundNumber round, std::uint32_t attempt,
                   const rules::RoundContext& context, const crypto::RoundCommitment& commitment) {
    const auto name = [](RoundNumber r, std::uint32_t a) {
        return "round " + std::to_string(r) + " attempt " + std::to_string(a);
    };
    if (commitment.round != round || commitment.attempt != attempt) {
        return fail(Errc::kCorrupt, "the " + what + " is of " + name(round, attempt) +
                                        ", but its commitment of " +
                                        name(commitment.round, commitment.attempt));
    }
    if (context.round != round || context.attempt != attempt) {
        return fail(Errc::kCorrupt, "the " + what + " is of " + name(round, attempt) +
                                        ", but its context of " +
                                        name(context.round, context.attempt));
    }
    return {};
}

// Reads another source until the command is stopped.
class StoppableSource final : public aggregation::VectorSource {
public:
    StoppableSource(std::unique_ptr<aggregation::VectorSource> inner, const std::atomic<bool>* stop)
        : inner_(std::move(inner)), stop_(stop) {}
    [[nodiscard]] std::uint64_t size() const noexcept override { return inner_->size(); }
    [[nodiscard]] Status read_int32(std::uint64_t first,
                                    std::span<std::int32_t> out) const override {
        FS_TRY(go_on());
        return inner_->read_int32(first, out);
    }
    [[nodiscard]] Status read_float32(std::uint64_t first, std::span<float> out) const override {
        FS_TRY(go_on());
        return inner_->read_float32(first, out);
    }

private:
    [[nodiscard]] Status go_on() const {
        if (stop_ != nullptr && *stop_) return fail(Errc::kUnavailable, "interrupted");
        return {};
    }
    std::unique_ptr<aggregation::VectorSource> inner_;
    const std::atomic<bool>* stop_;
};

}  // namespace

Result<AuditJob> AuditJob::from(const wire::AttestRequest& request) {
    AuditJob job;
    FS_TRY(decode_parts(request.context, request.signed_updates, job.claim_));
    job.claim_.commitment = request.commitment;
    job.claim_.report = request.report;
    job.claim_.faults = request.faults;
    FS_TRY(check_round("request", request.round, request.attempt, job.claim_.context,
                       job.claim_.commitment));
    return job;
}

Result<AuditJob> AuditJob::from(const wire::RoundRecord& record) {
    AuditJob job;
    job.roster_ = session::Roster::kOfThen;
    FS_TRY(decode_parts(record.context, record.signed_updates, job.claim_));
    job.claim_.commitment = record.commitment;
    job.claim_.report = record.report;
    for (const wire::FaultRecord& fault : record.faults) job.claim_.faults.push_back(fault.fault);
    FS_TRY(check_round("record", record.round, record.attempt, job.claim_.context,
                       job.claim_.commitment));
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
    // By key, not by index: an index is a place in the manifest of then.
    std::set<Address> signers;
    for (const wire::AuditorSignature& signature : record.signatures) {
        const auto signer = crypto::recover_signer(digest, signature.signature);
        if (signer && std::ranges::find(auditors, *signer) != auditors.end()) {
            signers.insert(*signer);
        }
    }
    return static_cast<std::uint32_t>(signers.size());
}

Status AuditJob::set_previous(const wire::RoundRecord& record, const manifest::Manifest& manifest) {
    session::PreviousRound previous;
    FS_ASSIGN(previous.context, rules::RoundContext::decode(record.context));
    previous.commitment = record.commitment;
    FS_TRY(check_round("record of the round before", record.round, record.attempt, previous.context,
                       previous.commitment));
    if (record.round + 1 != round()) {
        return fail(Errc::kCorrupt, "a record of round " + std::to_string(record.round) +
                                        " is not the one before round " + std::to_string(round()));
    }
    previous.report = record.report;
    previous.valid_signatures = valid_signatures(manifest, record);
    previous_ = std::move(previous);
    return {};
}

Result<session::Verification> AuditJob::run(const manifest::Manifest& manifest,
                                            const StateStore& store, unsigned threads,
                                            const std::atomic<bool>* stop) const {
    FS_ASSIGN(std::vector<session::Check> checks,
              session::verify_context(manifest, claim_.context, previous_, roster_));
    FS_ASSIGN(const auto base,
              aggregation::file_source(store.blob_path(claim_.context.base_model)));
    std::vector<std::unique_ptr<aggregation::VectorSource>> values;
    for (const rules::SignedUpdate& update : claim_.updates) {
        FS_ASSIGN(auto source,
                  aggregation::file_source(store.blob_path(update.statement.update_root)));
        values.push_back(std::make_unique<StoppableSource>(std::move(source), stop));
    }
    FS_ASSIGN(
        session::Verification verification,
        session::verify_round(manifest.rules, manifest.domain(), claim_, *base, values, threads));
    verification.checks.insert(verification.checks.begin(), checks.begin(), checks.end());
    return verification;
}

}  // namespace fedstake::client
