// An update as it is kept and audited: what the site signed, its signature, and the salted details.
#pragma once

#include "proto/base/bytes.hpp"
#include "proto/crypto/statements.hpp"

namespace fedstake::rules {

struct SignedUpdate {
    crypto::UpdateStatement statement;
    crypto::Signature signature;
    Bytes details;  // salted, opaque here; SHA-256(details) == statement.details_digest

    [[nodiscard]] Bytes encode() const;
    [[nodiscard]] static Result<SignedUpdate> decode(ByteView bytes);
    friend bool operator==(const SignedUpdate&, const SignedUpdate&) = default;
};

// Root of the round's updates (Keccak tree, tag 0), SiteId ascending:
// leaf(index, site, update_root, statement typed-data digest, keccak256(signature)).
[[nodiscard]] Digest updates_root(const crypto::Eip712Domain& domain,
                                  std::span<const SignedUpdate> updates_by_site);

}  // namespace fedstake::rules
