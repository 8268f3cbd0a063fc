// The bytes that every rule makes of one fixed matrix, for ever: the same for any thread count,
// block size, instruction set, compiler and optimisation level.
#include <cmath>
#include <fstream>
#include <sstream>

#include <gtest/gtest.h>

#include "aggregation/kernels/targets.hpp"
#include "tests/aggregation/every_chain.hpp"
#include "tests/aggregation/reference.hpp"

namespace fedstake::aggregation {
namespace {

using reference::Matrix;
using reference::NamedChain;

constexpr std::size_t kRows = 15;
constexpr std::size_t kColumns = 1003;
constexpr unsigned kScaleBits = 22;

// Twelve rows that agree less and less, one opposite, one far away, one that repeats another.
Matrix fixed_matrix() {
    Rng rng(20260101);
    Matrix rows(kRows, reference::Values(kColumns));
    const auto noise = [&rng] {
        return static_cast<std::int32_t>(rng.below(1U << 18U)) - (1 << 17);
    };
    for (std::size_t j = 0; j < kColumns; ++j) {
        const std::int32_t common = noise();
        for (std::size_t i = 0; i + 3 < kRows; ++i) {
            rows[i][j] = common + noise() * static_cast<std::int32_t>(4 + i) / 10;
        }
        rows[12][j] = -4 * common;
        rows[13][j] = 50 * noise();
        rows[14][j] = rows[3][j];
    }
    return rows;
}

std::vector<NamedChain> chains() {
    std::vector<NamedChain> result = reference::every_rule(2);
    for (NamedChain& chain : reference::every_pre(2)) {
        result.push_back(std::move(chain));
    }
    return result;
}

std::string root_of(const Matrix& rows, const NamedChain& chain, unsigned threads,
                    std::size_t memory_bytes) {
    const reference::Sources sources(rows);
    Digest seed;
    seed.bytes.fill(7);
    std::vector<double> claims;
    for (std::size_t i = 0; i < kRows; ++i) {
        claims.push_back(static_cast<double>(100 + 37 * i % 200));
    }
    const auto result =
        aggregate_matrix({.rows = sources.pointers,
                          .unit = std::ldexp(1.0, -static_cast<int>(kScaleBits)),
                          .rules = chain.rules,
                          .seed = seed,
                          .claims = claims},
                         {.threads = threads, .memory_bytes_max = memory_bytes, .roots = true});
    if (!result) {
        return result.error().message;
    }
    std::string text = result->aggregate_root.hex();
    for (const Digest& root : result->memory_roots) {
        text += "," + root.hex().substr(0, 8);
    }
    return text;
}

std::string all_roots(unsigned threads, std::size_t memory_bytes) {
    const Matrix rows = fixed_matrix();
    std::ostringstream out;
    for (const NamedChain& chain : chains()) {
        out << chain.name << ": " << root_of(rows, chain, threads, memory_bytes) << "\n";
    }
    return out.str();
}

std::string golden() {
    std::ifstream file(FEDSTAKE_GOLDEN_RULES);
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

TEST(Golden, EveryRuleMakesTheBytesThatItAlwaysMade) {
    EXPECT_EQ(all_roots(1, std::size_t{64} << 20U), golden());
}

TEST(Golden, ThreadsAndBlocksDoNotMatter) {
    for (unsigned threads = 2; threads <= 8; ++threads) {
        EXPECT_EQ(all_roots(threads, (std::size_t{1} << 20U) + threads * 40'000), golden())
            << threads << " threads";
    }
}

TEST(Golden, InstructionSetsDoNotMatter) {
    for (const kernels::Target& target : kernels::targets()) {
        const kernels::ForcedTarget forced(target);
        EXPECT_EQ(all_roots(2, std::size_t{4} << 20U), golden()) << target.name;
    }
}

}  // namespace
}  // namespace fedstake::aggregation
