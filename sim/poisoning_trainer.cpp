// Puts the attack between training and signing.
#include "sim/poisoning_trainer.hpp"

#include <utility>

namespace fedstake::sim {

PoisoningTrainer::PoisoningTrainer(std::unique_ptr<session::SiteTrainer> honest,
                                   const Attack& attack, double factor, std::uint64_t seed)
    : honest_(std::move(honest)), attack_(attack), factor_(factor), rng_(seed) {}

Result<session::TrainedUpdate> PoisoningTrainer::train(const rules::RoundContext& context,
                                                       std::span<const float> base_model,
                                                       const Progress& progress) {
    FS_ASSIGN(session::TrainedUpdate trained, honest_->train(context, base_model, progress));
    Rng round_rng = rng_.fork(context.round);
    trained.update = attack_.apply(
        {.honest = trained.update, .previous = previous_, .factor = factor_}, round_rng);
    previous_ = trained.update;
    return trained;
}

Result<session::Evaluation> PoisoningTrainer::evaluate(std::span<const float> shared,
                                                       RoundNumber round) {
    return honest_->evaluate(shared, round);
}

Result<session::Evaluation> PoisoningTrainer::evaluate_alone(std::uint64_t rounds) {
    return honest_->evaluate_alone(rounds);
}

}  // namespace fedstake::sim
