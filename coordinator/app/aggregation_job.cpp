// Evaluates a frozen round from the blob store.
#include "coordinator/app/aggregation_job.hpp"

#include <fmt/format.h>

#include "aggregation/pipeline.hpp"

namespace fedstake::coordinator {

Result<round::Aggregated> aggregate_round(const round::StartAggregation& round,
                                          const rules::RoundRules& rules,
                                          const crypto::Eip712Domain& domain,
                                          store::BlobStore& blobs,
                                          const AggregationSettings& settings) {
    std::vector<std::unique_ptr<aggregation::VectorSource>> sources;
    std::vector<aggregation::SubmittedUpdate> updates;
    for (const rules::SignedUpdate& update : round.updates) {
        FS_ASSIGN(auto source,
                  aggregation::file_source(blobs.path_of(update.statement.update_root)));
        sources.push_back(std::move(source));
        updates.push_back({.signed_update = update, .values = sources.back().get()});
    }
    FS_ASSIGN(const auto base, aggregation::file_source(blobs.path_of(round.context.base_model)));
    FS_ASSIGN(store::NewBlob aggregate, blobs.create());
    FS_ASSIGN(store::NewBlob model, blobs.create());

    const aggregation::RoundInput input{.rules = &rules,
                                        .context = &round.context,
                                        .domain = domain,
                                        .base_model = base.get(),
                                        .updates = updates};
    aggregation::RoundOptions options;
    options.threads = settings.threads;
    options.memory_bytes_max = settings.memory_bytes_max;
    options.aggregate_sink = [&](ByteView bytes) { return aggregate.append(bytes); };
    options.model_sink = [&](ByteView bytes) { return model.append(bytes); };
    FS_ASSIGN(auto outcome, aggregation::evaluate_round(input, options));

    FS_ASSIGN(const auto aggregate_content, aggregate.commit());
    FS_ASSIGN(const auto model_content, model.commit());
    if (aggregate_content.root != outcome.commitment.aggregate_root ||
        model_content.root != outcome.commitment.model) {
        return fail(Errc::kCorrupt,
                    "what was stored is not what was computed: memory or disk "
                    "fault");
    }
    return round::Aggregated{.round = round.context.round,
                             .attempt = round.context.attempt,
                             .report = std::move(outcome.report),
                             .settlement = std::move(outcome.settlement),
                             .commitment = outcome.commitment,
                             .faults = std::move(outcome.faults)};
}

}  // namespace fedstake::coordinator
