// Statement digests and signatures against vectors made by another implementation
// (golden/make_statements.mjs), and verification of hostile signatures.
#include "proto/crypto/statements.hpp"

#include <fstream>
#include <set>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "proto/crypto/keccak256.hpp"

namespace fedstake::crypto {
namespace {

using nlohmann::json;

json golden() {
    return json::parse(std::ifstream(FEDSTAKE_GOLDEN_DIR "/statements.json"));
}

Eip712Domain golden_domain(const json& file) {
    return {.chain_id = file["domain"]["chainId"].get<std::uint64_t>(),
            .verifying_contract =
                *Address::parse(file["domain"]["verifyingContract"].get<std::string>())};
}

// Typed access to the fields of one golden message.
struct Message {
    const json& fields;

    [[nodiscard]] std::string text(const char* name) const {
        return fields.at(name).get<std::string>();
    }
    [[nodiscard]] Digest word(const char* name) const { return *Digest::parse(text(name)); }
    [[nodiscard]] Address address(const char* name) const { return *Address::parse(text(name)); }
    [[nodiscard]] Amount amount(const char* name) const { return *parse_amount(text(name)); }
    template <class Number = std::uint64_t>
    [[nodiscard]] Number number(const char* name) const {
        return static_cast<Number>(amount(name));
    }
};

UpdateStatement update_statement(const Message& m) {
    return {.federation = m.word("federation"),
            .round = m.number("round"),
            .attempt = m.number<std::uint32_t>("attempt"),
            .site = m.address("site"),
            .base_model = m.word("baseModel"),
            .update_root = m.word("updateRoot"),
            .coordinates = m.number("coordinates"),
            .details_digest = m.word("detailsDigest")};
}

UpdateReceipt update_receipt(const Message& m) {
    return {.federation = m.word("federation"),
            .round = m.number("round"),
            .attempt = m.number<std::uint32_t>("attempt"),
            .site = m.address("site"),
            .update_root = m.word("updateRoot"),
            .statement_digest = m.word("statementDigest")};
}

RoundCommitment round_commitment(const Message& m) {
    return {.federation = m.word("federation"),
            .round = m.number("round"),
            .attempt = m.number<std::uint32_t>("attempt"),
            .sites = m.number<std::uint32_t>("sites"),
            .coordinates = m.number("coordinates"),
            .reward_total = m.amount("rewardTotal"),
            .score_sum = m.number("scoreSum"),
            .context_digest = m.word("contextDigest"),
            .parent_model = m.word("parentModel"),
            .model = m.word("model"),
            .updates_root = m.word("updatesRoot"),
            .aggregate_root = m.word("aggregateRoot"),
            .report_digest = m.word("reportDigest"),
            .scores_root = m.word("scoresRoot"),
            .rewards_root = m.word("rewardsRoot")};
}

AttestedFault attested_fault(const Message& m) {
    return {.federation = m.word("federation"),
            .round = m.number("round"),
            .site = m.address("site"),
            .kind = static_cast<FaultKind>(m.number<std::uint16_t>("kind")),
            .bps = m.number<std::uint16_t>("bps"),
            .evidence_root = m.word("evidenceRoot"),
            .deadline = m.number("deadline")};
}

SiteEnrolment site_enrolment(const Message& m) {
    return {.federation = m.word("federation"),
            .owner = m.address("owner"),
            .signer = m.address("signer"),
            .curve_key = CurvePublicKey{m.word("curveKey").bytes},
            .name = m.text("name")};
}

template <class Statement>
void expect_golden(const json& file, const json& entry, const Statement& statement) {
    const Eip712Domain domain = golden_domain(file);
    const SigningKey key = *SigningKey::from_hex(file["secretKey"].get<std::string>());
    EXPECT_EQ(statement.struct_hash().hex(), entry["structHash"].get<std::string>());
    EXPECT_EQ(signing_digest(domain, statement).hex(), entry["digest"].get<std::string>());
    const Signature signature = sign_statement(domain, statement, key);
    EXPECT_EQ(signature.hex(), entry["signature"].get<std::string>());
    EXPECT_TRUE(verify_statement(domain, statement, signature, key.address()));
}

TEST(Statements, MatchTheGoldenVectors) {
    const json file = golden();
    EXPECT_EQ(golden_domain(file).separator().hex(), file["separator"].get<std::string>());
    std::set<std::string> seen;
    for (const json& entry : file["statements"]) {
        const auto type = entry["type"].get<std::string>();
        SCOPED_TRACE(type + " " + entry["style"].get<std::string>());
        const Message message{entry["message"]};
        if (type == "UpdateStatement") expect_golden(file, entry, update_statement(message));
        if (type == "UpdateReceipt") expect_golden(file, entry, update_receipt(message));
        if (type == "RoundCommitment") expect_golden(file, entry, round_commitment(message));
        if (type == "AttestedFault") expect_golden(file, entry, attested_fault(message));
        if (type == "SiteEnrolment") expect_golden(file, entry, site_enrolment(message));
        seen.insert(type);
    }
    EXPECT_EQ(seen, (std::set<std::string>{"AttestedFault", "RoundCommitment", "SiteEnrolment",
                                           "UpdateReceipt", "UpdateStatement"}));
}

TEST(Statements, ContradictOnlyForTheSameRoundAndAnotherContent) {
    UpdateStatement said;
    said.round = 3;
    said.attempt = 1;
    said.coordinates = 13;
    EXPECT_FALSE(contradict(said, said));
    UpdateStatement other = said;
    other.details_digest.bytes[0] = 1;
    EXPECT_FALSE(contradict(said, other)) << "other details alone";
    other.update_root.bytes[0] = 1;
    EXPECT_TRUE(contradict(said, other));
    EXPECT_TRUE(contradict(other, said));
    other.attempt = 2;
    EXPECT_FALSE(contradict(said, other)) << "another attempt is trained anew";
    other = said;
    other.base_model.bytes[0] = 1;
    EXPECT_TRUE(contradict(said, other));
    other = said;
    other.coordinates = 14;
    EXPECT_TRUE(contradict(said, other));
    other.site.bytes[0] = 1;
    EXPECT_FALSE(contradict(said, other));
}

class VerifyStatement : public ::testing::Test {
protected:
    Eip712Domain domain_{.chain_id = 31337, .verifying_contract = {}};
    SigningKey key_ = *SigningKey::from_secret(keccak256(as_bytes("site")).bytes);
    UpdateReceipt receipt_{.federation = keccak256(as_bytes("federation")),
                           .round = 3,
                           .attempt = 1,
                           .site = key_.address(),
                           .update_root = {},
                           .statement_digest = {}};
};

TEST_F(VerifyStatement, RefusesAnotherSigner) {
    const SigningKey other = SigningKey::generate();
    const auto checked = verify_statement(domain_, receipt_,
                                          sign_statement(domain_, receipt_, other), key_.address());
    ASSERT_FALSE(checked);
    EXPECT_EQ(checked.error().code, Errc::kUnauthorized);
    EXPECT_NE(checked.error().message.find(other.address().hex()), std::string::npos);
    EXPECT_NE(checked.error().message.find(key_.address().hex()), std::string::npos);
}

TEST_F(VerifyStatement, RefusesReplayElsewhere) {
    const Signature signature = sign_statement(domain_, receipt_, key_);
    ASSERT_TRUE(verify_statement(domain_, receipt_, signature, key_.address()));
    Eip712Domain other_chain = domain_;
    other_chain.chain_id = 1;
    EXPECT_FALSE(verify_statement(other_chain, receipt_, signature, key_.address()));
    Eip712Domain other_contract = domain_;
    other_contract.verifying_contract.bytes[0] = 1;
    EXPECT_FALSE(verify_statement(other_contract, receipt_, signature, key_.address()));
    UpdateReceipt later = receipt_;
    later.round = 4;
    EXPECT_FALSE(verify_statement(domain_, later, signature, key_.address()));
    UpdateReceipt retried = receipt_;
    retried.attempt = 2;
    EXPECT_FALSE(verify_statement(domain_, retried, signature, key_.address()));
    UpdateReceipt elsewhere = receipt_;
    elsewhere.federation.bytes[0] ^= 1U;
    EXPECT_FALSE(verify_statement(domain_, elsewhere, signature, key_.address()));
}

TEST_F(VerifyStatement, RefusesTheEmptySignature) {
    EXPECT_FALSE(verify_statement(domain_, receipt_, Signature{}, Address{}));
}

}  // namespace
}  // namespace fedstake::crypto
