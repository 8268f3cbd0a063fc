// What sites say. Whatever it is, it never harms the round: the answer is a refusal at worst.
#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "coordinator/app/clock.hpp"
#include "coordinator/app/coordinator_impl.hpp"
#include "proto/base/log.hpp"
#include "proto/wire/codec.hpp"

namespace fedstake::coordinator {

namespace {

constexpr std::size_t kRoundsOfFigures = 4;

template <class T>
concept SentBySites = std::same_as<T, wire::Hello> || std::same_as<T, wire::Bye> ||
    std::same_as<T, wire::SiteMetrics> || std::same_as<T, wire::UploadBegin> ||
    std::same_as<T, wire::UploadChunk> || std::same_as<T, wire::UploadEnd> ||
    std::same_as<T, wire::FetchBegin> || std::same_as<T, wire::FetchChunk> ||
    std::same_as<T, wire::Attestation> || std::same_as<T, wire::AttestRefusal> ||
    std::same_as<T, wire::RoundRecordRequest> || std::same_as<T, wire::StatusRequest>;

}  // namespace

void Coordinator::Impl::refuse(const transport::PeerId& peer, wire::RefusalCode code,
                               std::string reason, RoundNumber round, const Digest& root) {
    link_->send(
        peer,
        wire::Refusal{
            .code = code, .reason = wire::printable(reason), .round = round, .update_root = root});
}

bool Coordinator::Impl::is_auditor(const SiteId& site) const {
    const manifest::SiteEntry* entry = manifest_.find(site);
    return entry != nullptr && entry->audits;
}

void Coordinator::Impl::on_input(const transport::ServerInput& input) {
    if (const auto* refused = std::get_if<transport::HandshakeRefused>(&input)) {
        FS_LOG(kWarn, "transport", "connection refused address={} key={} reason={} more={}",
               refused->address, refused->key.short_hex(), refused->reason, refused->suppressed);
        return;
    }
    const auto& incoming = std::get<transport::Incoming>(input);
    const auto message = wire::decode(incoming.payload);
    if (!message) {
        FS_LOG(kDebug, "wire", "message refused site={} error={}", incoming.peer.site.hex(),
               message.error().message);
        metrics_.change([](MetricsSnapshot& m) { ++m.requests_refused["malformed"]; });
        refuse(incoming.peer, wire::RefusalCode::kMalformed, message.error().message);
        return;
    }
    on_message(incoming.peer, *message);
}

void Coordinator::Impl::on_message(const transport::PeerId& peer, const wire::Message& message) {
    if (!std::holds_alternative<wire::Hello>(message) && !link_->knows(peer)) {
        metrics_.change([](MetricsSnapshot& m) { ++m.requests_refused["unexpected"]; });
        refuse(peer, wire::RefusalCode::kUnexpected, "say Hello first");
        return;
    }
    std::visit(
        [&](const auto& concrete) {
            if constexpr (SentBySites<std::remove_cvref_t<decltype(concrete)>>) {
                on(peer, concrete);
            } else {
                metrics_.change([](MetricsSnapshot& m) { ++m.requests_refused["unexpected"]; });
                refuse(peer, wire::RefusalCode::kUnexpected,
                       std::string(wire::message_name(message)) + " comes from the coordinator");
            }
        },
        message);
}

// ---- Session -----------------------------------------------------------------------------------

void Coordinator::Impl::on(const transport::PeerId& peer, const wire::Hello& message) {
    if (message.protocol_version != wire::kProtocolVersion) {
        refuse(peer, wire::RefusalCode::kWrongVersion,
               fmt::format("this coordinator speaks protocol version {}", wire::kProtocolVersion));
        return;
    }
    if (message.federation != manifest_.federation) {
        refuse(peer, wire::RefusalCode::kWrongFederation,
               "this is the coordinator of federation " + manifest_.federation.hex());
        return;
    }
    if (message.site != peer.site) {
        refuse(peer, wire::RefusalCode::kNotEnrolled,
               "the transport key is enrolled for site " + peer.site.hex());
        return;
    }
    const bool first = link_->add(peer);
    const round::State& s = state();
    link_->send(peer,
                wire::Welcome{.federation = manifest_.federation,
                              .round = s.context.round,
                              .attempt = s.context.attempt,
                              .rules_digest = manifest_.rules.digest(),
                              .latest_model = s.last ? s.last->commitment.model : s.initial_model,
                              .coordinator_time = now()});
    if (first) {
        reporter_.site_online(now(), peer.site, true);
    }
    if (options_.serve_only) {
        return;
    }
    if (s.phase == round::Phase::kCollecting && s.progress.contains(peer.site)) {
        link_->send(peer, round_open(now()));
    }
    if (s.phase == round::Phase::kAggregated && is_auditor(peer.site) &&
        !s.proposal->signatures.contains(peer.site)) {
        link_->send(peer, attest_request());
    }
    apply(round::SiteSeen{peer.site});
}

void Coordinator::Impl::on(const transport::PeerId& peer, const wire::Bye& /*message*/) {
    if (link_->remove(peer)) {
        reporter_.site_online(now(), peer.site, false);
    }
}

void Coordinator::Impl::on(const transport::PeerId& peer, const wire::SiteMetrics& message) {
    const round::State& s = state();
    const RoundNumber last = s.last ? s.last->commitment.round : 0;
    if (message.round == 0 || message.round > last || message.round + kRoundsOfFigures <= last ||
        message.test_correct > message.test_rows) {
        metrics_.change([](MetricsSnapshot& m) { ++m.requests_refused["unexpected"]; });
        refuse(peer, wire::RefusalCode::kUnexpected, "figures of a round that is not the last",
               message.round);
        return;
    }
    if (!figures_received_[message.round].insert(peer.site).second) {
        return;  // once a round: each word costs a write to the disk
    }
    const nlohmann::json values{{"rows", message.rows},
                                {"test_rows", message.test_rows},
                                {"test_correct", message.test_correct},
                                {"loss", message.loss}};
    const Status kept = rounds_.put_metrics(
        now(), {.round = message.round, .site = peer.site, .json = values.dump()});
    if (!kept) {
        fatal(kept.error());
        return;
    }
    reporting_sites_.insert(peer.site);
    while (figures_received_.size() > kRoundsOfFigures) {
        figures_received_.erase(figures_received_.begin());
    }
    reporter_.metrics(now(), peer.site, message);
}

// ---- Upload ------------------------------------------------------------------------------------

void Coordinator::Impl::on(const transport::PeerId& peer, const wire::UploadBegin& message) {
    if (options_.serve_only) {
        refuse(peer, wire::RefusalCode::kUnknownRound, "no round is open");
        return;
    }
    auto update = uploads_->offer(peer, message);
    if (!update) {
        const wire::Refusal& refusal = update.error();
        metrics_.change([&](MetricsSnapshot& m) {
            ++m.updates_refused[std::string(wire::refusal_name(refusal.code))];
        });
        reporter_.refused(now(), peer.site, refusal.round, state().context.attempt,
                          wire::refusal_name(refusal.code), refusal.reason);
        link_->send(peer, refusal);
        return;
    }
    apply(round::UpdateSigned{*std::move(update)});
}

void Coordinator::Impl::on(const transport::PeerId& peer, const wire::UploadChunk& message) {
    if (const auto answer = uploads_->chunk(peer.site, message)) {
        link_->send(peer, *answer);
    }
}

void Coordinator::Impl::on(const transport::PeerId& peer, const wire::UploadEnd& message) {
    if (const auto answer = uploads_->end(peer.site, message)) {
        link_->send(peer, *answer);
    }
}

void Coordinator::Impl::on_upload_finished(UploadFinished finished) {
    const crypto::UpdateStatement& statement = finished.update.statement;
    if (!finished.verdict) {
        const Error& error = finished.verdict.error();
        if (error.code == Errc::kNotFound || error.code == Errc::kInvalidInput) {
            FS_LOG(kWarn, "upload", "update is gone, asked for again site={} error={}",
                   statement.site.hex(), error.message);
            apply(round::UpdateSigned{std::move(finished.update)});
            return;
        }
        FS_LOG(kError, "upload", "update not stored site={} error={}", statement.site.hex(),
               error.message);
        // What could not be synced may be lost whatever a second try says: a restart looks afresh.
        fatal(error);
        return;
    }
    const std::size_t before = driver_->machine().stored_updates().size();
    apply(round::UpdateStored{.round = statement.round,
                              .attempt = statement.attempt,
                              .site = statement.site,
                              .update_root = statement.update_root,
                              .verdict = *finished.verdict});
    if (*finished.verdict == round::Refusal::kNone &&
        driver_->machine().stored_updates().size() >= before) {
        metrics_.change([](MetricsSnapshot& m) { ++m.updates_accepted; });
    }
}

// ---- Download ----------------------------------------------------------------------------------

void Coordinator::Impl::on(const transport::PeerId& peer, const wire::FetchBegin& message) {
    link_->send(peer, blob_desk_.begin(is_auditor(peer.site), message));
}

void Coordinator::Impl::on(const transport::PeerId& peer, const wire::FetchChunk& message) {
    link_->send(peer, blob_desk_.chunk(is_auditor(peer.site), message));
}

// ---- Audit -------------------------------------------------------------------------------------

void Coordinator::Impl::on(const transport::PeerId& peer, const wire::Attestation& message) {
    if (!is_auditor(peer.site)) {
        refuse(peer, wire::RefusalCode::kNotAuditor,
               "the consortium has not made this site an "
               "auditor",
               message.round);
        return;
    }
    const round::AuditorSigned event{.round = message.round,
                                     .attempt = message.attempt,
                                     .auditor = peer.site,
                                     .commitment = message.commitment_signature,
                                     .faults = message.fault_signatures};
    if (options_.serve_only || !driver_->machine().changes_state(event)) {
        return;  // nothing new: no line in the log either
    }
    reporter_.attestation(now(), peer.site, message.round, message.attempt, "");
    apply(event);
}

void Coordinator::Impl::on(const transport::PeerId& peer, const wire::AttestRefusal& message) {
    if (!is_auditor(peer.site)) {
        refuse(peer, wire::RefusalCode::kNotAuditor,
               "the consortium has not made this site an "
               "auditor",
               message.round);
        return;
    }
    const round::AuditorRefused event{.round = message.round,
                                      .attempt = message.attempt,
                                      .auditor = peer.site,
                                      .reason = message.reason};
    if (options_.serve_only || !driver_->machine().changes_state(event)) {
        return;
    }
    reporter_.attestation(now(), peer.site, message.round, message.attempt,
                          message.reason.empty() ? "no reason given" : message.reason);
    apply(event);
}

Result<wire::RoundRecord> Coordinator::Impl::round_record(RoundNumber round,
                                                          std::optional<std::uint32_t> attempt) {
    FS_ASSIGN(const round::RecordResult record,
              attempt ? rounds_.get(round, *attempt) : rounds_.get(round));
    const auto on_wire = [](const std::vector<chain::AuditorSignature>& signatures) {
        std::vector<wire::AuditorSignature> out;
        for (const chain::AuditorSignature& item : signatures) {
            out.push_back({.auditor = item.index, .signature = item.signature});
        }
        return out;
    };
    wire::RoundRecord out{.round = record.commitment.round,
                          .attempt = record.commitment.attempt,
                          .context = record.context.encode(),
                          .signed_updates = {},
                          .commitment = record.commitment,
                          .report = record.report.encode(),
                          .signatures = on_wire(record.signatures),
                          .faults = {},
                          .intent_key = "",
                          .transaction = {},
                          .block = 0,
                          .state = "attested"};
    for (const rules::SignedUpdate& update : record.updates) {
        out.signed_updates.push_back(update.encode());
    }
    for (std::size_t i = 0; i < record.faults.size(); ++i) {
        out.faults.push_back(
            {.fault = record.faults[i], .signatures = on_wire(record.fault_signatures[i])});
    }
    if (is_voided(out.round, out.attempt)) {
        out.state = "voided";
    } else if (manifest_.chain.enabled) {
        // Once rounds were voided keys name the attempt.
        out.intent_key = fmt::format("commit/{}/{}", round, out.attempt);
        if (!intents_.contains(out.intent_key)) {
            out.intent_key = fmt::format("commit/{}", round);
        }
        if (const auto found = intents_.find(out.intent_key); found != intents_.end()) {
            out.transaction = found->second.transaction;
            out.block = found->second.block;
            out.state = chain::intent_state_name(found->second.state);
        }
    }
    return out;
}

void Coordinator::Impl::on(const transport::PeerId& peer, const wire::RoundRecordRequest& message) {
    auto record = round_record(
        message.round, message.attempt == 0 ? std::nullopt : std::optional(message.attempt - 1));
    if (!record) {
        refuse(peer,
               record.error().code == Errc::kNotFound ? wire::RefusalCode::kNotFound
                                                      : wire::RefusalCode::kBusy,
               record.error().message, message.round);
        return;
    }
    // What a site needs to prove its reward. The signed updates name single contributions and their
    // details: they are for auditors.
    if (!is_auditor(peer.site)) {
        record->signed_updates.clear();
    }
    link_->send(peer, *std::move(record));
}

void Coordinator::Impl::on(const transport::PeerId& peer, const wire::StatusRequest& /*message*/) {
    link_->send(peer, wire::StatusReport{status_json()});
}

}  // namespace fedstake::coordinator
