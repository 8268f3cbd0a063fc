// Canonical encoding of a signed update, and the Keccak tree over the updates of a round.
#include "proto/rules/signed_update.hpp"

#include "proto/base/check.hpp"
#include "proto/base/limits.hpp"
#include "proto/crypto/keccak256.hpp"
#include "proto/crypto/keccak_tree.hpp"
#include "proto/crypto/sha256.hpp"

namespace fedstake::rules {

namespace {

Result<SignedUpdate> read_update(ByteReader& in) {
    SignedUpdate update;
    crypto::UpdateStatement& statement = update.statement;
    FS_TRY(in.raw(statement.federation.bytes));
    FS_ASSIGN(statement.round, in.u64());
    FS_ASSIGN(statement.attempt, in.u32());
    FS_TRY(in.raw(statement.site.bytes));
    FS_TRY(in.raw(statement.base_model.bytes));
    FS_TRY(in.raw(statement.update_root.bytes));
    FS_ASSIGN(statement.coordinates, in.u64());
    FS_TRY(in.raw(statement.details_digest.bytes));
    FS_TRY(in.raw(update.signature.bytes));
    FS_ASSIGN(update.details, in.blob(limits::kDetailsBytesMax));
    FS_TRY(in.finish());
    if (crypto::sha256(update.details) != statement.details_digest) {
        return fail(Errc::kCorrupt, "details of site " + statement.site.hex() +
                                        " do not match the digest that it signed");
    }
    return update;
}

}  // namespace

Bytes SignedUpdate::encode() const {
    ByteWriter out;
    out.raw(statement.federation.bytes)
        .u64(statement.round)
        .u32(statement.attempt)
        .raw(statement.site.bytes)
        .raw(statement.base_model.bytes)
        .raw(statement.update_root.bytes)
        .u64(statement.coordinates)
        .raw(statement.details_digest.bytes)
        .raw(signature.bytes)
        .blob(details);
    return out.take();
}

Result<SignedUpdate> SignedUpdate::decode(ByteView bytes) {
    ByteReader in(bytes);
    Result<SignedUpdate> update = read_update(in);
    if (!update) return with_context(std::move(update).error(), "signed update");
    return update;
}

Digest updates_root(const crypto::Eip712Domain& domain,
                    std::span<const SignedUpdate> updates_by_site) {
    std::vector<Digest> leaves;
    leaves.reserve(updates_by_site.size());
    for (const SignedUpdate& update : updates_by_site) {
        const std::size_t index = leaves.size();
        FS_CHECK(index == 0 || updates_by_site[index - 1].statement.site < update.statement.site);
        leaves.push_back(crypto::LeafHasher(crypto::LeafTag::kUpdate)
                             .number(index)
                             .address(update.statement.site)
                             .word(update.statement.update_root)
                             .word(crypto::signing_digest(domain, update.statement))
                             .word(crypto::keccak256(update.signature.bytes))
                             .finish());
    }
    return crypto::keccak_root(leaves);
}

}  // namespace fedstake::rules
