// Rules on n rows of d = 10^6, without hashing: what another library's aggregator does.
//
// Counters beside the time: bounds.hpp, to read the input once and, for rules on distances,
// n^2 d / 2 subtractions, squares and additions by one thread; and, for the shapes that reference
// figures exist for, byzfl_ms (ByzFL, NumPy, float32, one thread, on a comparable machine) and
// times_faster.
#include <string>
#include <vector>

#include <benchmark/benchmark.h>

#include "aggregation/aggregate.hpp"
#include "aggregation/plan.hpp"
#include "aggregation/registry.hpp"
#include "bench/aggregation/bench_rows.hpp"
#include "bench/aggregation/bounds.hpp"

namespace fedstake::aggregation {
namespace {

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
    const bench::BenchRows& input = bench::rows_of(n);
    subject.rules.f = static_cast<std::uint32_t>(n / 5);
    const MatrixInput matrix{
        .rows = input.sources, .unit = 0x1p-23, .rules = subject.rules, .seed = {}};
    const MatrixOptions options{.threads = static_cast<unsigned>(state.range(1))};
    const bench::Stopwatch watch(state.range(1));
    for (auto _ : state) {
        const auto result = aggregate_matrix(matrix, options);
        if (!result) {
            state.SkipWithError(result.error().message.c_str());
            return;
        }
    }
    const double took_ms = watch.ms(state);
    state.SetBytesProcessed(state.iterations() * bench::bytes_of(n));
    bench::add_bound(state, took_ms, "read", bench::read_ms(input));
    if (needs_geometry(find_chain(subject.rules).value())) {
        bench::add_bound(state, took_ms, "squares", bench::squares_ms(n));
    }
    const double other = n == 20 ? subject.byzfl_20 : subject.byzfl_100;
    if (other > 0.0 && state.range(1) == 1) {
        state.counters["byzfl_ms"] = other;
        state.counters["times_faster"] = other / took_ms;
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
