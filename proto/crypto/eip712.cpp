// encodeData of EIP-712: every field is one 32-byte big-endian word.
#include "proto/crypto/eip712.hpp"

#include <array>

#include "proto/crypto/keccak256.hpp"

namespace fedstake::crypto {

namespace {

constexpr std::size_t kWord = 32;
constexpr std::string_view kDomainType =
    "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)";
constexpr std::string_view kDomainName = "fedstake";
constexpr std::string_view kDomainVersion = "1";

void append_left_padded(Bytes& out, ByteView value) {
    out.insert(out.end(), kWord - value.size(), 0);
    out.insert(out.end(), value.begin(), value.end());
}

}  // namespace

Digest Eip712Domain::separator() const {
    return StructHasher(kDomainType)
        .text(kDomainName)
        .text(kDomainVersion)
        .number(chain_id)
        .address(verifying_contract)
        .finish();
}

StructHasher::StructHasher(std::string_view encoded_type) {
    word(keccak256(as_bytes(encoded_type)));
}

StructHasher& StructHasher::word(const Digest& value) {
    append_left_padded(encoded_, value.bytes);
    return *this;
}

StructHasher& StructHasher::address(const Address& value) {
    append_left_padded(encoded_, value.bytes);
    return *this;
}

StructHasher& StructHasher::number(std::uint64_t value) {
    return amount(value);
}

StructHasher& StructHasher::amount(Amount value) {
    ByteWriter big_endian;
    big_endian.u128(value);
    append_left_padded(encoded_, big_endian.bytes());
    return *this;
}

StructHasher& StructHasher::text(std::string_view value) {
    return word(keccak256(as_bytes(value)));
}

Digest StructHasher::finish() const {
    return keccak256(encoded_);
}

Digest typed_data_digest(const Eip712Domain& domain, const Digest& struct_hash) {
    return typed_data_digest(domain.separator(), struct_hash);
}

Digest typed_data_digest(const Digest& separator, const Digest& struct_hash) {
    constexpr std::array<std::uint8_t, 2> kPrefix{0x19, 0x01};
    return keccak256({kPrefix, separator.bytes, struct_hash.bytes});
}

}  // namespace fedstake::crypto
