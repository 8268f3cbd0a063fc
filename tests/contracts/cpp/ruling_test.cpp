// Digests of rulings.
#include "contracts/cpp/ruling.hpp"

#include <gtest/gtest.h>

#include "proto/crypto/keccak256.hpp"

namespace fedstake::chain {
namespace {

Digest hash(std::string_view text) {
    return crypto::keccak256(as_bytes(text));
}

TEST(Ruling, IsTheTypedDataDigestOfItsWords) {
    const crypto::Eip712Domain domain{1, Address{}};
    const Digest subject = hash("a case");
    for (const bool upheld : {false, true}) {
        ByteWriter words;
        words.raw(hash("AppealRuling(bytes32 caseId,bool upheld)").view());
        words.raw(subject.view()).u128(0).u64(0).u64(upheld ? 1 : 0);
        EXPECT_EQ(appeal_ruling_digest(domain, subject, upheld),
                  crypto::typed_data_digest(domain, crypto::keccak256(words.bytes())));
    }
}

TEST(Ruling, OfADisputeNamesTheChallengeToo) {
    const crypto::Eip712Domain domain{1, Address{}};
    const Digest subject = hash("a commitment");
    ByteWriter words;
    words.raw(hash("DisputeRuling(bytes32 commitment,uint64 challenge,bool upheld)").view());
    words.raw(subject.view()).u128(0).u64(0).u64(3).u128(0).u64(0).u64(1);
    EXPECT_EQ(dispute_ruling_digest(domain, subject, 3, true),
              crypto::typed_data_digest(domain, crypto::keccak256(words.bytes())));
}

TEST(Ruling, NoRulingPassesForAnother) {
    const crypto::Eip712Domain domain{1, Address{}};
    const Digest subject = hash("a case");
    EXPECT_NE(appeal_ruling_digest(domain, subject, true),
              appeal_ruling_digest(domain, subject, false));
    EXPECT_NE(appeal_ruling_digest(domain, subject, true),
              dispute_ruling_digest(domain, subject, 1, true));
    EXPECT_NE(dispute_ruling_digest(domain, subject, 1, true),
              dispute_ruling_digest(domain, subject, 1, false));
    EXPECT_NE(dispute_ruling_digest(domain, subject, 1, true),
              dispute_ruling_digest(domain, subject, 2, true))
        << "a ruling decides one dispute";
    EXPECT_NE(appeal_ruling_digest(domain, subject, true),
              appeal_ruling_digest({2, Address{}}, subject, true));
}

}  // namespace
}  // namespace fedstake::chain
