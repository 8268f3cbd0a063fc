// Contract ABI types and values, and the encoding of one to bytes and back.
//
// Source: Solidity "Contract ABI Specification". Decoding is strict: padding must be canonical,
// offsets inside the data, element counts bounded, so that a lying node cannot make us allocate.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "proto/base/bytes.hpp"
#include "proto/base/ids.hpp"
#include "proto/base/result.hpp"

namespace fedstake::evm {

using Word = std::array<std::uint8_t, 32>;

// A type of the ABI: elementary, array, or tuple.
struct AbiType {
    enum class Kind : std::uint8_t {
        kUint,  // size = bits
        kInt,   // size = bits
        kAddress,
        kBool,
        kFixedBytes,  // size = bytes
        kBytes,
        kString,
        kArray,  // one child; size = 0 for T[], n for T[n]
        kTuple,  // children in order
    };
    Kind kind = Kind::kUint;
    std::size_t size = 0;
    std::vector<AbiType> children;

    // "uint64", "bytes32[]", "address[4]"; tuples come from parse_tuple's caller as components.
    // RETURNS kInvalidInput for a name that is not an ABI type.
    [[nodiscard]] static Result<AbiType> parse(std::string_view name,
                                               const std::vector<AbiType>& components);
    [[nodiscard]] static AbiType tuple(std::vector<AbiType> members);

    // The name that goes into selectors: "(uint64,bytes32)[]".
    [[nodiscard]] std::string canonical() const;
    [[nodiscard]] bool dynamic() const noexcept;
    // Bytes in the head part: 32 for dynamic types.
    [[nodiscard]] std::size_t head_bytes() const noexcept;
};

// A value of some ABI type: one word (numbers, addresses, bool, bytesN left-aligned), a byte
// string, or a list (arrays and tuples).
class AbiValue {
public:
    [[nodiscard]] static AbiValue number(Amount value);
    [[nodiscard]] static AbiValue boolean(bool value);
    [[nodiscard]] static AbiValue address(const Address& value);
    [[nodiscard]] static AbiValue word(const Digest& value);
    [[nodiscard]] static AbiValue raw_word(const Word& value) { return AbiValue(value); }
    [[nodiscard]] static AbiValue bytes(Bytes value) { return AbiValue(std::move(value)); }
    [[nodiscard]] static AbiValue text(std::string_view value);
    [[nodiscard]] static AbiValue list(std::vector<AbiValue> values) {
        return AbiValue(std::move(values));
    }
    [[nodiscard]] static AbiValue words(const std::vector<Digest>& values);

    // Reading back. RETURNS kCorrupt when the value has another shape or does not fit.
    [[nodiscard]] Result<Amount> as_amount() const;
    [[nodiscard]] Result<std::uint64_t> as_u64() const;
    [[nodiscard]] Result<bool> as_bool() const;
    [[nodiscard]] Result<Address> as_address() const;
    [[nodiscard]] Result<Digest> as_digest() const;
    [[nodiscard]] Result<Bytes> as_bytes() const;
    [[nodiscard]] Result<std::vector<AbiValue>> as_list() const;

    [[nodiscard]] const std::variant<Word, Bytes, std::vector<AbiValue>>& storage() const noexcept {
        return value_;
    }
    friend bool operator==(const AbiValue&, const AbiValue&) = default;

private:
    explicit AbiValue(Word value) : value_(value) {}
    explicit AbiValue(Bytes value) : value_(std::move(value)) {}
    explicit AbiValue(std::vector<AbiValue> value) : value_(std::move(value)) {}
    std::variant<Word, Bytes, std::vector<AbiValue>> value_;
};

// For people: "12", "0xabc...", "true", "[1, 2]".
[[nodiscard]] std::string to_text(const AbiType& type, const AbiValue& value);

// RETURNS kInvalidInput when the value does not have the type's shape or range.
[[nodiscard]] Result<Bytes> abi_encode(const AbiType& type, const AbiValue& value);

// RETURNS kCorrupt for data that abi_encode could not have written, trailing bytes excepted (the
// specification lets encoders append some).
[[nodiscard]] Result<AbiValue> abi_decode(const AbiType& type, ByteView data);

}  // namespace fedstake::evm
