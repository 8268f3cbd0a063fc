// Small signed JSON files that travel by hand: an auditor's accusation, a site's dataset
// fingerprint. (Enrolment requests have a header of their own.)
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>

#include "proto/base/ids.hpp"
#include "proto/base/result.hpp"
#include "proto/crypto/statements.hpp"

namespace fedstake::manifest {

// One auditor's signature under an accusation; the coordinator collects enough of them.
struct SignedAccusation {
    crypto::AttestedFault fault;
    crypto::Eip712Domain domain;  // chain and RoundManager
    Address auditor;
    crypto::Signature signature;
};
[[nodiscard]] SignedAccusation sign_accusation(const crypto::AttestedFault& fault,
                                               const crypto::Eip712Domain& domain,
                                               const crypto::SigningKey& auditor);
// RETURNS kUnauthorized when the signature is not by the auditor it names.
[[nodiscard]] Status verify_accusation(const SignedAccusation& accusation);
[[nodiscard]] std::string to_json(const SignedAccusation& accusation);
// RETURNS kNotFound, or kInvalidInput naming the file and the field.
[[nodiscard]] Result<SignedAccusation> load_accusation(const std::filesystem::path& path);

// What a site says about its data set: a keyed digest that nobody can guess from the data, and that
// the site can show again later. Nothing else about the data is in it.
struct DatasetFingerprint {
    FederationId federation;
    std::uint64_t chain_id = 0;
    SiteId site;
    Digest fingerprint;
    crypto::Signature signature;  // by the site's signer, over DatasetFingerprint(federation, site,
                                  // fingerprint) in a domain without a contract
};
[[nodiscard]] DatasetFingerprint sign_fingerprint(const FederationId& federation,
                                                  std::uint64_t chain_id, const SiteId& site,
                                                  const Digest& fingerprint,
                                                  const crypto::SigningKey& signer);
// RETURNS kUnauthorized when the signature is not by that signer.
[[nodiscard]] Status verify_fingerprint(const DatasetFingerprint& fingerprint,
                                        const Address& signer);
[[nodiscard]] std::string to_json(const DatasetFingerprint& fingerprint);
[[nodiscard]] Result<DatasetFingerprint> load_fingerprint(const std::filesystem::path& path);

// Root over the data sets of a release: position tree (proto/crypto/keccak_tree.hpp) of the leaves
// keccak256(abi.encode(uint8 5, address site, bytes32 fingerprint)), sites ascending. Zero for
// none. RETURNS kInvalidInput for a site that is listed twice.
[[nodiscard]] Result<Digest> datasets_root(std::span<const DatasetFingerprint> fingerprints);

}  // namespace fedstake::manifest
