// Values as canonical TOML text.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace fedstake::manifest {

// A basic string in quotes; quotes, backslashes and control characters are escaped.
[[nodiscard]] std::string toml_string(std::string_view text);
[[nodiscard]] std::string toml_strings(const std::vector<std::string>& texts);
// Shortest decimal that reads back as the same double, always with a point or an exponent.
// REQUIRES a finite value.
[[nodiscard]] std::string toml_number(double value);
// The key as it is where TOML allows that, quoted otherwise.
[[nodiscard]] std::string toml_key(std::string_view key);

}  // namespace fedstake::manifest
