// Distances, mixing and weighted sums at d = 10^6, beside their bounds in the same run: reading and
// copying the input, and the multiply-add rate of the registers.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "bench/aggregation/kernels_bench.cpp"  // NOLINT: Highway's convention
#include <hwy/foreach_target.h>                                   // IWYU pragma: keep
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace fedstake::aggregation::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

// 16 chains of `steps` multiply-adds. RETURNS the lanes of a vector.
std::size_t multiply_adds(std::size_t steps, double* out) {
    const hn::ScalableTag<double> d;
    const auto x = hn::Set(d, 0.5);
    const auto start = [&](double shift) HWY_ATTR { return hn::Set(d, *out + shift); };
    auto s0 = start(0.0), s1 = start(1.0), s2 = start(2.0), s3 = start(3.0);
    auto s4 = start(4.0), s5 = start(5.0), s6 = start(6.0), s7 = start(7.0);
    auto t0 = start(8.0), t1 = start(9.0), t2 = start(10.0), t3 = start(11.0);
    auto t4 = start(12.0), t5 = start(13.0), t6 = start(14.0), t7 = start(15.0);
    for (std::size_t k = 0; k < steps; ++k) {
        s0 = hn::MulAdd(s0, x, x);
        s1 = hn::MulAdd(s1, x, x);
        s2 = hn::MulAdd(s2, x, x);
        s3 = hn::MulAdd(s3, x, x);
        s4 = hn::MulAdd(s4, x, x);
        s5 = hn::MulAdd(s5, x, x);
        s6 = hn::MulAdd(s6, x, x);
        s7 = hn::MulAdd(s7, x, x);
        t0 = hn::MulAdd(t0, x, x);
        t1 = hn::MulAdd(t1, x, x);
        t2 = hn::MulAdd(t2, x, x);
        t3 = hn::MulAdd(t3, x, x);
        t4 = hn::MulAdd(t4, x, x);
        t5 = hn::MulAdd(t5, x, x);
        t6 = hn::MulAdd(t6, x, x);
        t7 = hn::MulAdd(t7, x, x);
    }
    s0 = hn::Add(hn::Add(hn::Add(s0, s1), hn::Add(s2, s3)),
                 hn::Add(hn::Add(s4, s5), hn::Add(s6, s7)));
    t0 = hn::Add(hn::Add(hn::Add(t0, t1), hn::Add(t2, t3)),
                 hn::Add(hn::Add(t4, t5), hn::Add(t6, t7)));
    *out = hn::GetLane(hn::Add(s0, t0));
    return hn::Lanes(d);
}

}  // namespace fedstake::aggregation::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE

#include <cstring>
#include <memory>
#include <vector>

#include <benchmark/benchmark.h>

#include "aggregation/distances.hpp"
#include "aggregation/kernels/mix.hpp"
#include "aggregation/kernels/targets.hpp"
#include "aggregation/kernels/weighted.hpp"
#include "proto/base/rng.hpp"

namespace fedstake::aggregation {

HWY_EXPORT(multiply_adds);

namespace {

constexpr std::size_t kColumns = 1'000'000;
constexpr std::size_t kMemory = std::size_t{64} << 20U;

struct Input {
    explicit Input(std::int64_t n, unsigned bits = 23)
        : matrix(static_cast<std::size_t>(n), std::vector<std::int32_t>(kColumns)) {
        Rng rng(static_cast<std::uint64_t>(n));
        for (auto& values : matrix) {
            for (std::int32_t& value : values) {
                value = static_cast<std::int32_t>(static_cast<std::uint32_t>(rng.next())) >>
                        (31U - bits);
            }
            sources.push_back(memory_source(std::span<const std::int32_t>(values)));
            rows.push_back({.values = sources.back().get()});
        }
    }
    std::vector<std::vector<std::int32_t>> matrix;
    std::vector<std::unique_ptr<VectorSource>> sources;
    std::vector<Row> rows;
};

std::int64_t input_bytes(std::int64_t n) {
    return n * static_cast<std::int64_t>(kColumns * sizeof(std::int32_t));
}

void ReadInput(benchmark::State& state) {
    const Input input(state.range(0));
    for (auto _ : state) {
        std::uint64_t sum = 0;
        for (const auto& values : input.matrix) {
            for (const std::int32_t value : values) {
                sum += static_cast<std::uint32_t>(value);
            }
        }
        benchmark::DoNotOptimize(sum);
    }
    state.SetBytesProcessed(state.iterations() * input_bytes(state.range(0)));
}

void CopyInput(benchmark::State& state) {
    const Input input(state.range(0));
    auto copy = input.matrix;
    for (auto _ : state) {
        for (std::size_t i = 0; i < copy.size(); ++i) {
            std::memcpy(copy[i].data(), input.matrix[i].data(), kColumns * sizeof(std::int32_t));
        }
        benchmark::ClobberMemory();
    }
    state.SetBytesProcessed(state.iterations() * input_bytes(state.range(0)));
}

// items_per_second: multiply-adds of doubles. The bound of distances is n^2 d / 2 of them.
void MultiplyAddPeak(benchmark::State& state) {
    constexpr std::size_t kSteps = 100'000;
    kernels::ready_targets();
    double value = 1.0;
    std::size_t lanes = 0;
    for (auto _ : state) {
        lanes = HWY_DYNAMIC_DISPATCH(multiply_adds)(kSteps, &value);
        benchmark::DoNotOptimize(value);
    }
    state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(16 * kSteps * lanes));
    state.SetLabel(kernels::active_target().name);
}

// Arguments: rows, threads, largest bits, centre.
void MeasureDistances(benchmark::State& state) {
    const std::int64_t n = state.range(0);
    const Input input(n, static_cast<unsigned>(state.range(2)));
    WorkerPool pool(static_cast<unsigned>(state.range(1)));
    for (auto _ : state) {
        auto distances =
            measure_distances(input.rows, kColumns, pool, kMemory, state.range(3) != 0).value();
        benchmark::DoNotOptimize(distances.norm(0));
    }
    state.SetItemsProcessed(state.iterations() * n * n / 2 * static_cast<std::int64_t>(kColumns));
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
    for (auto _ : state) {
        for (std::size_t done = 0; done < kColumns; done += block.columns) {
            mixer.run(block.rows, std::min(block.columns, kColumns - done), out, scratch);
        }
        benchmark::ClobberMemory();
    }
}

void WeightedMean(benchmark::State& state) {
    const Block block(state.range(0));
    std::vector<std::uint32_t> weights(block.rows_count);
    for (std::size_t i = 0; i < weights.size(); ++i) {
        weights[i] = static_cast<std::uint32_t>(1'000'000 + i);
    }
    std::vector<std::int32_t> out(block.columns);
    for (auto _ : state) {
        for (std::size_t done = 0; done < kColumns; done += block.columns) {
            kernels::weighted_mean(block.rows, weights, 1U << 27U,
                                   std::min(block.columns, kColumns - done), out.data());
        }
        benchmark::ClobberMemory();
    }
    state.SetBytesProcessed(state.iterations() * input_bytes(state.range(0)));
}

BENCHMARK(ReadInput)->Arg(20)->Arg(100)->Unit(benchmark::kMillisecond);
BENCHMARK(CopyInput)->Arg(20)->Arg(100)->Unit(benchmark::kMillisecond);
BENCHMARK(MultiplyAddPeak)->Unit(benchmark::kMicrosecond);
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

#endif  // HWY_ONCE
