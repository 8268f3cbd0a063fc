// Words in lines, for listings on a terminal.
#pragma once

#include <string>
#include <string_view>

namespace fedstake::sim {

// Words of `text` in lines of at most 96 columns, each behind an indent; `label`, of at most 9
// characters, stands in the first one. Ends with a newline.
[[nodiscard]] std::string wrapped(std::string_view label, std::string_view text);

}  // namespace fedstake::sim
