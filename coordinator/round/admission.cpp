// Checks of a signed statement against the open round.
#include "coordinator/round/admission.hpp"

#include <fmt/format.h>

#include "proto/base/limits.hpp"
#include "proto/crypto/sha256.hpp"

namespace fedstake::round {

bool may_train(const rules::CohortMember& member, const rules::RoundRules& rules) {
    return !member.barred && member.stake >= rules.settlement.min_stake;
}

namespace {

StatementVerdict refuse(Refusal refusal, std::string detail) {
    return {.refusal = refusal, .detail = std::move(detail)};
}

// Rounds just gone are late; older ones can only be replays.
Refusal check_time(const rules::RoundContext& context, const crypto::UpdateStatement& statement) {
    if (statement.round > context.round) {
        return Refusal::kEarly;
    }
    if (statement.round < context.round) {
        return statement.round + 1 == context.round ? Refusal::kLate : Refusal::kReplayed;
    }
    if (statement.attempt != context.attempt) {
        return statement.attempt > context.attempt ? Refusal::kEarly : Refusal::kLate;
    }
    return Refusal::kNone;
}

StatementVerdict check_member(const rules::CohortMember* member, const rules::RoundRules& rules) {
    if (member == nullptr) {
        return refuse(Refusal::kNotEnrolled, "the site is not enrolled in this federation");
    }
    if (member->barred) {
        return refuse(Refusal::kBarred,
                      "the site is barred from this round: it does not train, or its stake is "
                      "jailed or leaving");
    }
    if (!may_train(*member, rules)) {
        return refuse(
            Refusal::kUnstaked,
            fmt::format("stake {} is below the minimum {}", amount_to_string(member->stake),
                        amount_to_string(rules.settlement.min_stake)));
    }
    return {};
}

}  // namespace

StatementVerdict check_statement(const rules::RoundContext& context, const rules::RoundRules& rules,
                                 const crypto::Eip712Domain& domain,
                                 const rules::SignedUpdate& update) {
    const auto& statement = update.statement;
    if (statement.federation != context.federation) {
        return refuse(Refusal::kWrongFederation,
                      "signed for federation " + statement.federation.short_hex() +
                          ", this one is " + context.federation.short_hex());
    }
    if (const Refusal time = check_time(context, statement); time != Refusal::kNone) {
        return refuse(
            time, fmt::format("signed for round {} attempt {}, open is round {} attempt {}",
                              statement.round, statement.attempt, context.round, context.attempt));
    }
    const rules::CohortMember* member = context.find(statement.site);
    if (auto verdict = check_member(member, rules); verdict.refusal != Refusal::kNone) {
        return verdict;
    }
    if (statement.base_model != context.base_model) {
        return refuse(Refusal::kWrongBaseModel,
                      "trained on model " + statement.base_model.short_hex() +
                          ", the round starts from " + context.base_model.short_hex());
    }
    if (statement.coordinates != rules.coordinates) {
        return refuse(Refusal::kWrongSize,
                      fmt::format("update has {} coordinates, the model has {}",
                                  statement.coordinates, rules.coordinates));
    }
    if (update.details.size() > limits::kDetailsBytesMax ||
        crypto::sha256(update.details) != statement.details_digest) {
        return refuse(Refusal::kMalformed, "the details do not match the signed digest");
    }
    if (auto ok = crypto::verify_statement(domain, statement, update.signature, member->signer);
        !ok) {
        return refuse(Refusal::kBadSignature, ok.error().message);
    }
    return {};
}

}  // namespace fedstake::round
