// Decodes a claim and feeds the stored blobs to verify_round.
#include "client/app/audit_job.hpp"

#include <algorithm>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <utility>

#include "aggregation/round_state.hpp"
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

// Vectors of earlier rounds in the site's store.
class StoredVectors final : public aggregation::VectorStore {
public:
    StoredVectors(const StateStore& store, const std::atomic<bool>* stop)
        : store_(store), stop_(stop) {}
    [[nodiscard]] Result<std::unique_ptr<aggregation::VectorSource>> open(
        const Digest& root) const override {
        FS_ASSIGN(auto source, aggregation::file_source(store_.blob_path(root)));
        return std::make_unique<StoppableSource>(std::move(source), stop_);
    }

private:
    const StateStore& store_;
    const std::atomic<bool>* stop_;
};

bool all_match(const std::vector<session::Check>& checks) {
    return std::ranges::all_of(checks, &session::Check::matches);
}

// Nothing where the round starts from none.
Result<std::optional<aggregation::RoundState>> read_state(const StateStore& store,
                                                          const Digest& root) {
    if (root == Digest{}) return std::nullopt;
    FS_ASSIGN(const Bytes bytes, store.read_blob(root, aggregation::kStateBytesMax));
    FS_ASSIGN(auto state, aggregation::RoundState::decode(bytes));
    return state;
}

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

AuditJob AuditJob::posted(session::RoundClaim claim,
                          std::optional<session::PreviousRound> previous) {
    AuditJob job;
    job.roster_ = session::Roster::kOfThen;
    job.claim_ = std::move(claim);
    job.previous_ = std::move(previous);
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

Result<std::vector<Digest>> AuditJob::more_blobs(const manifest::Manifest& manifest,
                                                 const StateStore& store) const {
    FS_ASSIGN(const std::vector<session::Check> checks,
              session::verify_context(manifest, claim_.context, previous_, roster_));
    std::vector<Digest> more;
    const Digest& root = claim_.context.previous_state;
    if (root == Digest{} || !all_match(checks)) return more;
    if (!store.has_blob(root)) {
        more.push_back(root);
        return more;
    }
    FS_ASSIGN(const auto state, read_state(store, root));
    for (const Digest& vector :
         aggregation::vectors_needed(*state, manifest.rules.anomaly.look_back)) {
        if (!store.has_blob(vector)) more.push_back(vector);
    }
    return more;
}

std::optional<std::uint64_t> AuditJob::bytes_max(const Digest& blob) const noexcept {
    if (blob == claim_.context.previous_state) return aggregation::kStateBytesMax;
    return std::nullopt;
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
    // What it starts from is somebody's invention: there is nothing to recompute.
    if (!all_match(checks)) return session::Verification{std::move(checks)};
    FS_ASSIGN(const auto base,
              aggregation::file_source(store.blob_path(claim_.context.base_model)));
    std::vector<std::unique_ptr<aggregation::VectorSource>> values;
    for (const rules::SignedUpdate& update : claim_.updates) {
        FS_ASSIGN(auto source,
                  aggregation::file_source(store.blob_path(update.statement.update_root)));
        values.push_back(std::make_unique<StoppableSource>(std::move(source), stop));
    }
    FS_ASSIGN(const auto state, read_state(store, claim_.context.previous_state));
    const StoredVectors earlier(store, stop);
    FS_ASSIGN(session::Verification verification,
              session::verify_round(manifest.rules, manifest.domain(), claim_,
                                    {.base_model = base.get(),
                                     .values = values,
                                     .state = state ? &*state : nullptr,
                                     .earlier = &earlier},
                                    threads));
    verification.checks.insert(verification.checks.begin(), checks.begin(), checks.end());
    return verification;
}

}  // namespace fedstake::client
