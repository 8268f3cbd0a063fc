// One aggregation of a matrix of rows: a chain of pre-aggregations and a rule, without signatures,
// gate or settlement. evaluate_round() (pipeline.hpp) does the same with the updates of a round.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "aggregation/plan.hpp"
#include "aggregation/worker_pool.hpp"
#include "proto/rules/round_rules.hpp"

namespace fedstake::aggregation {

struct MatrixInput {
    std::span<const VectorSource* const> rows;  // borrowed; int32, all of one length, any finite n
    double unit = 1.0;                          // model units of one fixed-point step
    rules::AggregationRules rules;              // rule, pre and f count; the gate's limits do not
    Digest seed;                                // of every random choice
    std::span<const double> claims{};  // weights that sites claim; only weighted-mean takes them
    // What the rule kept in the call before; empty for the first.
    RuleMemory memory{};
    std::span<const VectorSource* const> memory_rows{};  // borrowed
};

struct MatrixOptions {
    unsigned threads = 1;
    std::size_t memory_bytes_max = std::size_t{64} << 20U;
    bool distances = false;                    // measure them, centre included, although the rule
                                               // does not need them
    bool roots = false;                        // content roots of what is made
    ByteSink aggregate_sink{};                 // optional: int32 little-endian, as it is made
    std::span<const ByteSink> memory_sinks{};  // none, or one for each memory row
};

struct MatrixResult {
    Arguments arguments;     // n and f that the rule was asked with
    Combination effective;   // how much of each row is in the aggregate:
                             // effective_weights()
    Distances distances{0};  // of the rows as given; of no rows where nobody needed them
    RuleMemory memory;       // for the next call
    Digest aggregate_root;
    std::vector<Digest> memory_roots;
};

// How many memory rows the chain's rule has for n rows.
[[nodiscard]] std::size_t memory_rows_of(const RuleInfo& rule, std::size_t n) noexcept;

// Passes over the rows: one for distances where the chain needs them, one for the combination.
// RETURNS kInvalidInput for rows of different lengths, no rows, more than limits::kSitesMax, and
// the errors of find_chain(), check_support(), sources and sinks; kLimitExceeded when the memory
// does not do.
[[nodiscard]] Result<MatrixResult> aggregate_matrix(const MatrixInput& input,
                                                    const MatrixOptions& options);

}  // namespace fedstake::aggregation
