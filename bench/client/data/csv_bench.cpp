// Reading a site's CSV file.
#include <benchmark/benchmark.h>

#include "client/data/cohort.hpp"
#include "client/data/csv.hpp"

namespace fedstake::data {
namespace {

void ParseCohortCsv(benchmark::State& state) {
    const auto plan = plan_cohort({.sites = 1, .rows = static_cast<std::uint32_t>(state.range(0))});
    const auto schema = builtin_schema("clinical-cohort");
    if (!plan || !schema) return state.SkipWithError("no cohort");
    const std::string text = cohort_csv(plan->front(), 0.02);
    for (auto _ : state) {
        auto csv = parse_csv(text, "bench", *schema);
        if (!csv) return state.SkipWithError(csv.error().message.c_str());
        benchmark::DoNotOptimize(csv->data.features.data());
    }
    state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(text.size()));
}
BENCHMARK(ParseCohortCsv)->Arg(1'000)->Arg(100'000)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace fedstake::data
