// Calls, results, events and revert reasons by name.
#include "contracts/cpp/evm/contract_abi.hpp"

#include <algorithm>

#include <gtest/gtest.h>

#include "proto/crypto/keccak256.hpp"

namespace fedstake::evm {
namespace {

constexpr std::string_view kAbi = R"([
  {"type":"constructor","inputs":[{"name":"token","type":"address"}]},
  {"type":"function","name":"transfer","stateMutability":"nonpayable",
   "inputs":[{"name":"to","type":"address"},{"name":"amount","type":"uint256"}],
   "outputs":[{"name":"","type":"bool"}]},
  {"type":"function","name":"caseOf","inputs":[{"name":"id","type":"bytes32"}],
   "outputs":[{"name":"","type":"tuple","components":[
     {"name":"account","type":"address"},{"name":"bps","type":"uint16"}]}]},
  {"type":"function","name":"f","inputs":[{"name":"a","type":"uint8"}],"outputs":[]},
  {"type":"function","name":"f","inputs":[{"name":"a","type":"bool"}],"outputs":[]},
  {"type":"event","name":"Transfer","inputs":[
     {"name":"from","type":"address","indexed":true},
     {"name":"to","type":"address","indexed":true},
     {"name":"value","type":"uint256","indexed":false}]},
  {"type":"error","name":"Insufficient","inputs":[
     {"name":"account","type":"address"},{"name":"requested","type":"uint128"}]},
  {"type":"receive"}
])";

const Address kAlice = *Address::parse("0x70997970C51812dc3A010C7d01b50e0d17dc79C8");

ContractAbi abi() {
    return *ContractAbi::parse(kAbi);
}

TEST(ContractAbi, EncodesACallWithItsSelector) {
    const auto call =
        abi().encode_call("transfer", {AbiValue::address(kAlice), AbiValue::number(258)});
    ASSERT_TRUE(call) << call.error().message;
    EXPECT_EQ(to_hex(*call), "a9059cbb" + std::string(24, '0') + to_hex(kAlice.view()) +
                                 std::string(60, '0') + "0102");
    EXPECT_FALSE(abi().encode_call("transfer", {AbiValue::address(kAlice)}));
    EXPECT_EQ(abi().encode_call("mint", {}).error().code, Errc::kNotFound);
}

TEST(ContractAbi, OverloadsNeedTheirSignature) {
    EXPECT_FALSE(abi().function("f"));
    EXPECT_TRUE(abi().function("f(bool)"));
    EXPECT_TRUE(abi().function("f(uint8)"));
    EXPECT_FALSE(abi().function("f(uint16)"));
}

TEST(ContractAbi, DecodesAResultTuple) {
    const std::string words =
        std::string(24, '0') + to_hex(kAlice.view()) + std::string(60, '0') + "00c8";
    const auto result = abi().decode_result("caseOf", *from_hex(words));
    ASSERT_TRUE(result) << result.error().message;
    const auto fields = *result->at(0).as_list();
    EXPECT_EQ(*fields[0].as_address(), kAlice);
    EXPECT_EQ(*fields[1].as_u64(), 200U);
    // bps of 2^16 does not fit its type: a lying node.
    const std::string lie =
        std::string(24, '0') + to_hex(kAlice.view()) + std::string(59, '0') + "10000";
    EXPECT_EQ(abi().decode_result("caseOf", *from_hex(lie)).error().code, Errc::kCorrupt);
}

TEST(ContractAbi, DecodesAnEvent) {
    const Digest topic = crypto::keccak256(as_bytes("Transfer(address,address,uint256)"));
    Digest from;
    Digest to;
    std::copy(kAlice.bytes.begin(), kAlice.bytes.end(), to.bytes.begin() + 12);
    const Bytes data = *from_hex(std::string(62, '0') + "2a");
    const auto event = abi().decode_event({topic, from, to}, data);
    ASSERT_TRUE(event && event->has_value());
    EXPECT_EQ((*event)->name, "Transfer");
    EXPECT_EQ(*(*event)->field("to")->as_address(), kAlice);
    EXPECT_EQ(*(*event)->field("value")->as_u64(), 42U);
    EXPECT_FALSE((*event)->field("amount"));

    EXPECT_FALSE(abi().decode_event({topic, from}, data)) << "a topic is missing";
    EXPECT_FALSE(abi().decode_event({topic, from, to}, {})) << "the data is missing";
    from.bytes[0] = 1;
    EXPECT_FALSE(abi().decode_event({topic, from, to}, data)) << "not an address";
    EXPECT_FALSE(*abi().decode_event({from}, data)) << "an event of somebody else";
}

TEST(ContractAbi, NamesRevertReasons) {
    const Digest hash = crypto::keccak256(as_bytes("Insufficient(address,uint128)"));
    const std::string selector = to_hex(hash.view().first(4));
    const std::string words =
        std::string(24, '0') + to_hex(kAlice.view()) + std::string(62, '0') + "05";
    EXPECT_EQ(abi().decode_revert(*from_hex(selector + words)).text(),
              "Insufficient(account = " + kAlice.hex() + ", requested = 5)");
    EXPECT_EQ(abi().decode_revert(*from_hex(selector)).name, "Insufficient") << "no arguments";
    EXPECT_EQ(abi().decode_revert({}).text(), "no reason given");
    EXPECT_EQ(abi().decode_revert(*from_hex("01020304")).name, "unknown error 0x01020304");
    EXPECT_EQ(abi().decode_revert(*from_hex("4e487b71" + std::string(62, '0') + "11")).text(),
              "Panic(17)");
    EXPECT_EQ(
        abi()
            .decode_revert(*from_hex("08c379a0" + std::string(62, '0') + "20" +
                                     std::string(62, '0') + "02" + "4e6f" + std::string(60, '0')))
            .text(),
        "Error(\"No\")");
}

TEST(ContractAbi, RefusesBrokenJson) {
    for (const char* bad :
         {"", "{}", "[1]", R"([{"type":"function","name":"f","inputs":3}])",
          R"([{"type":"function","name":"f","inputs":[{"name":"a","type":"uint7"}]}])"}) {
        EXPECT_FALSE(ContractAbi::parse(bad)) << bad;
    }
}

}  // namespace
}  // namespace fedstake::evm
