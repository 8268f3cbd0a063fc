// Breaks lines at blanks.
#include "sim/app/wrapped_text.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace fedstake::sim {

std::string wrapped(std::string_view label, std::string_view text) {
    constexpr std::size_t kColumns = 96;
    constexpr std::size_t kIndent = 12;
    std::string lines = fmt::format("  {:<{}}", label, kIndent - 2);
    std::size_t column = kIndent;
    while (!text.empty()) {
        const std::size_t space = std::min(text.find(' '), text.size());
        if (column > kIndent && column + 1 + space > kColumns) {
            lines += "\n" + std::string(kIndent, ' ');
            column = kIndent;
        } else if (column > kIndent) {
            lines += ' ';
            ++column;
        }
        lines += text.substr(0, space);
        column += space;
        text.remove_prefix(std::min(space + 1, text.size()));
    }
    return lines + "\n";
}

}  // namespace fedstake::sim
