// A SiteTrainer that trains honestly and then hands in something else.
#pragma once

#include <memory>
#include <vector>

#include "client/session/site_trainer.hpp"
#include "proto/base/rng.hpp"
#include "sim/attacks.hpp"

namespace fedstake::sim {

class PoisoningTrainer final : public session::SiteTrainer {
public:
    // attack: from the table, lives for ever.
    PoisoningTrainer(std::unique_ptr<session::SiteTrainer> honest, const Attack& attack,
                     double factor, std::uint64_t seed);

    [[nodiscard]] Result<session::TrainedUpdate> train(const rules::RoundContext& context,
                                                       std::span<const float> base_model,
                                                       const Progress& progress) override;
    [[nodiscard]] Result<session::Evaluation> evaluate(std::span<const float> shared,
                                                       RoundNumber round) override;
    [[nodiscard]] Result<session::Evaluation> evaluate_alone(std::uint64_t rounds) override;

private:
    std::unique_ptr<session::SiteTrainer> honest_;
    const Attack& attack_;
    double factor_;
    Rng rng_;
    std::vector<std::int32_t> previous_;
};

}  // namespace fedstake::sim
