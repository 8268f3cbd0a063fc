// How the reference model refuses a call: kNotNow with "ErrorName: value, value", the name being
// the contracts' custom error (or Panic, for checked arithmetic), with the same values in the same
// order. A refused call changes nothing.
#pragma once

#include <concepts>
#include <initializer_list>
#include <string>
#include <string_view>

#include "proto/base/ids.hpp"
#include "proto/base/result.hpp"

namespace fedstake::chain {

// Written as evm::RevertReason has it: numbers decimal, bytes as hex, text in quotes.
class RefusalArgument {
public:
    template <class T>
    requires std::integral<T> || std::same_as<T, Amount> RefusalArgument(
        T number)  // NOLINT(google-explicit-constructor)
        : text_(amount_to_string(static_cast<Amount>(number))) {}
    RefusalArgument(const Address& address)  // NOLINT(google-explicit-constructor)
        : text_(address.hex()) {}
    RefusalArgument(const Digest& word)  // NOLINT(google-explicit-constructor)
        : text_(word.hex()) {}
    RefusalArgument(const char* text)  // NOLINT(google-explicit-constructor)
        : text_('"' + std::string(text) + '"') {}

    [[nodiscard]] const std::string& text() const noexcept { return text_; }

private:
    std::string text_;
};

[[nodiscard]] tl::unexpected<Error> refuse(std::string_view name,
                                           std::initializer_list<RefusalArgument> values = {});
// Checked arithmetic of the contracts: a result that is too large.
[[nodiscard]] tl::unexpected<Error> refuse_overflow();

// What stands before ':' of a refusal, and behind it.
[[nodiscard]] std::string_view refusal_name(const Error& error) noexcept;
[[nodiscard]] std::string_view refusal_values(const Error& error) noexcept;

}  // namespace fedstake::chain
