// Which texts may travel. Private to wire; printable() in codec.hpp is the public half.
#pragma once

#include <string_view>

namespace fedstake::wire {

// RFC 3629: shortest form, no surrogates, nothing above U+10FFFF.
[[nodiscard]] bool is_utf8(std::string_view text) noexcept;

// What is wrong with a text for people, "" if nothing: not UTF-8, or control characters, which
// could drive an operator's terminal. allow_newlines admits line feed and tab.
[[nodiscard]] std::string_view text_fault(std::string_view text, bool allow_newlines) noexcept;

}  // namespace fedstake::wire
