// UTF-8 decoding, the characters that may not travel, and printable().
#include "proto/wire/text.hpp"

#include <cstdint>

#include "proto/wire/codec.hpp"

namespace fedstake::wire {

namespace {

struct CodePoint {
    std::uint32_t value = 0;
    std::size_t length = 0;  // 0: not UTF-8
};

// The code point at the start of text (RFC 3629: shortest form, no surrogates, <= U+10FFFF).
CodePoint first_code_point(std::string_view text) noexcept {
    const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(text[i]); };
    const std::uint8_t lead = byte(0);
    if (lead < 0x80) {
        return {lead, 1};
    }
    const std::size_t length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
    if (lead < 0xC2 || lead > 0xF4 || text.size() < length) {
        return {};
    }
    std::uint32_t value = lead & (0xFFU >> (length + 1));
    for (std::size_t i = 1; i < length; ++i) {
        if ((byte(i) & 0xC0U) != 0x80U) {
            return {};
        }
        value = (value << 6U) | (byte(i) & 0x3FU);
    }
    const bool overlong = (length == 3 && value < 0x800) || (length == 4 && value < 0x10000);
    const bool surrogate = value >= 0xD800 && value <= 0xDFFF;
    return overlong || surrogate || value > 0x10FFFF ? CodePoint{} : CodePoint{value, length};
}

// C0, DEL and C1 controls, and the characters that reverse or hide the text around them.
bool is_control(std::uint32_t value) noexcept {
    return value < 0x20 || (value >= 0x7F && value <= 0x9F) ||
           (value >= 0x200B && value <= 0x200F) || (value >= 0x2028 && value <= 0x202E) ||
           (value >= 0x2066 && value <= 0x2069) || value == 0xFEFF;
}

}  // namespace

bool is_utf8(std::string_view text) noexcept {
    while (!text.empty()) {
        const std::size_t length = first_code_point(text).length;
        if (length == 0) {
            return false;
        }
        text.remove_prefix(length);
    }
    return true;
}

std::string_view text_fault(std::string_view text, bool allow_newlines) noexcept {
    while (!text.empty()) {
        const CodePoint point = first_code_point(text);
        if (point.length == 0) {
            return "not UTF-8";
        }
        const bool newline = point.value == '\n' || point.value == '\t';
        if (is_control(point.value) && !(allow_newlines && newline)) {
            return "control characters are not allowed";
        }
        text.remove_prefix(point.length);
    }
    return {};
}

std::string printable(std::string_view text, std::size_t bytes_max) {
    std::string clean;
    while (!text.empty()) {
        const CodePoint point = first_code_point(text);
        const std::size_t length = point.length == 0 ? 1 : point.length;
        const bool bad = point.length == 0 || is_control(point.value);
        const std::string_view piece = bad ? std::string_view("?") : text.substr(0, length);
        if (clean.size() + piece.size() > bytes_max) {
            break;
        }
        clean.append(piece);
        text.remove_prefix(length);
    }
    return clean;
}

}  // namespace fedstake::wire
