// A whole round, n = 10 sites, d = 10^7: signatures, content roots, distances, rule, scores,
// commitment; beside a memcpy of the same input.
#include <cstring>
#include <memory>
#include <vector>

#include <benchmark/benchmark.h>

#include "aggregation/pipeline.hpp"
#include "proto/base/rng.hpp"
#include "proto/crypto/content_tree.hpp"

namespace fedstake::aggregation {
namespace {

constexpr std::size_t kSites = 10;
constexpr std::size_t kColumns = 10'000'000;
constexpr auto kInputBytes = static_cast<std::int64_t>(kSites * kColumns * 4);

template <class Value>
Digest root_of(const std::vector<Value>& values) {
    return crypto::content_root_of(
        {reinterpret_cast<const std::uint8_t*>(values.data()), values.size() * sizeof(Value)});
}

// One signed round, made once for all benchmarks.
struct Round {
    Round() : base(kColumns, 0.5F), matrix(kSites, std::vector<std::int32_t>(kColumns)) {
        rules.coordinates = kColumns;
        rules.aggregation.f = 2;
        context.round = 1;
        context.base_model = root_of(base);
        for (std::size_t i = 0; i < kSites; ++i) {
            add_site(i);
        }
        context.rules_digest = rules.digest();
    }

    void add_site(std::size_t index) {
        Rng rng(index);
        for (std::int32_t& value : matrix[index]) {
            value = static_cast<std::int32_t>(rng.next() >> 42U) - (1 << 21);
        }
        std::array<std::uint8_t, 32> secret{};
        secret[31] = static_cast<std::uint8_t>(index + 1);
        const auto key = crypto::SigningKey::from_secret(secret).value();
        rules::CohortMember member{.site = {}, .signer = key.address()};
        member.site.bytes[0] = static_cast<std::uint8_t>(index + 1);
        context.cohort.push_back(member);
        sources.push_back(memory_source(std::span<const std::int32_t>(matrix[index])));
        SubmittedUpdate update{.signed_update = {}, .values = sources.back().get()};
        update.signed_update.statement = {.federation = context.federation,
                                          .round = 1,
                                          .attempt = 0,
                                          .site = member.site,
                                          .base_model = context.base_model,
                                          .update_root = root_of(matrix[index]),
                                          .coordinates = kColumns,
                                          .details_digest = {}};
        update.signed_update.signature =
            crypto::sign_statement(domain, update.signed_update.statement, key);
        updates.push_back(update);
    }

    rules::RoundRules rules;
    rules::RoundContext context;
    crypto::Eip712Domain domain{.chain_id = 1, .verifying_contract = {}};
    std::vector<float> base;
    std::vector<std::vector<std::int32_t>> matrix;
    std::vector<std::unique_ptr<VectorSource>> sources;
    std::vector<SubmittedUpdate> updates;
};

const Round& round_once() {
    static const Round round;
    return round;
}

void EvaluateRound(benchmark::State& state, const char* rule) {
    const Round& round = round_once();
    rules::RoundRules rules = round.rules;
    rules.aggregation.rule.name = rule;
    rules::RoundContext context = round.context;
    context.rules_digest = rules.digest();
    const auto base_source = memory_source(std::span<const float>(round.base));
    for (auto _ : state) {
        const auto outcome = evaluate_round({.rules = &rules,
                                             .context = &context,
                                             .domain = round.domain,
                                             .base_model = base_source.get(),
                                             .updates = round.updates},
                                            {.threads = static_cast<unsigned>(state.range(0))});
        if (!outcome) {
            state.SkipWithError(outcome.error().message.c_str());
            return;
        }
        benchmark::DoNotOptimize(outcome->report.model);
    }
    state.SetBytesProcessed(state.iterations() * kInputBytes);
}

void CopyInput(benchmark::State& state) {
    const Round& round = round_once();
    std::vector<std::vector<std::int32_t>> copy = round.matrix;
    for (auto _ : state) {
        for (std::size_t i = 0; i < kSites; ++i) {
            std::memcpy(copy[i].data(), round.matrix[i].data(), kColumns * 4);
        }
        benchmark::ClobberMemory();
    }
    state.SetBytesProcessed(state.iterations() * kInputBytes);
}

BENCHMARK(CopyInput)->Unit(benchmark::kMillisecond)->UseRealTime();
BENCHMARK_CAPTURE(EvaluateRound, trimmed_mean, "trimmed-mean")
    ->Arg(1)
    ->Arg(2)
    ->Unit(benchmark::kMillisecond)
    ->UseRealTime();
BENCHMARK_CAPTURE(EvaluateRound, multi_krum, "multi-krum")
    ->Arg(1)
    ->Arg(2)
    ->Unit(benchmark::kMillisecond)
    ->UseRealTime();

}  // namespace
}  // namespace fedstake::aggregation
