// Names of refusals, and how gate verdicts map to them.
#include "coordinator/round/refusal.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace fedstake::round {

namespace {

constexpr std::array<std::pair<Refusal, std::string_view>, 18> kNames{{
    {Refusal::kNone, "none"},
    {Refusal::kNotEnrolled, "not-enrolled"},
    {Refusal::kUnknownRound, "unknown-round"},
    {Refusal::kLate, "late"},
    {Refusal::kEarly, "early"},
    {Refusal::kReplayed, "replayed"},
    {Refusal::kWrongSize, "wrong-size"},
    {Refusal::kNotANumber, "not-a-number"},
    {Refusal::kOutOfRange, "out-of-range"},
    {Refusal::kAllZero, "all-zero"},
    {Refusal::kWrongBaseModel, "wrong-base-model"},
    {Refusal::kBadSignature, "bad-signature"},
    {Refusal::kEquivocation, "equivocation"},
    {Refusal::kWrongContent, "wrong-content"},
    {Refusal::kMalformed, "malformed"},
    {Refusal::kWrongFederation, "wrong-federation"},
    {Refusal::kBarred, "barred"},
    {Refusal::kUnstaked, "unstaked"},
}};

}  // namespace

std::string_view refusal_name(Refusal refusal) noexcept {
    const auto* found = std::ranges::find(kNames, refusal, &decltype(kNames)::value_type::first);
    return found == kNames.end() ? "unknown" : found->second;
}

bool is_refusal(std::uint8_t number) noexcept {
    return std::ranges::any_of(kNames, [number](const auto& entry) {
        return static_cast<std::uint8_t>(entry.first) == number;
    });
}

Refusal refusal_of(aggregation::Reason reason) noexcept {
    using aggregation::Reason;
    switch (reason) {
        case Reason::kNone:
        case Reason::kCopy:
        case Reason::kAnomalous:
        case Reason::kNotSelected:
        case Reason::kEarlierCopy:
        case Reason::kUnconfirmed:
        case Reason::kSharesWeight: return Refusal::kNone;
        case Reason::kWrongSize: return Refusal::kWrongSize;
        case Reason::kNotANumber: return Refusal::kNotANumber;
        case Reason::kOutOfRange: return Refusal::kOutOfRange;
        case Reason::kAllZero: return Refusal::kAllZero;
        case Reason::kWrongBaseModel: return Refusal::kWrongBaseModel;
    }
    return Refusal::kWrongContent;
}

}  // namespace fedstake::round
