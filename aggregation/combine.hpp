// The second pass: the aggregate from rows and a combination, and the new model, as streams.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "aggregation/combination.hpp"
#include "aggregation/row_set.hpp"
#include "aggregation/worker_pool.hpp"
#include "proto/base/ids.hpp"

namespace fedstake::aggregation {

struct CombineTask {
    std::span<const Row> rows;  // of the round, then memory rows
    const RowMap* map = nullptr;
    const Combination* combination = nullptr;  // of the mapped rows
    // What the rule keeps for the next round, of the mapped rows; each is a weighted mean.
    std::span<const Combination> memory_rows;
    std::uint64_t coordinates = 0;
    std::uint8_t scale_bits = 0;
    const VectorSource* base_model = nullptr;  // null: no model is made
    bool roots = true;                         // hash what is made
    std::size_t memory_bytes = 0;
    const ByteSink* aggregate_sink = nullptr;  // may be null or hold nothing
    const ByteSink* model_sink = nullptr;
    std::span<const ByteSink> memory_sinks;  // none, or one for each memory row
};

struct CombinedRoots {
    Digest aggregate;
    Digest model;
    Digest base_model;  // content root of the base model's bytes as they were read
    std::vector<Digest> memory_rows;
};

// model_j = float32(double(base_j) + aggregate_j * 2^-scale_bits). RETURNS kCorrupt for a base
// model value that is not finite, and the errors of sources and sinks.
[[nodiscard]] Result<CombinedRoots> combine_rows(const CombineTask& task, WorkerPool& pool);

}  // namespace fedstake::aggregation
