// Hashing of case ids.
#include "contracts/cpp/case_id.hpp"

#include "proto/crypto/keccak256.hpp"

namespace fedstake::chain {

Digest case_digest(const FederationId& federation, RoundNumber round, const SiteId& site,
                   crypto::FaultKind kind) {
    ByteWriter words;
    words.raw(federation.view());
    words.u128(0).u64(0).u64(round);
    words.u64(0).u32(0).raw(site.view());
    words.u128(0).u64(0).u64(static_cast<std::uint16_t>(kind));
    return crypto::keccak256(words.bytes());
}

std::uint64_t case_number(const Digest& case_digest) {
    std::uint64_t number = 0;
    for (std::size_t i = 0; i < 8; ++i) number = (number << 8U) | case_digest.bytes[i];
    return number;
}

}  // namespace fedstake::chain
