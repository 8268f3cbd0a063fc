// Distances, mixing and weighted sums at d = 10^6, beside their bounds (bounds.hpp).
#include <algorithm>
#include <cstring>
#include <vector>

#include <benchmark/benchmark.h>

#include "aggregation/distances.hpp"
#include "aggregation/kernels/mix.hpp"
#include "aggregation/kernels/targets.hpp"
#include "aggregation/kernels/weighted.hpp"
#include "bench/aggregation/bench_rows.hpp"
#include "bench/aggregation/bounds.hpp"
#include "proto/base/rng.hpp"

namespace fedstake::aggregation {

namespace {

using bench::BenchRows;
using bench::kColumns;

constexpr std::size_t kMemory = std::size_t{64} << 20U;

void CopyInput(benchmark::State& state) {
    const BenchRows& input = bench::rows_of(static_cast<std::size_t>(state.range(0)));
    auto copy = input.matrix;
    for (auto _ : state) {
        for (std::size_t i = 0; i < copy.size(); ++i) {
            std::memcpy(copy[i].data(), input.matrix[i].data(), kColumns * sizeof(std::int32_t));
        }
        benchmark::ClobberMemory();
    }
    state.SetBytesProcessed(state.iterations() *
                            bench::bytes_of(static_cast<std::size_t>(state.range(0))));
}

// items_per_second: multiply-adds of doubles, the bound of arithmetic.
void MultiplyAddPeak(benchmark::State& state) {
    double rate = 0.0;
    for (auto _ : state) {
        rate = bench::multiply_adds_per_second();
    }
    state.counters["items_per_second"] = rate;
    state.SetLabel(kernels::active_target().name);
}

// Arguments: rows, threads, largest bits, centre.
void MeasureDistances(benchmark::State& state) {
    const auto n = static_cast<std::size_t>(state.range(0));
    const BenchRows input(n, static_cast<unsigned>(state.range(2)));
    WorkerPool pool(static_cast<unsigned>(state.range(1)));
    const bench::Stopwatch watch(state.range(1));
    for (auto _ : state) {
        auto distances =
            measure_distances(input.rows, kColumns, pool, kMemory, state.range(3) != 0).value();
        benchmark::DoNotOptimize(distances.norm(0));
    }
    const double took_ms = watch.ms(state);
    state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(n * n / 2 * kColumns));
    bench::add_bound(state, took_ms, "read", bench::read_ms(input));
    bench::add_bound(state, took_ms, "squares", bench::squares_ms(n));
}

// Blocks of a megabyte, as the second pass over the coordinates has them.
struct Block {
    explicit Block(std::int64_t n)
        : rows_count(static_cast<std::size_t>(n)),
          columns((std::size_t{1} << 18U) / rows_count / 64 * 64),
          values(rows_count, std::vector<std::int32_t>(columns)) {
        Rng rng(1);
        for (auto& row : values) {
            for (std::int32_t& value : row) {
                value = static_cast<std::int32_t>(rng.next() >> 40U) - (1 << 23);
            }
            rows.push_back(row.data());
        }
    }
    std::size_t rows_count;
    std::size_t columns;
    std::vector<std::vector<std::int32_t>> values;
    std::vector<const std::int32_t*> rows;
};

// Nearest-neighbour mixing with f = n / 5, or weights of which no two are equal, over 10^6 columns.
void MixRows(benchmark::State& state, bool equal) {
    const Block block(state.range(0));
    const std::size_t n = block.rows_count;
    const std::size_t neighbours = n - n / 5;
    const auto denominator = equal ? static_cast<std::uint32_t>(neighbours) : 1U << 29U;
    RowMap map(n, n, denominator);
    for (std::size_t i = 0; i < n; ++i) {
        for (std::size_t k = 0; k < neighbours; ++k) {
            const auto weight = static_cast<std::uint32_t>(denominator / n - k);
            map.set(i, (i + k) % n, equal ? 1 : weight);
        }
    }
    const kernels::Mixer mixer(map);
    kernels::AlignedArray<double> scratch(mixer.scratch_size());
    auto mixed = block.values;
    std::vector<std::int32_t*> out;
    for (auto& row : mixed) {
        out.push_back(row.data());
    }
    const bench::Stopwatch watch;
    for (auto _ : state) {
        for (std::size_t done = 0; done < kColumns; done += block.columns) {
            mixer.run(block.rows, std::min(block.columns, kColumns - done), out, scratch);
        }
        benchmark::ClobberMemory();
    }
    const double took_ms = watch.ms(state);
    bench::add_bound(state, took_ms, "multiply_adds",
                     bench::multiply_adds_ms(static_cast<double>(n * neighbours * kColumns)));
}

// Rows in memory, in blocks as wide as the second pass has them.
void WeightedMean(benchmark::State& state) {
    constexpr std::size_t kBlockColumns = 65536;
    const BenchRows& input = bench::rows_of(static_cast<std::size_t>(state.range(0)));
    std::vector<std::uint32_t> weights(input.rows.size());
    for (std::size_t i = 0; i < weights.size(); ++i) {
        weights[i] = static_cast<std::uint32_t>(1'000'000 + i);
    }
    std::vector<std::int32_t> out(kBlockColumns);
    const bench::Stopwatch watch;
    for (auto _ : state) {
        for (std::size_t done = 0; done < kColumns; done += kBlockColumns) {
            std::vector<const std::int32_t*> rows = input.pointers;
            for (const std::int32_t*& row : rows) {
                row += done;
            }
            kernels::weighted_mean(rows, weights, 1U << 27U,
                                   std::min(kBlockColumns, kColumns - done), out.data());
        }
        benchmark::ClobberMemory();
    }
    const double took_ms = watch.ms(state);
    state.SetBytesProcessed(state.iterations() *
                            bench::bytes_of(static_cast<std::size_t>(state.range(0))));
    bench::add_bound(state, took_ms, "read", bench::read_ms(input));
}

BENCHMARK(CopyInput)->Arg(20)->Arg(100)->Unit(benchmark::kMillisecond);
BENCHMARK(MultiplyAddPeak);
BENCHMARK(MeasureDistances)
    ->Args({20, 1, 23, 0})
    ->Args({20, 2, 23, 0})
    ->Args({100, 1, 23, 0})
    ->Args({100, 2, 23, 0})
    ->Args({100, 1, 23, 1})
    ->Args({100, 1, 31, 0})
    ->Unit(benchmark::kMillisecond)
    ->MeasureProcessCPUTime()
    ->UseRealTime();
BENCHMARK_CAPTURE(MixRows, equal_weights, true)->Arg(20)->Arg(100)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(MixRows, any_weights, false)->Arg(20)->Arg(100)->Unit(benchmark::kMillisecond);
BENCHMARK(WeightedMean)->Arg(20)->Arg(100)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace fedstake::aggregation
