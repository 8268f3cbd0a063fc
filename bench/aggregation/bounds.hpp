// What the machine can do, measured in the run whose figures it stands beside.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include <benchmark/benchmark.h>

#include "bench/aggregation/bench_rows.hpp"

namespace fedstake::aggregation::bench {

// Milliseconds of the fastest of five reads of the whole input by one thread.
[[nodiscard]] double read_ms(const BenchRows& rows);

// Multiply-adds of doubles a second in the registers of one thread, with the active instruction
// set: the fastest of some trials, measured once for each set.
[[nodiscard]] double multiply_adds_per_second();

// Milliseconds of that many of them.
[[nodiscard]] double multiply_adds_ms(double count);

// n^2 d / 2 subtractions, squares and additions, which are two multiply-adds each.
[[nodiscard]] double squares_ms(std::size_t n);

// Time by iteration from its making on: of one thread alone, so that other programs do not count,
// or by the clock on the wall for several.
class Stopwatch {
public:
    explicit Stopwatch(std::int64_t threads = 1);
    [[nodiscard]] double ms(const benchmark::State& state) const;

private:
    bool alone_;
    double start_;
};

// Counters <name>_ms, the bound itself, and of_<name>, the share of it that was reached by an
// iteration of `took_ms`: 1 is as fast as the bound.
void add_bound(benchmark::State& state, double took_ms, const std::string& name, double bound_ms);

}  // namespace fedstake::aggregation::bench
