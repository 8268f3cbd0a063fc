// Known answers of SHA-256 (FIPS 180-4 examples) and Keccak-256, and the incremental forms.
#include <latch>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "proto/crypto/keccak256.hpp"
#include "proto/crypto/random.hpp"
#include "proto/crypto/sha256.hpp"

namespace fedstake::crypto {
namespace {

std::string sha_hex(std::string_view text) {
    return to_hex(sha256(as_bytes(text)).bytes);
}

TEST(Sha256, MatchesFipsExamples) {
    EXPECT_EQ(sha_hex(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    EXPECT_EQ(sha_hex("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    EXPECT_EQ(sha_hex("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"),
              "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
    EXPECT_EQ(sha_hex(std::string(1'000'000, 'a')),
              "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST(Sha256, PartsAndPiecesEqualTheWhole) {
    const std::string text = "a federation of sites that do not trust each other";
    const Digest whole = sha256(as_bytes(text));
    for (std::size_t cut = 0; cut <= text.size(); ++cut) {
        const ByteView head = as_bytes(text).first(cut);
        const ByteView tail = as_bytes(text).subspan(cut);
        EXPECT_EQ(sha256({head, tail}), whole) << cut;
        Sha256 hasher;
        hasher.update(head);
        hasher.update(tail);
        EXPECT_EQ(hasher.finish(), whole) << cut;
    }
}

TEST(Sha256, InterleavedHashersDoNotDisturbEachOther) {
    Sha256 a;
    Sha256 b;
    a.update(as_bytes("a"));
    b.update(as_bytes("x"));
    EXPECT_EQ(sha_hex("one-shot in between"), sha_hex("one-shot in between"));
    a.update(as_bytes("bc"));
    Sha256 moved = std::move(a);
    EXPECT_EQ(moved.finish(), sha256(as_bytes("abc")));
    EXPECT_EQ(b.finish(), sha256(as_bytes("x")));
}

TEST(Sha256, ThreadsHaveContextsOfTheirOwn) {
    const Bytes data(200, 0x5a);
    const Digest expected = sha256(data);
    std::vector<int> wrong(4, 0);
    std::latch start(4);
    std::vector<std::thread> threads;
    for (int& count : wrong) {
        threads.emplace_back([&] {
            start.arrive_and_wait();
            for (int i = 0; i < 50'000; ++i) count += sha256(data) == expected ? 0 : 1;
        });
    }
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(wrong, std::vector<int>(4, 0));
}

TEST(Sha256DeathTest, UseAfterFinishIsAProgrammingError) {
    Sha256 hasher;
    EXPECT_EQ(hasher.finish(), sha256(ByteView{}));
    EXPECT_DEATH(hasher.update(as_bytes("late")), "internal check failed");
    EXPECT_DEATH((void)hasher.finish(), "internal check failed");
}

TEST(Keccak256, MatchesTheEvm) {
    EXPECT_EQ(to_hex(keccak256(ByteView{}).bytes),
              "c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470");
    EXPECT_EQ(to_hex(keccak256(as_bytes("abc")).bytes),
              "4e03657aea45a94fc7d47ba826c8d667c0d1e6e33a64a036ec44f58fa12d6c45");
    // The well-known event signature of ERC-20.
    EXPECT_EQ(to_hex(keccak256(as_bytes("Transfer(address,address,uint256)")).bytes),
              "ddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef");
}

TEST(Keccak256, PartsEqualTheWhole) {
    // Around the 136-byte rate of the sponge.
    for (const std::size_t size : {1U, 135U, 136U, 137U, 272U, 300U}) {
        const Bytes data(size, 0xa7);
        const ByteView view(data);
        EXPECT_EQ(keccak256({view.first(size / 3), {}, view.subspan(size / 3)}), keccak256(view));
    }
}

TEST(RandomBytes, AreFreshAndFillAnySize) {
    EXPECT_NE(random_digest(), random_digest());
    random_bytes({});
    Bytes large((std::size_t{1} << 20U) + 64, 0);
    random_bytes(large);
    // The tail past the first request is filled too: 64 zero bytes have probability 2^-512.
    EXPECT_NE(Bytes(large.end() - 64, large.end()), Bytes(64, 0));
}

}  // namespace
}  // namespace fedstake::crypto
