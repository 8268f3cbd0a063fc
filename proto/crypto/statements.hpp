// The signed statements of the protocol and their EIP-712 struct hashes.
//
// Each struct lists its fields in the order of its EIP-712 type. digest() gives what is signed.
#pragma once

#include <cstdint>
#include <string>

#include "proto/base/ids.hpp"
#include "proto/base/result.hpp"
#include "proto/crypto/eip712.hpp"
#include "proto/crypto/secp256k1.hpp"

namespace fedstake::crypto {

// A site's word on the update that it sends for one attempt of one round.
struct UpdateStatement {
    FederationId federation;
    RoundNumber round = 0;
    std::uint32_t attempt = 0;
    SiteId site;
    Digest base_model;
    Digest update_root;
    std::uint64_t coordinates = 0;
    Digest details_digest;  // SHA-256 of the salted details message

    [[nodiscard]] Digest struct_hash() const;
    friend bool operator==(const UpdateStatement&, const UpdateStatement&) = default;
};

// Two statements of one site for the same round and attempt that cannot both be true: another base
// model, size or content. Both signatures together prove equivocation. Details that differ alone
// are no contradiction (a run repeated on a new salt).
[[nodiscard]] bool contradict(const UpdateStatement& a, const UpdateStatement& b);

// The coordinator's word that it stored the update. Evidence against a later omission.
struct UpdateReceipt {
    FederationId federation;
    RoundNumber round = 0;
    std::uint32_t attempt = 0;
    SiteId site;
    Digest update_root;
    Digest statement_digest;  // typed-data digest of the UpdateStatement

    [[nodiscard]] Digest struct_hash() const;
    friend bool operator==(const UpdateReceipt&, const UpdateReceipt&) = default;
};

// Everything a round is bound to on the chain. Auditors sign it after recomputing the round.
struct RoundCommitment {
    FederationId federation;
    RoundNumber round = 0;
    std::uint32_t attempt = 0;
    std::uint32_t sites = 0;  // submitted updates
    std::uint64_t coordinates = 0;
    Amount reward_total = 0;  // sum of all cumulative rewards after this round
    std::uint64_t score_sum = 0;
    Digest context_digest;
    Digest parent_model;
    Digest model;
    Digest updates_root;
    Digest aggregate_root;
    Digest report_digest;
    Digest scores_root;
    Digest rewards_root;

    [[nodiscard]] Digest struct_hash() const;
    friend bool operator==(const RoundCommitment&, const RoundCommitment&) = default;
};

enum class FaultKind : std::uint16_t { kEquivocation = 1, kPoisoning = 2, kFreeRiding = 3 };

// M-of-N auditors' accusation; leads to a small, delayed, vetoable slash.
struct AttestedFault {
    FederationId federation;
    RoundNumber round = 0;
    SiteId site;
    FaultKind kind = FaultKind::kPoisoning;
    std::uint16_t bps = 0;       // share of stake, in 1/10000
    Digest evidence_root;        // commitment struct hash of the round that completed the strikes
    std::uint64_t deadline = 0;  // Unix seconds

    [[nodiscard]] Digest struct_hash() const;
    friend bool operator==(const AttestedFault&, const AttestedFault&) = default;
};

// A site's request to join: proves possession of the signer key and the owner's consent.
struct SiteEnrolment {
    FederationId federation;
    Address owner;
    Address signer;
    CurvePublicKey curve_key;
    std::string name;

    [[nodiscard]] Digest struct_hash() const;
    friend bool operator==(const SiteEnrolment&, const SiteEnrolment&) = default;
};

// A signing key's consent to speak for an owner account, in the domain of the StakeVault (not of
// the RoundManager): without it anyone could bind a key that it has seen.
struct SignerBinding {
    Address owner;
    Address signer;

    [[nodiscard]] Digest struct_hash() const;
    friend bool operator==(const SignerBinding&, const SignerBinding&) = default;
};

template <class Statement>
[[nodiscard]] Digest signing_digest(const Eip712Domain& domain, const Statement& statement) {
    return typed_data_digest(domain, statement.struct_hash());
}

template <class Statement>
[[nodiscard]] Signature sign_statement(const Eip712Domain& domain, const Statement& statement,
                                       const SigningKey& key) {
    return key.sign(signing_digest(domain, statement));
}

// RETURNS kUnauthorized unless `signer` made the signature over the statement.
template <class Statement>
[[nodiscard]] Status verify_statement(const Eip712Domain& domain, const Statement& statement,
                                      const Signature& signature, const Address& signer) {
    FS_ASSIGN(const Address found, recover_signer(signing_digest(domain, statement), signature));
    if (found != signer) {
        return fail(Errc::kUnauthorized,
                    "signed by " + found.hex() + ", expected signer " + signer.hex());
    }
    return {};
}

}  // namespace fedstake::crypto
