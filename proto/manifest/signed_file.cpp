// Signs, checks, writes and reads them.
#include "proto/manifest/signed_file.hpp"

#include <algorithm>
#include <fstream>
#include <vector>

#include <nlohmann/json.hpp>

#include "proto/crypto/keccak256.hpp"
#include "proto/crypto/keccak_tree.hpp"
#include "proto/manifest/json_fields.hpp"

namespace fedstake::manifest {

namespace {

using nlohmann::json;

constexpr std::size_t kFileBytesMax = 16 * 1024;
constexpr const char* kAccusation = "fedstake-accusation-1";
constexpr const char* kFingerprint = "fedstake-dataset-fingerprint-1";
constexpr std::uint8_t kDatasetTag = 5;  // beside those of crypto::LeafTag

template <class T>
Status read_number(const json& object, const char* name, std::uint64_t most, T& out) {
    const auto found = object.find(name);
    if (found == object.end() || !found->is_number_unsigned() ||
        found->template get<std::uint64_t>() > most) {
        return fail(
            Errc::kInvalidInput,
            std::string("field '") + name + "' must be a number from 0 to " + std::to_string(most));
    }
    out = static_cast<T>(found->template get<std::uint64_t>());
    return {};
}

Result<json> read_file(const std::filesystem::path& path, const char* format, const char* what,
                       const char* verb) {
    std::ifstream in(path, std::ios::binary);
    if (!in) return fail(Errc::kNotFound, std::string("no ") + what + " at " + path.string());
    std::string text(kFileBytesMax + 1, '\0');
    in.read(text.data(), static_cast<std::streamsize>(text.size()));
    text.resize(static_cast<std::size_t>(in.gcount()));
    json object = text.size() > kFileBytesMax ? json() : json::parse(text, nullptr, false);
    if (!object.is_object() || object.value("format", json()) != format) {
        return fail(Errc::kInvalidInput, path.string() + ": is not " + what + " (format '" +
                                             format + "'); make one with 'fedstake-client " + verb +
                                             "'");
    }
    return object;
}

Result<SignedAccusation> accusation_of(const json& object) {
    constexpr std::uint64_t kAny = ~std::uint64_t{0};
    SignedAccusation a;
    FS_TRY(read_number(object, "chain_id", kAny, a.domain.chain_id));
    FS_TRY(read_hex(object, "round_manager", a.domain.verifying_contract));
    FS_TRY(read_hex(object, "federation", a.fault.federation));
    FS_TRY(read_number(object, "round", kAny, a.fault.round));
    FS_TRY(read_hex(object, "site", a.fault.site));
    std::uint16_t kind = 0;
    FS_TRY(read_number(object, "kind", 0xffff, kind));
    a.fault.kind = static_cast<crypto::FaultKind>(kind);
    FS_TRY(read_number(object, "bps", 10'000, a.fault.bps));
    FS_TRY(read_hex(object, "evidence", a.fault.evidence_root));
    FS_TRY(read_number(object, "deadline", kAny, a.fault.deadline));
    FS_TRY(read_hex(object, "auditor", a.auditor));
    FS_TRY(read_hex(object, "signature", a.signature));
    return a;
}

Result<DatasetFingerprint> fingerprint_of(const json& object) {
    DatasetFingerprint f;
    FS_TRY(read_hex(object, "federation", f.federation));
    FS_TRY(read_number(object, "chain_id", ~std::uint64_t{0}, f.chain_id));
    FS_TRY(read_hex(object, "site", f.site));
    FS_TRY(read_hex(object, "fingerprint", f.fingerprint));
    FS_TRY(read_hex(object, "signature", f.signature));
    return f;
}

Digest fingerprint_digest(const DatasetFingerprint& f) {
    const Digest statement =
        crypto::StructHasher(
            "DatasetFingerprint(bytes32 federation,address site,bytes32 fingerprint)")
            .word(f.federation)
            .address(f.site)
            .word(f.fingerprint)
            .finish();
    return crypto::typed_data_digest(
        crypto::Eip712Domain{.chain_id = f.chain_id, .verifying_contract = {}}, statement);
}

Digest dataset_leaf(const DatasetFingerprint& f) {
    Digest tag;
    tag.bytes.back() = kDatasetTag;
    Digest site;
    std::copy(f.site.bytes.begin(), f.site.bytes.end(), site.bytes.begin() + 12);
    return crypto::keccak256({tag.view(), site.view(), f.fingerprint.view()});
}

}  // namespace

SignedAccusation sign_accusation(const crypto::AttestedFault& fault,
                                 const crypto::Eip712Domain& domain,
                                 const crypto::SigningKey& auditor) {
    return {.fault = fault,
            .domain = domain,
            .auditor = auditor.address(),
            .signature = crypto::sign_statement(domain, fault, auditor)};
}

Status verify_accusation(const SignedAccusation& accusation) {
    return crypto::verify_statement(accusation.domain, accusation.fault, accusation.signature,
                                    accusation.auditor);
}

std::string to_json(const SignedAccusation& a) {
    return json({{"format", kAccusation},
                 {"chain_id", a.domain.chain_id},
                 {"round_manager", a.domain.verifying_contract.hex()},
                 {"federation", a.fault.federation.hex()},
                 {"round", a.fault.round},
                 {"site", a.fault.site.hex()},
                 {"kind", static_cast<std::uint16_t>(a.fault.kind)},
                 {"bps", a.fault.bps},
                 {"evidence", a.fault.evidence_root.hex()},
                 {"deadline", a.fault.deadline},
                 {"auditor", a.auditor.hex()},
                 {"signature", a.signature.hex()}})
               .dump(2) +
           "\n";
}

Result<SignedAccusation> load_accusation(const std::filesystem::path& path) {
    FS_ASSIGN(const json object,
              read_file(path, kAccusation, "an auditor's accusation", "sign-accusation"));
    auto accusation = accusation_of(object);
    if (!accusation) return with_context(accusation.error(), path.string());
    return accusation;
}

DatasetFingerprint sign_fingerprint(const FederationId& federation, std::uint64_t chain_id,
                                    const SiteId& site, const Digest& fingerprint,
                                    const crypto::SigningKey& signer) {
    DatasetFingerprint made{.federation = federation,
                            .chain_id = chain_id,
                            .site = site,
                            .fingerprint = fingerprint,
                            .signature = {}};
    made.signature = signer.sign(fingerprint_digest(made));
    return made;
}

Status verify_fingerprint(const DatasetFingerprint& fingerprint, const Address& signer) {
    FS_ASSIGN(const Address recovered,
              crypto::recover_signer(fingerprint_digest(fingerprint), fingerprint.signature));
    if (recovered == signer) return {};
    return fail(Errc::kUnauthorized, "is signed by " + recovered.hex() + ", not by the signer " +
                                         signer.hex() + " of site " + fingerprint.site.hex());
}

std::string to_json(const DatasetFingerprint& f) {
    return json({{"format", kFingerprint},
                 {"federation", f.federation.hex()},
                 {"chain_id", f.chain_id},
                 {"site", f.site.hex()},
                 {"fingerprint", f.fingerprint.hex()},
                 {"signature", f.signature.hex()}})
               .dump(2) +
           "\n";
}

Result<DatasetFingerprint> load_fingerprint(const std::filesystem::path& path) {
    FS_ASSIGN(const json object,
              read_file(path, kFingerprint, "a dataset fingerprint", "fingerprint"));
    auto fingerprint = fingerprint_of(object);
    if (!fingerprint) return with_context(fingerprint.error(), path.string());
    return fingerprint;
}

Result<Digest> datasets_root(std::span<const DatasetFingerprint> fingerprints) {
    if (fingerprints.empty()) return Digest{};
    std::vector<DatasetFingerprint> sorted(fingerprints.begin(), fingerprints.end());
    std::ranges::sort(sorted, {}, &DatasetFingerprint::site);
    const auto twice = std::ranges::adjacent_find(sorted, {}, &DatasetFingerprint::site);
    if (twice != sorted.end()) {
        return fail(Errc::kInvalidInput,
                    "site " + twice->site.hex() + " has two fingerprints: give one for each site");
    }
    std::vector<Digest> leaves;
    for (const DatasetFingerprint& entry : sorted) leaves.push_back(dataset_leaf(entry));
    return crypto::keccak_root(leaves);
}

}  // namespace fedstake::manifest
