// Vector code for the peak of the multiply-adds, and the bounds made of it.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "bench/aggregation/bounds.cpp"  // NOLINT: Highway's convention
#include <hwy/foreach_target.h>                            // IWYU pragma: keep
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

#include <algorithm>
#include <ctime>
#include <map>

#include "aggregation/kernels/targets.hpp"
#include "bench/aggregation/bounds.hpp"

namespace fedstake::aggregation {

HWY_EXPORT(multiply_adds);

namespace bench {
namespace {

constexpr double kThousand = 1000.0;

double seconds_of(clockid_t clock) {
    timespec time{};
    ::clock_gettime(clock, &time);
    return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
}

// Seconds of the fastest of some calls, of this thread alone.
template <class Work>
double fastest(int trials, const Work& work) {
    double best = 1e30;
    for (int trial = 0; trial < trials; ++trial) {
        const double start = seconds_of(CLOCK_THREAD_CPUTIME_ID);
        work();
        best = std::min(best, seconds_of(CLOCK_THREAD_CPUTIME_ID) - start);
    }
    return best;
}

}  // namespace

double read_ms(const BenchRows& rows) {
    return kThousand * fastest(5, [&] {
               std::uint32_t sum = 0;
               for (const auto& values : rows.matrix) {
                   for (const std::int32_t value : values) {
                       sum += static_cast<std::uint32_t>(value);
                   }
               }
               benchmark::DoNotOptimize(sum);
           });
}

double multiply_adds_per_second() {
    static std::map<std::int64_t, double> known;
    double& rate = known[kernels::active_target().bit];
    if (rate == 0.0) {
        constexpr std::size_t kSteps = 100'000;
        double value = 1.0;
        std::size_t lanes = 0;
        const double seconds = fastest(40, [&] {
            lanes = HWY_DYNAMIC_DISPATCH(multiply_adds)(kSteps, &value);
            benchmark::DoNotOptimize(value);
        });
        rate = static_cast<double>(16 * kSteps * lanes) / seconds;
    }
    return rate;
}

double multiply_adds_ms(double count) {
    return kThousand * count / multiply_adds_per_second();
}

double squares_ms(std::size_t n) {
    return multiply_adds_ms(static_cast<double>(n * n * kColumns));
}

Stopwatch::Stopwatch(std::int64_t threads)
    : alone_(threads == 1),
      start_(seconds_of(alone_ ? CLOCK_THREAD_CPUTIME_ID : CLOCK_MONOTONIC)) {}

double Stopwatch::ms(const benchmark::State& state) const {
    const double end = seconds_of(alone_ ? CLOCK_THREAD_CPUTIME_ID : CLOCK_MONOTONIC);
    return kThousand * (end - start_) / static_cast<double>(state.iterations());
}

void add_bound(benchmark::State& state, double took_ms, const std::string& name, double bound_ms) {
    state.counters[name + "_ms"] = bound_ms;
    state.counters["of_" + name] = bound_ms / took_ms;
}

}  // namespace bench
}  // namespace fedstake::aggregation

#endif  // HWY_ONCE
