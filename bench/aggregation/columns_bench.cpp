// Rules by columns on n rows of d = 10^6, one thread, without hashing, on each instruction set.
// Counters: bounds.hpp; the bound is to read the input once.
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include <benchmark/benchmark.h>

#include "aggregation/column_program.hpp"
#include "aggregation/kernels/targets.hpp"
#include "bench/aggregation/bench_rows.hpp"
#include "bench/aggregation/bounds.hpp"

namespace fedstake::aggregation {
namespace {

using bench::kColumns;

void RunColumns(benchmark::State& state, std::size_t n, const Combination& combination,
                const kernels::Target& target) {
    const bench::BenchRows& input = bench::rows_of(n);
    const kernels::ForcedTarget forced(target);
    const ColumnProgram program(combination);
    std::vector<std::int32_t> scratch(program.scratch_values());
    std::vector<std::int32_t> out(kColumns);
    const bench::Stopwatch watch;
    for (auto _ : state) {
        program.run(input.pointers, input.pointers[0], kColumns, scratch, out.data());
        benchmark::DoNotOptimize(out.data());
        benchmark::ClobberMemory();
    }
    const double took_ms = watch.ms(state);
    state.SetBytesProcessed(state.iterations() * bench::bytes_of(n));
    bench::add_bound(state, took_ms, "read", bench::read_ms(input));
}

Combination combination(ColumnRule rule, std::size_t n, std::size_t f) {
    Combination result;
    result.columns = rule;
    result.weights.assign(n, 1);
    result.first = f;
    result.last = n - f;
    result.count = n - f;
    result.threshold = n / 2;
    return result;
}

void register_all() {
    for (const std::size_t n : {10U, 20U, 32U, 50U, 100U, 255U}) {
        const std::size_t f = n / 5;
        const std::map<std::string, Combination> rules = {
            {"median", median_of(n)},
            {"trimmed", combination(ColumnRule::kWindowMean, n, f)},
            {"trimmed_one", combination(ColumnRule::kWindowMean, n, 1)},
            {"winsorized", combination(ColumnRule::kWinsorizedMean, n, f)},
            {"nearest_median", combination(ColumnRule::kNearestMedian, n, f)},
            {"nearest_row", combination(ColumnRule::kNearestRow, n, f)},
            {"sign_vote", combination(ColumnRule::kSignVote, n, f)},
        };
        const std::string rows = "/" + std::to_string(n);
        for (const auto& [name, rule] : rules) {
            for (const kernels::Target& target : kernels::targets()) {
                benchmark::RegisterBenchmark(
                    ("RunColumns/" + name + rows + "/" + target.name).c_str(),
                    [n, rule = rule, target](benchmark::State& state) {
                        RunColumns(state, n, rule, target);
                    })
                    ->Unit(benchmark::kMillisecond);
            }
        }
    }
}

const bool registered = (register_all(), true);

}  // namespace
}  // namespace fedstake::aggregation
