// The clauses of a policy, in their order.
#include "aggregation/detect/judge.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <limits>
#include <string_view>

#include <fmt/format.h>

#include "aggregation/detect/deviation.hpp"
#include "proto/base/check.hpp"

namespace fedstake::aggregation::detect {
namespace {

constexpr double kAlarmShare = 0.01;  // of rounds in which an honest site of n is above a limit
constexpr double kDeviationLimit = 3.0;
constexpr double kCosineLimit = -0.5;
constexpr double kNever = std::numeric_limits<double>::infinity();

std::size_t count_in(std::uint32_t signals) {
    return static_cast<std::size_t>(std::popcount(signals));
}

double& limit(Limits& limits, Signal signal) {
    return limits[static_cast<std::size_t>(signal)];
}

std::string_view outcome_name(Outcome outcome) {
    constexpr std::array<std::string_view, 4> kNames = {"accepted", "down-weighted", "excluded",
                                                        "strike"};
    return kNames[static_cast<std::size_t>(outcome)];
}

// What decided, in brackets.
std::string clause_text(const Verdict& verdict, const Policy& policy) {
    switch (verdict.clause) {
        case Clause::kNothingFired: return "nothing fired";
        case Clause::kNotEnough:
            return fmt::format("{} of {} reasons", verdict.reasons, policy.signals_to_strike);
        case Clause::kOnlyWithOthers:
            return fmt::format("{} reasons, none of which strikes without others", verdict.reasons);
        case Clause::kShared: return fmt::format("one weight for {} sites", verdict.shared_between);
        case Clause::kEnoughToExclude:
            return fmt::format("{} signals exclude", policy.signals_to_exclude);
        case Clause::kNotConfirmed:
            return fmt::format("{} of {} reasons, too few of {} confirmations", verdict.reasons,
                               policy.signals_to_strike, policy.confirmations);
        case Clause::kEnoughToStrike:
            return fmt::format("{} of {} reasons", verdict.reasons, policy.signals_to_strike);
    }
    return {};
}

}  // namespace

Policy policy_of(const rules::AnomalyRules& rules) noexcept {
    const bool cautious = rules.policy == rules::AnomalyPolicy::kCautious;
    Policy policy = cautious && rules.signals_to_strike > 0 ? cautious_policy() : Policy{};
    policy.signals_to_strike = rules.signals_to_strike;
    return policy;
}

Policy cautious_policy() noexcept {
    Policy policy;
    policy.confirming =
        bit(Signal::kSigns) | bit(Signal::kJump) | bit(Signal::kPrediction) | bit(Signal::kResend);
    policy.confirmations = 1;
    policy.excluding =
        bit(Signal::kNorm) | bit(Signal::kDistance) | bit(Signal::kSpectral) | bit(Signal::kSigns);
    policy.signals_to_exclude = 2;
    policy.sharing = bit(Signal::kLikeness) | bit(Signal::kHiddenLikeness);
    return policy;
}

Limits limits_for(std::size_t n) {
    FS_CHECK(n >= 1);
    const double z = normal_quantile_above(kAlarmShare / static_cast<double>(n));
    Limits limits;
    limits.fill(std::max(kDeviationLimit, z));
    limit(limits, Signal::kCosine) = kCosineLimit;
    for (const Signal signal :
         {Signal::kPrediction, Signal::kLikeness, Signal::kHiddenLikeness, Signal::kTurns}) {
        limit(limits, signal) = kNever;
    }
    return limits;
}

Limits limits_for(std::size_t n, const rules::AnomalyRules& rules) {
    Limits limits = limits_for(n);
    if (rules.norm_limit > 0.0) {
        limit(limits, Signal::kNorm) = rules.norm_limit;
    }
    limit(limits, Signal::kCosine) = rules.cosine_limit;
    if (rules.distance_limit > 0.0) {
        limit(limits, Signal::kDistance) = rules.distance_limit;
    }
    return limits;
}

Verdict judge(const SiteFigures& figures, const Limits& limits, const Policy& policy,
              std::size_t coalition) noexcept {
    Verdict verdict;
    verdict.fired = fired(figures, limits);
    if (verdict.fired == 0) {
        return verdict;
    }
    verdict.clause = Clause::kNotEnough;
    const std::uint32_t striking = verdict.fired & policy.striking;
    verdict.reasons = count_in(striking);
    const bool enough = policy.signals_to_strike > 0 && verdict.reasons >= policy.signals_to_strike;
    if (enough && (striking & ~policy.never_alone) != 0) {
        const bool confirmed = count_in(verdict.fired & policy.confirming) >= policy.confirmations;
        verdict.outcome = confirmed ? Outcome::kStrike : Outcome::kExcluded;
        verdict.clause = confirmed ? Clause::kEnoughToStrike : Clause::kNotConfirmed;
        return verdict;
    }
    if (policy.signals_to_exclude > 0 &&
        count_in(verdict.fired & policy.excluding) >= policy.signals_to_exclude) {
        verdict.outcome = Outcome::kExcluded;
        verdict.clause = Clause::kEnoughToExclude;
        return verdict;
    }
    if ((verdict.fired & policy.sharing) != 0 && coalition > 1) {
        verdict.outcome = Outcome::kDownWeighted;
        verdict.clause = Clause::kShared;
        verdict.shared_between = coalition;
        return verdict;
    }
    if (enough) {
        verdict.clause = Clause::kOnlyWithOthers;
    }
    return verdict;
}

void acquit(Verdict& verdict) noexcept {
    verdict.outcome = Outcome::kAccepted;
    verdict.clause = verdict.fired == 0 ? Clause::kNothingFired : Clause::kNotEnough;
    verdict.shared_between = 1;
}

std::string explain(const Verdict& verdict, const SiteFigures& figures, const Limits& limits,
                    const Policy& policy) {
    std::string text =
        fmt::format("{} ({})", outcome_name(verdict.outcome), clause_text(verdict, policy));
    std::string_view separator = ": ";
    for (const SignalInfo& info : all_signals()) {
        if ((verdict.fired & bit(info.signal)) == 0) {
            continue;
        }
        const auto index = static_cast<std::size_t>(info.signal);
        text +=
            fmt::format("{}{} {:.4g} {} {:.4g}", separator, info.name, figures[index].value_or(0.0),
                        info.fires_above ? ">" : "<", limits[index]);
        separator = ", ";
    }
    return text;
}

}  // namespace fedstake::aggregation::detect
