// The training loop: batches, loss, proximal term, optimizer, progress.
#include "client/training/trainer.hpp"

#include <algorithm>
#include <cmath>
#include <mutex>
#include <tuple>

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <fmt/format.h>
#include <torch/optim/adam.h>
#include <torch/optim/sgd.h>
#include <torch/utils.h>

#include "client/training/batch_order.hpp"
#include "client/training/evaluation.hpp"
#include "client/training/fixed_point.hpp"
#include "client/training/network.hpp"
#include "proto/base/check.hpp"

namespace fedstake::training {

namespace {

constexpr std::int64_t kEvaluationBatch = 1024;
constexpr std::uint32_t kProgressReports = 20;

// Dropout in a TorchScript module draws from LibTorch's one global generator.
std::mutex& global_generator_mutex() {
    static std::mutex mutex;
    return mutex;
}

void use_one_thread() {
    static std::once_flag once;
    std::call_once(once, [] { at::set_num_threads(1); });
}

Status check_plan(const rules::TrainingRules& plan) {
    const auto refuse = [](std::string what) { return fail(Errc::kInvalidInput, std::move(what)); };
    if (plan.algorithm != "fedavg" && plan.algorithm != "fedprox") {
        return refuse(
            fmt::format("training.algorithm \"{}\" must be fedavg or fedprox", plan.algorithm));
    }
    if (plan.optimizer != "sgd" && plan.optimizer != "adam") {
        return refuse(fmt::format("training.optimizer \"{}\" must be sgd or adam", plan.optimizer));
    }
    if (!(plan.learning_rate > 0.0) || !std::isfinite(plan.learning_rate)) {
        return refuse("training.learning_rate must be above 0");
    }
    if (plan.local_steps == 0 || plan.batch_size == 0) {
        return refuse("training.local_steps and training.batch_size must be at least 1");
    }
    if (plan.algorithm == "fedavg" && plan.proximal_mu != 0.0) {
        return refuse("training.proximal_mu needs training.algorithm = \"fedprox\"");
    }
    if (plan.optimizer == "adam" && plan.momentum != 0.0) {
        return refuse("training.momentum is for optimizer sgd; adam has its own");
    }
    return {};
}

std::unique_ptr<torch::optim::Optimizer> make_optimizer(const rules::TrainingRules& plan,
                                                        std::vector<torch::Tensor> tensors) {
    if (plan.optimizer == "adam") {
        return std::make_unique<torch::optim::Adam>(
            std::move(tensors),
            torch::optim::AdamOptions(plan.learning_rate).weight_decay(plan.weight_decay));
    }
    return std::make_unique<torch::optim::SGD>(std::move(tensors),
                                               torch::optim::SGDOptions(plan.learning_rate)
                                                   .momentum(plan.momentum)
                                                   .weight_decay(plan.weight_decay));
}

torch::Tensor loss_of(const torch::Tensor& logits, const torch::Tensor& labels) {
    if (logits.size(1) == 1) {
        return at::binary_cross_entropy_with_logits(logits.squeeze(1), labels.to(torch::kFloat32));
    }
    return at::nll_loss(at::log_softmax(logits, 1), labels);
}

bool all_finite(std::span<const float> values) {
    return std::all_of(values.begin(), values.end(), [](float v) { return std::isfinite(v); });
}

struct Rows {
    torch::Tensor features;  // [rows, inputs] float32
    torch::Tensor labels;    // [rows] int64
};

Rows to_tensors(const data::Dataset& data) {
    const auto rows = static_cast<std::int64_t>(data.rows());
    Rows out{torch::empty({rows, static_cast<std::int64_t>(data.inputs)}, torch::kFloat32),
             torch::empty({rows}, torch::kInt64)};
    std::copy(data.features.begin(), data.features.end(), out.features.data_ptr<float>());
    std::copy(data.labels.begin(), data.labels.end(), out.labels.data_ptr<std::int64_t>());
    return out;
}

}  // namespace

struct Trainer::Impl {
    rules::RoundRules rules;
    std::unique_ptr<Network> network;
    InitialParameters initial;

