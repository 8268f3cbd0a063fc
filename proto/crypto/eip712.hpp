// EIP-712 typed-data digests: domain separator, struct hashes, and the final digest to sign.
//
// Source: EIP-712 "Typed structured data hashing and signing", sections encodeType, encodeData.
#pragma once

#include <cstdint>
#include <string_view>

#include "proto/base/ids.hpp"

namespace fedstake::crypto {

// The domain of every fedstake signature. name "fedstake", version "1".
struct Eip712Domain {
    std::uint64_t chain_id = 0;
    Address verifying_contract;  // the RoundManager

    [[nodiscard]] Digest separator() const;
    friend bool operator==(const Eip712Domain&, const Eip712Domain&) = default;
};

// Builds one struct hash: type string first, then its fields in order, each one 32-byte word.
class StructHasher {
public:
    explicit StructHasher(std::string_view encoded_type);
    StructHasher& word(const Digest& value);  // bytes32
    StructHasher& address(const Address& value);
    StructHasher& number(std::uint64_t value);   // any uintN up to 64 bits
    StructHasher& amount(Amount value);          // uint128
    StructHasher& text(std::string_view value);  // string: keccak256 of its bytes
    [[nodiscard]] Digest finish() const;

private:
    Bytes encoded_;
};

// keccak256(0x1901 | separator | struct_hash).
[[nodiscard]] Digest typed_data_digest(const Eip712Domain& domain, const Digest& struct_hash);
// The same for a separator that is known already, of any domain.
[[nodiscard]] Digest typed_data_digest(const Digest& separator, const Digest& struct_hash);

}  // namespace fedstake::crypto
