// Rules and distances on n rows of d = 10^6, one thread, beside the time to read the input once.
#include <memory>
#include <vector>

#include <benchmark/benchmark.h>

#include "aggregation/combine.hpp"
#include "aggregation/kernels/kernels.hpp"
#include "aggregation/registry.hpp"
#include "proto/base/rng.hpp"

namespace fedstake::aggregation {
namespace {

constexpr std::size_t kColumns = 1'000'000;

struct Rows {
    explicit Rows(std::size_t n) : matrix(n, std::vector<std::int32_t>(kColumns)) {
        Rng rng(n);
        for (auto& values : matrix) {
            for (std::int32_t& value : values) {
                value = static_cast<std::int32_t>(rng.next() >> 40U) - (1 << 23);
            }
            sources.push_back(memory_source(std::span<const std::int32_t>(values)));
            rows.push_back({.values = sources.back().get()});
        }
    }
    std::vector<std::vector<std::int32_t>> matrix;
    std::vector<std::unique_ptr<VectorSource>> sources;
    std::vector<Row> rows;
};

// The bound of every rule: each value of the input is loaded from memory once.
void ReadInput(benchmark::State& state) {
    const Rows input(static_cast<std::size_t>(state.range(0)));
    for (auto _ : state) {
        std::uint64_t sum = 0;
        for (const auto& values : input.matrix) {
            for (const std::int32_t value : values) {
                sum += static_cast<std::uint32_t>(value);
            }
        }
        benchmark::DoNotOptimize(sum);
    }
    state.SetBytesProcessed(state.iterations() * state.range(0) *
                            static_cast<std::int64_t>(kColumns) * 4);
}

// The peak for distances: the subtract-square-add kernel on rows that stay in the first cache.
void SubtractSquareAddPeak(benchmark::State& state) {
    const std::vector<std::int32_t> a(kernels::kNarrowColumnsMax, 5);
    const std::vector<std::int32_t> b(kernels::kNarrowColumnsMax, -7);
    const std::int32_t* const rows[] = {b.data(), b.data(), b.data(), b.data()};
    std::uint64_t out[4];
    for (auto _ : state) {
        kernels::active().distances_narrow(a.data(), rows, 4, a.size(), out);
        benchmark::DoNotOptimize(out[0]);
    }
    state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(4 * a.size()));
    state.SetLabel(kernels::active().name);
}

void MeasureDistances(benchmark::State& state) {
    const Rows input(static_cast<std::size_t>(state.range(0)));
    WorkerPool pool(static_cast<unsigned>(state.range(1)));
    for (auto _ : state) {
        auto distances =
            measure_distances(input.rows, kColumns, pool, std::size_t{64} << 20U).value();
        benchmark::DoNotOptimize(distances.norm(0));
    }
    const std::int64_t n = state.range(0);
    state.SetItemsProcessed(state.iterations() * n * (n - 1) / 2 *
                            static_cast<std::int64_t>(kColumns));
}

void RunRule(benchmark::State& state, const char* name) {
    const auto n = static_cast<std::size_t>(state.range(0));
    const Rows input(n);
    WorkerPool pool(static_cast<unsigned>(state.range(1)));
    const std::vector<float> base(kColumns, 1.0F);
    const auto base_source = memory_source(std::span<const float>(base));
    const RuleInfo& rule = *find_rule(name).value();
    const Arguments arguments{
        .n = n,
        .f = static_cast<std::uint32_t>(n / 5),
        .parameters = std::vector<std::optional<double>>(rule.parameters.size())};
    for (auto _ : state) {
        Distances distances;
        if (rule.needs_distances) {
            distances =
                measure_distances(input.rows, kColumns, pool, std::size_t{64} << 20U).value();
        }
        const Combination combination = rule.combine(arguments, &distances);
        const CombineTask task{.rows = input.rows,
                               .combination = &combination,
                               .coordinates = kColumns,
                               .scale_bits = 24,
                               .base_model = base_source.get(),
                               .memory_bytes = std::size_t{64} << 20U};
        const auto roots = combine_rows(task, pool);
        benchmark::DoNotOptimize(roots->aggregate);
    }
    state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(n * kColumns * 4));
}

void shapes(benchmark::internal::Benchmark* bench) {
    bench->Args({20, 1})
        ->Args({20, 2})
        ->Args({100, 1})
        ->Unit(benchmark::kMillisecond)
        ->UseRealTime();
}

BENCHMARK(ReadInput)->Arg(20)->Arg(100)->Unit(benchmark::kMillisecond);
BENCHMARK(SubtractSquareAddPeak);
BENCHMARK(MeasureDistances)->Apply(shapes);
BENCHMARK_CAPTURE(RunRule, mean, "mean")->Apply(shapes);
BENCHMARK_CAPTURE(RunRule, median, "median")->Apply(shapes);
BENCHMARK_CAPTURE(RunRule, trimmed_mean, "trimmed-mean")->Apply(shapes);
BENCHMARK_CAPTURE(RunRule, krum, "krum")->Apply(shapes);
BENCHMARK_CAPTURE(RunRule, multi_krum, "multi-krum")->Apply(shapes);

}  // namespace
}  // namespace fedstake::aggregation
