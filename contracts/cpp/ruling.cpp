// Type strings as in Statements.sol.
#include "contracts/cpp/ruling.hpp"

namespace fedstake::chain {

Digest appeal_ruling_digest(const crypto::Eip712Domain& domain, const Digest& case_id,
                            bool upheld) {
    return crypto::typed_data_digest(
        domain, crypto::StructHasher("AppealRuling(bytes32 caseId,bool upheld)")
                    .word(case_id)
                    .number(upheld ? 1 : 0)
                    .finish());
}

Digest dispute_ruling_digest(const crypto::Eip712Domain& domain, const Digest& commitment,
                             std::uint64_t challenge, bool upheld) {
    return crypto::typed_data_digest(
        domain,
        crypto::StructHasher("DisputeRuling(bytes32 commitment,uint64 challenge,bool upheld)")
            .word(commitment)
            .number(challenge)
            .number(upheld ? 1 : 0)
            .finish());
}

}  // namespace fedstake::chain
