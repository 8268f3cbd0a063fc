// Joins data, training and the state folder.
#include "client/app/local_trainer.hpp"

#include <utility>

#include "client/data/csv.hpp"
#include "client/data/schema.hpp"
#include "proto/base/log.hpp"

namespace fedstake::client {

LocalTrainer::LocalTrainer(training::Trainer trainer, data::PreparedData data, const SiteId& site,
                           const StateStore& store)
    : trainer_(std::move(trainer)), data_(std::move(data)), site_(site), store_(store) {}

Result<std::unique_ptr<LocalTrainer>> LocalTrainer::create(const DataConfig& config,
                                                           const rules::RoundRules& rules,
                                                           const SiteId& site,
                                                           const StateStore& store) {
    if (config.file.empty()) {
        return fail(Errc::kInvalidInput,
                    "this site trains, but its configuration has no [data] table with "
                    "a file");
    }
    data::Schema schema;
    if (config.schema.ends_with(".toml")) {
        FS_ASSIGN(schema, data::load_schema(config.schema));
    } else {
        FS_ASSIGN(schema, data::builtin_schema(config.schema));
    }
    FS_ASSIGN(const data::LoadedCsv loaded, data::load_csv(config.file, schema));
    if (loaded.data.inputs != rules.model.inputs) {
        return fail(Errc::kInvalidInput,
                    config.file.string() + " gives " + std::to_string(loaded.data.inputs) +
                        " features, the federation's model takes " +
                        std::to_string(rules.model.inputs) + "; check [data] schema");
    }
    FS_LOG(kInfo, "data", "read {}: {} rows, {} dropped for missing values", config.file.string(),
           loaded.data.rows(), loaded.rows_dropped);
    FS_ASSIGN(data::PreparedData prepared, data::prepare(loaded.data, config.split_seed));
    FS_ASSIGN(training::Trainer trainer, training::Trainer::create(rules, config.script));
    return std::unique_ptr<LocalTrainer>(
        new LocalTrainer(std::move(trainer), std::move(prepared), site, store));
}

Result<training::LocalState> LocalTrainer::local_state(RoundNumber round) const {
    FS_ASSIGN(const Bytes bytes, store_.local_parameters(round));
    if (bytes.empty()) return training::LocalState{};
    return training::decode_local_state(bytes);
}

Result<session::TrainedUpdate> LocalTrainer::train(const rules::RoundContext& context,
                                                   std::span<const float> base_model,
                                                   const Progress& progress) {
    // A retried attempt starts from the same local parameters as the first one did.
    FS_ASSIGN(const training::LocalState local, local_state(context.round - 1));
    training::ProgressCallback report;
    if (progress) {
        report = [&progress](const training::Progress& at) { return progress(at.step, at.steps); };
    }
    FS_ASSIGN(training::TrainedUpdate trained,
              trainer_.train(base_model, local, data_.train, site_, context.round, report,
                             context.attempt));
    FS_TRY(store_.store_local_parameters(context.round, training::encode(trained.local)));
    return session::TrainedUpdate{
        .update = std::move(trained.update), .rows = trained.rows, .loss = trained.loss};
}

session::Evaluation LocalTrainer::in_session_terms(const training::Evaluation& result) const {
    return {.rows = rows(),
            .test_rows = result.rows,
            .test_correct = result.correct,
            .loss = result.loss};
}

Result<session::Evaluation> LocalTrainer::evaluate(std::span<const float> shared,
                                                   RoundNumber round) {
    FS_ASSIGN(const training::LocalState local, local_state(round));
    FS_ASSIGN(const training::Evaluation result, trainer_.evaluate(shared, local, data_.test));
    return in_session_terms(result);
}

Result<session::Evaluation> LocalTrainer::evaluate_alone(std::uint64_t rounds) {
    FS_ASSIGN(const training::FullModel model, trainer_.train_alone(data_.train, site_, rounds));
    FS_ASSIGN(const training::Evaluation result,
              trainer_.evaluate(model.shared, model.local, data_.test));
    return in_session_terms(result);
}

void LocalTrainer::bootstrap_rows(std::uint64_t seed) {
    Rng rng(seed);
    data_.train = data::bootstrap(data_.train, rng);
}

}  // namespace fedstake::client
