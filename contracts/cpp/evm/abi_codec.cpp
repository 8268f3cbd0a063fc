// ABI encoding and strict decoding.
#include <algorithm>

#include "contracts/cpp/evm/abi_value.hpp"

namespace fedstake::evm {

namespace {

using Kind = AbiType::Kind;

constexpr std::size_t kWordBytes = 32;
constexpr unsigned kDepthMax = 16;

Bytes word_of(std::uint64_t value) {
    const Word word = std::get<Word>(AbiValue::number(value).storage());
    return {word.begin(), word.end()};
}

bool zero(ByteView bytes) {
    return std::all_of(bytes.begin(), bytes.end(), [](std::uint8_t byte) { return byte == 0; });
}

// Whether the word is a canonical value of the elementary type.
bool word_fits(const AbiType& type, ByteView word) {
    switch (type.kind) {
        case Kind::kUint: return zero(word.first(kWordBytes - type.size / 8));
        case Kind::kInt: {
            const std::size_t unused = kWordBytes - type.size / 8;
            const bool negative = (word[unused] & 0x80U) != 0;
            return std::all_of(word.begin(), word.begin() + static_cast<std::ptrdiff_t>(unused),
                               [negative](std::uint8_t b) { return b == (negative ? 0xff : 0); });
        }
        case Kind::kAddress: return zero(word.first(12));
        case Kind::kBool: return zero(word.first(31)) && word[31] <= 1;
        case Kind::kFixedBytes: return zero(word.subspan(type.size));
        default: return false;
    }
}

Result<Bytes> encode_members(const std::vector<const AbiType*>& types,
                             const std::vector<AbiValue>& values) {
    std::size_t head_size = 0;
    for (const AbiType* type : types) head_size += type->head_bytes();
    Bytes head;
    Bytes tail;
    for (std::size_t i = 0; i < types.size(); ++i) {
        FS_ASSIGN(const Bytes encoded, abi_encode(*types[i], values[i]));
        if (types[i]->dynamic()) {
            const Bytes offset = word_of(head_size + tail.size());
            head.insert(head.end(), offset.begin(), offset.end());
            tail.insert(tail.end(), encoded.begin(), encoded.end());
        } else {
            head.insert(head.end(), encoded.begin(), encoded.end());
        }
    }
    head.insert(head.end(), tail.begin(), tail.end());
    return head;
}

Result<Bytes> encode_list(const AbiType& type, const AbiValue& value) {
    const auto* list = std::get_if<std::vector<AbiValue>>(&value.storage());
    const bool tuple = type.kind == Kind::kTuple;
    const std::size_t wanted = tuple ? type.children.size() : type.size;
    if (list == nullptr || ((tuple || type.size != 0) && list->size() != wanted)) {
        return fail(Errc::kInvalidInput, "a value for " + type.canonical() + " must have " +
                                             std::to_string(wanted) + " members, got " +
                                             (list ? std::to_string(list->size()) : "no list"));
    }
    std::vector<const AbiType*> types;
    for (std::size_t i = 0; i < list->size(); ++i) {
        types.push_back(&type.children[tuple ? i : 0]);
    }
    FS_ASSIGN(Bytes encoded, encode_members(types, *list));
    if (!tuple && type.size == 0) {
        const Bytes count = word_of(list->size());
        encoded.insert(encoded.begin(), count.begin(), count.end());
    }
    return encoded;
}

// Reads values of known types out of one contiguous region; offsets are relative to its start.
class Decoder {
public:
    explicit Decoder(ByteView data) : data_(data), budget_(data.size() / kWordBytes + 16) {}

    Result<AbiValue> value(const AbiType& type, std::size_t at, unsigned depth) {
        if (depth > kDepthMax) return bad("nested too deeply");
        switch (type.kind) {
            case Kind::kBytes:
            case Kind::kString: return byte_string(at);
            case Kind::kArray: return array(type, at, depth);
            case Kind::kTuple: return members(type, type.children.size(), at, depth);
            default: break;
        }
        FS_ASSIGN(const ByteView word, word_at(at));
        if (!word_fits(type, word)) return bad("a word is no canonical " + type.canonical());
        Word copy{};
        std::copy(word.begin(), word.end(), copy.begin());
        return AbiValue::raw_word(copy);
    }

private:
    static tl::unexpected<Error> bad(const std::string& what) {
        return fail(Errc::kCorrupt, "ABI data from the node is malformed: " + what);
    }

