// How the reference model refuses a call: kNotNow with "ErrorName: details", the name being the
// contracts' custom error (or Panic, for checked arithmetic). A refused call changes nothing.
#pragma once

#include <string>
#include <string_view>

#include "proto/base/result.hpp"

namespace fedstake::chain {

[[nodiscard]] tl::unexpected<Error> refuse(std::string_view name, const std::string& details = "");

// The name in front of ':' of a refusal.
[[nodiscard]] std::string_view refusal_name(const Error& error) noexcept;

}  // namespace fedstake::chain
