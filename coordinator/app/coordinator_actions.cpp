// Performing what the round machine asks for.
#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "coordinator/app/build_commit.hpp"
#include "coordinator/app/clock.hpp"
#include "coordinator/app/coordinator_impl.hpp"
#include "coordinator/app/release_register.hpp"
#include "coordinator/app/released_model.hpp"
#include "proto/base/log.hpp"
#include "proto/wire/codec.hpp"

namespace fedstake::coordinator {

namespace {

// Refusals have the same numbers on the wire.
wire::RefusalCode code_of(round::Refusal refusal) {
    static_assert(static_cast<int>(round::Refusal::kEquivocation) ==
                  static_cast<int>(wire::RefusalCode::kEquivocation));
    static_assert(static_cast<int>(round::Refusal::kUnstaked) ==
                  static_cast<int>(wire::RefusalCode::kUnstaked));
    return static_cast<wire::RefusalCode>(refusal);
}

}  // namespace

Status Coordinator::Impl::perform(Timestamp at, const round::Action& action) {
    return std::visit([&](const auto& concrete) { return act(at, concrete); }, action);
}

Status Coordinator::Impl::act(Timestamp at, const round::WaitForSites& action) {
    reporter_.waiting(at, action);
    return {};
}

wire::RoundOpen Coordinator::Impl::round_open(Timestamp at) const {
    return {.context = state().context.encode(),
            .remaining = Duration{std::max<std::int64_t>(0, (state().deadline - at).ms)}};
}

Status Coordinator::Impl::act(Timestamp at, const round::AnnounceRound& action) {
    uploads_->drop_all();
    blob_desk_.add_model(action.context.base_model);
    reporter_.opened(at, action);
    // After a restart: these were reported by the process before.
    for (const rules::SignedUpdate& update : driver_->machine().stored_updates()) {
        reporter_.known_acceptance(update.statement);
    }
    const wire::RoundOpen message{
        .context = action.context.encode(),
        .remaining = Duration{std::max<std::int64_t>(0, (action.collect_deadline - at).ms)}};
    for (const SiteId& site : action.asked) {
        link_->send(site, message);
    }
    return {};
}

Status Coordinator::Impl::act(Timestamp /*at*/, const round::AllowUpload& action) {
    const SiteId& site = action.update.statement.site;
    if (const auto peer = uploads_->peer_of(site)) {
        link_->send(*peer, uploads_->allow(action.update));
    }
    return {};
}

Status Coordinator::Impl::act(Timestamp at, const round::SendReceipt& action) {
    const crypto::UpdateReceipt& receipt = action.receipt;
    blob_desk_.add_for_auditors(receipt.update_root);
    reporter_.accepted(at, action, manifest_.rules.coordinates * 4);
    const wire::Receipt message{
        .receipt = receipt, .signature = crypto::sign_statement(domain_, receipt, keys_.signer)};
    if (const auto peer = uploads_->peer_of(receipt.site)) {
        link_->send(*peer, message);
    } else {
        link_->send(receipt.site, message);
    }
    return {};
}

Status Coordinator::Impl::act(Timestamp at, const round::RefuseUpdate& action) {
    reporter_.refused(at, action.site, action.round, action.attempt,
                      round::refusal_name(action.refusal), action.detail);
    metrics_.change([&](MetricsSnapshot& m) {
        ++m.updates_refused[std::string(round::refusal_name(action.refusal))];
    });
    const UpdateName refused{.site = action.site,
                             .round = action.round,
                             .attempt = action.attempt,
                             .root = action.update_root};
    uploads_->drop(refused);
    if (const auto peer = uploads_->peer_of(action.site); peer && !uploads_->superseded(refused)) {
        refuse(*peer, code_of(action.refusal), action.detail, action.round, action.update_root);
    }
    return {};
}

Status Coordinator::Impl::act(Timestamp at, const round::StartAggregation& action) {
    reporter_.closed(at, action);
    uploads_->drop_all();
    wire::RoundClosed message{
        .round = action.context.round, .attempt = action.context.attempt, .accepted = {}};
    for (const rules::SignedUpdate& update : action.updates) {
        message.accepted.push_back(update.statement.site);
    }
    link_->broadcast(message);
    closed_at_ = at;
    const AggregationSettings settings{.threads = config_.aggregation_threads,
                                       .memory_bytes_max = config_.aggregation_memory_bytes};
    worker_->order([this, action, settings] {
        auto result = options_.aggregate(action, manifest_.rules, domain_, *blobs_, settings);
        loop_.post([this, action, result = std::move(result)] {
            if (result) {
                apply(*result);
            } else {
                FS_LOG(kError, "round", "aggregation failed round={} error={}",
                       action.context.round, result.error().message);
                apply(round::AggregationFailed{.round = action.context.round,
                                               .attempt = action.context.attempt,
                                               .reason = result.error().message});
            }
        });
    });
    return {};
}

wire::AttestRequest Coordinator::Impl::attest_request() const {
    const round::Proposal& proposal = *state().proposal;
    wire::AttestRequest request{.round = proposal.commitment.round,
                                .attempt = proposal.commitment.attempt,
                                .context = state().context.encode(),
                                .signed_updates = {},
                                .commitment = proposal.commitment,
                                .report = proposal.report.encode(),
                                .faults = proposal.faults};
    for (const rules::SignedUpdate& update : driver_->machine().stored_updates()) {
        request.signed_updates.push_back(update.encode());
    }
    return request;
}

Status Coordinator::Impl::act(Timestamp at, const round::RequestAttestation& action) {
    nlohmann::json fields{{"round", action.commitment.round},
                          {"attempt", action.commitment.attempt},
                          {"model", action.commitment.model.hex()},
                          {"commitment", action.commitment.struct_hash().hex()}};
    if (closed_at_ != Timestamp{}) {  // else the process before aggregated it
        const std::int64_t took = (at - closed_at_).ms;
        metrics_.change([&](MetricsSnapshot& m) { m.last_aggregation_ms = took; });
        fields["took_ms"] = took;
    }
    reporter_.event(at, "round_aggregated", fields);
    blob_desk_.add_for_auditors(action.commitment.aggregate_root);
    const wire::AttestRequest request = attest_request();
    for (const manifest::SiteEntry& entry : manifest_.sites) {
        if (entry.audits) {
            link_->send(entry.owner, request);
        }
    }
    return {};
}

Status Coordinator::Impl::act(Timestamp at, const round::RecordResult& action) {
    const round::RecordResult& kept = options_.keep ? options_.keep(action) : action;
    FS_TRY(rounds_.put(at, kept));
    serve_round(kept);
    reporter_.attested(at, action);
    metrics_.change([](MetricsSnapshot& m) { ++m.rounds_attested; });
    link_->broadcast(wire::RoundResult{.round = action.commitment.round,
                                       .attempt = action.commitment.attempt,
                                       .aborted = false,
                                       .reason = "",
                                       .commitment = action.commitment,
                                       .report = action.report.encode(),
                                       .model = action.commitment.model});
    return {};
}

Status Coordinator::Impl::act(Timestamp at, const round::AnnounceAbort& action) {
    reporter_.aborted(at, action);
    metrics_.change([](MetricsSnapshot& m) { ++m.rounds_aborted; });
    uploads_->drop_all();
    link_->broadcast(wire::RoundResult{.round = action.round,
                                       .attempt = action.attempt,
                                       .aborted = true,
                                       .reason = wire::printable(action.reason),
                                       .commitment = {},
                                       .report = {},
                                       .model = {}});
    return {};
}

Status Coordinator::Impl::act(Timestamp at, const round::PostIntent& action) {
    const auto* proof = std::get_if<chain::ProveEquivocation>(&action.intent.operation);
    if (proof != nullptr && driver_) {
        reporter_.equivocation(at, *proof);
        metrics_.change([](MetricsSnapshot& m) { ++m.equivocations; });
    }
    if (!poster_) {
        return {};
    }
    if (const auto* commit = std::get_if<chain::CommitRound>(&action.intent.operation)) {
        poster_->watch(commit->commitment.round, commit->commitment.struct_hash(),
                       action.intent.key);
    }
    poster_->post(action.intent);
    return {};
}

namespace {

std::string publish_key(RoundNumber round) {
    return fmt::format("model/{}", round);
}

// Writes the model to `file`. RETURNS what the chain is to say about it, with its version.
Result<chain::PublishModel> write_release(const manifest::Manifest& manifest,
                                          const store::BlobStore& blobs, store::Database& database,
                                          const crypto::RoundCommitment& commitment,
                                          const std::filesystem::path& file) {
    FS_ASSIGN(const auto tensors, shared_tensors(manifest.rules));
    FS_ASSIGN(const ReleasedFile released,
              write_released_model(file, blobs.path_of(commitment.model), tensors,
                                   {{"federation", manifest.federation.hex()},
                                    {"round", std::to_string(commitment.round)},
                                    {"content_root", commitment.model.hex()},
                                    {"commitment", commitment.struct_hash().hex()}}));
    chain::PublishModel publish;
    publish.commitment = commitment;
    publish.model_id = manifest.federation;
    publish.weights_sha256 = released.sha256;
    publish.weights_bytes = released.bytes;
    publish.config_hash = manifest.rules.digest();
    publish.code_commit = recorded_commit();
    FS_TRY(number_release(database, publish));
    return publish;
}

// The publication of a model that an earlier process released, if the outbox never got it.
Result<std::optional<chain::Intent>> missing_publication(const manifest::Manifest& manifest,
                                                         const store::BlobStore& blobs,
                                                         store::Database& database,
                                                         const crypto::RoundCommitment& commitment,
                                                         const std::filesystem::path& scratch) {
    const std::string key = publish_key(commitment.round);
    FS_ASSIGN(const auto records, OutboxTable(database).load());
    if (std::ranges::any_of(
            records, [&](const evm::OutboxRecord& record) { return record.call.key == key; })) {
        return std::nullopt;
    }
    auto publish = write_release(manifest, blobs, database, commitment, scratch);
    std::error_code ignored;
    std::filesystem::remove(scratch, ignored);
    if (!publish) {
        return tl::unexpected<Error>(publish.error());
    }
    return chain::Intent{.key = key, .operation = *std::move(publish)};
}

}  // namespace

Status Coordinator::Impl::act(Timestamp at, const round::ReleaseModel& action) {
    const crypto::RoundCommitment& commitment = action.commitment;
    const std::filesystem::path file = config_.data / "model.safetensors";
    if (action.written) {
        if (!poster_) {
            return {};
        }
        // Beside the released file, which may be a later round's by now.
        auto missing = missing_publication(manifest_, *blobs_, *database_, commitment,
                                           config_.data / "model.again.safetensors");
        if (!missing) {  // the model is out: no reason not to start
            FS_LOG(kError, "release", "model cannot be published round={} error={}",
                   commitment.round, missing.error().message);
        } else if (*missing) {
            poster_->post(**std::move(missing));
        }
        return {};
    }
    FS_ASSIGN(const chain::PublishModel publish,
              write_release(manifest_, *blobs_, *database_, commitment, file));
    reporter_.event(at, "model_released",
                    {{"round", commitment.round},
                     {"model", commitment.model.hex()},
                     {"version", publish.version},
                     {"file", file.string()},
                     {"sha256", publish.weights_sha256.hex()},
                     {"bytes", publish.weights_bytes}});
    reporter_.say(fmt::format("model of round {} written to {}", commitment.round, file.string()));
    if (poster_) {
        poster_->post({.key = publish_key(commitment.round), .operation = publish});
    }
    return {};
}

Status Coordinator::Impl::act(Timestamp /*at*/, const round::Finish& /*action*/) {
    finish_asked_ = true;
    return {};
}

Status Coordinator::Impl::act(Timestamp /*at*/, const round::Stop& action) {
    stop_reason_ = action.reason;
    return {};
}

}  // namespace fedstake::coordinator
