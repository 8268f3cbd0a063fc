// Openings and calls as the provers take them, without a chain.
#include "contracts/cpp/evm/proof_calls.hpp"

#include <fstream>

#include <gtest/gtest.h>

#include "contracts/cpp/evm/committed_round.hpp"
#include "proto/base/rng.hpp"
#include "proto/crypto/keccak256.hpp"
#include "proto/crypto/keccak_tree.hpp"
#include "proto/crypto/sha256.hpp"
#include "tests/support/temp_dir.hpp"

namespace fedstake::evm {
namespace {

Bytes random_bytes(std::uint64_t seed, std::size_t size) {
    Rng rng(seed);
    Bytes bytes(size);
    for (auto& byte : bytes) byte = static_cast<std::uint8_t>(rng.below(256));
    return bytes;
}

std::filesystem::path write(const testing::TempDir& folder, const Bytes& bytes) {
    const auto path = folder / "blob";
    std::ofstream out(path, std::ios::binary);
    out.write(reinterpret_cast<const char*>(bytes.data()),
              static_cast<std::streamsize>(bytes.size()));
    return path;
}

crypto::RoundCommitment some_commitment() {
    crypto::RoundCommitment c;
    c.federation = crypto::keccak256(as_bytes("federation"));
    c.round = 7;
    c.attempt = 2;
    c.sites = 5;
    c.coordinates = 600;
    c.reward_total = (Amount{1} << 100U) + 3;
    c.score_sum = 12345;
    c.context_digest = crypto::keccak256(as_bytes("context"));
    c.parent_model = crypto::keccak256(as_bytes("parent"));
    c.model = crypto::keccak256(as_bytes("model"));
    c.updates_root = crypto::keccak256(as_bytes("updates"));
    c.aggregate_root = crypto::keccak256(as_bytes("aggregate"));
    c.report_digest = crypto::keccak256(as_bytes("report"));
    c.scores_root = crypto::keccak256(as_bytes("scores"));
    c.rewards_root = crypto::keccak256(as_bytes("rewards"));
    return c;
}

// One leaf, a short last one, exactly a chunk, several chunks.
TEST(BlobOpening, EveryLeafVerifiesAgainstTheRoot) {
    for (const std::size_t size : {std::size_t{1}, std::size_t{1024}, std::size_t{5000},
                                   std::size_t{1} << 20U, (std::size_t{5} << 19U) + 12}) {
        const testing::TempDir folder;
        const Bytes bytes = random_bytes(size, size);
        const auto blob = OpenableBlob::open(write(folder, bytes));
        ASSERT_TRUE(blob) << blob.error().message;
        EXPECT_EQ(blob->content().root, crypto::content_root_of(bytes));
        const std::uint64_t leaves = (size + 1023) / 1024;
        for (const std::uint64_t index : {std::uint64_t{0}, leaves / 2, leaves - 1}) {
            const auto opening = blob->leaf(index);
            ASSERT_TRUE(opening) << opening.error().message;
            const crypto::LeafProof proof{
                .total_bytes = size, .leaf_index = index, .siblings = opening->siblings};
            EXPECT_TRUE(crypto::verify_leaf(blob->content().root, proof, opening->leaf));
            EXPECT_TRUE(std::equal(opening->leaf.begin(), opening->leaf.end(),
                                   bytes.begin() + static_cast<std::ptrdiff_t>(index * 1024)));
        }
        EXPECT_EQ(blob->leaf(leaves).error().code, Errc::kInvalidInput);
    }
}

TEST(BlobOpening, TheTopLeadsToTheRootWithTheLength) {
    const testing::TempDir folder;
    const Bytes bytes = random_bytes(3, 2'500'000);
    const auto blob = OpenableBlob::open(write(folder, bytes));
    ASSERT_TRUE(blob);
    Bytes message{0x02};
    for (int shift = 56; shift >= 0; shift -= 8) {
        message.push_back(static_cast<std::uint8_t>(bytes.size() >> static_cast<unsigned>(shift)));
    }
    const Digest top = blob->top();
    message.insert(message.end(), top.bytes.begin(), top.bytes.end());
    EXPECT_EQ(crypto::sha256(message), blob->content().root);
}

TEST(BlobOpening, AFileThatChangedSinceIsNamed) {
    const testing::TempDir folder;
    Bytes bytes = random_bytes(4, 5000);
    const auto blob = OpenableBlob::open(write(folder, bytes));
    ASSERT_TRUE(blob);
    bytes[4500] ^= 1;
    const auto path = write(folder, bytes);
    const auto changed = blob->leaf(1);
    ASSERT_FALSE(changed);
    EXPECT_EQ(changed.error().code, Errc::kCorrupt);
    EXPECT_NE(changed.error().message.find(path.string()), std::string::npos);
    write(folder, Bytes(10));
    EXPECT_EQ(blob->leaf(1).error().code, Errc::kUnavailable);
}

TEST(ProofCalls, LeavesMakeTheCommittedRoot) {
    const crypto::Eip712Domain domain{.chain_id = 31337, .verifying_contract = {}};
    const auto key = crypto::SigningKey::generate();
    std::vector<rules::SignedUpdate> updates(5);
    for (std::size_t i = 0; i < updates.size(); ++i) {
        updates[i].statement.site.bytes[0] = static_cast<std::uint8_t>(i + 1);
        updates[i].statement.round = 3;
        updates[i].statement.details_digest = crypto::sha256(updates[i].details);
        updates[i].signature = crypto::sign_statement(domain, updates[i].statement, key);
    }
    EXPECT_EQ(root_of(update_leaves(domain, updates)), rules::updates_root(domain, updates));
}

TEST(ProofCalls, FitTheContractsFunctions) {
    const auto abis = ContractAbis::load();
    ASSERT_TRUE(abis) << abis.error().message;
    const crypto::RoundCommitment c = some_commitment();
    const std::vector<UpdateLeaf> leaves(5);
    const RoundDocuments documents{.report = {1}, .context = {2, 3}, .rules = {}};
    const BlobOpening opening{.leaf = Bytes(1024), .siblings = std::vector<Digest>(10)};
    const std::vector<ProofCall> calls = {
        prove_equivocation({}, {}),
        prove_coordinator_equivocation(3, {}, {}),
        prove_omission(c, leaves, {}),
        prove_bad_signature(c, leaves, 4, {}, {1, 2}, 3).value(),
        prove_foreign_statement(c, leaves, 0, {}).value(),
        prove_updates_differ(c, leaves, {1}),
        prove_bad_report(c, documents),
        prove_copy_accepted(c, {1}, 0, 4),
        prove_bad_aggregate(c, documents, 17, opening, std::vector{opening, opening}),
        prove_bad_model(c, documents, 17, opening, opening, opening),
        prove_wrong_size(c, {}, RoundBlob::kModel, 0, 17, {}),
        prove_gate_missed(c, documents, 2, 17, opening),
        prove_bad_context(c, {1}, {}),
        prove_bad_settlement(c, documents)};
    for (const ProofCall& call : calls) {
        const ContractAbi& abi = call.prover == Prover::kFault    ? abis->fault_prover
                                 : call.prover == Prover::kResult ? abis->result_prover
                                                                  : abis->settlement_prover;
        const auto data = abi.encode_call(call.function, call.arguments);
        EXPECT_TRUE(data) << call.function << ": " << (data ? "" : data.error().message);
    }
}

TEST(ProofCalls, ThereIsNoProofOfALeafThatIsNotThere) {
    const std::vector<UpdateLeaf> leaves(5);
    EXPECT_EQ(prove_bad_signature({}, leaves, 5, {}, {}, 0).error().code, Errc::kInvalidInput);
    EXPECT_EQ(prove_foreign_statement({}, leaves, 5, {}).error().code, Errc::kInvalidInput);
}

TEST(CommittedRound, IsReadBackFromTheCallThatPostedIt) {
    const auto abis = ContractAbis::load();
    ASSERT_TRUE(abis);
    const crypto::RoundCommitment c = some_commitment();
    auto data =
        abis->round_manager.encode_call("commitRound", {abi_of(c), AbiValue::bytes(Bytes(132))});
    ASSERT_TRUE(data) << data.error().message;
    const auto read = commitment_in_call(abis->round_manager, *data);
    ASSERT_TRUE(read) << read.error().message;
    EXPECT_EQ(*read, c);
    (*data)[0] ^= 1;
    EXPECT_EQ(commitment_in_call(abis->round_manager, *data).error().code, Errc::kCorrupt);
    EXPECT_FALSE(commitment_in_call(abis->round_manager, ByteView(*data).first(3)));
    (*data)[0] ^= 1;
    EXPECT_FALSE(commitment_in_call(abis->round_manager, ByteView(*data).first(100)));
}

}  // namespace
}  // namespace fedstake::evm
