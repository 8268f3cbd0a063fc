// ABI encoding against `cast abi-encode`, and decoding of hostile bytes.
#include <gtest/gtest.h>

#include "contracts/cpp/evm/abi_value.hpp"
#include "proto/base/rng.hpp"

namespace fedstake::evm {
namespace {

AbiType type(std::string_view name, const std::vector<AbiType>& components = {}) {
    const auto parsed = AbiType::parse(name, components);
    EXPECT_TRUE(parsed) << name;
    return parsed.value_or(AbiType{});
}

Digest filled(std::uint8_t byte) {
    Digest digest;
    digest.bytes.fill(byte);
    return digest;
}

// f(uint64,address,bool,bytes,string,(uint128,bytes32[])[],bytes4,uint16[2])
AbiType sample_type() {
    return AbiType::tuple({type("uint64"), type("address"), type("bool"), type("bytes"),
                           type("string"), type("tuple[]", {type("uint128"), type("bytes32[]")}),
                           type("bytes4"), type("uint16[2]")});
}

AbiValue sample_value() {
    Word selector{};
    selector[0] = 0xde;
    selector[1] = 0xad;
    selector[2] = 0xbe;
    selector[3] = 0xef;
    return AbiValue::list(
        {AbiValue::number(7),
         AbiValue::address(*Address::parse("0x70997970C51812dc3A010C7d01b50e0d17dc79C8")),
         AbiValue::boolean(true), AbiValue::bytes({1, 2, 3, 4, 5}), AbiValue::text("hello"),
         AbiValue::list(
             {AbiValue::list({AbiValue::number(5), AbiValue::words({filled(0x11), filled(0x22)})}),
              AbiValue::list({AbiValue::number(6), AbiValue::words({})})}),
         AbiValue::raw_word(selector),
         AbiValue::list({AbiValue::number(1), AbiValue::number(65535)})});
}

constexpr std::string_view kSampleHex =
    "0000000000000000000000000000000000000000000000000000000000000007000000000000000000000000"
    "70997970c51812dc3a010c7d01b50e0d17dc79c8000000000000000000000000000000000000000000000000"
    "0000000000000001000000000000000000000000000000000000000000000000000000000000012000000000"
    "0000000000000000000000000000000000000000000000000000016000000000000000000000000000000000"
    "000000000000000000000000000001a0deadbeef000000000000000000000000000000000000000000000000"
    "0000000000000000000000000000000000000000000000000000000000000000000000010000000000000000"
    "00000000000000000000000000000000000000000000ffff0000000000000000000000000000000000000000"
    "0000000000000000000000050102030405000000000000000000000000000000000000000000000000000000"
    "000000000000000000000000000000000000000000000000000000000000000568656c6c6f00000000000000"
    "0000000000000000000000000000000000000000000000000000000000000000000000000000000000000000"
    "0000000000000002000000000000000000000000000000000000000000000000000000000000004000000000"
    "000000000000000000000000000000000000000000000000000000e000000000000000000000000000000000"
    "0000000000000000000000000000000500000000000000000000000000000000000000000000000000000000"
    "0000004000000000000000000000000000000000000000000000000000000000000000021111111111111111"
    "1111111111111111111111111111111111111111111111112222222222222222222222222222222222222222"
    "2222222222222222222222220000000000000000000000000000000000000000000000000000000000000006"
    "0000000000000000000000000000000000000000000000000000000000000040000000000000000000000000"
    "0000000000000000000000000000000000000000";

TEST(AbiType, NamesRoundTrip) {
    for (const char* name : {"uint8", "uint256", "int64", "address", "bool", "bytes32", "bytes",
                             "string", "bytes32[]", "address[4]", "uint16[2][]"}) {
        EXPECT_EQ(type(name).canonical(), name);
    }
    EXPECT_EQ(type("uint").canonical(), "uint256");
    EXPECT_EQ(type("tuple[]", {type("uint64"), type("bytes32")}).canonical(), "(uint64,bytes32)[]");
    for (const char* bad : {"", "uint7", "uint264", "bytes0", "bytes33", "uint8[0]", "uint8[x]",
                            "mapping", "uint8]", "bool8"}) {
        EXPECT_FALSE(AbiType::parse(bad, {})) << bad;
    }
}

TEST(AbiCodec, EncodesAsCastDoes) {
    const auto encoded = abi_encode(sample_type(), sample_value());
    ASSERT_TRUE(encoded) << encoded.error().message;
    EXPECT_EQ(to_hex(*encoded), kSampleHex);
}

TEST(AbiCodec, DecodesWhatItEncoded) {
    const auto decoded = abi_decode(sample_type(), *from_hex(kSampleHex));
    ASSERT_TRUE(decoded) << decoded.error().message;
    EXPECT_EQ(*decoded, sample_value());
    EXPECT_EQ(to_text(sample_type(), *decoded),
              "[7, 0x70997970c51812dc3a010c7d01b50e0d17dc79c8, true, 0x0102030405, \"hello\", [[5, "
              "[" +
                  filled(0x11).hex() + ", " + filled(0x22).hex() +
                  "]], [6, []]], 0xdeadbeef, [1, 65535]]");
}

TEST(AbiCodec, RefusesValuesThatDoNotFit) {
    EXPECT_FALSE(abi_encode(type("uint8"), AbiValue::number(256)));
    EXPECT_TRUE(abi_encode(type("uint8"), AbiValue::number(255)));
    EXPECT_FALSE(abi_encode(type("bool"), AbiValue::number(2)));
    EXPECT_FALSE(abi_encode(type("address"), AbiValue::word(filled(1))));
    EXPECT_FALSE(abi_encode(type("bytes4"), AbiValue::word(filled(1))));
    EXPECT_FALSE(abi_encode(type("bytes"), AbiValue::number(1)));
    EXPECT_FALSE(abi_encode(type("uint8[2]"), AbiValue::list({AbiValue::number(1)})));
    EXPECT_FALSE(abi_encode(type("uint8[]"), AbiValue::number(1)));
    EXPECT_FALSE(abi_encode(sample_type(), AbiValue::list({})));
}

TEST(AbiCodec, SignedNumbersMustBeSignExtended) {
    Word minus_three;
    minus_three.fill(0xff);
    minus_three[31] = 0xfd;
    EXPECT_TRUE(abi_encode(type("int8"), AbiValue::raw_word(minus_three)));
    EXPECT_FALSE(abi_encode(type("int8"), AbiValue::number(200)));
}

TEST(AbiCodec, EveryTruncationIsRefused) {
    const Bytes whole = *from_hex(kSampleHex);
    for (std::size_t length = 0; length < whole.size(); ++length) {
        EXPECT_FALSE(abi_decode(sample_type(), ByteView(whole).first(length))) << length;
    }
}

TEST(AbiCodec, DirtyPaddingIsRefused) {
    Bytes dirty = *from_hex(kSampleHex);
    dirty[0] = 1;  // high byte of the uint64
    EXPECT_FALSE(abi_decode(sample_type(), dirty));
    dirty = *from_hex(kSampleHex);
    dirty[9 * 32 + 32 + 5] = 1;  // behind the five bytes
    EXPECT_FALSE(abi_decode(sample_type(), dirty));
}

TEST(AbiCodec, LyingCountsAndOffsetsCostNothing) {
    // An array of 2^63 elements, and of 2^40 elements that share one offset.
    Bytes data(64);
    data[31] = 32;
    data[32 + 24] = 0x80;
    EXPECT_FALSE(abi_decode(AbiType::tuple({type("bytes32[]")}), data));
    // Six levels of eight elements each, all eight at the same place: 54 words that would decode to
    // 8^6 values.
    Bytes shared;
    for (int level = 0; level < 6; ++level) {
        for (int i = 0; i < 9; ++i) {
            Bytes word(32);
            word[31] = i == 0 ? 8 : 0;
            word[30] = i == 0 ? 0 : 1;  // offset 256: right behind the eight offsets
            shared.insert(shared.end(), word.begin(), word.end());
        }
    }
    EXPECT_FALSE(abi_decode(type("uint256[][][][][][]"), shared));
}

TEST(AbiCodec, RandomBytesNeverCrash) {
    Rng rng(7);
    const Bytes whole = *from_hex(kSampleHex);
    for (int round = 0; round < 5'000; ++round) {
        Bytes mutated = whole;
        for (std::uint64_t i = 0, n = 1 + rng.below(6); i < n; ++i) {
            mutated[static_cast<std::size_t>(rng.below(mutated.size()))] =
                static_cast<std::uint8_t>(rng.next());
        }
        const auto decoded = abi_decode(sample_type(), mutated);
        if (decoded) {
            EXPECT_TRUE(abi_encode(sample_type(), *decoded));
        }
    }
}

}  // namespace
}  // namespace fedstake::evm
