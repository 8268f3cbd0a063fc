// Why the coordinator refuses a site's update. Numbers and names are those of the wire protocol
// (proto/wire/messages.hpp, RefusalCode), so that sites, logs and metrics say the same.
#pragma once

#include <cstdint>
#include <string_view>

#include "aggregation/pipeline.hpp"

namespace fedstake::round {

enum class Refusal : std::uint8_t {
    kNone = 0,
    kNotEnrolled = 1,      // not in the federation
    kUnknownRound = 2,     // no round is open
    kLate = 3,             // the round or attempt closed before the update was complete
    kEarly = 4,            // a round or attempt that is not open yet
    kReplayed = 5,         // a round of long ago
    kWrongSize = 6,        // coordinates differ from the rules
    kNotANumber = 7,       // gate: a coordinate stands for a non-finite value
    kOutOfRange = 8,       // gate: a coordinate is outside the rules' range
    kAllZero = 9,          // gate: nothing learned
    kWrongBaseModel = 11,  // trained on another base model
    kBadSignature = 12,    // not signed by the site's signer key
    kEquivocation = 13,    // two different signed updates for one attempt: evidence kept
    kWrongContent = 14,    // stored bytes do not match the signed root
    kMalformed = 16,       // the details do not match the signed digest
    kWrongFederation = 20,
    kBarred = 22,    // does not train, or its stake is jailed or leaving
    kUnstaked = 25,  // stake below the minimum when the round opened
};
inline constexpr std::uint8_t kRefusalLast = 25;

// Kebab-case name, "wrong-base-model"; "none" for kNone.
[[nodiscard]] std::string_view refusal_name(Refusal refusal) noexcept;

// Whether the number is one of the above.
[[nodiscard]] bool is_refusal(std::uint8_t number) noexcept;

// The refusal of an update whose values fail the gate; kNone for verdicts that only the whole set
// can give.
[[nodiscard]] Refusal refusal_of(aggregation::Reason reason) noexcept;

}  // namespace fedstake::round
