// The second pass: the aggregate from rows and a combination, and the new model, as streams.
#pragma once

#include <cstdint>
#include <span>

#include "aggregation/registry.hpp"
#include "aggregation/row_set.hpp"
#include "aggregation/worker_pool.hpp"

namespace fedstake::aggregation {

struct CombineTask {
    std::span<const Row> rows;
    const Combination* combination = nullptr;
    std::uint64_t coordinates = 0;
    std::uint8_t scale_bits = 0;
    const VectorSource* base_model = nullptr;
    std::size_t memory_bytes = 0;
    const ByteSink* aggregate_sink = nullptr;  // may hold nothing
    const ByteSink* model_sink = nullptr;
};

struct CombinedRoots {
    Digest aggregate;
    Digest model;
    Digest base_model;  // content root of the base model's bytes as they were read
};

// model_j = float32(double(base_j) + aggregate_j * 2^-scale_bits). RETURNS kCorrupt for a base
// model value that is not finite, and the errors of sources and sinks.
[[nodiscard]] Result<CombinedRoots> combine_rows(const CombineTask& task, WorkerPool& pool);

}  // namespace fedstake::aggregation
