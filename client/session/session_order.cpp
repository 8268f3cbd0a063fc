// Which rounds a site takes from a coordinator that it does not trust, and in which order.
#include <algorithm>
#include <string>

#include "client/session/round_name.hpp"
#include "client/session/session_machine.hpp"

namespace fedstake::session {

bool SessionMachine::may_have_signed(const rules::RoundContext& first) const noexcept {
    const RoundNumber signed_in = last_signed_ ? last_signed_->statement.round : 0;
    return first.round > std::max(signed_in, sat_out_before_) + 1 ||
           (sat_out_before_ != 0 && first.round <= sat_out_before_);
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
    const auto before = results_.find(context.round - 1);
    if (before != results_.end() && context.base_model != before->second) {
        return fail(Errc::kConflict, "its base model is not the result of the round before");
    }
    return {};
}

bool SessionMachine::is_behind(const RoundAttempt& offered) const noexcept {
    const auto behind = [&](RoundNumber round, std::uint32_t attempt) {
        return attempt >= attempts_.floor && offered < RoundAttempt{round, attempt};
    };
    return (last_signed_ &&
            behind(last_signed_->statement.round, last_signed_->statement.attempt)) ||
           (context_ && behind(context_->round, context_->attempt));
}

// Time runs one way: a coordinator that goes back could collect two signatures for one attempt. But
// the chain may void rounds, and then they begin again: with a higher attempt than ever.
Status SessionMachine::check_return(const RoundAttempt& offered) const {
    const bool signed_later =
        last_signed_ &&
        offered < RoundAttempt{last_signed_->statement.round, last_signed_->statement.attempt};
    if (!config_.voids_possible || offered.second <= attempts_.highest) {
        return fail(Errc::kConflict, signed_later ? "this site has already signed for a later one"
                                                  : "a later one is open already");
    }
    return {};
}

Status SessionMachine::check_order(const rules::RoundContext& context) const {
    const RoundAttempt offered{context.round, context.attempt};
    if (context.attempt < attempts_.floor) {
        return fail(Errc::kConflict, "rounds have begun again since, with attempt " +
                                         std::to_string(attempts_.floor + 1) +
                                         ": none below it is open");
    }
    if (is_behind(offered)) return check_return(offered);
    const bool same = context_ && offered == RoundAttempt{context_->round, context_->attempt};
    if (same && context != *context_) {
        return fail(Errc::kConflict, "it was opened before with another context");
    }
    return {};
}

void SessionMachine::begin_again(const rules::RoundContext& context, Actions& out) {
    attempts_.floor = context.attempt;
    attempts_.highest = context.attempt;
    results_.erase(results_.lower_bound(context.round), results_.end());
    store_attempts(out);
    out.emplace_back(Notify{
        Level::kWarn, "rounds begin again with " + round_name(context.round, context.attempt) +
                          ": the coordinator says that the chain voided it and what came after"});
}

void SessionMachine::store_attempts(Actions& out) {
    if (attempts_ == stored_attempts_) return;
    stored_attempts_ = attempts_;
    out.emplace_back(StoreAttempts{attempts_});
}

bool SessionMachine::already_signed(const rules::RoundContext& context) const noexcept {
    return last_signed_ && last_signed_->statement.round == context.round &&
           last_signed_->statement.attempt == context.attempt;
}

}  // namespace fedstake::session
