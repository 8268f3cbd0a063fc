// Transitions of a site's session.
#include "client/session/session_machine.hpp"

#include <utility>

#include "proto/crypto/sha256.hpp"
#include "proto/wire/codec.hpp"

namespace fedstake::session {

namespace {

void notify(Actions& out, Level level, std::string text) {
    out.emplace_back(Notify{level, std::move(text)});
}

std::string round_name(RoundNumber round, std::uint32_t attempt) {
    std::string name = "round " + std::to_string(round);
    if (attempt > 0) name += " (attempt " + std::to_string(attempt + 1) + ")";
    return name;
}

}  // namespace

SessionMachine::SessionMachine(SessionConfig config, const Signer& signer,
                               std::optional<rules::SignedUpdate> last_signed)
    : config_(std::move(config)), signer_(signer), last_signed_(std::move(last_signed)) {}

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

Status SessionMachine::check_context(const rules::RoundContext& context) const {
    if (context.federation != config_.federation) {
        return fail(Errc::kUnauthorized, "it belongs to another federation");
    }
    if (context.rules_digest != config_.rules_digest) {
        return fail(Errc::kUnauthorized, "it runs under other rules than this site agreed to");
    }
    const rules::CohortMember* member = context.find(config_.site);
    if (member == nullptr) {
        return fail(Errc::kUnauthorized, "this site is not in its cohort");
    }
    if (last_model_ && context_ && context.round == context_->round + 1 &&
        context.base_model != *last_model_) {
        return fail(Errc::kConflict, "its base model is not the result of the round before");
    }
    return {};
}

bool SessionMachine::already_signed(const rules::RoundContext& context) const noexcept {
    return last_signed_ && last_signed_->statement.round == context.round &&
           last_signed_->statement.attempt == context.attempt &&
           last_signed_->statement.federation == context.federation;
}

void SessionMachine::on_message(const wire::RoundOpen& message, Actions& out) {
    auto context = rules::RoundContext::decode(message.context);
    if (!context) {
        notify(out, Level::kError, "refused a round: " + context.error().message);
        return;
    }
    if (const Status status = check_context(*context); !status) {
        notify(out, Level::kError,
               "refused " + round_name(context->round, context->attempt) + ": " +
                   status.error().message);
        return;
    }
    const bool same =
        context_ && context_->round == context->round && context_->attempt == context->attempt;
    if (last_signed_ && context->round < last_signed_->statement.round) {
        notify(out, Level::kError,
               "refused " + round_name(context->round, context->attempt) +
                   ": this site has already signed for a later round");
        return;
    }
    context_ = std::move(*context);
    if (!config_.trains || context_->find(config_.site)->barred) {
        notify(out, Level::kInfo,
               round_name(context_->round, context_->attempt) + " opened; not training");
        return;
    }
    if (already_signed(*context_)) {
        if (last_signed_->statement.base_model != context_->base_model) {
            notify(out, Level::kError,
                   round_name(context_->round, context_->attempt) +
                       " was opened again on another base model: refusing to sign a second update");
            return;
        }
        out.emplace_back(Upload{*last_signed_});
        return;
    }
    if (same && training_) return;
    training_ = true;
    out.emplace_back(EnsureBlob{context_->base_model});
}

void SessionMachine::on(const BlobReady& event, Actions& out) {
    // Trying a model takes a moment, training on it longer: its figures should not wait for that.
    if (to_evaluate_.erase(event.root) > 0) {
        out.emplace_back(Evaluate{evaluate_round_, event.root});
    }
    if (training_ && context_ && event.root == context_->base_model) {
        out.emplace_back(Train{*context_});
    }
}

void SessionMachine::on(const BlobFailed& event, Actions& out) {
    if (training_ && context_ && event.root == context_->base_model) {
        training_ = false;
        notify(out, Level::kError,
               "cannot get the base model of " + round_name(context_->round, context_->attempt) +
                   ": " + event.reason);
    }
    if (to_evaluate_.erase(event.root) > 0) {
        notify(out, Level::kWarn, "cannot get the new model: " + event.reason);
    }
}

void SessionMachine::on(const Trained& event, Actions& out) {
    training_ = false;
    if (!context_ || event.round != context_->round || event.attempt != context_->attempt) {
        notify(out, Level::kWarn,
               round_name(event.round, event.attempt) +
                   " ended before training did; its update is dropped");
        if (context_ && config_.trains && !already_signed(*context_) &&
            !context_->find(config_.site)->barred) {
            training_ = true;
            out.emplace_back(EnsureBlob{context_->base_model});
        }
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
    out.emplace_back(StoreSigned{update});
    out.emplace_back(Upload{std::move(update)});
}

void SessionMachine::on(const TrainingFailed& event, Actions& out) {
    training_ = false;
    notify(out, Level::kError,
           round_name(event.round, event.attempt) + ": training failed: " + event.reason);
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
    if (audit_ && audit_->commitment == message.commitment) return;  // on its way already
    audit_ = message;
    out.emplace_back(Audit{message});
}

void SessionMachine::on(const Audited& event, Actions& out) {
    if (!audit_ || audit_->round != event.round || audit_->attempt != event.attempt) return;
    const wire::AttestRequest request = *std::exchange(audit_, std::nullopt);
    if (!event.agrees) {
        notify(out, Level::kError,
               "audit of " + round_name(event.round, event.attempt) + " FAILED: " + event.reason);
        out.emplace_back(Send{wire::AttestRefusal{.round = event.round,
                                                  .attempt = event.attempt,
                                                  .reason = wire::printable(event.reason)}});
        return;
    }
    wire::Attestation attestation{.round = event.round,
                                  .attempt = event.attempt,
                                  .commitment_signature = signer_.sign(
                                      crypto::signing_digest(config_.domain, request.commitment)),
                                  .fault_signatures = {}};
    for (const crypto::AttestedFault& fault : request.faults) {
        attestation.fault_signatures.push_back(
            signer_.sign(crypto::signing_digest(config_.domain, fault)));
    }
    notify(out, Level::kInfo, "audited and signed " + round_name(event.round, event.attempt));
    out.emplace_back(Send{std::move(attestation)});
}

void SessionMachine::on_message(const wire::RoundResult& message, Actions& out) {
    if (message.aborted) {
        notify(out, Level::kWarn,
               round_name(message.round, message.attempt) + " was aborted: " + message.reason);
        return;
    }
    last_model_ = message.model;
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
