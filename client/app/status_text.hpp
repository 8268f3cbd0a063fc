// The coordinator's status document, as `status` prints it.
#pragma once

#include <string>
#include <string_view>

#include "proto/base/result.hpp"

namespace fedstake::client {

inline constexpr int kStatusNestingMax = 32;

// The document on one line, or indented. RETURNS kCorrupt for text that is not JSON or nested
// deeper than kStatusNestingMax: it comes from another machine, and printing descends with its
// depth.
[[nodiscard]] Result<std::string> status_text(std::string_view json, bool one_line);

}  // namespace fedstake::client
