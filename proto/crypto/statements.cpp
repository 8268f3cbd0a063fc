// EIP-712 types of the statements. The type strings are mirrored by the contracts.
#include "proto/crypto/statements.hpp"

namespace fedstake::crypto {

Digest UpdateStatement::struct_hash() const {
    return StructHasher(
               "UpdateStatement(bytes32 federation,uint64 round,uint32 attempt,address site,"
               "bytes32 baseModel,bytes32 updateRoot,uint64 coordinates,bytes32 detailsDigest)")
        .word(federation)
        .number(round)
        .number(attempt)
        .address(site)
        .word(base_model)
        .word(update_root)
        .number(coordinates)
        .word(details_digest)
        .finish();
}

bool contradict(const UpdateStatement& a, const UpdateStatement& b) {
    const bool comparable = a.federation == b.federation && a.round == b.round &&
                            a.attempt == b.attempt && a.site == b.site;
    return comparable && (a.base_model != b.base_model || a.update_root != b.update_root ||
                          a.coordinates != b.coordinates);
}

Digest UpdateReceipt::struct_hash() const {
    return StructHasher(
               "UpdateReceipt(bytes32 federation,uint64 round,uint32 attempt,address site,"
               "bytes32 updateRoot,bytes32 statementDigest)")
        .word(federation)
        .number(round)
        .number(attempt)
        .address(site)
        .word(update_root)
        .word(statement_digest)
        .finish();
}

Digest RoundCommitment::struct_hash() const {
    return StructHasher(
               "RoundCommitment(bytes32 federation,uint64 round,uint32 attempt,uint32 sites,"
               "uint64 coordinates,uint128 rewardTotal,uint64 scoreSum,bytes32 contextDigest,"
               "bytes32 parentModel,bytes32 model,bytes32 updatesRoot,bytes32 aggregateRoot,"
               "bytes32 reportDigest,bytes32 scoresRoot,bytes32 rewardsRoot)")
        .word(federation)
        .number(round)
        .number(attempt)
        .number(sites)
        .number(coordinates)
        .amount(reward_total)
        .number(score_sum)
        .word(context_digest)
        .word(parent_model)
        .word(model)
        .word(updates_root)
        .word(aggregate_root)
        .word(report_digest)
        .word(scores_root)
        .word(rewards_root)
        .finish();
}

Digest AttestedFault::struct_hash() const {
    return StructHasher(
               "AttestedFault(bytes32 federation,uint64 round,address site,uint16 kind,uint16 bps,"
               "bytes32 evidenceRoot,uint64 deadline)")
        .word(federation)
        .number(round)
        .address(site)
        .number(static_cast<std::uint16_t>(kind))
        .number(bps)
        .word(evidence_root)
        .number(deadline)
        .finish();
}

Digest SiteEnrolment::struct_hash() const {
    return StructHasher(
               "SiteEnrolment(bytes32 federation,address owner,address signer,bytes32 curveKey,"
               "string name)")
        .word(federation)
        .address(owner)
        .address(signer)
        .word(Digest{curve_key.bytes})
        .text(name)
        .finish();
}

Digest SignerBinding::struct_hash() const {
    return StructHasher("SignerBinding(address owner,address signer)")
        .address(owner)
        .address(signer)
        .finish();
}

}  // namespace fedstake::crypto
