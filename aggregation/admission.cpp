// Checks of statements, signatures and content roots; the gate verdicts.
#include "aggregation/admission.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "aggregation/gate.hpp"

namespace fedstake::aggregation {
namespace {

std::string update_of(const crypto::UpdateStatement& statement) {
    return "update of site " + statement.site.hex();
}

Status check_context(const RoundInput& input) {
    if (input.context->rules_digest != input.rules->digest()) {
        return fail(Errc::kInvalidInput,
                    fmt::format("round {} was opened under rules {}, but these rules are {}",
                                input.context->round, input.context->rules_digest.hex(),
                                input.rules->digest().hex()));
    }
    if (input.base_model->size() != input.rules->coordinates) {
        return fail(Errc::kInvalidInput,
                    fmt::format("base model has {} parameters, the rules say {}",
                                input.base_model->size(), input.rules->coordinates));
    }
    if (input.updates.empty()) {
        return fail(Errc::kNotNow, fmt::format("round {} has no updates", input.context->round));
    }
    return {};
}

Status check_statement(const RoundInput& input, const SubmittedUpdate& update) {
    const crypto::UpdateStatement& statement = update.signed_update.statement;
    const rules::RoundContext& context = *input.context;
    const rules::CohortMember* const member = context.find(statement.site);
    if (member == nullptr || member->barred) {
        return fail(Errc::kInvalidInput, update_of(statement) + ": the site is " +
                                             (member == nullptr ? "not in the cohort" : "barred"));
    }
    if (statement.federation != context.federation || statement.round != context.round ||
        statement.attempt != context.attempt) {
        return fail(Errc::kInvalidInput,
                    fmt::format("{}: signed for federation {} round {} attempt {}, this is "
                                "federation {} round {} attempt {}",
                                update_of(statement), statement.federation.short_hex(),
                                statement.round, statement.attempt, context.federation.short_hex(),
                                context.round, context.attempt));
    }
    if (auto verified = crypto::verify_statement(input.domain, statement,
                                                 update.signed_update.signature, member->signer);
        !verified) {
        return with_context(std::move(verified).error(), update_of(statement));
    }
    return {};
}

Status check_state(const RoundInput& input) {
    const rules::RoundContext& context = *input.context;
    if ((context.previous_state == Digest{}) != (input.state == nullptr)) {
        return fail(
            Errc::kInvalidInput,
            fmt::format("round {} starts from state {}, but {} is given", context.round,
                        context.previous_state.hex(), input.state == nullptr ? "none" : "one"));
    }
    if (input.state == nullptr) {
        return {};
    }
    if (const Digest root = input.state->root(); root != context.previous_state) {
        return fail(Errc::kCorrupt,
                    fmt::format("state of the round before: it has content root {}, round {} was "
                                "opened with {}",
                                root.hex(), context.round, context.previous_state.hex()));
    }
    if (input.state->round >= context.round || input.state->history.round > input.state->round) {
        return fail(Errc::kInvalidInput,
                    fmt::format("round {} starts from a state of round {}", context.round,
                                std::max(input.state->round, input.state->history.round)));
    }
    return {};
}

Status inspect(const RoundInput& input, AdmittedUpdate& entry) {
    const SubmittedUpdate& update = *entry.update;
    const crypto::UpdateStatement& statement = update.signed_update.statement;
    auto inspected = inspect_update(*input.rules, *update.values);
    if (!inspected) {
        return with_context(std::move(inspected).error(), update_of(statement));
    }
    if (update.values->size() != statement.coordinates) {
        return fail(Errc::kCorrupt, fmt::format("{}: {} values are stored, the site signed {}",
                                                update_of(statement), update.values->size(),
                                                statement.coordinates));
    }
    if (inspected->root != statement.update_root) {
        return fail(
            Errc::kCorrupt,
            fmt::format("{}: the stored values have content root {}, the site signed {}",
                        update_of(statement), inspected->root.hex(), statement.update_root.hex()));
    }
    entry.signs = inspected->signs;
    entry.reason = statement.base_model == input.context->base_model ? inspected->reason
                                                                     : Reason::kWrongBaseModel;
    return {};
}

// Training again on the same model may well give a site its own update once more: no copy.
void mark_earlier_copies(const RoundInput& input, std::span<AdmittedUpdate> admitted) {
    if (input.state == nullptr) {
        return;
    }
    std::set<Digest> sent;
    std::set<std::pair<Digest, SiteId>> sent_on_this_model;
    for (const EarlierRound& round : input.state->earlier) {
        for (const SiteVector& update : round.updates) {
            if (round.base_model == input.context->base_model) {
                sent_on_this_model.emplace(update.root, update.site);
            }
            sent.insert(update.root);
        }
    }
    for (AdmittedUpdate& entry : admitted) {
        const crypto::UpdateStatement& statement = entry.update->signed_update.statement;
        if (entry.reason == Reason::kNone && sent.contains(statement.update_root) &&
            !sent_on_this_model.contains({statement.update_root, statement.site})) {
            entry.reason = Reason::kEarlierCopy;
        }
    }
}

// The lowest site keeps the update, later ones are copies.
void mark_copies(std::span<AdmittedUpdate> admitted) {
    std::map<Digest, SiteId> seen;
    for (AdmittedUpdate& entry : admitted) {
        const crypto::UpdateStatement& statement = entry.update->signed_update.statement;
        if (entry.reason == Reason::kNone &&
            !seen.emplace(statement.update_root, statement.site).second) {
            entry.reason = Reason::kCopy;
        }
    }
}

}  // namespace

Result<std::vector<AdmittedUpdate>> admit_updates(const RoundInput& input, WorkerPool& pool) {
    FS_TRY(check_context(input));
    FS_TRY(check_state(input));
    std::vector<AdmittedUpdate> admitted;
    for (const SubmittedUpdate& update : input.updates) {
        admitted.push_back({.update = &update, .reason = Reason::kNone, .signs = {}});
    }
    const auto site_of = [](const AdmittedUpdate& entry) {
        return entry.update->signed_update.statement.site;
    };
    std::sort(admitted.begin(), admitted.end(),
              [&](const auto& a, const auto& b) { return site_of(a) < site_of(b); });
    const auto twice =
        std::adjacent_find(admitted.begin(), admitted.end(),
                           [&](const auto& a, const auto& b) { return site_of(a) == site_of(b); });
    if (twice != admitted.end()) {
        return fail(Errc::kInvalidInput, "site " + site_of(*twice).hex() + " has two updates");
    }
    for (const AdmittedUpdate& entry : admitted) {
        FS_TRY(check_statement(input, *entry.update));
    }
    FS_TRY(pool.for_each(admitted.size(), [&](std::size_t, std::size_t index) -> Status {
        return inspect(input, admitted[index]);
    }));
    mark_earlier_copies(input, admitted);
    mark_copies(admitted);
    return admitted;
}

}  // namespace fedstake::aggregation
