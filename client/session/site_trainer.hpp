// Port to local training. The production implementation is LibTorch on the site's own data; the
// simulator and the attacking site of experiments supply others.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "proto/rules/round_context.hpp"

namespace fedstake::session {

struct TrainedUpdate {
    std::vector<std::int32_t> update;  // new minus base, fixed point, shared parameters only
    std::uint64_t rows = 0;            // training rows
    double loss = 0.0;                 // mean over the last pass
};

struct Evaluation {
    std::uint64_t rows = 0;  // rows that the site has, training and test
    std::uint64_t test_rows = 0;
    std::uint64_t test_correct = 0;
    double loss = 0.0;
};

// Called from one thread at a time.
class SiteTrainer {
public:
    // RETURNS false to stop training.
    using Progress = std::function<bool(std::uint32_t step, std::uint32_t steps)>;

    virtual ~SiteTrainer() = default;
    // base_model: the round's shared parameters. RETURNS kInvalidInput when the result is not
    // finite or does not fit the fixed-point range.
    [[nodiscard]] virtual Result<TrainedUpdate> train(const rules::RoundContext& context,
                                                      std::span<const float> base_model,
                                                      const Progress& progress) = 0;
    // The model after `round`, with the site's own local parameters of then, on its own test rows.
    [[nodiscard]] virtual Result<Evaluation> evaluate(std::span<const float> shared,
                                                      RoundNumber round) = 0;
    // The same number of steps without the federation, on the same rows.
    [[nodiscard]] virtual Result<Evaluation> evaluate_alone(std::uint64_t rounds) = 0;
};

}  // namespace fedstake::session
