// Decimal text of token amounts.
#include "proto/base/ids.hpp"

#include <algorithm>

namespace fedstake {

std::string amount_to_string(Amount value) {
    if (value == 0) return "0";
    std::string text;
    while (value != 0) {
        text.push_back(static_cast<char>('0' + static_cast<int>(value % 10)));
        value /= 10;
    }
    std::reverse(text.begin(), text.end());
    return text;
}

Result<Amount> parse_amount(std::string_view text) {
    if (text.empty()) return fail(Errc::kInvalidInput, "an amount is empty");
    Amount value = 0;
    for (const char c : text) {
        if (c < '0' || c > '9') {
            return fail(Errc::kInvalidInput,
                        "amount '" + std::string(text) + "' is not a decimal number");
        }
        const auto digit = static_cast<Amount>(c - '0');
        if (value > (~Amount{0} - digit) / 10) {
            return fail(Errc::kInvalidInput,
                        "amount '" + std::string(text) + "' does not fit 128 bits");
        }
        value = value * 10 + digit;
    }
    return value;
}

}  // namespace fedstake
