// Seeded mutations of valid frames: whatever is accepted must be a message that encodes again.
#include <gtest/gtest.h>

#include "proto/base/rng.hpp"
#include "proto/wire/codec.hpp"
#include "tests/proto/wire/sample_messages.hpp"

namespace fedstake::wire {
namespace {

void mutate(Bytes& bytes, Rng& rng) {
    const auto place = [&] { return static_cast<std::ptrdiff_t>(rng.below(bytes.size() + 1)); };
    switch (rng.below(5)) {
        case 0:
            if (!bytes.empty()) {
                bytes[rng.below(bytes.size())] ^= static_cast<std::uint8_t>(1U << rng.below(8));
            }
            break;
        case 1:
            if (!bytes.empty()) {
                bytes[rng.below(bytes.size())] = static_cast<std::uint8_t>(rng.next());
            }
            break;
        case 2: bytes.insert(bytes.begin() + place(), static_cast<std::uint8_t>(rng.next())); break;
        case 3:
            if (!bytes.empty()) {
                bytes.erase(bytes.begin() + static_cast<std::ptrdiff_t>(rng.below(bytes.size())));
            }
            break;
        default: {
            const Bytes piece(bytes.begin(), bytes.begin() + place());
            bytes.insert(bytes.begin() + place(), piece.begin(), piece.end());
            break;
        }
    }
}

TEST(Mutation, AcceptedFramesAreMessagesThatEncodeAgain) {
    const auto samples = testing::sample_messages();
    Rng rng(20'240'601);
    std::size_t accepted = 0;
    constexpr std::size_t kTries = 40'000;
    for (std::size_t i = 0; i < kTries; ++i) {
        Bytes bytes = encode(samples[i % samples.size()]).value();
        for (std::uint64_t n = 1 + rng.below(3); n > 0; --n) {
            mutate(bytes, rng);
        }
        const auto message = decode(bytes);
        if (!message) {
            EXPECT_FALSE(message.error().message.empty());
            EXPECT_NE(message.error().code, Errc::kInternal) << message.error().message;
            continue;
        }
        ++accepted;
        const auto again = encode(*message);
        ASSERT_TRUE(again.has_value()) << again.error().message;
        ASSERT_TRUE(decode(*again).value() == *message);
    }
    EXPECT_GT(accepted, kTries / 100) << "mutations too coarse to test acceptance";
    EXPECT_LT(accepted, kTries) << "no mutation was refused";
}

TEST(Mutation, RandomBytesAreRefused) {
    Rng rng(7);
    for (int i = 0; i < 20'000; ++i) {
        Bytes bytes(16 + rng.below(200));
        for (auto& byte : bytes) {
            byte = static_cast<std::uint8_t>(rng.next());
        }
        EXPECT_FALSE(decode(bytes).has_value());
    }
}

}  // namespace
}  // namespace fedstake::wire
