// Making ABI values and reading them back.
#include "contracts/cpp/evm/abi_value.hpp"

#include <algorithm>

namespace fedstake::evm {

namespace {

using Kind = AbiType::Kind;

tl::unexpected<Error> wrong_shape(std::string_view wanted) {
    return fail(Errc::kCorrupt, "an ABI value is not " + std::string(wanted));
}

bool zero_before(const Word& word, std::size_t end) {
    return std::all_of(word.begin(), word.begin() + static_cast<std::ptrdiff_t>(end),
                       [](std::uint8_t byte) { return byte == 0; });
}

std::string number_text(const Word& word) {
    const auto amount = AbiValue::raw_word(word).as_amount();
    return amount ? amount_to_string(*amount) : to_hex0x(word);
}

std::string word_text(const AbiType& type, const Word& word) {
    switch (type.kind) {
        case Kind::kAddress: return to_hex0x(ByteView(word).subspan(12));
        case Kind::kBool: return word[31] != 0 ? "true" : "false";
        case Kind::kFixedBytes: return to_hex0x(ByteView(word).first(type.size));
        case Kind::kUint: return number_text(word);
        default: return to_hex0x(word);
    }
}

}  // namespace

AbiValue AbiValue::number(Amount value) {
    Word word{};
    for (std::size_t i = 0; i < 16; ++i) {
        word[31 - i] = static_cast<std::uint8_t>(value >> (8 * i));
    }
    return AbiValue(word);
}

AbiValue AbiValue::boolean(bool value) {
    return number(value ? 1 : 0);
}

AbiValue AbiValue::address(const Address& value) {
    Word word{};
    std::copy(value.bytes.begin(), value.bytes.end(), word.begin() + 12);
    return AbiValue(word);
}

AbiValue AbiValue::word(const Digest& value) {
    return AbiValue(value.bytes);
}

AbiValue AbiValue::text(std::string_view value) {
    const ByteView view = fedstake::as_bytes(value);
    return AbiValue(Bytes(view.begin(), view.end()));
}

AbiValue AbiValue::words(const std::vector<Digest>& values) {
    std::vector<AbiValue> items;
    items.reserve(values.size());
    for (const Digest& value : values) items.push_back(word(value));
    return AbiValue(std::move(items));
}

Result<Amount> AbiValue::as_amount() const {
    const auto* word = std::get_if<Word>(&value_);
    if (word == nullptr || !zero_before(*word, 16)) return wrong_shape("a number below 2^128");
    Amount value = 0;
    for (std::size_t i = 16; i < 32; ++i) value = (value << 8U) | (*word)[i];
    return value;
}

Result<std::uint64_t> AbiValue::as_u64() const {
    const auto* word = std::get_if<Word>(&value_);
    if (word == nullptr || !zero_before(*word, 24)) return wrong_shape("a number below 2^64");
    std::uint64_t value = 0;
    for (std::size_t i = 24; i < 32; ++i) value = (value << 8U) | (*word)[i];
    return value;
}

Result<bool> AbiValue::as_bool() const {
    FS_ASSIGN(const std::uint64_t value, as_u64());
    if (value > 1) return wrong_shape("a boolean");
    return value == 1;
}

Result<Address> AbiValue::as_address() const {
    const auto* word = std::get_if<Word>(&value_);
    if (word == nullptr || !zero_before(*word, 12)) return wrong_shape("an address");
    Address address;
    std::copy(word->begin() + 12, word->end(), address.bytes.begin());
    return address;
}

Result<Digest> AbiValue::as_digest() const {
    const auto* word = std::get_if<Word>(&value_);
    if (word == nullptr) return wrong_shape("a 32-byte word");
    return Digest{*word};
}

Result<Bytes> AbiValue::as_bytes() const {
    const auto* bytes = std::get_if<Bytes>(&value_);
    if (bytes == nullptr) return wrong_shape("a byte string");
    return *bytes;
}

Result<std::vector<AbiValue>> AbiValue::as_list() const {
    const auto* list = std::get_if<std::vector<AbiValue>>(&value_);
    if (list == nullptr) return wrong_shape("a list");
    return *list;
}

std::string to_text(const AbiType& type, const AbiValue& value) {
    if (const auto* word = std::get_if<Word>(&value.storage())) return word_text(type, *word);
    if (const auto* bytes = std::get_if<Bytes>(&value.storage())) {
        return type.kind == Kind::kString ? "\"" + fedstake::to_text(*bytes) + "\""
                                          : to_hex0x(*bytes);
    }
    const auto& list = std::get<std::vector<AbiValue>>(value.storage());
    std::string text = "[";
    for (std::size_t i = 0; i < list.size(); ++i) {
        if (i > 0) text += ", ";
        const bool tuple = type.kind == Kind::kTuple && i < type.children.size();
        text += to_text(tuple ? type.children[i] : type.children.at(0), list[i]);
    }
    return text + "]";
}

}  // namespace fedstake::evm
