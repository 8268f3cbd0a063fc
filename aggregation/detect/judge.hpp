// From figures to a verdict on one site.
//
// A policy says which signals count towards a strike, how many it takes, which never suffice
// without another, which must confirm, which only leave an update out or share out weight. The
// default: two of norm, cosine and distance at once are a strike, everything else is reported only.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "aggregation/detect/signal.hpp"
#include "proto/rules/round_rules.hpp"

namespace fedstake::aggregation::detect {

struct Policy {
    // These count; an update with `signals_to_strike` of them is left out, with a strike. 0: never.
    std::uint32_t striking = bit(Signal::kNorm) | bit(Signal::kCosine) | bit(Signal::kDistance);
    std::uint32_t signals_to_strike = 2;
    // Of the striking ones: no strike unless another one, outside this set, fired too.
    std::uint32_t never_alone = 0;
    // A strike needs `confirmations` of these besides; without them the update is only left out.
    std::uint32_t confirming = 0;
    std::uint32_t confirmations = 0;
    // `signals_to_exclude` of these leave the update out without a strike. 0: never.
    std::uint32_t excluding = 0;
    std::uint32_t signals_to_exclude = 0;
    // One of these makes the site share one site's weight with its coalition.
    std::uint32_t sharing = 0;
    friend bool operator==(const Policy&, const Policy&) = default;
};

// What the federation's rules say; nothing leads to a verdict where signals_to_strike is 0.
[[nodiscard]] Policy policy_of(const rules::AnomalyRules& rules) noexcept;
// For federations that run all signals. A strike is the default's, confirmed by a signal that looks
// at something else than size (signs, resend, jump, prediction); without one the update is left out
// only, as for two of norm, distance, spectral and signs. So it strikes no site that the default
// does not. Coalitions share one weight and confirm nothing: a mimic chooses who is in them.
[[nodiscard]] Policy cautious_policy() noexcept;

// Limits that follow from n alone: deviations by the normal quantile that n honest sites exceed in
// 1 % of rounds, at least 3; the cosine -1/2; infinite for those that come from the round itself
// (prediction, coalitions). REQUIRES n >= 1.
[[nodiscard]] Limits limits_for(std::size_t n);
// The same with the federation's own limits for norm, cosine and distance, where it sets them.
[[nodiscard]] Limits limits_for(std::size_t n, const rules::AnomalyRules& rules);

enum class Outcome : std::uint8_t { kAccepted, kDownWeighted, kExcluded, kStrike };

// The clause of the policy that decided.
enum class Clause : std::uint8_t {
    kNothingFired,
    kNotEnough,       // something fired, no clause of the policy applies
    kOnlyWithOthers,  // enough to strike by number, but all in never_alone
    kShared,          // a sharing signal
    kEnoughToExclude,
    kNotConfirmed,  // enough to strike, left out for want of confirmations
    kEnoughToStrike,
};

struct Verdict {
    Outcome outcome = Outcome::kAccepted;
    Clause clause = Clause::kNothingFired;
    std::uint32_t fired = 0;         // a bit for each signal
    std::size_t reasons = 0;         // striking signals that fired
    std::size_t shared_between = 1;  // sites that share one weight; more than 1 when down-weighted
    friend bool operator==(const Verdict&, const Verdict&) = default;
};

// Pure. `coalition` is how many of the round's sites the site is in league with, itself included
// (1: none): a coalition of one has nothing to share.
[[nodiscard]] Verdict judge(const SiteFigures& figures, const Limits& limits, const Policy& policy,
                            std::size_t coalition = 1) noexcept;

// Nothing follows from what fired.
void acquit(Verdict& verdict) noexcept;

// For people: "strike (2 of 2 reasons): norm 5.1 > 3, distance 4.2 > 3". Figures have 4 digits.
[[nodiscard]] std::string explain(const Verdict& verdict, const SiteFigures& figures,
                                  const Limits& limits, const Policy& policy);

}  // namespace fedstake::aggregation::detect
