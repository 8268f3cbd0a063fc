// A whole round, n = 10 sites, d = 10^7: signatures, content roots, distances, rule, scores,
// commitment; first a round that has none before it, then one that looks back at the updates of the
// round before; beside a memcpy of the same input.
#include <algorithm>
#include <cstring>
#include <memory>
#include <span>
#include <utility>
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
        auto key = crypto::SigningKey::from_secret(secret).value();
        rules::CohortMember member{.site = {}, .signer = key.address()};
        member.site.bytes[0] = static_cast<std::uint8_t>(index + 1);
        context.cohort.push_back(member);
        sources.push_back(memory_source(std::span<const std::int32_t>(matrix[index])));
        roots.push_back(root_of(matrix[index]));
        keys.push_back(std::move(key));
    }

    // The same updates, signed for this round.
    [[nodiscard]] std::vector<SubmittedUpdate> updates(RoundNumber number) const {
        std::vector<SubmittedUpdate> result;
        for (std::size_t i = 0; i < kSites; ++i) {
            SubmittedUpdate update{.signed_update = {}, .values = sources[i].get()};
            update.signed_update.statement = {.federation = context.federation,
                                              .round = number,
                                              .attempt = 0,
                                              .site = context.cohort[i].site,
                                              .base_model = context.base_model,
                                              .update_root = roots[i],
                                              .coordinates = kColumns,
                                              .details_digest = {}};
            update.signed_update.signature =
                crypto::sign_statement(domain, update.signed_update.statement, keys[i]);
            result.push_back(update);
        }
        return result;
    }

    rules::RoundRules rules;
    rules::RoundContext context;
    crypto::Eip712Domain domain{.chain_id = 1, .verifying_contract = {}};
    std::vector<float> base;
    std::vector<std::vector<std::int32_t>> matrix;
    std::vector<std::unique_ptr<VectorSource>> sources;
    std::vector<Digest> roots;
    std::vector<crypto::SigningKey> keys;
};

// Updates and aggregate of the first round.
class FirstRound final : public VectorStore {
public:
    FirstRound(const Round& round, std::span<const std::int32_t> aggregate, const Digest& root)
        : round_(round), aggregate_(aggregate), root_(root) {}
    [[nodiscard]] Result<std::unique_ptr<VectorSource>> open(const Digest& root) const override {
        if (root == root_) {
            return memory_source(aggregate_);
        }
        const auto found = std::find(round_.roots.begin(), round_.roots.end(), root);
        return memory_source(std::span<const std::int32_t>(
            round_.matrix[static_cast<std::size_t>(found - round_.roots.begin())]));
    }

private:
    const Round& round_;
    std::span<const std::int32_t> aggregate_;
    Digest root_;
};

const Round& round_once() {
    static const Round round;
    return round;
}

void time_round(benchmark::State& state, const RoundInput& input) {
    for (auto _ : state) {
        const auto outcome =
            evaluate_round(input, {.threads = static_cast<unsigned>(state.range(0))});
        if (!outcome) {
            state.SkipWithError(outcome.error().message.c_str());
            return;
        }
        benchmark::DoNotOptimize(outcome->report.model);
    }
    state.SetBytesProcessed(state.iterations() * kInputBytes);
}

void EvaluateRound(benchmark::State& state, const char* rule, bool second) {
    const Round& round = round_once();
    rules::RoundRules rules = round.rules;
    rules.aggregation.rule.name = rule;
    rules::RoundContext context = round.context;
    context.rules_digest = rules.digest();
    const auto base_source = memory_source(std::span<const float>(round.base));
    std::vector<SubmittedUpdate> updates = round.updates(1);
    RoundInput input{.rules = &rules,
                     .context = &context,
                     .domain = round.domain,
                     .base_model = base_source.get(),
                     .updates = updates};
    if (!second) {
        time_round(state, input);
        return;
    }
    std::vector<std::int32_t> aggregate;
    const auto first = evaluate_round(
        input, {.threads = 2, .aggregate_sink = [&aggregate](ByteView bytes) -> Status {
                    const std::size_t before = aggregate.size();
                    aggregate.resize(before + bytes.size() / 4);
                    std::memcpy(aggregate.data() + before, bytes.data(), bytes.size());
                    return {};
                }});
    if (!first) {
        state.SkipWithError(first.error().message.c_str());
        return;
    }
    const FirstRound earlier(round, aggregate, first->report.aggregate_root);
    context.round = 2;
    context.previous_state = first->report.state;
    updates = round.updates(2);
    input.updates = updates;
    input.state = &first->state;
    input.earlier = &earlier;
    time_round(state, input);
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
BENCHMARK_CAPTURE(EvaluateRound, trimmed_mean, "trimmed-mean", false)
    ->Arg(1)
    ->Arg(2)
    ->Unit(benchmark::kMillisecond)
    ->UseRealTime();
BENCHMARK_CAPTURE(EvaluateRound, trimmed_mean_looking_back, "trimmed-mean", true)
    ->Arg(1)
    ->Arg(2)
    ->Unit(benchmark::kMillisecond)
    ->UseRealTime();
BENCHMARK_CAPTURE(EvaluateRound, multi_krum, "multi-krum", false)
    ->Arg(1)
    ->Arg(2)
    ->Unit(benchmark::kMillisecond)
    ->UseRealTime();

}  // namespace
}  // namespace fedstake::aggregation
