// Strict hexadecimal.
#include "contracts/cpp/evm/quantity.hpp"

#include <algorithm>

namespace fedstake::evm {

namespace {

tl::unexpected<Error> malformed(std::string_view field, std::string_view wanted) {
    return fail(Errc::kCorrupt,
                "node answer: " + std::string(field) + " is not " + std::string(wanted));
}

}  // namespace

std::string to_quantity(Amount value) {
    if (value == 0) return "0x0";
    std::string digits;
    for (; value != 0; value >>= 4U) {
        digits.push_back("0123456789abcdef"[static_cast<unsigned>(value & 15U)]);
    }
    std::reverse(digits.begin(), digits.end());
    return "0x" + digits;
}

Result<Amount> parse_quantity(const Json& value, std::string_view field) {
    if (!value.is_string()) return malformed(field, "a quantity");
    std::string_view text = value.get_ref<const std::string&>();
    if (!text.starts_with("0x") || text.size() < 3) return malformed(field, "a quantity");
    text.remove_prefix(2);
    if (text.size() > 1 && text[0] == '0') return malformed(field, "a quantity");
    if (text.size() > 32) return malformed(field, "a quantity of at most 128 bits");
    const auto bytes = from_hex(text.size() % 2 == 0 ? std::string(text) : "0" + std::string(text));
    if (!bytes) return malformed(field, "a quantity");
    Amount amount = 0;
    for (const std::uint8_t byte : *bytes) amount = (amount << 8U) | byte;
    return amount;
}

Result<std::uint64_t> parse_quantity_u64(const Json& value, std::string_view field) {
    FS_ASSIGN(const Amount amount, parse_quantity(value, field));
    if (amount >> 64U != 0) return malformed(field, "a quantity of at most 64 bits");
    return static_cast<std::uint64_t>(amount);
}

Result<Bytes> parse_data(const Json& value, std::string_view field) {
    if (!value.is_string()) return malformed(field, "hexadecimal data");
    std::string_view text = value.get_ref<const std::string&>();
    if (!text.starts_with("0x")) return malformed(field, "hexadecimal data");
    text.remove_prefix(2);
    if (text.starts_with("0x") || text.starts_with("0X")) {
        return malformed(field, "hexadecimal data");
    }
    auto bytes = from_hex(text);
    if (!bytes) return malformed(field, "hexadecimal data");
    return *std::move(bytes);
}

const Json& member(const Json& object, const char* key) {
    static const Json null;
    if (!object.is_object()) return null;
    const auto found = object.find(key);
    return found == object.end() ? null : *found;
}

}  // namespace fedstake::evm