    Result<ByteView> word_at(std::size_t at) const {
        if (at > data_.size() || data_.size() - at < kWordBytes) return bad("it ends too early");
        return data_.subspan(at, kWordBytes);
    }

    Result<std::size_t> length_at(std::size_t at) const {
        FS_ASSIGN(const ByteView word, word_at(at));
        Word copy{};
        std::copy(word.begin(), word.end(), copy.begin());
        const auto length = AbiValue::raw_word(copy).as_u64();
        if (!length || *length > data_.size()) return bad("a length or offset is out of range");
        return static_cast<std::size_t>(*length);
    }

    Result<AbiValue> byte_string(std::size_t at) const {
        FS_ASSIGN(const std::size_t length, length_at(at));
        const std::size_t start = at + kWordBytes;
        const std::size_t padded = (length + kWordBytes - 1) / kWordBytes * kWordBytes;
        if (data_.size() - start < padded) return bad("a byte string ends too early");
        const ByteView padding = data_.subspan(start + length, padded - length);
        if (!zero(padding)) return bad("a byte string has dirty padding");
        const ByteView bytes = data_.subspan(start, length);
        return AbiValue::bytes(Bytes(bytes.begin(), bytes.end()));
    }

    Result<AbiValue> array(const AbiType& type, std::size_t at, unsigned depth) {
        if (type.size != 0) return members(type, type.size, at, depth);
        FS_ASSIGN(const std::size_t count, length_at(at));
        return members(type, count, at + kWordBytes, depth);
    }

    // `count` values side by side from `base`; dynamic ones by offsets relative to `base`.
    Result<AbiValue> members(const AbiType& type, std::size_t count, std::size_t base,
                             unsigned depth) {
        // Every element needs at least one word of input, except where offsets are shared: the
        // budget keeps that from multiplying.
        if (count > budget_) return bad("more elements than the data can hold");
        budget_ -= count;
        std::vector<AbiValue> values;
        std::size_t head = base;
        for (std::size_t i = 0; i < count; ++i) {
            const AbiType& child = type.children[type.kind == Kind::kTuple ? i : 0];
            std::size_t place = head;
            if (child.dynamic()) {
                FS_ASSIGN(const std::size_t offset, length_at(head));
                place = base + offset;
            }
            FS_ASSIGN(AbiValue value, this->value(child, place, depth + 1));
            values.push_back(std::move(value));
            head += child.head_bytes();
        }
        return AbiValue::list(std::move(values));
    }

    ByteView data_;
    std::size_t budget_;
};

}  // namespace

Result<Bytes> abi_encode(const AbiType& type, const AbiValue& value) {
    if (type.kind == Kind::kArray || type.kind == Kind::kTuple) return encode_list(type, value);
    if (type.kind == Kind::kBytes || type.kind == Kind::kString) {
        const auto* bytes = std::get_if<Bytes>(&value.storage());
        if (bytes == nullptr) {
            return fail(Errc::kInvalidInput, "a value for " + type.canonical() + " has no bytes");
        }
        Bytes encoded = word_of(bytes->size());
        encoded.insert(encoded.end(), bytes->begin(), bytes->end());
        encoded.resize((encoded.size() + kWordBytes - 1) / kWordBytes * kWordBytes);
        return encoded;
    }
    const auto* word = std::get_if<Word>(&value.storage());
    if (word == nullptr || !word_fits(type, *word)) {
        return fail(Errc::kInvalidInput, "a value does not fit " + type.canonical());
    }
    return Bytes(word->begin(), word->end());
}

Result<AbiValue> abi_decode(const AbiType& type, ByteView data) {
    return Decoder(data).value(type, 0, 0);
}

}  // namespace fedstake::evm
