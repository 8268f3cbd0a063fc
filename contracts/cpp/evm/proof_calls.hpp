// The calls that convict: arguments of every function of FaultProver, ResultProver and
// SettlementProver, built from a round's documents, signatures and opened leaves.
//
// Pure: nothing is checked against the chain here (ProofDesk does that), and nothing says that
// there is a fault. Documents are the canonical bytes of docs/protocol.md, section 10.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "contracts/cpp/evm/abi_value.hpp"
#include "contracts/cpp/evm/blob_opening.hpp"
#include "proto/crypto/statements.hpp"
#include "proto/rules/signed_update.hpp"

namespace fedstake::evm {

enum class Prover : std::uint8_t { kFault, kResult, kSettlement };

// One call of a prover.
struct ProofCall {
    Prover prover = Prover::kFault;
    std::string function;
    std::vector<AbiValue> arguments;
};

// IConviction.Documents. What a proof does not need may be empty: bytes cost gas.
struct RoundDocuments {
    Bytes report;
    Bytes context;
    Bytes rules;
};

// PositionTree.UpdateLeaf.
struct UpdateLeaf {
    SiteId site;
    Digest update_root;
    Digest statement_digest;
    Digest signature_hash;
    friend bool operator==(const UpdateLeaf&, const UpdateLeaf&) = default;
};

struct SignedReceipt {
    crypto::UpdateReceipt receipt;
    crypto::Signature signature;
    friend bool operator==(const SignedReceipt&, const SignedReceipt&) = default;
};

// The leaves of a round's updates tree, in the order of the updates.
[[nodiscard]] std::vector<UpdateLeaf> update_leaves(const crypto::Eip712Domain& domain,
                                                    std::span<const rules::SignedUpdate> updates);
[[nodiscard]] AbiValue abi_of(std::span<const UpdateLeaf> leaves);
// Root of the tree: RoundCommitment::updates_root of an honest round.
[[nodiscard]] Digest root_of(std::span<const UpdateLeaf> leaves);

// ---- What was signed (FaultProver) -------------------------------------------------------------

[[nodiscard]] ProofCall prove_equivocation(const rules::SignedUpdate& a,
                                           const rules::SignedUpdate& b);
// epoch: whose coordinator signed the receipts.
[[nodiscard]] ProofCall prove_coordinator_equivocation(std::uint16_t epoch, const SignedReceipt& a,
                                                       const SignedReceipt& b);
[[nodiscard]] ProofCall prove_omission(const crypto::RoundCommitment& c,
                                       std::span<const UpdateLeaf> leaves,
                                       const SignedReceipt& receipt);
// RETURNS kInvalidInput where there is no leaf `index`. member: the site's place in the context.
[[nodiscard]] Result<ProofCall> prove_bad_signature(const crypto::RoundCommitment& c,
                                                    std::span<const UpdateLeaf> leaves,
                                                    std::size_t index,
                                                    const crypto::Signature& signature,
                                                    const Bytes& context, std::size_t member);
[[nodiscard]] Result<ProofCall> prove_foreign_statement(const crypto::RoundCommitment& c,
                                                        std::span<const UpdateLeaf> leaves,
                                                        std::size_t index,
                                                        const crypto::UpdateStatement& statement);
[[nodiscard]] ProofCall prove_updates_differ(const crypto::RoundCommitment& c,
                                             std::span<const UpdateLeaf> leaves,
                                             const Bytes& report);

// ---- What was computed (ResultProver) ----------------------------------------------------------

[[nodiscard]] ProofCall prove_bad_report(const crypto::RoundCommitment& c,
                                         const RoundDocuments& documents);
// first, second: places in the report, of sites that were accepted with one content.
[[nodiscard]] ProofCall prove_copy_accepted(const crypto::RoundCommitment& c, const Bytes& report,
                                            std::size_t first, std::size_t second);
// updates: of every site with a weight, in the report's order. Context and rules may be empty for
// rules that are weighted sums.
[[nodiscard]] ProofCall prove_bad_aggregate(const crypto::RoundCommitment& c,
                                            const RoundDocuments& documents,
                                            std::uint64_t coordinate, const BlobOpening& aggregate,
                                            std::span<const BlobOpening> updates);
// The report may be empty.
[[nodiscard]] ProofCall prove_bad_model(const crypto::RoundCommitment& c,
                                        const RoundDocuments& documents, std::uint64_t coordinate,
                                        const BlobOpening& base, const BlobOpening& aggregate,
                                        const BlobOpening& model);
enum class RoundBlob : std::uint8_t { kUpdate = 0, kAggregate = 1, kModel = 2 };
// index: the site's place in the report; report and index are read for an update only.
[[nodiscard]] ProofCall prove_wrong_size(const crypto::RoundCommitment& c, const Bytes& report,
                                         RoundBlob blob, std::size_t index,
                                         std::uint64_t total_bytes, const Digest& top);
[[nodiscard]] ProofCall prove_gate_missed(const crypto::RoundCommitment& c,
                                          const RoundDocuments& documents, std::size_t index,
                                          std::uint64_t coordinate, const BlobOpening& update);

// ---- What it starts from and pays (SettlementProver) -------------------------------------------

// The round before. Empty bytes: that part is not compared.
struct ParentDocuments {
    crypto::RoundCommitment commitment;
    Bytes context;
    Bytes report;
};
// parent: ignored for round 1.
[[nodiscard]] ProofCall prove_bad_context(const crypto::RoundCommitment& c, const Bytes& context,
                                          const ParentDocuments& parent);
[[nodiscard]] ProofCall prove_bad_settlement(const crypto::RoundCommitment& c,
                                             const RoundDocuments& documents);

}  // namespace fedstake::evm
