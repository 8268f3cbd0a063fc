// Local training and evaluation on LibTorch. This header needs none of it.
//
// Same inputs, same LibTorch build, same CPU: same bytes. Training runs on one thread
// (torch::set_num_threads(1), process-wide): on models of this size more threads cost more than
// they give. Batches come from Rng, seeded by the rules' seed, the site and the round: each pass
// over the rows is a fresh shuffle, and a batch that reaches the end goes on into the next pass.
// The optimizer starts fresh every round.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "client/data/dataset.hpp"
#include "client/training/local_state.hpp"
#include "client/training/parameter_layout.hpp"
#include "proto/base/ids.hpp"
#include "proto/base/result.hpp"
#include "proto/rules/round_rules.hpp"

namespace fedstake::training {

struct Progress {
    std::uint32_t step = 0;  // done so far
    std::uint32_t steps = 0;
    double loss = 0.0;  // of the last batch
};
// Called about 20 times a round and once at the end. Return false to stop: kNotNow.
using ProgressCallback = std::function<bool(const Progress&)>;

struct TrainedUpdate {
    std::vector<std::int32_t> update;  // shared parameters, fixed point
    LocalState local;                  // site-local parameters after training
    double loss = 0.0;                 // mean over the last tenth of the steps
    std::uint64_t rows = 0;
};

// Every parameter of a model at one site.
struct FullModel {
    std::vector<float> shared;
    LocalState local;
};

struct Evaluation {
    std::uint64_t rows = 0;
    std::uint64_t correct = 0;
    double loss = 0.0;          // mean cross-entropy
    std::optional<double> auc;  // two classes, both present; ties count one half

    [[nodiscard]] double accuracy() const noexcept {
        return rows == 0 ? 0.0 : static_cast<double>(correct) / static_cast<double>(rows);
    }
};

// One model and its training plan. Not safe for concurrent calls on one object; objects are
// independent.
class Trainer {
public:
    // `script` is the local TorchScript file, for kind "torchscript" only. Its SHA-256 must be the
    // rules' script_digest, checked on the very bytes that are then loaded.
    // RETURNS kInvalidInput (rules), kNotFound (no file), kCorrupt (digest, or not a module).
    [[nodiscard]] static Result<Trainer> create(const rules::RoundRules& rules,
                                                const std::filesystem::path& script = {});
    ~Trainer();
    Trainer(Trainer&&) noexcept;
    Trainer& operator=(Trainer&&) noexcept;

    [[nodiscard]] const ParameterLayout& layout() const noexcept;
    // The model that round 1 starts from.
    [[nodiscard]] const InitialParameters& initial() const noexcept;

    // local_steps steps from `base` (shared_count values) and `local`. A later attempt of a round
    // sees its rows in another order.
    // RETURNS kInvalidInput: sizes that do not fit, no rows, or training that diverged.
    [[nodiscard]] Result<TrainedUpdate> train(std::span<const float> base, const LocalState& local,
                                              const data::Dataset& rows, const SiteId& site,
                                              RoundNumber round,
                                              const ProgressCallback& progress = {},
                                              std::uint32_t attempt = 0);

    // The baseline "training alone": the same plan for `rounds` rounds, nothing shared.
    [[nodiscard]] Result<FullModel> train_alone(const data::Dataset& rows, const SiteId& site,
                                                RoundNumber rounds);

    // `batch` rows at a time, without gradients.
    [[nodiscard]] Result<Evaluation> evaluate(std::span<const float> shared,
                                              const LocalState& local, const data::Dataset& rows);

private:
    struct Impl;
    explicit Trainer(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

// Shared trainable parameters of the model (RoundRules::coordinates).
[[nodiscard]] Result<std::uint64_t> coordinates(const rules::ModelRules& model,
                                                const std::filesystem::path& script = {});

}  // namespace fedstake::training
