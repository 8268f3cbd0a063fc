#include "tests/aggregation/golden/golden_chains.hpp"

#include <cmath>
#include <memory>

#include "aggregation/aggregate.hpp"
#include "proto/base/rng.hpp"
#include "tests/aggregation/every_chain.hpp"

namespace fedstake::aggregation::reference {
namespace {

using Values = std::vector<std::int32_t>;
using Matrix = std::vector<Values>;

constexpr std::size_t kRows = 15;
constexpr std::size_t kColumns = 1003;
constexpr unsigned kScaleBits = 22;

// Twelve rows that agree less and less, one opposite, one far away, one that repeats another.
Matrix fixed_matrix() {
    Rng rng(20260101);
    Matrix rows(kRows, Values(kColumns));
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

std::vector<NamedChain> golden_chains() {
    std::vector<NamedChain> result = every_rule(2);
    for (NamedChain& chain : every_pre(2)) {
        result.push_back(std::move(chain));
    }
    return result;
}

std::string root_of(const Matrix& rows, const NamedChain& chain, unsigned threads,
                    std::size_t memory_bytes) {
    std::vector<std::unique_ptr<VectorSource>> owned;
    std::vector<const VectorSource*> sources;
    std::vector<double> claims;
    for (std::size_t i = 0; i < kRows; ++i) {
        owned.push_back(memory_source(std::span<const std::int32_t>(rows[i])));
        sources.push_back(owned.back().get());
        claims.push_back(static_cast<double>(100 + 37 * i % 200));
    }
    Digest seed;
    seed.bytes.fill(7);
    const auto result =
        aggregate_matrix({.rows = sources,
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

}  // namespace

std::string golden_digests(unsigned threads, std::size_t memory_bytes) {
    const Matrix rows = fixed_matrix();
    std::string text;
    for (const NamedChain& chain : golden_chains()) {
        text += chain.name + ": " + root_of(rows, chain, threads, memory_bytes) + "\n";
    }
    return text;
}

}  // namespace fedstake::aggregation::reference
