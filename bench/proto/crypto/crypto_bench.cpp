// Content roots beside what bounds them in the same run: copying and raw hashing of the same bytes.
// Also the price of small trees and signatures.
#include <algorithm>
#include <cstring>
#include <utility>
#include <vector>

#include <benchmark/benchmark.h>

#include "proto/base/rng.hpp"
#include "proto/crypto/content_tree.hpp"
#include "proto/crypto/keccak256.hpp"
#include "proto/crypto/keccak_tree.hpp"
#include "proto/crypto/secp256k1.hpp"
#include "proto/crypto/sha256.hpp"
#include "proto/crypto/statements.hpp"

namespace fedstake::crypto {
namespace {

constexpr std::size_t kBlobBytes = 400'000'000;  // an update of 100 million coordinates

const Bytes& blob() {
    static const Bytes bytes = [] {
        Bytes made(kBlobBytes);
        Rng rng(1);
        for (std::size_t i = 0; i + 8 <= made.size(); i += 8) {
            const std::uint64_t word = rng.next();
            std::memcpy(&made[i], &word, sizeof word);
        }
        return made;
    }();
    return bytes;
}

void report_bytes(benchmark::State& state, std::size_t bytes) {
    state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(bytes));
}

void copy_400mb(benchmark::State& state) {
    Bytes target(blob().size());
    for (auto _ : state) {
        std::memcpy(target.data(), blob().data(), target.size());
        benchmark::DoNotOptimize(target.data());
        benchmark::ClobberMemory();
    }
    report_bytes(state, kBlobBytes);
}
BENCHMARK(copy_400mb)->Unit(benchmark::kMillisecond);

void raw_sha256_400mb(benchmark::State& state) {
    const ByteView bytes = blob();
    for (auto _ : state) benchmark::DoNotOptimize(sha256(bytes));
    report_bytes(state, kBlobBytes);
}
BENCHMARK(raw_sha256_400mb)->Unit(benchmark::kMillisecond);

void content_root_400mb(benchmark::State& state) {
    const ByteView bytes = blob();
    for (auto _ : state) benchmark::DoNotOptimize(content_root_of(bytes));
    report_bytes(state, kBlobBytes);
}
BENCHMARK(content_root_400mb)->Unit(benchmark::kMillisecond);

// Arrival in pieces that are not whole chunks costs one copy more.
void content_hasher_400mb_in_64k_pieces(benchmark::State& state) {
    constexpr std::size_t kPiece = 64 * 1024 - 1;
    for (auto _ : state) {
        ContentHasher hasher;
        for (ByteView rest = blob(); !rest.empty();) {
            const std::size_t size = std::min(kPiece, rest.size());
            hasher.update(rest.first(size));
            rest = rest.subspan(size);
        }
        benchmark::DoNotOptimize(std::move(hasher).finish());
    }
    report_bytes(state, kBlobBytes);
}
BENCHMARK(content_hasher_400mb_in_64k_pieces)->Unit(benchmark::kMillisecond);

void check_one_chunk(benchmark::State& state) {
    const ByteView chunk = ByteView(blob()).first(limits::kChunkBytes);
    for (auto _ : state) benchmark::DoNotOptimize(chunk_root(0, chunk));
    report_bytes(state, chunk.size());
}
BENCHMARK(check_one_chunk)->Unit(benchmark::kMicrosecond);

void keccak_1mib(benchmark::State& state) {
    const ByteView chunk = ByteView(blob()).first(limits::kChunkBytes);
    for (auto _ : state) benchmark::DoNotOptimize(keccak256(chunk));
    report_bytes(state, chunk.size());
}
BENCHMARK(keccak_1mib)->Unit(benchmark::kMicrosecond);

void keccak_root_of_sites(benchmark::State& state) {
    std::vector<Digest> leaves(static_cast<std::size_t>(state.range(0)));
    for (std::size_t i = 0; i < leaves.size(); ++i) {
        leaves[i] = LeafHasher(LeafTag::kScore).number(i).finish();
    }
    for (auto _ : state) benchmark::DoNotOptimize(keccak_root(leaves));
}
BENCHMARK(keccak_root_of_sites)->Arg(8)->Arg(512)->Unit(benchmark::kMicrosecond);

void sign_statement_once(benchmark::State& state) {
    const SigningKey key = SigningKey::generate();
    const Eip712Domain domain;
    UpdateStatement statement;
    for (auto _ : state) {
        ++statement.round;
        benchmark::DoNotOptimize(sign_statement(domain, statement, key));
    }
}
BENCHMARK(sign_statement_once)->Unit(benchmark::kMicrosecond);

void verify_statement_once(benchmark::State& state) {
    const SigningKey key = SigningKey::generate();
    const Eip712Domain domain;
    const UpdateStatement statement;
    const Signature signature = sign_statement(domain, statement, key);
    for (auto _ : state) {
        if (!verify_statement(domain, statement, signature, key.address())) {
            state.SkipWithError("a good signature was refused");
            break;
        }
    }
}
BENCHMARK(verify_statement_once)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace fedstake::crypto
