// The noise of an aggregate: published numbers, the right distribution, the same bytes however the
// coordinates are cut.
#include "aggregation/noise.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <memory>

#include <gtest/gtest.h>

#include "aggregation/aggregate.hpp"
#include "proto/base/rng.hpp"

namespace fedstake::aggregation {
namespace {

using Block = std::array<std::uint32_t, 4>;

Digest seed_of(std::uint8_t last) {
    Digest seed;
    for (std::size_t k = 0; k < seed.bytes.size(); ++k) {
        seed.bytes[k] = static_cast<std::uint8_t>(17 * k + last);
    }
    return seed;
}

std::vector<std::int32_t> noise_on_zeros(const Noise& noise, std::size_t count,
                                         std::uint64_t first = 0) {
    std::vector<std::int32_t> values(count, 0);
    add_noise(noise, first, values);
    return values;
}

// Known answers of Random123, the authors' own programs.
TEST(Philox, GivesTheAuthorsNumbers) {
    EXPECT_EQ(philox4x32({0, 0, 0, 0}, {0, 0}),
              (Block{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}));
    EXPECT_EQ(
        philox4x32({0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff}, {0xffffffff, 0xffffffff}),
        (Block{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}));
    EXPECT_EQ(
        philox4x32({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, {0xa4093822, 0x299f31d0}),
        (Block{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}));
}

// Values of Python's statistics.NormalDist, and the odd symmetry.
TEST(NormalQuantile, GivesKnownValues) {
    EXPECT_EQ(normal_quantile(0.5), 0.0);
    EXPECT_NEAR(normal_quantile(0.3), -0.5244005127080407, 1e-15);
    EXPECT_NEAR(normal_quantile(0.999), 3.090232306167813, 1e-14);
    EXPECT_NEAR(normal_quantile(1e-10), -6.361340902404056, 1e-14);
    EXPECT_NEAR(normal_quantile(0x1p-53), -8.209536151601386, 1e-14);
    for (const double share : {0.01, 0.07, 0.0750001, 0.2, 0.4}) {
        EXPECT_NEAR(normal_quantile(1.0 - share), -normal_quantile(share), 1e-14);
        EXPECT_NEAR(0.5 * std::erfc(-normal_quantile(share) / std::sqrt(2.0)), share, 1e-15);
    }
}

TEST(AddNoise, IsStandardNormalTimesTheDeviation) {
    constexpr std::size_t kCount = 200'000;
    const double deviation = 1e6;
    const std::vector<std::int32_t> values =
        noise_on_zeros({.deviation = deviation, .seed = seed_of(1)}, kCount);
    std::array<double, 5> moments{};
    for (const std::int32_t value : values) {
        const double z = value / deviation;
        for (std::size_t k = 1; k < moments.size(); ++k) {
            moments[k] += std::pow(z, static_cast<double>(k)) / kCount;
        }
    }
    const double error = 1.0 / std::sqrt(static_cast<double>(kCount));
    EXPECT_NEAR(moments[1], 0.0, 4.0 * error);
    EXPECT_NEAR(moments[2], 1.0, 4.0 * std::sqrt(2.0) * error);
    EXPECT_NEAR(moments[3], 0.0, 4.0 * std::sqrt(15.0) * error);
    EXPECT_NEAR(moments[4], 3.0, 4.0 * std::sqrt(96.0) * error);
    // Kolmogorov-Smirnov against the normal distribution, limit for one in a thousand.
    std::vector<std::int32_t> sorted = values;
    std::sort(sorted.begin(), sorted.end());
    double most = 0.0;
    for (std::size_t k = 0; k < kCount; ++k) {
        const double share = 0.5 * std::erfc(-sorted[k] / deviation / std::sqrt(2.0));
        most = std::max(most, std::fabs(share - (static_cast<double>(k) + 0.5) / kCount));
    }
    EXPECT_LT(most, 1.95 * error);
}

TEST(AddNoise, NeighboursDoNotFollowEachOther) {
    const std::vector<std::int32_t> values =
        noise_on_zeros({.deviation = 1e6, .seed = seed_of(2)}, 100'000);
    for (const std::size_t lag : {1U, 2U, 3U}) {
        double product = 0.0;
        for (std::size_t k = lag; k < values.size(); ++k) {
            product += values[k] * 1e-6 * values[k - lag] * 1e-6;
        }
        EXPECT_LT(std::fabs(product) / std::sqrt(100'000.0), 4.0) << lag;
    }
}

// Fixed for all time: rounds that were computed once must come out the same again.
TEST(AddNoise, GivesTheSameNumbersForEver) {
    EXPECT_EQ(noise_on_zeros({.deviation = 1000.0, .seed = Digest{}}, 6),
              (std::vector<std::int32_t>{-256, 630, 1915, 507, -2065, -1076}));
}

TEST(AddNoise, FollowsFromTheCoordinateAlone) {
    const Noise noise{.deviation = 12345.678, .seed = seed_of(3)};
    const std::vector<std::int32_t> whole = noise_on_zeros(noise, 1001);
    for (const std::size_t piece : {1U, 2U, 3U, 64U, 999U}) {
        std::vector<std::int32_t> joined;
        while (joined.size() < whole.size()) {
            const std::size_t count = std::min(piece, whole.size() - joined.size());
            const auto part = noise_on_zeros(noise, count, joined.size());
            joined.insert(joined.end(), part.begin(), part.end());
        }
        EXPECT_EQ(joined, whole) << piece;
    }
    EXPECT_NE(noise_on_zeros({.deviation = 12345.678, .seed = seed_of(4)}, 1001), whole);
    const std::uint64_t far = (std::uint64_t{1} << 33U) + 1;
    EXPECT_NE(noise_on_zeros(noise, 100, far), noise_on_zeros(noise, 100, 1));
}

TEST(AddNoise, EveryHalfOfTheSeedCounts) {
    const auto with = [](std::size_t byte) {
        Digest seed;
        seed.bytes[byte] = 1;
        return noise_on_zeros({.deviation = 1e6, .seed = seed}, 8);
    };
    for (const std::size_t byte : {0U, 5U, 10U, 15U}) {
        EXPECT_NE(with(byte), noise_on_zeros({.deviation = 1e6, .seed = Digest{}}, 8)) << byte;
    }
}

TEST(AddNoise, StopsAtTheLargestValues) {
    std::vector<std::int32_t> values(1000, INT32_MAX);
    add_noise({.deviation = 1e12, .seed = seed_of(5)}, 0, values);
    EXPECT_EQ(*std::max_element(values.begin(), values.end()), INT32_MAX);
    EXPECT_EQ(*std::min_element(values.begin(), values.end()), -INT32_MAX);
}

class NoisyFlame : public ::testing::Test {
protected:
    NoisyFlame() {
        Rng rng(7);
        for (auto& row : rows_) {
            for (std::int32_t& value : row) {
                value = 1'000'000 + static_cast<std::int32_t>(rng.below(200'000));
            }
            sources_.push_back(memory_source(std::span<const std::int32_t>(row)));
            pointers_.push_back(sources_.back().get());
        }
    }

    std::vector<std::int32_t> aggregate(double noise, std::uint8_t seed, unsigned threads = 1,
                                        std::size_t memory = std::size_t{64} << 20U) {
        MatrixInput input{.rows = pointers_, .rules = {}, .seed = seed_of(seed)};
        input.rules.rule = {.name = "flame", .parameters = {{"noise", noise}}};
        input.rules.f = 1;
        std::vector<std::int32_t> out;
        const MatrixOptions options{
            .threads = threads, .memory_bytes_max = memory, .aggregate_sink = [&](ByteView bytes) {
                const std::size_t before = out.size();
                out.resize(before + bytes.size() / 4);
                std::memcpy(out.data() + before, bytes.data(), bytes.size());
                return Status{};
            }};
        const auto result = aggregate_matrix(input, options);
        EXPECT_TRUE(result) << result.error().message;
        return out;
    }

    std::array<std::vector<std::int32_t>, 5> rows_{
        std::vector<std::int32_t>(20'001), std::vector<std::int32_t>(20'001),
        std::vector<std::int32_t>(20'001), std::vector<std::int32_t>(20'001),
        std::vector<std::int32_t>(20'001)};
    std::vector<std::unique_ptr<VectorSource>> sources_;
    std::vector<const VectorSource*> pointers_;
};

TEST_F(NoisyFlame, IsTheSameForEveryThreadCountAndBlockSize) {
    const std::vector<std::int32_t> once = aggregate(0.001, 1);
    EXPECT_EQ(aggregate(0.001, 1, 3, 1U << 17U), once);
    EXPECT_EQ(aggregate(0.001, 1, 2, 1U << 14U), once);
    EXPECT_NE(aggregate(0.001, 2), once);
}

TEST_F(NoisyFlame, HasNoiseOfLambdaTimesTheMedianNorm) {
    const std::vector<std::int32_t> bare = aggregate(0.0, 1);
    const std::vector<std::int32_t> noisy = aggregate(0.01, 1);
    double square = 0.0;
    for (std::size_t j = 0; j < bare.size(); ++j) {
        const double difference = static_cast<double>(noisy[j]) - bare[j];
        square += difference * difference;
    }
    std::vector<double> norms;
    for (const auto& row : rows_) {
        double sum = 0.0;
        for (const std::int32_t value : row) {
            sum += static_cast<double>(value) * value;
        }
        norms.push_back(std::sqrt(sum));
    }
    std::sort(norms.begin(), norms.end());
    const double deviation = std::sqrt(square / static_cast<double>(bare.size()));
    EXPECT_NEAR(deviation / (0.01 * norms[2]), 1.0, 0.03);
}

}  // namespace
}  // namespace fedstake::aggregation
