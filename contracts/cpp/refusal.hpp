// What a refusal by the contracts means for an intent, and what a person should do about it.
//
// Both ledgers use this table, so that an intent ends in the same state on either.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace fedstake::chain {

enum class RefusalKind : std::uint8_t {
    kWait,     // the same call may succeed later: keep it queued
    kAlready,  // the effect is on the chain: the intent is done
    kFinal,    // it will never succeed: reject, tell a person
};

struct Refusal {
    RefusalKind kind = RefusalKind::kFinal;
    std::string_view advice;  // a sentence; empty for errors that the table does not know
};

// By the name of the contracts' custom error ("RoundTaken"). Unknown names are kFinal.
[[nodiscard]] Refusal judge_refusal(std::string_view error_name) noexcept;

// How the words for CapExceeded begin: nothing is wrong, there is just no more to take.
inline constexpr std::string_view kNotAccusedAgain = "not accused again";

// "RoundTaken(round = 3, ...): another coordinator ...".
[[nodiscard]] std::string describe_refusal(std::string_view error_name,
                                           std::string_view error_text);

}  // namespace fedstake::chain
