// Evaluates a frozen round from the blob store.
#include "coordinator/app/aggregation_job.hpp"

#include <algorithm>
#include <deque>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "aggregation/pipeline.hpp"

namespace fedstake::coordinator {

namespace {

class StoredVectors final : public aggregation::VectorStore {
public:
    explicit StoredVectors(const store::BlobStore& blobs) : blobs_(blobs) {}
    [[nodiscard]] Result<std::unique_ptr<aggregation::VectorSource>> open(
        const Digest& root) const override {
        return aggregation::file_source(blobs_.path_of(root));
    }

private:
    const store::BlobStore& blobs_;
};

// What a round makes, on its way into the store.
class Products {
public:
    static Result<Products> create(store::BlobStore& blobs) {
        FS_ASSIGN(store::NewBlob aggregate, blobs.create());
        FS_ASSIGN(store::NewBlob model, blobs.create());
        return Products(blobs, std::move(aggregate), std::move(model));
    }

    void receive(aggregation::RoundOptions& options) {
        options.aggregate_sink = [this](ByteView bytes) { return aggregate_.append(bytes); };
        options.model_sink = [this](ByteView bytes) { return model_.append(bytes); };
        options.vector_sink = [this](std::size_t) -> Result<aggregation::ByteSink> {
            FS_ASSIGN(store::NewBlob blob, blobs_.create());
            vectors_.push_back(std::move(blob));
            return [&blob = vectors_.back()](ByteView bytes) { return blob.append(bytes); };
        };
    }

    // Everything durable. RETURNS kCorrupt unless it is what the outcome says.
    Status commit(const aggregation::RoundOutcome& outcome) {
        FS_ASSIGN(const auto aggregate, aggregate_.commit());
        FS_ASSIGN(const auto model, model_.commit());
        bool same =
            aggregate.root == outcome.report.aggregate_root && model.root == outcome.report.model;
        for (store::NewBlob& vector : vectors_) {
            FS_ASSIGN(const auto content, vector.commit());
            same = same &&
                   std::ranges::find(outcome.state.vectors, content.root,
                                     &aggregation::SiteVector::root) != outcome.state.vectors.end();
        }
        FS_ASSIGN(const auto state, blobs_.put(outcome.state.encode()));
        same = same && state.root == outcome.report.state;
        return same ? Status{}
                    : fail(Errc::kCorrupt,
                           "what was stored is not what was computed: memory or disk fault");
    }

private:
    Products(store::BlobStore& blobs, store::NewBlob aggregate, store::NewBlob model)
        : blobs_(blobs), aggregate_(std::move(aggregate)), model_(std::move(model)) {}
    store::BlobStore& blobs_;
    store::NewBlob aggregate_;
    store::NewBlob model_;
    std::deque<store::NewBlob> vectors_;
};

}  // namespace

Result<aggregation::RoundState> read_state(const store::BlobStore& blobs, const Digest& root) {
    const std::string name = "state " + root.hex() + " of the round before";
    const auto bytes = blobs.read(root, aggregation::kStateBytesMax);
    if (!bytes) {
        return with_context(bytes.error(), name);
    }
    auto state = aggregation::RoundState::decode(*bytes);
    if (!state) {
        return with_context(std::move(state).error(), name);
    }
    return state;
}

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
    std::optional<aggregation::RoundState> state;
    if (round.context.previous_state != Digest{}) {
        FS_ASSIGN(state, read_state(blobs, round.context.previous_state));
    }
    const StoredVectors earlier(blobs);
    FS_ASSIGN(Products products, Products::create(blobs));

    const aggregation::RoundInput input{.rules = &rules,
                                        .context = &round.context,
                                        .domain = domain,
                                        .base_model = base.get(),
                                        .updates = updates,
                                        .state = state ? &*state : nullptr,
                                        .earlier = &earlier};
    aggregation::RoundOptions options;
    options.threads = settings.threads;
    options.memory_bytes_max = settings.memory_bytes_max;
    products.receive(options);
    FS_ASSIGN(auto outcome, aggregation::evaluate_round(input, options));
    FS_TRY(products.commit(outcome));
    return round::Aggregated{.round = round.context.round,
                             .attempt = round.context.attempt,
                             .report = std::move(outcome.report),
                             .settlement = std::move(outcome.settlement),
                             .commitment = outcome.commitment,
                             .faults = std::move(outcome.faults)};
}

}  // namespace fedstake::coordinator
