// The production SiteTrainer: LibTorch on the site's own rows, with the parameters that stay here.
#pragma once

#include <memory>

#include "client/app/config.hpp"
#include "client/app/state_store.hpp"
#include "client/data/dataset.hpp"
#include "client/data/split.hpp"
#include "client/session/site_trainer.hpp"
#include "client/training/trainer.hpp"

namespace fedstake::client {

class LocalTrainer final : public session::SiteTrainer {
public:
    // Reads, splits and standardises the site's data. store: borrowed.
    // RETURNS what is wrong with configuration, data or rules, naming file, line and column.
    [[nodiscard]] static Result<std::unique_ptr<LocalTrainer>> create(
        const DataConfig& config, const rules::RoundRules& rules, const SiteId& site,
        const StateStore& store);

    [[nodiscard]] Result<session::TrainedUpdate> train(const rules::RoundContext& context,
                                                       std::span<const float> base_model,
                                                       const Progress& progress) override;
    [[nodiscard]] Result<session::Evaluation> evaluate(std::span<const float> shared,
                                                       RoundNumber round) override;
    [[nodiscard]] Result<session::Evaluation> evaluate_alone(std::uint64_t rounds) override;

    // Replaces the training rows by as many drawn from them with replacement.
    void bootstrap_rows(std::uint64_t seed);
    [[nodiscard]] std::size_t rows() const noexcept {
        return data_.train.rows() + data_.test.rows();
    }

private:
    LocalTrainer(training::Trainer trainer, data::PreparedData data, const SiteId& site,
                 const StateStore& store);
    [[nodiscard]] Result<training::LocalState> local_state(RoundNumber round) const;
    [[nodiscard]] session::Evaluation in_session_terms(const training::Evaluation& result) const;

    training::Trainer trainer_;
    data::PreparedData data_;
    SiteId site_;
    const StateStore& store_;
};

}  // namespace fedstake::client
