// The sentences about custom errors, as data. Callers use refusal.hpp.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "contracts/cpp/refusal.hpp"

namespace fedstake::chain {

// `what` says what is wrong and holds every value of the error at a place {name}, or {name:form}
// for values that people read otherwise (see refusal_value); {0} is a value without a name.
// `advice` says what to do.
struct RefusalEntry {
    std::string_view name;
    RefusalKind kind;
    std::string_view what;
    std::string_view advice;
};

// Rounds, signatures, claims, releases, disputes.
[[nodiscard]] std::span<const RefusalEntry> round_refusals() noexcept;
// Stakes, accusations, appeals, proofs.
[[nodiscard]] std::span<const RefusalEntry> stake_refusals() noexcept;
// Solidity's own, OpenZeppelin's, governance.
[[nodiscard]] std::span<const RefusalEntry> library_refusals() noexcept;

// The value as people read it. Forms: time (Unix seconds), span (seconds), percent (1/10000), set
// (bitmap of auditors), role, case, stage, fault, kind, standing, proposal (enumerations of the
// contracts); anything else as it is. Unprintable bytes are replaced, long text is cut.
[[nodiscard]] std::string refusal_value(std::string_view form, std::string_view value);

}  // namespace fedstake::chain
