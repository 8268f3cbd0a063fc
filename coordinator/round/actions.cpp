// Idempotency keys of actions.
#include "coordinator/round/actions.hpp"

#include <fmt/format.h>

namespace fedstake::round {

namespace {

template <class... Cases>
struct Overloaded : Cases... {
    using Cases::operator()...;
};
template <class... Cases>
Overloaded(Cases...) -> Overloaded<Cases...>;

std::string key(RoundNumber round, std::uint32_t attempt, std::string_view kind) {
    return fmt::format("{}/{}/{}", round, attempt, kind);
}

std::string key(RoundNumber round, std::uint32_t attempt, std::string_view kind,
                const SiteId& site) {
    return fmt::format("{}/{}/{}/{}", round, attempt, kind, site.hex());
}

}  // namespace

std::string action_key(const Action& action) {
    const auto visitor = Overloaded{
        [](const WaitForSites& a) { return key(a.round, a.attempt, "wait"); },
        [](const AnnounceRound& a) { return key(a.context.round, a.context.attempt, "announce"); },
        [](const AllowUpload& a) {
            const auto& statement = a.update.statement;
            return key(statement.round, statement.attempt, "upload", statement.site);
        },
        [](const SendReceipt& a) {
            return key(a.receipt.round, a.receipt.attempt, "receipt", a.receipt.site);
        },
        [](const RefuseUpdate& a) { return key(a.round, a.attempt, "refuse", a.site); },
        [](const StartAggregation& a) {
            return key(a.context.round, a.context.attempt, "aggregate");
        },
        [](const RequestAttestation& a) {
            return key(a.commitment.round, a.commitment.attempt, "attest");
        },
        [](const RecordResult& a) {
            return key(a.commitment.round, a.commitment.attempt, "record");
        },
        [](const AnnounceAbort& a) { return key(a.round, a.attempt, "abort"); },
        [](const PostIntent& a) { return "intent/" + a.intent.key; },
        [](const TakeBack& a) { return key(a.round, a.attempt, "take-back"); },
        [](const DropIntent& a) { return "drop/" + a.key; },
        [](const ReleaseModel& a) {
            return key(a.commitment.round, a.commitment.attempt, "release");
        },
        [](const Finish& a) { return key(a.last_round, 0, "finish"); },
        [](const Stop& a) { return key(a.round, a.attempt, "stop"); },
    };
    return std::visit(visitor, action);
}

bool is_durable(const Action& action) noexcept {
    return std::holds_alternative<RecordResult>(action) ||
           std::holds_alternative<AnnounceAbort>(action) ||
           std::holds_alternative<PostIntent>(action) || std::holds_alternative<TakeBack>(action) ||
           std::holds_alternative<DropIntent>(action) ||
           std::holds_alternative<ReleaseModel>(action);
}

}  // namespace fedstake::round
