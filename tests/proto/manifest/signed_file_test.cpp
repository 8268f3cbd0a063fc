// Accusations and dataset fingerprints as files.
#include "proto/manifest/signed_file.hpp"

#include <fstream>
#include <vector>

#include <gtest/gtest.h>

#include "proto/crypto/keccak256.hpp"
#include "proto/crypto/keccak_tree.hpp"
#include "tests/support/temp_dir.hpp"

namespace fedstake::manifest {
namespace {

crypto::SigningKey key(std::uint8_t last) {
    std::array<std::uint8_t, 32> secret{};
    secret.back() = last;
    return *crypto::SigningKey::from_secret(secret);
}

crypto::AttestedFault sample_fault() {
    crypto::AttestedFault fault;
    fault.federation = crypto::keccak256(as_bytes("federation"));
    fault.round = 7;
    fault.site = key(1).address();
    fault.kind = crypto::FaultKind::kFreeRiding;
    fault.bps = 150;
    fault.evidence_root = crypto::keccak256(as_bytes("commitment"));
    fault.deadline = 1'800'000'000;
    return fault;
}

class SignedFile : public ::testing::Test {
protected:
    std::filesystem::path write(const std::string& text) {
        const auto path = folder_.path() / "file.json";
        std::ofstream(path) << text;
        return path;
    }
    fedstake::testing::TempDir folder_;
};

TEST_F(SignedFile, AnAccusationComesBackAsItWasSigned) {
    const crypto::Eip712Domain domain{31337, key(9).address()};
    const SignedAccusation made = sign_accusation(sample_fault(), domain, key(2));
    const auto read = load_accusation(write(to_json(made)));
    ASSERT_TRUE(read) << read.error().message;
    EXPECT_EQ(read->fault, made.fault);
    EXPECT_EQ(read->domain, domain);
    EXPECT_EQ(read->auditor, key(2).address());
    EXPECT_TRUE(verify_accusation(*read));
}

TEST_F(SignedFile, AChangedAccusationIsNotTheAuditors) {
    const crypto::Eip712Domain domain{31337, key(9).address()};
    SignedAccusation changed = sign_accusation(sample_fault(), domain, key(2));
    changed.fault.bps = 151;
    EXPECT_EQ(verify_accusation(changed).error().code, Errc::kUnauthorized);
    changed = sign_accusation(sample_fault(), domain, key(2));
    changed.domain.chain_id = 1;
    EXPECT_FALSE(verify_accusation(changed));
    changed = sign_accusation(sample_fault(), domain, key(2));
    changed.auditor = key(3).address();
    EXPECT_FALSE(verify_accusation(changed));
}

TEST_F(SignedFile, RefusesWhatIsNoSuchFileAndSaysWhatToDo) {
    for (const std::string text : {"", "[]", "{\"format\": 5}", "{", "{\"format\":\"x\"}"}) {
        const auto read = load_accusation(write(text));
        ASSERT_FALSE(read) << text;
        EXPECT_EQ(read.error().code, Errc::kInvalidInput) << text;
        EXPECT_NE(read.error().message.find("fedstake-client sign-accusation"), std::string::npos);
    }
    EXPECT_EQ(load_accusation(folder_.path() / "none.json").error().code, Errc::kNotFound);
    EXPECT_EQ(load_fingerprint(write(std::string(20'000, ' '))).error().code, Errc::kInvalidInput);
    const std::string whole =
        to_json(sign_accusation(sample_fault(), {1, key(9).address()}, key(2)));
    for (const char* field : {"chain_id", "round_manager", "federation", "round", "site", "kind",
                              "bps", "evidence", "deadline", "auditor", "signature"}) {
        std::string broken = whole;
        broken.replace(broken.find("\"" + std::string(field) + "\""), 2, "\"_");
        const auto read = load_accusation(write(broken));
        ASSERT_FALSE(read) << field;
        EXPECT_NE(read.error().message.find(field), std::string::npos) << read.error().message;
    }
    std::string wide = whole;
    wide.replace(wide.find("\"bps\": 150"), 10, "\"bps\": 10001");
    EXPECT_NE(load_accusation(write(wide)).error().message.find("0 to 10000"), std::string::npos);
}

TEST_F(SignedFile, AFingerprintIsItsSitesOwn) {
    const Digest federation = crypto::keccak256(as_bytes("federation"));
    const Digest print = crypto::keccak256(as_bytes("data"));
    const auto made = sign_fingerprint(federation, 5, key(1).address(), print, key(2));
    auto read = load_fingerprint(write(to_json(made)));
    ASSERT_TRUE(read) << read.error().message;
    EXPECT_TRUE(verify_fingerprint(*read, key(2).address()));
    EXPECT_EQ(verify_fingerprint(*read, key(3).address()).error().code, Errc::kUnauthorized);
    read->fingerprint.bytes[0] ^= 1;
    EXPECT_FALSE(verify_fingerprint(*read, key(2).address()));
}

TEST_F(SignedFile, TheRootOfDataSetsDoesNotDependOnTheirOrder) {
    std::vector<DatasetFingerprint> prints;
    for (std::uint8_t i = 1; i <= 3; ++i) {
        prints.push_back(sign_fingerprint({}, 1, key(i).address(),
                                          crypto::keccak256({ByteView(&i, 1)}), key(i)));
    }
    const Digest root = *datasets_root(prints);
    std::swap(prints[0], prints[2]);
    EXPECT_EQ(*datasets_root(prints), root);
    prints[1].fingerprint.bytes[31] ^= 1;
    EXPECT_NE(*datasets_root(prints), root);
    EXPECT_TRUE(datasets_root({})->is_zero());
    prints.push_back(prints[0]);
    EXPECT_EQ(datasets_root(prints).error().code, Errc::kInvalidInput);
}

// abi.encode(uint8 5, address, bytes32), in the tree of one leaf.
TEST_F(SignedFile, TheLeafIsWhatTheHeaderSays) {
    const Digest print = crypto::keccak256(as_bytes("data"));
    const auto made = sign_fingerprint({}, 1, key(1).address(), print, key(1));
    Bytes encoded(31, 0);
    encoded.push_back(5);
    encoded.insert(encoded.end(), 12, 0);
    encoded.insert(encoded.end(), made.site.bytes.begin(), made.site.bytes.end());
    encoded.insert(encoded.end(), print.bytes.begin(), print.bytes.end());
    const std::vector<Digest> leaves{crypto::keccak256(encoded)};
    const std::vector<DatasetFingerprint> prints{made};
    EXPECT_EQ(*datasets_root(prints), crypto::keccak_root(leaves));
}

}  // namespace
}  // namespace fedstake::manifest
