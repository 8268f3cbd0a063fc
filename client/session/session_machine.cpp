// Transitions of a site's session.
#include "client/session/session_machine.hpp"

#include <algorithm>
#include <utility>

#include "client/session/round_name.hpp"
#include "proto/crypto/sha256.hpp"
#include "proto/wire/codec.hpp"

namespace fedstake::session {

namespace {

constexpr std::size_t kResultsKept = 64;

void notify(Actions& out, Level level, std::string text) {
    out.emplace_back(Notify{level, std::move(text)});
}

}  // namespace

SessionMachine::SessionMachine(SessionConfig config, const Signer& signer, Remembered remembered)
    : config_(std::move(config)),
      signer_(signer),
      last_signed_(std::move(remembered.last_signed)),
      sat_out_before_(remembered.sat_out),
      attempts_(remembered.attempts),
      stored_attempts_(remembered.attempts) {
    if (last_signed_ && last_signed_->statement.federation != config_.federation) {
        last_signed_.reset();
    }
    if (last_signed_) {
        attempts_.highest = std::max(attempts_.highest, last_signed_->statement.attempt);
    }
    if (last_signed_ && last_signed_->statement.round >= sat_out_before_) sat_out_before_ = 0;
}

Actions SessionMachine::step(const Event& event) {
    Actions out;
    std::visit([this, &out](const auto& e) { on(e, out); }, event);
    return out;
}

void SessionMachine::on(const LinkUp& /*event*/, Actions& out) {
    welcomed_ = false;
    out.emplace_back(Send{wire::Hello{.federation = config_.federation,
                                      .site = config_.site,
                                      .protocol_version = wire::kProtocolVersion,
                                      .software = config_.software}});
}

void SessionMachine::on(const LinkDown& /*event*/, Actions& /*out*/) {
    welcomed_ = false;
    // Rounds may begin again while nobody tells this site.
    if (config_.voids_possible) results_.clear();
}

void SessionMachine::on(const Received& event, Actions& out) {
    std::visit(
        [this, &out](const auto& message) {
            if constexpr (requires { on_message(message, out); }) {
                on_message(message, out);
            }
        },
        event.message);
}

void SessionMachine::on_message(const wire::Welcome& message, Actions& out) {
    if (message.federation != config_.federation) {
        out.emplace_back(Finish{false, "the coordinator runs federation " +
                                           message.federation.hex() + ", the manifest says " +
                                           config_.federation.hex() +
                                           "; get the current manifest from the consortium"});
        return;
    }
    if (message.rules_digest != config_.rules_digest) {
        out.emplace_back(
            Finish{false, "the coordinator runs rules " + message.rules_digest.short_hex() +
                              ", this site agreed to " + config_.rules_digest.short_hex() +
                              "; get the current manifest from the consortium"});
        return;
    }
    welcomed_ = true;
    notify(out, Level::kInfo,
           "joined the federation, current round " + std::to_string(message.round));
}

void SessionMachine::on_message(const wire::RoundOpen& message, Actions& out) {
    auto context = rules::RoundContext::decode(message.context);
    if (!context) {
        notify(out, Level::kError, "refused a round: " + context.error().message);
        return;
    }
    Status status = check_context(*context);
    if (status) status = check_order(*context);
    if (!status) {
        notify(out, Level::kError,
               "refused " + round_name(context->round, context->attempt) + ": " +
                   status.error().message);
        return;
    }
    if (!context_ && may_have_signed(*context)) {
        sat_out_ = {context->round, context->attempt};
        out.emplace_back(StoreSatOut{context->round});
    }
    if (is_behind({context->round, context->attempt})) begin_again(*context, out);
    attempts_.highest = std::max(attempts_.highest, context->attempt);
    context_ = std::move(*context);
    if (!takes_part(out)) return;
    if (already_signed(*context_)) {
        out.emplace_back(Upload{*last_signed_});
        return;
    }
    if (work_ != Work::kTraining) start_training(out);
}

bool SessionMachine::takes_part(Actions& out) const {
    const std::string name = round_name(context_->round, context_->attempt);
    if (!config_.trains || context_->find(config_.site)->barred) {
        notify(out, Level::kInfo, name + " opened; not training");
        return false;
    }
    if (sat_out_ == RoundAttempt{context_->round, context_->attempt}) {
        notify(out, Level::kWarn,
               name +
                   " is sat out: this site's state ends rounds before it, and it could have "
                   "signed since then; it takes part from the next one on");
        return false;
    }
    if (already_signed(*context_) && last_signed_->statement.base_model != context_->base_model) {
        notify(out, Level::kError,
               name + " was opened again on another base model: refusing to sign a second update");
        return false;
    }
    return true;
}

void SessionMachine::start_training(Actions& out) {
    work_ = Work::kFetching;
    out.emplace_back(EnsureBlob{context_->base_model});
}

void SessionMachine::on(const BlobReady& event, Actions& out) {
    // Trying a model takes a moment, training on it longer: its figures should not wait for that.
    if (to_evaluate_.erase(event.root) > 0) {
        out.emplace_back(Evaluate{evaluate_round_, event.root});
    }
    if (work_ == Work::kFetching && event.root == context_->base_model) {
        work_ = Work::kTraining;
        out.emplace_back(Train{*context_});
    }
}

void SessionMachine::on(const BlobFailed& event, Actions& out) {
    if (work_ == Work::kFetching && event.root == context_->base_model) {
        work_ = Work::kNone;
        notify(out, Level::kError,
               "cannot get the base model of " + round_name(context_->round, context_->attempt) +
                   ": " + event.reason);
    }
    if (to_evaluate_.erase(event.root) > 0) {
        notify(out, Level::kWarn, "cannot get the new model: " + event.reason);
    }
}

void SessionMachine::on(const Trained& event, Actions& out) {
    if (work_ != Work::kTraining) return;
    work_ = Work::kNone;
    if (event.round != context_->round || event.attempt != context_->attempt) {
        notify(out, Level::kWarn,
               round_name(event.round, event.attempt) +
                   " ended before training did; its update is dropped");
        if (takes_part(out) && !already_signed(*context_)) start_training(out);
        return;
    }
    if (already_signed(*context_)) return;
    rules::SignedUpdate update;
    update.statement = {.federation = config_.federation,
                        .round = event.round,
                        .attempt = event.attempt,
                        .site = config_.site,
                        .base_model = context_->base_model,
                        .update_root = event.update_root,
                        .coordinates = event.coordinates,
                        .details_digest = crypto::sha256(event.details)};
    update.details = event.details;
    update.signature = signer_.sign(crypto::signing_digest(config_.domain, update.statement));
    last_signed_ = update;
    store_attempts(out);  // first: signed.bin alone forgets the attempts of earlier rounds
    out.emplace_back(StoreSigned{update});
    out.emplace_back(Upload{std::move(update)});
}

void SessionMachine::on(const TrainingFailed& event, Actions& out) {
    notify(out, Level::kError,
           round_name(event.round, event.attempt) + ": training failed: " + event.reason);
    if (work_ != Work::kTraining) return;
    work_ = Work::kNone;
    const bool stale = event.round != context_->round || event.attempt != context_->attempt;
    if (stale && takes_part(out) && !already_signed(*context_)) start_training(out);
}

void SessionMachine::on_message(const wire::Receipt& message, Actions& out) {
    if (!last_signed_) return;
    const crypto::UpdateStatement& mine = last_signed_->statement;
    const crypto::UpdateReceipt expected = {
        .federation = mine.federation,
        .round = mine.round,
        .attempt = mine.attempt,
        .site = mine.site,
        .update_root = mine.update_root,
        .statement_digest = crypto::signing_digest(config_.domain, mine)};
    if (message.receipt != expected) {
        // For the same attempt, and signed: with the right receipt it proves that the coordinator
        // signed two.
        const bool same_attempt =
            message.receipt.federation == mine.federation && message.receipt.round == mine.round &&
            message.receipt.attempt == mine.attempt && message.receipt.site == mine.site;
        if (same_attempt && crypto::verify_statement(config_.domain, message.receipt,
                                                     message.signature, config_.coordinator)) {
            out.emplace_back(StoreReceipt{message});
            notify(out, Level::kError,
                   round_name(mine.round, mine.attempt) +
                       ": the coordinator signed a receipt for an update that this site did not "
                       "sign; kept as evidence for `fedstake-client challenge`");
            return;
        }
        notify(out, Level::kWarn, "got a receipt for something else than the last update; ignored");
        return;
    }
    if (const Status status = crypto::verify_statement(config_.domain, message.receipt,
                                                       message.signature, config_.coordinator);
        !status) {
        notify(out, Level::kError,
               "the receipt is not the coordinator's: " + status.error().message);
        return;
    }
    out.emplace_back(StopUpload{});
    out.emplace_back(StoreReceipt{message});
    notify(out, Level::kInfo,
           round_name(mine.round, mine.attempt) + ": update stored by the coordinator");
}

void SessionMachine::on_message(const wire::Refusal& message, Actions& out) {
    if (message.code == wire::RefusalCode::kWrongFederation ||
        message.code == wire::RefusalCode::kWrongVersion ||
        message.code == wire::RefusalCode::kNotEnrolled) {
        out.emplace_back(Finish{false, "the coordinator refused this site: " + message.reason});
        return;
    }
    if (last_signed_ && message.update_root == last_signed_->statement.update_root) {
        out.emplace_back(StopUpload{});
        notify(out, Level::kWarn,
               "update of " + round_name(message.round, 0) + " refused (" +
                   std::string(wire::refusal_name(message.code)) + "): " + message.reason);
        return;
    }
    notify(out, Level::kWarn,
           "the coordinator refused a request (" + std::string(wire::refusal_name(message.code)) +
               "): " + message.reason);
}

void SessionMachine::on_message(const wire::RoundClosed& message, Actions& out) {
    if (!context_ || message.round != context_->round || message.attempt != context_->attempt)
        return;
    out.emplace_back(StopUpload{});
}

void SessionMachine::on_message(const wire::AttestRequest& message, Actions& out) {
    if (!config_.audits) {
        out.emplace_back(Send{wire::AttestRefusal{.round = message.round,
                                                  .attempt = message.attempt,
                                                  .reason = "this site is not an auditor"}});
        return;
    }
    if (audit_ == message) return;  // on its way already
    audit_ = message;
    out.emplace_back(Audit{++audit_id_, message});
}

void SessionMachine::on(const Audited& event, Actions& out) {
    if (!audit_ || event.id != audit_id_) return;  // of a request that was replaced
    const wire::AttestRequest request = *std::exchange(audit_, std::nullopt);
    if (!event.agrees) {
        notify(
            out, Level::kError,
            "audit of " + round_name(request.round, request.attempt) + " FAILED: " + event.reason);
        out.emplace_back(Send{wire::AttestRefusal{.round = request.round,
                                                  .attempt = request.attempt,
                                                  .reason = wire::printable(event.reason)}});
        return;
    }
    wire::Attestation attestation{.round = request.round,
                                  .attempt = request.attempt,
                                  .commitment_signature = signer_.sign(
                                      crypto::signing_digest(config_.domain, request.commitment)),
                                  .fault_signatures = {}};
    for (const crypto::AttestedFault& fault : request.faults) {
        attestation.fault_signatures.push_back(
            signer_.sign(crypto::signing_digest(config_.domain, fault)));
    }
    notify(out, Level::kInfo, "audited and signed " + round_name(request.round, request.attempt));
    out.emplace_back(Send{std::move(attestation)});
}

void SessionMachine::on_message(const wire::RoundResult& message, Actions& out) {
    if (message.aborted) {
        notify(out, Level::kWarn,
               round_name(message.round, message.attempt) + " was aborted: " + message.reason);
        return;
    }
    results_.erase(results_.lower_bound(message.round), results_.end());
    results_.emplace(message.round, message.model);
    if (results_.size() > kResultsKept) results_.erase(results_.begin());
    out.emplace_back(StopUpload{});
    if (!config_.trains || !config_.reports_metrics) return;
    evaluate_round_ = message.round;
    to_evaluate_.insert(message.model);
    out.emplace_back(EnsureBlob{message.model});
}

void SessionMachine::on(const Evaluated& event, Actions& out) {
    out.emplace_back(Send{event.metrics});
}

void SessionMachine::on_message(const wire::Bye& message, Actions& out) {
    // The coordinator waits for this before it closes its port.
    out.emplace_back(Send{wire::Bye{.reason = "goodbye"}});
    out.emplace_back(Finish{true, message.reason});
}

}  // namespace fedstake::session
