// Rules by columns on n rows of d = 10^6, one thread, without hashing, beside the time to read the
// input once (ReadRows), on each instruction set.
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <benchmark/benchmark.h>

#include "aggregation/column_program.hpp"
#include "aggregation/kernels/targets.hpp"
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
            pointers.push_back(values.data());
        }
    }
    std::vector<std::vector<std::int32_t>> matrix;
    std::vector<const std::int32_t*> pointers;
};

// One set of rows at a time.
const Rows& rows_of(std::size_t n) {
    static std::unique_ptr<Rows> rows;
    if (rows == nullptr || rows->matrix.size() != n) {
        rows.reset();
        rows = std::make_unique<Rows>(n);
    }
    return *rows;
}

void count_bytes(benchmark::State& state, std::size_t n) {
    state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(n * kColumns * 4));
}

// The bound of every rule: each value of the input is loaded from memory once.
void ReadRows(benchmark::State& state, std::size_t n) {
    const Rows& input = rows_of(n);
    for (auto _ : state) {
        std::uint32_t sum = 0;
        for (const auto& values : input.matrix) {
            for (const std::int32_t value : values) {
                sum += static_cast<std::uint32_t>(value);
            }
        }
        benchmark::DoNotOptimize(sum);
    }
    count_bytes(state, n);
}

void RunColumns(benchmark::State& state, std::size_t n, const Combination& combination,
                const kernels::Target& target) {
    const Rows& input = rows_of(n);
    const kernels::ForcedTarget forced(target);
    const ColumnProgram program(combination);
    std::vector<std::int32_t> scratch(program.scratch_values());
    std::vector<std::int32_t> out(kColumns);
    for (auto _ : state) {
        program.run(input.pointers, input.pointers[0], kColumns, scratch, out.data());
        benchmark::DoNotOptimize(out.data());
        benchmark::ClobberMemory();
    }
    count_bytes(state, n);
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
        benchmark::RegisterBenchmark(("ReadRows" + rows).c_str(), [n](benchmark::State& state) {
            ReadRows(state, n);
        })->Unit(benchmark::kMillisecond);
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
