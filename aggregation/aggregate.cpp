// The steps of one aggregation.
#include "aggregation/aggregate.hpp"

#include <algorithm>
#include <numeric>
#include <utility>

#include <fmt/format.h>

#include "aggregation/combine.hpp"
#include "aggregation/distances.hpp"
#include "proto/base/limits.hpp"

namespace fedstake::aggregation {
namespace {

Status check_shape(const MatrixInput& input) {
    if (input.rows.empty()) {
        return fail(Errc::kInvalidInput, "there are no rows to aggregate");
    }
    if (input.rows.size() > limits::kSitesMax) {
        return fail(Errc::kInvalidInput, fmt::format("{} rows, at most {} are possible",
                                                     input.rows.size(), limits::kSitesMax));
    }
    const std::uint64_t coordinates = input.rows.front()->size();
    if (coordinates == 0) {
        return fail(Errc::kInvalidInput, "row 0 is empty");
    }
    for (std::size_t i = 1; i < input.rows.size(); ++i) {
        if (input.rows[i]->size() != coordinates) {
            return fail(Errc::kInvalidInput,
                        fmt::format("row {} has {} values, row 0 has {}: all rows must be of one "
                                    "length",
                                    i, input.rows[i]->size(), coordinates));
        }
    }
    return {};
}

Status check_memory_rows(const MatrixInput& input, std::size_t wanted) {
    if (!input.memory_rows.empty() && input.memory_rows.size() != wanted) {
        return fail(Errc::kInvalidInput, fmt::format("{} memory rows are given, the rule has {}",
                                                     input.memory_rows.size(), wanted));
    }
    for (const VectorSource* row : input.memory_rows) {
        if (row->size() != input.rows.front()->size()) {
            return fail(Errc::kInvalidInput,
                        fmt::format("a memory row has {} values, the rows have {}", row->size(),
                                    input.rows.front()->size()));
        }
    }
    return {};
}

std::vector<Row> all_rows(const MatrixInput& input, std::size_t memory_rows,
                          const VectorSource& zeros) {
    std::vector<Row> rows;
    for (const VectorSource* row : input.rows) {
        rows.push_back({.values = row});
    }
    for (std::size_t k = 0; k < memory_rows; ++k) {
        rows.push_back({.values = input.memory_rows.empty() ? &zeros : input.memory_rows[k]});
    }
    return rows;
}

}  // namespace

std::size_t memory_rows_of(const RuleInfo& rule, std::size_t n) noexcept {
    switch (rule.needs.memory) {
        case MemoryRows::kOne: return 1;
        case MemoryRows::kPerRow: return n;
        case MemoryRows::kNone: break;
    }
    return 0;
}

Result<MatrixResult> aggregate_matrix(const MatrixInput& input, const MatrixOptions& options) {
    FS_TRY(check_shape(input));
    FS_ASSIGN(const Chain chain, find_chain(input.rules));
    const std::size_t n = input.rows.size();
    FS_TRY(check_support(chain, n, input.rules.f));  // before any row is read
    const std::size_t memory_rows = memory_rows_of(*chain.rule, n);
    FS_TRY(check_memory_rows(input, memory_rows));
    if (!options.memory_sinks.empty() && options.memory_sinks.size() != memory_rows) {
        return fail(Errc::kInvalidInput, fmt::format("{} memory sinks are given, the rule has {} "
                                                     "memory rows",
                                                     options.memory_sinks.size(), memory_rows));
    }
    const std::uint64_t coordinates = input.rows.front()->size();
    const auto zeros = zero_source(coordinates);
    const std::vector<Row> rows = all_rows(input, memory_rows, *zeros);
    WorkerPool pool(std::max(1U, options.threads));

    PlanInput plan_input{.chain = &chain,
                         .f = input.rules.f,
                         .rows = rows,
                         .n = n,
                         .coordinates = coordinates,
                         .geometry = Geometry(),
                         .unit = input.unit,
                         .seed = input.seed,
                         .memory = &input.memory,
                         .claims = input.claims,
                         .memory_bytes = options.memory_bytes_max};
    MatrixResult result;
    if (options.distances || needs_geometry(chain)) {
        const bool centre = options.distances || needs_centre(chain);
        FS_ASSIGN(const Distances distances,
                  measure_distances(rows, coordinates, pool, options.memory_bytes_max, centre,
                                    memory_rows));
        plan_input.geometry = Geometry(distances);
        std::vector<std::size_t> own(n);
        std::iota(own.begin(), own.end(), std::size_t{0});
        result.distances = distances.restricted_to(own);
    }
    FS_ASSIGN(Plan plan, plan_aggregate(plan_input));
    const CombineTask task{.rows = rows,
                           .map = &plan.map,
                           .combination = &plan.answer.combination,
                           .memory_rows = plan.answer.memory_rows,
                           .coordinates = coordinates,
                           .roots = options.roots,
                           .memory_bytes = options.memory_bytes_max,
                           .aggregate_sink = &options.aggregate_sink,
                           .memory_sinks = options.memory_sinks};
    FS_ASSIGN(const CombinedRoots roots, combine_rows(task, pool));
    result.arguments = plan.arguments;
    result.effective = effective_weights(plan);
    result.memory = std::move(plan.answer.memory);
    result.aggregate_root = roots.aggregate;
    result.memory_roots = roots.memory_rows;
    return result;
}

}  // namespace fedstake::aggregation
