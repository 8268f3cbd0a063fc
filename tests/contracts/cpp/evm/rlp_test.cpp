// RLP against the worked examples of the Ethereum documentation.
#include "contracts/cpp/evm/rlp.hpp"

#include <gtest/gtest.h>

namespace fedstake::evm {
namespace {

std::string hex_of(const Bytes& bytes) {
    return to_hex(bytes);
}

TEST(Rlp, EncodesStringsOfEveryLengthClass) {
    EXPECT_EQ(hex_of(rlp_bytes({})), "80");
    EXPECT_EQ(hex_of(rlp_bytes(as_bytes("dog"))), "83646f67");
    EXPECT_EQ(hex_of(rlp_bytes(Bytes{0x00})), "00");
    EXPECT_EQ(hex_of(rlp_bytes(Bytes{0x7f})), "7f");
    EXPECT_EQ(hex_of(rlp_bytes(Bytes{0x80})), "8180");
    EXPECT_EQ(hex_of(rlp_bytes(Bytes(55, 0xaa))), "b7" + to_hex(Bytes(55, 0xaa)));
    EXPECT_EQ(hex_of(rlp_bytes(Bytes(56, 0xaa))), "b838" + to_hex(Bytes(56, 0xaa)));
    EXPECT_EQ(hex_of(rlp_bytes(Bytes(256, 0xaa))), "b90100" + to_hex(Bytes(256, 0xaa)));
}

TEST(Rlp, EncodesNumbersWithoutLeadingZeros) {
    EXPECT_EQ(hex_of(rlp_number(0)), "80");
    EXPECT_EQ(hex_of(rlp_number(15)), "0f");
    EXPECT_EQ(hex_of(rlp_number(127)), "7f");
    EXPECT_EQ(hex_of(rlp_number(128)), "8180");
    EXPECT_EQ(hex_of(rlp_number(1024)), "820400");
    EXPECT_EQ(hex_of(rlp_number(~Amount{0})), "90" + to_hex(Bytes(16, 0xff)));
}

TEST(Rlp, EncodesNestedLists) {
    const Bytes empty = rlp_list({});
    EXPECT_EQ(hex_of(empty), "c0");
    // The set-theoretic representation of three: [ [], [[]], [ [], [[]] ] ].
    const Bytes one = rlp_list(std::vector<Bytes>{empty});
    const Bytes two = rlp_list(std::vector<Bytes>{empty, one});
    EXPECT_EQ(hex_of(rlp_list(std::vector<Bytes>{empty, one, two})), "c7c0c1c0c3c0c1c0");
}

TEST(Rlp, AgreesWithCastOnAMixedList) {
    const Bytes inner = rlp_list(std::vector<Bytes>{rlp_bytes(as_bytes("dog")), rlp_bytes({})});
    const std::vector<Bytes> items{rlp_number(0),
                                   rlp_number(1),
                                   rlp_number(127),
                                   rlp_number(128),
                                   rlp_number(1024),
                                   rlp_bytes({}),
                                   rlp_bytes(as_bytes("cat")),
                                   inner};
    EXPECT_EQ(hex_of(rlp_list(items)), "d380017f81808204008083636174c583646f6780");
}

TEST(Rlp, LongListsCarryTheirLength) {
    const std::vector<Bytes> items(60, rlp_number(1));
    EXPECT_EQ(hex_of(rlp_list(items)), "f83c" + to_hex(Bytes(60, 0x01)));
}

}  // namespace
}  // namespace fedstake::evm
