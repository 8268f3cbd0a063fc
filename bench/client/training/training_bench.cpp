// What a site's round costs: local steps, the fixed-point update, the released file.
#include <benchmark/benchmark.h>

#include <cstddef>
#include <vector>

#include "client/training/fixed_point.hpp"
#include "client/training/safetensors.hpp"
#include "client/training/trainer.hpp"

namespace fedstake::training {
namespace {

data::Dataset random_rows(std::size_t rows, std::size_t inputs) {
    data::Dataset data;
    data.inputs = inputs;
    Rng rng(1);
    for (std::size_t i = 0; i < rows; ++i) {
        for (std::size_t j = 0; j < inputs; ++j) {
            data.features.push_back(static_cast<float>(rng.normal()));
        }
        data.labels.push_back(static_cast<std::int32_t>(rng.below(2)));
    }
    return data;
}

void train_rounds(benchmark::State& state, const rules::RoundRules& rules) {
    auto trainer = Trainer::create(rules);
    if (!trainer) return state.SkipWithError(trainer.error().message.c_str());
    const data::Dataset rows = random_rows(200, rules.model.inputs);
    RoundNumber round = 0;
    for (auto _ : state) {
        auto trained = trainer->train(trainer->initial().shared, {}, rows, {}, ++round);
        if (!trained) return state.SkipWithError(trained.error().message.c_str());
        benchmark::DoNotOptimize(trained->update.data());
    }
    state.SetItemsProcessed(state.iterations() * rules.training.local_steps);  // steps
}

void LogisticRound(benchmark::State& state) {
    rules::RoundRules rules;
    rules.model.inputs = 13;
    train_rounds(state, rules);
}
BENCHMARK(LogisticRound)->Unit(benchmark::kMillisecond);

void MlpRound(benchmark::State& state) {
    rules::RoundRules rules;
    rules.model.kind = "mlp";
    rules.model.inputs = 784;
    rules.model.hidden = {static_cast<std::uint32_t>(state.range(0))};
    train_rounds(state, rules);
}
BENCHMARK(MlpRound)->Arg(32)->Arg(256)->Unit(benchmark::kMillisecond);

struct Parameters {
    ParameterLayout layout;
    std::vector<float> values;
};

Parameters ten_million() {
    constexpr std::size_t kCount = 10'000'000;
    Parameters parameters;
    parameters.layout.parameters.push_back(
        {.name = "w", .shape = {static_cast<std::int64_t>(kCount)}, .count = kCount});
    Rng rng(1);
    for (std::size_t i = 0; i < kCount; ++i) {
        parameters.values.push_back(static_cast<float>(rng.uniform() - 0.5));
    }
    return parameters;
}

void FixedPointUpdate(benchmark::State& state) {
    const Parameters parameters = ten_million();
    const std::vector<float> base(parameters.values.size(), 0.0F);
    const rules::AggregationRules rules;
    for (auto _ : state) {
        auto update = to_update(base, parameters.values, rules, parameters.layout);
        if (!update) return state.SkipWithError(update.error().message.c_str());
        benchmark::DoNotOptimize(update->data());
    }
    state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(base.size() * 4));
}
BENCHMARK(FixedPointUpdate)->Unit(benchmark::kMillisecond);

void SafetensorsReadBack(benchmark::State& state) {
    const Parameters parameters = ten_million();
    const auto bytes = encode_safetensors(released_model(parameters.layout, parameters.values, {}));
    if (!bytes) return state.SkipWithError(bytes.error().message.c_str());
    for (auto _ : state) {
        auto file = decode_safetensors(*bytes);
        if (!file) return state.SkipWithError(file.error().message.c_str());
        benchmark::DoNotOptimize(file->tensors.data());
    }
    state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(bytes->size()));
}
BENCHMARK(SafetensorsReadBack)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace fedstake::training
