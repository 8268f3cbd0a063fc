// What a refusal by the contracts means for an intent, and the sentence that a person reads.
//
// Both ledgers use this table, so that an intent ends in the same state on either.
#pragma once

#include <cstdint>
#include <span>
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
    std::string_view advice;  // what to do; empty for errors that the table does not know
};

// By the name of the contracts' custom error ("RoundTaken"). Unknown names are kFinal.
[[nodiscard]] Refusal judge_refusal(std::string_view error_name) noexcept;

// How the words for CapExceeded begin: nothing is wrong, there is just no more to take.
inline constexpr std::string_view kNotAccusedAgain = "not accused again";

// One argument of a custom error: its name in the ABI, and its value as text (numbers decimal,
// bytes as 0x hex, strings in quotes).
struct RefusalValue {
    std::string name;
    std::string value;
};

// "round 3 is taken by another commitment, 0x...: FENCED: ... (RoundTaken)": every value is in the
// sentence, times as UTC, enumerations as words. Errors that the table does not know are given as
// "Name(a = 1)".
[[nodiscard]] std::string describe_refusal(std::string_view error_name,
                                           std::span<const RefusalValue> values);

// Where the values are not known one by one: "RoundTaken: 3: FENCED: ...".
[[nodiscard]] std::string describe_refusal(std::string_view error_name,
                                           std::string_view error_text);

// Whether the table has a sentence with places for exactly such values.
[[nodiscard]] bool knows_refusal(std::string_view error_name, std::span<const RefusalValue> values);

}  // namespace fedstake::chain
