// Performs the session machine's actions.
#include "client/app/session_driver.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

#include "client/app/audit_job.hpp"
#include "proto/base/log.hpp"
#include "proto/crypto/random.hpp"
#include "proto/rules/update_details.hpp"
#include "proto/wire/codec.hpp"

namespace fedstake::client {

namespace {

constexpr std::chrono::milliseconds kPollEvery{10};
constexpr std::chrono::milliseconds kBusyRetryEvery{250};
constexpr std::chrono::seconds kAskAgainEvery{2};
constexpr std::size_t kModelsKept = 4;

Bytes make_details(const session::TrainedUpdate& trained) {
    return rules::UpdateDetails{
        .salt = crypto::random_digest(), .rows = trained.rows, .loss = trained.loss}
        .encode();
}

}  // namespace

class SessionDriver::KeySigner final : public session::Signer {
public:
    explicit KeySigner(const crypto::SigningKey& key) : key_(key) {}
    [[nodiscard]] crypto::Signature sign(const Digest& digest) const override {
        return key_.sign(digest);
    }

private:
    const crypto::SigningKey& key_;
};

struct SessionDriver::PendingAudit {
    std::uint64_t id;
    AuditJob job;
    std::vector<Digest> blobs;    // everything asked for
    std::vector<Digest> missing;  // of these
    bool started = false;
    std::chrono::steady_clock::time_point asked_at{};  // for the record of the round before
};

SessionDriver::SessionDriver(DriverOptions options, StateStore& store,
                             session::SiteTrainer* trainer)
    : options_(std::move(options)),
      store_(store),
      trainer_(trainer),
      signer_(std::make_unique<KeySigner>(*options_.signer)),
      transfers_(store, options_.manifest->rules.coordinates * 4) {}

SessionDriver::~SessionDriver() = default;

Result<SessionSummary> SessionDriver::run(const std::atomic<bool>& stop) {
    const manifest::Manifest& manifest = *options_.manifest;
    session::Remembered remembered;
    FS_ASSIGN(remembered.last_signed, store_.last_signed());
    FS_ASSIGN(remembered.sat_out, store_.sat_out(manifest.federation));
    FS_ASSIGN(remembered.attempts, store_.attempts(manifest.federation));
    machine_ = std::make_unique<session::SessionMachine>(
        session::SessionConfig{.federation = manifest.federation,
                               .site = options_.site->owner,
                               .domain = manifest.domain(),
                               .coordinator = manifest.coordinator,
                               .rules_digest = manifest.rules.digest(),
                               .coordinates = manifest.rules.coordinates,
                               .trains = options_.site->trains && trainer_ != nullptr,
                               .audits = options_.site->audits,
                               .reports_metrics = options_.reports_metrics,
                               .voids_possible = manifest.chain.enabled,
                               .software = options_.software},
        *signer_, std::move(remembered));
    transport::DealerOptions link;
    link.endpoint = manifest.endpoint;
    link.server_key = manifest.coordinator_curve_key;
    link.secret_key = options_.curve_key;
    FS_ASSIGN(link_, transport::DealerClient::start(std::move(link)));

    auto retry_at = std::chrono::steady_clock::now() + kBusyRetryEvery;
    while (!stop && !finish_ && !fatal_) {
        if (const auto input = link_->next(kPollEvery)) handle(*input);
        pump_jobs();
        pump_transfers();
        if (const auto now = std::chrono::steady_clock::now(); now >= retry_at) {
            transfers_.retry();
            ask_for_previous();
            retry_at = now + kBusyRetryEvery;
        }
    }
    leaving_ = true;
    if (fatal_) return tl::unexpected(*fatal_);
    link_->stop();
    summary_.success = finish_ && finish_->success;
    summary_.reason = finish_ ? finish_->reason : "stopped by the operator";
    return summary_;
}

void SessionDriver::handle(const transport::ClientInput& input) {
    if (const auto* event = std::get_if<transport::LinkEvent>(&input)) {
        if (event->state == transport::LinkState::kUp) {
            FS_LOG(kInfo, "link", "{}", event->text);
            transfers_.on_link_up();
            feed(session::LinkUp{});
        } else {
            FS_LOG(kWarn, "link", "{}", event->text);
            transfers_.on_link_down();
            feed(session::LinkDown{});
        }
        return;
    }
    auto message = wire::decode(std::get<Bytes>(input));
    if (!message) {
        FS_LOG(kError, "link", "unreadable message from the coordinator: {}",
               message.error().message);
        return;
    }
    if (transfers_.on_message(*message) || on_record(*message)) return;
    feed(session::Received{std::move(*message)});
}

void SessionDriver::feed(const session::Event& event) {
    for (const session::Action& action : machine_->step(event)) {
        if (fatal_) return;
        perform(action);
    }
}

void SessionDriver::perform(const session::Action& action) {
    std::visit([this](const auto& a) { act(a); }, action);
}

void SessionDriver::act(const session::Send& action) {
    auto bytes = wire::encode(action.message);
    const Status sent =
        bytes ? link_->send(std::move(*bytes)) : Status(tl::unexpected(bytes.error()));
    if (!sent) {
        FS_LOG(kWarn, "link", "cannot send {}: {}", wire::message_name(action.message),
               sent.error().message);
    }
}

void SessionDriver::act(const session::EnsureBlob& action) {
    transfers_.want(action.root);
}

void SessionDriver::act(const session::Train& action) {
    FS_LOG(kInfo, "train", "training for round {}", action.context.round);
    training_thread_.submit([this, context = action.context]() -> session::Event {
        const auto failed = [&context](const Error& error) {
            return session::TrainingFailed{context.round, context.attempt, error.message};
        };
        const auto base = store_.read_model(context.base_model);
        if (!base) return failed(base.error());
        const auto trained = trainer_->train(
            context, *base, [this](std::uint32_t, std::uint32_t) { return !leaving_; });
        if (!trained) return failed(trained.error());
        const auto shape = store_.put_values(trained->update);
        if (!shape) return failed(shape.error());
        return session::Trained{.round = context.round,
                                .attempt = context.attempt,
                                .update_root = shape->root,
                                .coordinates = trained->update.size(),
                                .details = make_details(*trained)};
    });
}

void SessionDriver::must_be_kept(const Status& stored) {
    if (stored) return;
    fatal_ = Error{stored.error().code, stored.error().message +
                                            "; stopping, since a site that forgets what it signed "
                                            "could sign twice"};
}

void SessionDriver::act(const session::StoreSigned& action) {
    must_be_kept(store_.store_signed(action.update));
}

void SessionDriver::act(const session::StoreAttempts& action) {
    must_be_kept(store_.store_attempts(options_.manifest->federation, action.attempts));
}

void SessionDriver::act(const session::Upload& action) {
    if (const Status status = transfers_.upload(action.update); !status) {
        FS_LOG(kError, "upload", "cannot send the update: {}", status.error().message);
    }
}

void SessionDriver::act(const session::StopUpload& /*action*/) {
    transfers_.stop_upload();
}

void SessionDriver::act(const session::StoreReceipt& action) {
    if (const Status status = store_.store_receipt(action.receipt); !status) {
        FS_LOG(kError, "receipt", "{}", status.error().message);
    }
}

void SessionDriver::act(const session::StoreSatOut& action) {
    if (const Status status = store_.store_sat_out(options_.manifest->federation, action.round);
        !status) {
        FS_LOG(kError, "session", "{}", status.error().message);
    }
}

void SessionDriver::act(const session::Audit& action) {
    // Kept before it is looked at: a request that is refused may be what gets posted.
    if (const Status status = store_.store_audit(action.request); !status) {
        FS_LOG(kError, "audit", "{}", status.error().message);
    }
    auto job = AuditJob::from(action.request);
    if (!job) {
        audit_.reset();
        feed(session::Audited{action.id, false,
                              "the request is unreadable: " + job.error().message});
        return;
    }
    audit_ = std::make_unique<PendingAudit>(
        PendingAudit{.id = action.id, .job = std::move(*job), .blobs = {}, .missing = {}});
    want_for_audit(audit_->job.blobs());
    ask_for_previous();
}

// Again and again until it comes: a connection that drops takes the question with it.
void SessionDriver::ask_for_previous() {
    if (!audit_ || audit_->started || !audit_->job.needs_previous()) return;
    const auto now = std::chrono::steady_clock::now();
    if (now - audit_->asked_at < kAskAgainEvery) return;
    audit_->asked_at = now;
    act(session::Send{wire::RoundRecordRequest{.round = audit_->job.round() - 1, .attempt = 0}});
}

bool SessionDriver::on_record(const wire::Message& message) {
    const auto* record = std::get_if<wire::RoundRecord>(&message);
    if (record == nullptr) return false;
    if (!audit_ || audit_->started || !audit_->job.needs_previous()) return true;
    if (record->round + 1 != audit_->job.round()) return true;
    if (const Status status = audit_->job.set_previous(*record, *options_.manifest); !status) {
        fail_audit("the record of the round before is unreadable: " + status.error().message);
        return true;
    }
    start_audit_when_ready();
    return true;
}

void SessionDriver::fail_audit(const std::string& reason) {
    const session::Audited refused{audit_->id, false, reason};
    audit_.reset();
    feed(refused);
}

void SessionDriver::act(const session::Evaluate& action) {
    summary_.model = action.model;
    training_thread_.submit([this, action]() -> session::Event {
        wire::SiteMetrics metrics;
        metrics.round = action.round;
        const auto model = store_.read_model(action.model);
        if (!model) return session::BlobFailed{action.model, model.error().message};
        const auto result = trainer_->evaluate(*model, action.round);
        if (!result) return session::BlobFailed{action.model, result.error().message};
        metrics.rows = result->rows;
        metrics.test_rows = result->test_rows;
        metrics.test_correct = result->test_correct;
        metrics.loss = result->loss;
        return session::Evaluated{metrics};
    });
    recent_models_.push_back(action.model);
    if (recent_models_.size() > kModelsKept) recent_models_.pop_front();
    keep_recent_blobs();
}

void SessionDriver::act(const session::Notify& action) {
    switch (action.level) {
        case session::Level::kInfo: FS_LOG(kInfo, "session", "{}", action.text); break;
        case session::Level::kWarn: FS_LOG(kWarn, "session", "{}", action.text); break;
        case session::Level::kError: FS_LOG(kError, "session", "{}", action.text); break;
    }
}

void SessionDriver::act(const session::Finish& action) {
    finish_ = action;
}

void SessionDriver::pump_transfers() {
    while (auto message = transfers_.next()) act(session::Send{std::move(*message)});
    while (auto result = transfers_.next_result()) on_fetched(*result);
}

void SessionDriver::pump_jobs() {
    for (JobThread* thread : {&training_thread_, &audit_thread_}) {
        while (auto event = thread->poll()) {
            if (const auto* evaluated = std::get_if<session::Evaluated>(&*event)) {
                summary_.last_round = evaluated->metrics.round;
                summary_.last_metrics = evaluated->metrics;
            }
            if (const auto* audited = std::get_if<session::Audited>(&*event)) {
                if (audit_ && audit_->id == audited->id) audit_.reset();
                if (trainer_ == nullptr || !options_.site->trains) keep_recent_blobs();
                summary_.audits += audited->agrees ? 1U : 0U;
            }
            feed(*event);
        }
    }
}

void SessionDriver::on_fetched(const FetchResult& result) {
    if (audit_ && !audit_->started) {
        auto& missing = audit_->missing;
        const auto found = std::find(missing.begin(), missing.end(), result.root);
        if (found != missing.end()) {
            missing.erase(found);
            if (result.failure) {
                fail_audit("cannot get " + result.root.hex() + ": " + result.failure->message);
            } else {
                start_audit_when_ready();
            }
        }
    }
    if (result.failure) {
        feed(session::BlobFailed{result.root, result.failure->message});
    } else {
        feed(session::BlobReady{result.root});
    }
}

void SessionDriver::want_for_audit(const std::vector<Digest>& roots) {
    audit_->missing = roots;
    audit_->blobs.insert(audit_->blobs.end(), roots.begin(), roots.end());
    for (const Digest& root : roots) transfers_.want(root, audit_->job.bytes_max(root));
}

void SessionDriver::start_audit_when_ready() {
    if (audit_->started || !audit_->missing.empty() || audit_->job.needs_previous()) return;
    const auto more = audit_->job.more_blobs(*options_.manifest, store_);
    if (!more) {
        store_.remove_damaged();
        fail_audit("what the round before left is unreadable: " + more.error().message);
        return;
    }
    if (!more->empty()) {
        want_for_audit(*more);
        return;
    }
    audit_->started = true;
    audited_blobs_ = audit_->blobs;
    audit_thread_.submit([this, id = audit_->id, job = audit_->job]() -> session::Event {
        auto verification = audit(job);
        if (options_.audited) verification = options_.audited(std::move(verification));
        if (!verification) {
            if (verification.error().code == Errc::kCorrupt) store_.remove_damaged();
            return session::Audited{id, false, verification.error().message};
        }
        return session::Audited{id, verification->matches(), verification->first_difference()};
    });
}

// The chain first: where it contradicts the context nothing has to be recomputed. A node that is
// away keeps nobody from auditing.
Result<session::Verification> SessionDriver::audit(const AuditJob& job) const {
    if (options_.check_context) {
        auto differ = options_.check_context(job.claim().context);
        if (!differ) {
            FS_LOG(kWarn, "audit", "sites' keys are not compared with the chain: {}",
                   differ.error().message);
        } else if (!differ->empty()) {
            return session::Verification{std::move(*differ)};
        }
    }
    return job.run(*options_.manifest, store_, options_.audit_threads, &leaving_);
}

// Other sites' updates are deleted once the round behind theirs is audited, which may look back at
// them; old models once replaced.
void SessionDriver::keep_recent_blobs() {
    std::vector<Digest> kept(recent_models_.begin(), recent_models_.end());
    kept.insert(kept.end(), audited_blobs_.begin(), audited_blobs_.end());
    if (const auto update = store_.last_signed(); update && *update) {
        kept.push_back((*update)->statement.update_root);
        kept.push_back((*update)->statement.base_model);
    }
    if (audit_) {
        kept.insert(kept.end(), audit_->blobs.begin(), audit_->blobs.end());
    }
    store_.keep_only(kept);
}

}  // namespace fedstake::client
