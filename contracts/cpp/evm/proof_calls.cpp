// Arguments in the order of contracts/src/interfaces/I*Prover.sol.
#include "contracts/cpp/evm/proof_calls.hpp"

#include "contracts/cpp/evm/contract_set.hpp"
#include "proto/crypto/keccak256.hpp"
#include "proto/crypto/keccak_tree.hpp"

namespace fedstake::evm {

namespace {

AbiValue bytes_of(const crypto::Signature& signature) {
    return AbiValue::bytes({signature.bytes.begin(), signature.bytes.end()});
}

AbiValue abi_of(const UpdateLeaf& leaf) {
    return AbiValue::list({AbiValue::address(leaf.site), AbiValue::word(leaf.update_root),
                           AbiValue::word(leaf.statement_digest),
                           AbiValue::word(leaf.signature_hash)});
}

AbiValue abi_of(const crypto::UpdateReceipt& receipt) {
    return AbiValue::list({AbiValue::word(receipt.federation), AbiValue::number(receipt.round),
                           AbiValue::number(receipt.attempt), AbiValue::address(receipt.site),
                           AbiValue::word(receipt.update_root),
                           AbiValue::word(receipt.statement_digest)});
}

AbiValue abi_of(const RoundDocuments& documents) {
    return AbiValue::list({AbiValue::bytes(documents.report), AbiValue::bytes(documents.context),
                           AbiValue::bytes(documents.rules)});
}

AbiValue abi_of(const BlobOpening& opening) {
    return AbiValue::list({AbiValue::bytes(opening.leaf), AbiValue::words(opening.siblings)});
}

std::vector<Digest> hashes_of(std::span<const UpdateLeaf> leaves) {
    std::vector<Digest> hashes;
    hashes.reserve(leaves.size());
    for (const UpdateLeaf& leaf : leaves) {
        hashes.push_back(crypto::LeafHasher(crypto::LeafTag::kUpdate)
                             .number(hashes.size())
                             .address(leaf.site)
                             .word(leaf.update_root)
                             .word(leaf.statement_digest)
                             .word(leaf.signature_hash)
                             .finish());
    }
    return hashes;
}

// IFaultProver.LeafPlace.
Result<AbiValue> place_of(std::span<const UpdateLeaf> leaves, std::size_t index) {
    FS_ASSIGN(const std::vector<Digest> proof, crypto::keccak_proof(hashes_of(leaves), index));
    return AbiValue::list(
        {AbiValue::number(leaves.size()), AbiValue::number(index), AbiValue::words(proof)});
}

}  // namespace

std::vector<UpdateLeaf> update_leaves(const crypto::Eip712Domain& domain,
                                      std::span<const rules::SignedUpdate> updates) {
    std::vector<UpdateLeaf> leaves;
    leaves.reserve(updates.size());
    for (const rules::SignedUpdate& update : updates) {
        leaves.push_back({.site = update.statement.site,
                          .update_root = update.statement.update_root,
                          .statement_digest = crypto::signing_digest(domain, update.statement),
                          .signature_hash = crypto::keccak256(update.signature.bytes)});
    }
    return leaves;
}

AbiValue abi_of(std::span<const UpdateLeaf> leaves) {
    std::vector<AbiValue> list;
    list.reserve(leaves.size());
    for (const UpdateLeaf& leaf : leaves) list.push_back(abi_of(leaf));
    return AbiValue::list(std::move(list));
}

Digest root_of(std::span<const UpdateLeaf> leaves) {
    return crypto::keccak_root(hashes_of(leaves));
}

ProofCall prove_equivocation(const rules::SignedUpdate& a, const rules::SignedUpdate& b) {
    return {
        Prover::kFault,
        "proveEquivocation",
        {abi_of(a.statement), bytes_of(a.signature), abi_of(b.statement), bytes_of(b.signature)}};
}

ProofCall prove_coordinator_equivocation(std::uint16_t epoch, const SignedReceipt& a,
                                         const SignedReceipt& b) {
    return {Prover::kFault,
            "proveCoordinatorEquivocation",
            {AbiValue::number(epoch), abi_of(a.receipt), bytes_of(a.signature), abi_of(b.receipt),
             bytes_of(b.signature)}};
}

ProofCall prove_omission(const crypto::RoundCommitment& c, std::span<const UpdateLeaf> leaves,
                         const SignedReceipt& receipt) {
    return {Prover::kFault,
            "proveOmission",
            {abi_of(c), abi_of(leaves), abi_of(receipt.receipt), bytes_of(receipt.signature)}};
}

Result<ProofCall> prove_bad_signature(const crypto::RoundCommitment& c,
                                      std::span<const UpdateLeaf> leaves, std::size_t index,
                                      const crypto::Signature& signature, const Bytes& context,
                                      std::size_t member) {
    FS_ASSIGN(AbiValue place, place_of(leaves, index));
    return ProofCall{Prover::kFault,
                     "proveBadSignature",
                     {abi_of(c), abi_of(leaves[index]), std::move(place), bytes_of(signature),
                      AbiValue::bytes(context), AbiValue::number(member)}};
}

Result<ProofCall> prove_foreign_statement(const crypto::RoundCommitment& c,
                                          std::span<const UpdateLeaf> leaves, std::size_t index,
                                          const crypto::UpdateStatement& statement) {
    FS_ASSIGN(AbiValue place, place_of(leaves, index));
    return ProofCall{Prover::kFault,
                     "proveForeignStatement",
                     {abi_of(c), abi_of(leaves[index]), std::move(place), abi_of(statement)}};
}

ProofCall prove_updates_differ(const crypto::RoundCommitment& c, std::span<const UpdateLeaf> leaves,
                               const Bytes& report) {
    return {
        Prover::kFault, "proveUpdatesDiffer", {abi_of(c), abi_of(leaves), AbiValue::bytes(report)}};
}

ProofCall prove_bad_report(const crypto::RoundCommitment& c, const RoundDocuments& documents) {
    return {Prover::kResult, "proveBadReport", {abi_of(c), abi_of(documents)}};
}

ProofCall prove_copy_accepted(const crypto::RoundCommitment& c, const Bytes& report,
                              std::size_t first, std::size_t second) {
    return {
        Prover::kResult,
        "proveCopyAccepted",
        {abi_of(c), AbiValue::bytes(report), AbiValue::number(first), AbiValue::number(second)}};
}

ProofCall prove_bad_aggregate(const crypto::RoundCommitment& c, const RoundDocuments& documents,
                              std::uint64_t coordinate, const BlobOpening& aggregate,
                              std::span<const BlobOpening> updates) {
    std::vector<AbiValue> openings;
    openings.reserve(updates.size());
    for (const BlobOpening& update : updates) openings.push_back(abi_of(update));
    return {Prover::kResult,
            "proveBadAggregate",
            {abi_of(c), abi_of(documents), AbiValue::number(coordinate), abi_of(aggregate),
             AbiValue::list(std::move(openings))}};
}

ProofCall prove_bad_model(const crypto::RoundCommitment& c, const RoundDocuments& documents,
                          std::uint64_t coordinate, const BlobOpening& base,
                          const BlobOpening& aggregate, const BlobOpening& model) {
    return {Prover::kResult,
            "proveBadModel",
            {abi_of(c), abi_of(documents), AbiValue::number(coordinate), abi_of(base),
             abi_of(aggregate), abi_of(model)}};
}

ProofCall prove_wrong_size(const crypto::RoundCommitment& c, const Bytes& report, RoundBlob blob,
                           std::size_t index, std::uint64_t total_bytes, const Digest& top) {
    return {Prover::kResult,
            "proveWrongSize",
            {abi_of(c), AbiValue::bytes(report), AbiValue::number(static_cast<std::uint8_t>(blob)),
             AbiValue::number(index), AbiValue::number(total_bytes), AbiValue::word(top)}};
}

ProofCall prove_gate_missed(const crypto::RoundCommitment& c, const RoundDocuments& documents,
                            std::size_t index, std::uint64_t coordinate,
                            const BlobOpening& update) {
    return {Prover::kResult,
            "proveGateMissed",
            {abi_of(c), abi_of(documents), AbiValue::number(index), AbiValue::number(coordinate),
             abi_of(update)}};
}

ProofCall prove_bad_context(const crypto::RoundCommitment& c, const Bytes& context,
                            const ParentDocuments& parent) {
    return {Prover::kSettlement,
            "proveBadContext",
            {abi_of(c), AbiValue::bytes(context), abi_of(parent.commitment),
             AbiValue::bytes(parent.context), AbiValue::bytes(parent.report)}};
}

ProofCall prove_bad_settlement(const crypto::RoundCommitment& c, const RoundDocuments& documents) {
    return {Prover::kSettlement, "proveBadSettlement", {abi_of(c), abi_of(documents)}};
}

}  // namespace fedstake::evm
