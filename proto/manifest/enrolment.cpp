// Signs, checks, writes and reads enrolment requests.
#include "proto/manifest/enrolment.hpp"

#include <algorithm>
#include <fstream>

#include <nlohmann/json.hpp>

#include "proto/base/limits.hpp"
#include "proto/manifest/json_fields.hpp"

namespace fedstake::manifest {

namespace {

using nlohmann::json;

constexpr std::size_t kFileBytesMax = 16 * 1024;
constexpr const char* kFormat = "fedstake-enrolment-1";

Result<EnrolmentRequest> from_json(const json& object) {
    if (!object.is_object() || object.value("format", "") != kFormat) {
        return fail(Errc::kInvalidInput, std::string("is not an enrolment request (format '") +
                                             kFormat +
                                             "'); make one with 'fedstake-client enroll'");
    }
    const auto name = object.find("name");
    const auto chain = object.find("chain_id");
    if (name == object.end() || !name->is_string() || chain == object.end() ||
        !chain->is_number_unsigned()) {
        return fail(Errc::kInvalidInput, "fields 'name' (text) and 'chain_id' (number) are needed");
    }
    EnrolmentRequest request;
    request.enrolment.name = name->get<std::string>();
    request.chain_id = chain->get<std::uint64_t>();
    FS_TRY(read_hex(object, "federation", request.enrolment.federation));
    FS_TRY(read_hex(object, "owner", request.enrolment.owner));
    FS_TRY(read_hex(object, "signer", request.enrolment.signer));
    FS_TRY(read_hex(object, "curve_key", request.enrolment.curve_key));
    FS_TRY(read_hex(object, "owner_signature", request.owner_signature));
    FS_TRY(read_hex(object, "signer_signature", request.signer_signature));
    return request;
}

bool valid_name(std::string_view name) {
    return !name.empty() && name.size() <= limits::kNameLengthMax &&
           std::all_of(name.begin(), name.end(), [](char c) {
               return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
           });
}

}  // namespace

crypto::Eip712Domain EnrolmentRequest::domain() const {
    return {.chain_id = chain_id, .verifying_contract = {}};
}

EnrolmentRequest make_enrolment(const crypto::SiteEnrolment& enrolment, std::uint64_t chain_id,
                                const crypto::SigningKey& owner, const crypto::SigningKey& signer) {
    EnrolmentRequest request{.enrolment = enrolment,
                             .chain_id = chain_id,
                             .owner_signature = {},
                             .signer_signature = {}};
    request.owner_signature = crypto::sign_statement(request.domain(), enrolment, owner);
    request.signer_signature = crypto::sign_statement(request.domain(), enrolment, signer);
    return request;
}

Status verify_enrolment(const EnrolmentRequest& request) {
    const crypto::SiteEnrolment& enrolment = request.enrolment;
    if (!valid_name(enrolment.name)) {
        return fail(Errc::kInvalidInput,
                    "the site's name '" + enrolment.name + "' must be 1 to 32 of a-z, 0-9 and '-'");
    }
    if (enrolment.owner == enrolment.signer) {
        return fail(Errc::kInvalidInput,
                    "owner and signer must be different accounts: the signer key lives "
                    "on the site machine, the owner's should not");
    }
    const crypto::Eip712Domain domain = request.domain();
    const Status by_owner =
        crypto::verify_statement(domain, enrolment, request.owner_signature, enrolment.owner);
    if (!by_owner) return with_context(by_owner.error(), "owner signature");
    const Status by_signer =
        crypto::verify_statement(domain, enrolment, request.signer_signature, enrolment.signer);
    if (!by_signer) return with_context(by_signer.error(), "signer signature");
    return {};
}

std::string enrolment_fingerprint(const EnrolmentRequest& request) {
    const std::string hex =
        to_hex(crypto::signing_digest(request.domain(), request.enrolment).view());
    std::string text;
    for (std::size_t group = 0; group < 6; ++group) {
        if (group > 0) text += '-';
        text += hex.substr(group * 4, 4);
    }
    return text;
}

std::string to_json(const EnrolmentRequest& request) {
    return json({{"format", kFormat},
                 {"name", request.enrolment.name},
                 {"chain_id", request.chain_id},
                 {"federation", request.enrolment.federation.hex()},
                 {"owner", request.enrolment.owner.hex()},
                 {"signer", request.enrolment.signer.hex()},
                 {"curve_key", request.enrolment.curve_key.hex()},
                 {"owner_signature", request.owner_signature.hex()},
                 {"signer_signature", request.signer_signature.hex()}})
               .dump(2) +
           "\n";
}

Result<EnrolmentRequest> load_enrolment(const std::filesystem::path& path) {
    std::ifstream in(path, std::ios::binary);
    if (!in) return fail(Errc::kNotFound, "no enrolment request at " + path.string());
    std::string text(kFileBytesMax + 1, '\0');
    in.read(text.data(), static_cast<std::streamsize>(text.size()));
    text.resize(static_cast<std::size_t>(in.gcount()));
    if (text.size() > kFileBytesMax) {
        return fail(Errc::kInvalidInput, path.string() + " is too large for an enrolment request");
    }
    auto request = from_json(json::parse(text, nullptr, false));
    if (!request) return with_context(request.error(), path.string());
    return request;
}

}  // namespace fedstake::manifest