    [[nodiscard]] Status check_rows(const data::Dataset& rows) const;
    [[nodiscard]] Result<std::span<const float>> local_values(const LocalState& local) const;
    // Runs the plan's steps on the network as it stands. RETURNS the mean late loss.
    Result<double> run(const data::Dataset& rows, std::uint64_t seed, bool proximal,
                       const ProgressCallback& progress);
};

Status Trainer::Impl::check_rows(const data::Dataset& rows) const {
    if (rows.rows() == 0) return fail(Errc::kInvalidInput, "no rows to work on");
    if (rows.inputs != rules.model.inputs) {
        return fail(Errc::kInvalidInput,
                    fmt::format("the data has {} features, but the federation's model takes {}: "
                                "check the schema",
                                rows.inputs, rules.model.inputs));
    }
    const std::uint32_t classes = rules.model.outputs == 1 ? 2 : rules.model.outputs;
    for (const std::int32_t label : rows.labels) {
        if (label >= 0 && static_cast<std::uint32_t>(label) < classes) continue;
        return fail(Errc::kInvalidInput,
                    fmt::format("label {} is outside the {} classes of the federation's model",
                                label, classes));
    }
    return {};
}

Result<std::span<const float>> Trainer::Impl::local_values(const LocalState& local) const {
    if (local.parameters.empty()) return std::span<const float>(initial.local);
    if (local.parameters.size() == initial.local.size()) {
        return std::span<const float>(local.parameters);
    }
    return fail(Errc::kInvalidInput,
                fmt::format("the local state has {} values, the model keeps {} at the site: it "
                            "belongs to another model",
                            local.parameters.size(), initial.local.size()));
}

Result<double> Trainer::Impl::run(const data::Dataset& rows, std::uint64_t seed, bool proximal,
                                  const ProgressCallback& progress) {
    const rules::TrainingRules& plan = rules.training;
    std::unique_lock lock(global_generator_mutex(), std::defer_lock);
    if (rules.model.kind == "torchscript") {
        lock.lock();
        torch::manual_seed(seed);
    }
    const Rows data = to_tensors(rows);
    BatchOrder order(rows.rows(), seed);
    std::vector<std::int64_t> batch(std::min<std::size_t>(plan.batch_size, rows.rows()));

    std::vector<torch::Tensor> trained;
    std::vector<std::pair<torch::Tensor, torch::Tensor>> anchored;  // shared tensor, its start
    for (std::size_t i = 0; i < network->tensors().size(); ++i) {
        const ParameterInfo& parameter = network->layout().parameters[i];
        const torch::Tensor& tensor = network->tensors()[i];
        if (parameter.buffer) continue;
        trained.push_back(tensor);
        if (proximal && !parameter.site_local) {
            anchored.emplace_back(tensor, tensor.detach().clone());
        }
    }
    const auto optimizer = make_optimizer(plan, trained);
    const std::uint32_t every = std::max(1U, plan.local_steps / kProgressReports);
    const std::uint32_t late = plan.local_steps - std::max(1U, plan.local_steps / 10);
    double late_loss = 0.0;

    network->set_training(true);
    for (std::uint32_t step = 0; step < plan.local_steps; ++step) {
        order.next(batch);
        const torch::Tensor picked = torch::from_blob(
            batch.data(), {static_cast<std::int64_t>(batch.size())}, torch::kInt64);
        optimizer->zero_grad();
        const torch::Tensor loss = loss_of(network->forward(data.features.index_select(0, picked)),
                                           data.labels.index_select(0, picked));
        loss.backward();
        for (const auto& [tensor, start] : anchored) {
            const torch::NoGradGuard no_gradients;
            tensor.mutable_grad().add_(tensor - start, plan.proximal_mu);
        }
        optimizer->step();
        const auto value = static_cast<double>(loss.item<float>());
        if (step >= late) late_loss += value;
        const std::uint32_t done = step + 1;
        if (!progress || (done % every != 0 && done != plan.local_steps)) continue;
        if (!progress({.step = done, .steps = plan.local_steps, .loss = value})) {
            return fail(Errc::kNotNow, "training was stopped");
        }
    }
    network->set_training(false);
    return late_loss / static_cast<double>(plan.local_steps - late);
}

Trainer::Trainer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Trainer::~Trainer() = default;
Trainer::Trainer(Trainer&&) noexcept = default;
Trainer& Trainer::operator=(Trainer&&) noexcept = default;

Result<Trainer> Trainer::create(const rules::RoundRules& rules,
                                const std::filesystem::path& script) {
    use_one_thread();
    FS_TRY(check_plan(rules.training));
    FS_ASSIGN(auto network, Network::create(rules.model, script));
    const std::uint64_t shared = network->layout().shared_count();
    if (rules.coordinates != 0 && rules.coordinates != shared) {
        return fail(Errc::kInvalidInput,
                    fmt::format("the rules say {} coordinates, but the model shares {}",
                                rules.coordinates, shared));
    }
    auto impl = std::make_unique<Impl>();
    impl->rules = rules;
    impl->network = std::move(network);
    impl->initial = impl->network->values();
    return Trainer(std::move(impl));
}

const ParameterLayout& Trainer::layout() const noexcept {
    return impl_->network->layout();
}

const InitialParameters& Trainer::initial() const noexcept {
    return impl_->initial;
}

Result<TrainedUpdate> Trainer::train(std::span<const float> base, const LocalState& local,
                                     const data::Dataset& rows, const SiteId& site,
                                     RoundNumber round, const ProgressCallback& progress,
                                     std::uint32_t attempt) {
    FS_TRY(impl_->check_rows(rows));
    FS_ASSIGN(const auto local_values, impl_->local_values(local));
    if (base.size() != layout().shared_count()) {
        return fail(Errc::kInvalidInput,
                    fmt::format("the base model has {} values, the rules' model shares {}",
                                base.size(), layout().shared_count()));
    }
    return torch_call("training", [&]() -> Result<TrainedUpdate> {
        impl_->network->set_values(base, local_values);
        const bool proximal = impl_->rules.training.algorithm == "fedprox";
        TrainedUpdate result;
        const std::uint64_t seed = batch_seed(impl_->rules.training.seed, site, round, attempt);
        FS_ASSIGN(result.loss, impl_->run(rows, seed, proximal, progress));
        InitialParameters trained = impl_->network->values();
        FS_ASSIGN(result.update,
                  to_update(base, trained.shared, impl_->rules.aggregation, layout()));
        if (!all_finite(trained.local)) {
            return fail(Errc::kInvalidInput,
                        "training diverged: a site-local parameter is not finite; lower the "
                        "learning rate or check the data's scale");
        }
        result.local.parameters = std::move(trained.local);
        result.rows = rows.rows();
        return result;
    });
}

Result<FullModel> Trainer::train_alone(const data::Dataset& rows, const SiteId& site,
                                       RoundNumber rounds) {
    FS_TRY(impl_->check_rows(rows));
    return torch_call("training alone", [&]() -> Result<FullModel> {
        impl_->network->set_values(impl_->initial.shared, impl_->initial.local);
        for (RoundNumber round = 1; round <= rounds; ++round) {
            const std::uint64_t seed = batch_seed(impl_->rules.training.seed, site, round);
            FS_TRY(impl_->run(rows, seed, false, {}));
        }
        InitialParameters trained = impl_->network->values();
        if (!all_finite(trained.shared) || !all_finite(trained.local)) {
            return fail(Errc::kInvalidInput, "training alone diverged: lower the learning rate");
        }
        return FullModel{.shared = std::move(trained.shared),
                         .local = {.parameters = std::move(trained.local)}};
    });
}

Result<Evaluation> Trainer::evaluate(std::span<const float> shared, const LocalState& local,
                                     const data::Dataset& rows) {
    FS_TRY(impl_->check_rows(rows));
    FS_ASSIGN(const auto local_values, impl_->local_values(local));
    if (shared.size() != layout().shared_count()) {
        return fail(Errc::kInvalidInput,
                    fmt::format("the model has {} values, the rules' model shares {}",
                                shared.size(), layout().shared_count()));
    }
    return torch_call("evaluation", [&]() -> Result<Evaluation> {
        impl_->network->set_values(shared, local_values);
        impl_->network->set_training(false);
        const torch::NoGradGuard no_gradients;
        const Rows data = to_tensors(rows);
        const auto total = static_cast<std::int64_t>(rows.rows());
        std::vector<float> logits;
        for (std::int64_t first = 0; first < total; first += kEvaluationBatch) {
            const torch::Tensor out = impl_->network
                                          ->forward(data.features.slice(
                                              0, first, std::min(total, first + kEvaluationBatch)))
                                          .contiguous();
            logits.insert(logits.end(), out.data_ptr<float>(), out.data_ptr<float>() + out.numel());
        }
        return evaluate_logits(logits, impl_->rules.model.outputs, rows.labels);
    });
}

Result<std::uint64_t> coordinates(const rules::ModelRules& model,
                                  const std::filesystem::path& script) {
    if (model.kind != "torchscript") {
        FS_ASSIGN(const ParameterLayout layout, builtin_layout(model));
        return layout.shared_count();
    }
    FS_ASSIGN(const auto network, Network::create(model, script));
    return network->layout().shared_count();
}

}  // namespace fedstake::training
