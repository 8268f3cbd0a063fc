// A site's request to join a federation, as a JSON file that travels by hand.
//
// `fedstake-client enroll` writes it, `fedstake-coordinator admit` reads it. Both the owner and the
// signer key sign the same SiteEnrolment: possession of the one, consent of the other. The domain
// of these signatures has no contract (zero address): enrolment comes before deployment, since the
// auditors' keys go into the contracts.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "proto/base/ids.hpp"
#include "proto/base/result.hpp"
#include "proto/crypto/statements.hpp"

namespace fedstake::manifest {

struct EnrolmentRequest {
    crypto::SiteEnrolment enrolment;
    std::uint64_t chain_id = 0;
    crypto::Signature owner_signature;
    crypto::Signature signer_signature;

    [[nodiscard]] crypto::Eip712Domain domain() const;
};

[[nodiscard]] EnrolmentRequest make_enrolment(const crypto::SiteEnrolment& enrolment,
                                              std::uint64_t chain_id,
                                              const crypto::SigningKey& owner,
                                              const crypto::SigningKey& signer);

// RETURNS kUnauthorized when a signature is not by the key it names, kInvalidInput when owner and
// signer are one account or the name is not [a-z0-9-]{1,32}.
[[nodiscard]] Status verify_enrolment(const EnrolmentRequest& request);

// Six words' worth of the statement digest in groups of four hex digits, to compare by telephone.
[[nodiscard]] std::string enrolment_fingerprint(const EnrolmentRequest& request);

[[nodiscard]] std::string to_json(const EnrolmentRequest& request);
// RETURNS kNotFound, or kInvalidInput naming the file and the field.
[[nodiscard]] Result<EnrolmentRequest> load_enrolment(const std::filesystem::path& path);

}  // namespace fedstake::manifest
