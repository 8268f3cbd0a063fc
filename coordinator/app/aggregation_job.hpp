// Evaluates a frozen round from the blob store, streaming: the worker thread's main job.
#pragma once

#include <functional>

#include "aggregation/round_state.hpp"
#include "coordinator/round/actions.hpp"
#include "coordinator/store/blob_store.hpp"
#include "proto/crypto/eip712.hpp"
#include "proto/rules/round_rules.hpp"

namespace fedstake::coordinator {

struct AggregationSettings {
    unsigned threads = 1;
    std::size_t memory_bytes_max = std::size_t{64} << 20U;
};

// The new model, the aggregate, and what the round leaves for the next one are durable blobs when
// it returns. RETURNS what evaluate_round
// refuses, kCorrupt when what was stored is not what was reported, or the disk's failure.
[[nodiscard]] Result<round::Aggregated> aggregate_round(const round::StartAggregation& round,
                                                        const rules::RoundRules& rules,
                                                        const crypto::Eip712Domain& domain,
                                                        store::BlobStore& blobs,
                                                        const AggregationSettings& settings);

// aggregate_round, or what a test puts in its place.
using Aggregator = std::function<Result<round::Aggregated>(
    const round::StartAggregation&, const rules::RoundRules&, const crypto::Eip712Domain&,
    store::BlobStore&, const AggregationSettings&)>;

// The state that a round left. RETURNS kNotFound or kCorrupt, naming it.
[[nodiscard]] Result<aggregation::RoundState> read_state(const store::BlobStore& blobs,
                                                         const Digest& root);

}  // namespace fedstake::coordinator
