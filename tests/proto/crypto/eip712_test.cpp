// The "Ether Mail" example of EIP-712, and the properties of our own domain.
#include "proto/crypto/eip712.hpp"

#include <algorithm>

#include <gtest/gtest.h>

#include "proto/crypto/keccak256.hpp"
#include "proto/crypto/secp256k1.hpp"

namespace fedstake::crypto {
namespace {

Digest person(std::string_view name, std::string_view wallet) {
    return StructHasher("Person(string name,address wallet)")
        .text(name)
        .address(*Address::parse(wallet))
        .finish();
}

TEST(Eip712, MatchesTheExampleOfTheStandard) {
    const Digest separator =
        StructHasher(
            "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)")
            .text("Ether Mail")
            .text("1")
            .number(1)
            .address(*Address::parse("0xCcCCccccCCCCcCCCCCCcCcCccCcCCCcCcccccccC"))
            .finish();
    EXPECT_EQ(separator.hex(),
              "0xf2cee375fa42b42143804025fc449deafd50cc031ca257e0b194a650a912090f");
    const Digest mail =
        StructHasher(
            "Mail(Person from,Person to,string contents)Person(string name,address wallet)")
            .word(person("Cow", "0xCD2a3d9F938E13CD947Ec05AbC7FE734Df8DD826"))
            .word(person("Bob", "0xbBbBBBBbbBBBbbbBbbBbbbbBBbBbbbbBbBbbBBbB"))
            .text("Hello, Bob!")
            .finish();
    EXPECT_EQ(mail.hex(), "0xc52c0ee5d84264471806290a3f2c4cecfc5490626bf912d01f240d7a274b371e");
    const Digest digest = typed_data_digest(separator, mail);
    EXPECT_EQ(digest.hex(), "0xbe609aee343fb3c4b28e1df9e632fca64fcfaede20f02e86244efddf30957bd2");

    // The standard signs it with keccak256("cow").
    const SigningKey cow = *SigningKey::from_secret(keccak256(as_bytes("cow")).bytes);
    EXPECT_EQ(cow.sign(digest).hex(),
              "0x4355c47d63924e8a72e509b65029052eb6c299d53a04e167c5775fd466751c9d"
              "07299936d304c153f6443dfa05f40ff007d72911b6f72307f996231605b915621c");
}

TEST(Eip712Domain, EveryPartChangesTheSeparator) {
    const Eip712Domain domain{
        .chain_id = 31337,
        .verifying_contract = *Address::parse("0x5fbdb2315678afecb367f032d93f642f64180aa3")};
    Eip712Domain other_chain = domain;
    other_chain.chain_id = 1;
    Eip712Domain other_contract = domain;
    other_contract.verifying_contract.bytes[19] ^= 1U;
    EXPECT_NE(domain.separator(), other_chain.separator());
    EXPECT_NE(domain.separator(), other_contract.separator());
    EXPECT_EQ(typed_data_digest(domain, Digest{}), typed_data_digest(domain.separator(), Digest{}));
}

TEST(StructHasher, NumbersArePaddedOnTheLeft) {
    Digest seven;
    seven.bytes[31] = 7;
    EXPECT_EQ(StructHasher("T(uint64 a)").number(7).finish(),
              StructHasher("T(uint64 a)").word(seven).finish());
    Digest largest;
    std::fill(largest.bytes.begin() + 16, largest.bytes.end(), 0xff);
    EXPECT_EQ(StructHasher("T(uint128 a)").amount(~Amount{0}).finish(),
              StructHasher("T(uint128 a)").word(largest).finish());
}

}  // namespace
}  // namespace fedstake::crypto
