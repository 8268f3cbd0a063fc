// fedstake-sim list: what exists, out of the registries.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "proto/base/result.hpp"

namespace fedstake::sim {

enum class Listing : std::uint8_t { kText, kJson, kMarkdown };

// what: "rules", "pre", "attacks" or "signals". The text ends with a newline. Markdown is a
// document of all rules and pre-aggregations, for "rules" only.
// RETURNS kInvalidInput for another word or form.
[[nodiscard]] Result<std::string> list_text(std::string_view what, Listing listing);

// The document docs/aggregation-rules.md.
[[nodiscard]] std::string rules_markdown();

// Prints list_text() on standard output.
[[nodiscard]] Status list(std::string_view what, Listing listing);

}  // namespace fedstake::sim
