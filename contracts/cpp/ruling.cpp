// Type strings as in Statements.sol.
#include "contracts/cpp/ruling.hpp"

namespace fedstake::chain {

namespace {

Digest digest_of(const crypto::Eip712Domain& domain, std::string_view type, const Digest& subject,
                 bool upheld) {
    return crypto::typed_data_digest(
        domain, crypto::StructHasher(type).word(subject).number(upheld ? 1 : 0).finish());
}

}  // namespace

Digest appeal_ruling_digest(const crypto::Eip712Domain& domain, const Digest& case_id,
                            bool upheld) {
    return digest_of(domain, "AppealRuling(bytes32 caseId,bool upheld)", case_id, upheld);
}

Digest dispute_ruling_digest(const crypto::Eip712Domain& domain, const Digest& commitment,
                             bool upheld) {
    return digest_of(domain, "DisputeRuling(bytes32 commitment,bool upheld)", commitment, upheld);
}

}  // namespace fedstake::chain
