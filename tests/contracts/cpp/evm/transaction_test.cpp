// Signed transactions, byte for byte as `cast mktx` makes them.
#include "contracts/cpp/evm/transaction.hpp"

#include <gtest/gtest.h>

#include "contracts/cpp/evm/anvil_process.hpp"
#include "proto/crypto/keccak256.hpp"

namespace fedstake::evm {
namespace {

TEST(Transaction, MatchesCastForACall) {
    Transaction tx;
    tx.chain_id = 31337;
    tx.nonce = 5;
    tx.max_priority_fee = 1'000'000'000;
    tx.max_fee = 3'000'000'000;
    tx.gas_limit = 123456;
    tx.to = *Address::parse("0x70997970C51812dc3A010C7d01b50e0d17dc79C8");
    tx.value = 7;
    tx.data = *from_hex("b3de648b" + std::string(62, '0') + "0c");
    const SignedTransaction made = sign_transaction(tx, dev_key(0));
    EXPECT_EQ(
        to_hex0x(made.raw),
        "0x02f891827a6905843b9aca0084b2d05e008301e2409470997970c51812dc3a010c7d01b50e0d17dc79c807"
        "a4b3de648b000000000000000000000000000000000000000000000000000000000000000cc080a053c98f68cc"
        "6bf080f9545a5abacfa61246896e4584a4f225a4eecae742929d83a00821817341a81b13a2d38aef7ad95d6b24"
        "ffa0eb36585501d89016a83e8aced5");
    EXPECT_EQ(made.hash, crypto::keccak256(made.raw));
}

TEST(Transaction, MatchesCastForAContractCreation) {
    Transaction tx;
    tx.chain_id = 31337;
    tx.max_fee = 3'000'000'000;
    tx.gas_limit = 5'000'000;
    tx.data = *from_hex("600a600c");
    EXPECT_EQ(
        to_hex0x(sign_transaction(tx, dev_key(0)).raw),
        "0x02f859827a69808084b2d05e00834c4b40808084600a600cc001a0f5ba9fb2d747e894293eb85eeab62"
        "1afb5afdde46a4d61121780b0f05625aa51a00f461417d0d8281080b6e2cde21d07fa630717d9e25cba85d"
        "d0f4c36d7cab394");
}

TEST(Transaction, SignatureIsDeterministicAndBoundToTheNonce) {
    Transaction tx;
    tx.chain_id = 1;
    tx.gas_limit = 21000;
    const auto key = dev_key(3);
    EXPECT_EQ(sign_transaction(tx, key), sign_transaction(tx, key));
    Transaction next = tx;
    next.nonce = 1;
    EXPECT_NE(sign_transaction(tx, key).hash, sign_transaction(next, key).hash);
}

// A signature half with a leading zero byte is encoded without it: about one in 128 transactions.
TEST(Transaction, DropsLeadingZerosOfSignatureHalves) {
    const auto key = dev_key(0);
    int shorter = 0;
    for (std::uint64_t nonce = 1000; nonce < 1600; ++nonce) {
        Transaction tx;
        tx.chain_id = 31337;
        tx.nonce = nonce;
        const SignedTransaction made = sign_transaction(tx, key);
        const crypto::Signature signature = key.sign(tx.signing_hash());
        if (signature.bytes[0] == 0 && signature.bytes[1] >= 0x80) {
            const Bytes half(signature.bytes.begin() + 1, signature.bytes.begin() + 32);
            EXPECT_NE(to_hex(made.raw).find("9f" + to_hex(half)), std::string::npos);
            ++shorter;
        }
    }
    EXPECT_GT(shorter, 0) << "the search found no such signature: choose other nonces";
}

TEST(Transaction, PredictsTheAddressOfACreatedContract) {
    const Address sender = dev_key(0).address();
    EXPECT_EQ(created_contract(sender, 3),
              *Address::parse("0xCf7Ed3AccA5a467e9e704C703E8D87F634fB0Fc9"));
    EXPECT_EQ(created_contract(sender, 300),
              *Address::parse("0x9338CA7d556248055f5751d85cDA7aD6eF254433"));
}

}  // namespace
}  // namespace fedstake::evm
