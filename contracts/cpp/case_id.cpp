// Hashing of case ids.
#include "contracts/cpp/case_id.hpp"

#include "proto/crypto/keccak256.hpp"

namespace fedstake::chain {

Digest case_digest(const crypto::AttestedFault& fault) {
    ByteWriter words;
    words.raw(fault.federation.view());
    words.u128(0).u64(0).u64(fault.round);
    words.u64(0).u32(0).raw(fault.site.view());
    words.u128(0).u64(0).u64(static_cast<std::uint16_t>(fault.kind));
    words.raw(fault.evidence_root.view());
    return crypto::keccak256(words.bytes());
}

std::uint64_t case_number(const Digest& case_digest) {
    std::uint64_t number = 0;
    for (std::size_t i = 0; i < 8; ++i) number = (number << 8U) | case_digest.bytes[i];
    return number;
}

}  // namespace fedstake::chain
