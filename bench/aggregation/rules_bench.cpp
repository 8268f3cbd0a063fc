// Rules on n rows of d = 10^6, without hashing: what another library's aggregator does.
//
// Counters beside the time: read_ms, the time to read the input once in this very run, and, for the
// shapes that reference figures exist for, byzfl_ms (ByzFL, NumPy, float32, one thread, on a
// comparable machine) and times_faster. MultiplyAddPeak of bench_aggregation_kernels gives the
// bound of rules on distances.
#include <algorithm>
#include <chrono>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <benchmark/benchmark.h>

#include "aggregation/aggregate.hpp"
#include "proto/base/rng.hpp"

namespace fedstake::aggregation {
namespace {

constexpr std::size_t kColumns = 1'000'000;

// Values of 24 bits, the precision of float32.
struct Rows {
    explicit Rows(std::size_t n) : matrix(n, std::vector<std::int32_t>(kColumns)) {
        Rng rng(n);
        for (auto& values : matrix) {
            for (std::int32_t& value : values) {
                value = static_cast<std::int32_t>(rng.next() >> 40U) - (1 << 23);
            }
            owned.push_back(memory_source(std::span<const std::int32_t>(values)));
            sources.push_back(owned.back().get());
        }
    }
    // Milliseconds of the fastest of five reads.
    [[nodiscard]] double read_time() const {
        double best = 1e30;
        for (int trial = 0; trial < 5; ++trial) {
            const auto start = std::chrono::steady_clock::now();
            std::uint32_t sum = 0;
            for (const auto& values : matrix) {
                for (const std::int32_t value : values) {
                    sum += static_cast<std::uint32_t>(value);
                }
            }
            benchmark::DoNotOptimize(sum);
            const std::chrono::duration<double, std::milli> took =
                std::chrono::steady_clock::now() - start;
            best = std::min(best, took.count());
        }
        return best;
    }
    std::vector<std::vector<std::int32_t>> matrix;
    std::vector<std::unique_ptr<VectorSource>> owned;
    std::vector<const VectorSource*> sources;
};

const Rows& rows_of(std::size_t n) {
    static std::map<std::size_t, std::unique_ptr<Rows>> cache;
    auto& entry = cache[n];
    if (entry == nullptr) {
        entry = std::make_unique<Rows>(n);
    }
    return *entry;
}

struct Subject {
    rules::AggregationRules rules;
    double byzfl_20 = 0.0;  // milliseconds at n = 20; 0: not known
    double byzfl_100 = 0.0;
};

Subject subject(const std::string& pre, const std::string& rule,
                std::vector<rules::Parameter> parameters = {}, double byzfl_20 = 0.0,
                double byzfl_100 = 0.0) {
    Subject result;
    if (!pre.empty()) {
        result.rules.pre.push_back({.name = pre, .parameters = {}});
    }
    result.rules.rule = {.name = rule, .parameters = std::move(parameters)};
    result.byzfl_20 = byzfl_20;
    result.byzfl_100 = byzfl_100;
    return result;
}

void RunRule(benchmark::State& state, Subject subject) {
    const auto n = static_cast<std::size_t>(state.range(0));
    const Rows& input = rows_of(n);
    subject.rules.f = static_cast<std::uint32_t>(n / 5);
    const MatrixInput matrix{
        .rows = input.sources, .unit = 0x1p-23, .rules = subject.rules, .seed = {}};
    const MatrixOptions options{.threads = static_cast<unsigned>(state.range(1))};
    double seconds = 0.0;
    for (auto _ : state) {
        const auto start = std::chrono::steady_clock::now();
        const auto result = aggregate_matrix(matrix, options);
        if (!result) {
            state.SkipWithError(result.error().message.c_str());
            return;
        }
        seconds += std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    }
    state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(n * kColumns * 4));
    state.counters["read_ms"] = input.read_time();
    const double other = n == 20 ? subject.byzfl_20 : subject.byzfl_100;
    if (other > 0.0 && state.range(1) == 1) {
        state.counters["byzfl_ms"] = other;
        state.counters["times_faster"] =
            other / (1000.0 * seconds / static_cast<double>(state.iterations()));
    }
}

void shapes(benchmark::internal::Benchmark* bench) {
    for (const std::int64_t n : {20, 100}) {
        bench->Args({n, 1})->Args({n, 2});
    }
    bench->Unit(benchmark::kMillisecond)->UseRealTime();
}

BENCHMARK_CAPTURE(RunRule, mean, subject("", "mean"))->Apply(shapes);
BENCHMARK_CAPTURE(RunRule, median, subject("", "median", {}, 388, 1570))->Apply(shapes);
BENCHMARK_CAPTURE(RunRule, trimmed_mean, subject("", "trimmed-mean", {}, 119, 510))->Apply(shapes);
BENCHMARK_CAPTURE(RunRule, meamed, subject("", "meamed", {}, 1350, 6270))->Apply(shapes);
BENCHMARK_CAPTURE(RunRule, krum, subject("", "krum", {}, 330, 8050))->Apply(shapes);
BENCHMARK_CAPTURE(RunRule, multi_krum, subject("", "multi-krum", {}, 325, 7440))->Apply(shapes);
BENCHMARK_CAPTURE(RunRule, geometric_median, subject("", "geometric-median", {}, 296, 1280))
    ->Apply(shapes);
BENCHMARK_CAPTURE(RunRule, centered_clipping,
                  subject("", "centered-clipping", {{.name = "tau", .value = 100.0}}, 72, 377))
    ->Apply(shapes);
BENCHMARK_CAPTURE(RunRule, mda, subject("", "mda"))->Apply(shapes);
BENCHMARK_CAPTURE(RunRule, caf, subject("", "caf"))->Apply(shapes);
BENCHMARK_CAPTURE(RunRule, nnm_mean, subject("nnm", "mean", {}, 781))->Apply(shapes);
BENCHMARK_CAPTURE(RunRule, nnm_trimmed_mean, subject("nnm", "trimmed-mean"))->Apply(shapes);
BENCHMARK_CAPTURE(RunRule, arc_multi_krum, subject("arc", "multi-krum"))->Apply(shapes);

}  // namespace
}  // namespace fedstake::aggregation
