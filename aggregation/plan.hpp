// From the geometry of a round's rows to a combination of them: pre-aggregations in their order,
// then the rule. Everything happens in n-space; the coordinates are only read by rules that ask for
// some of them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>

#include "aggregation/registry.hpp"
#include "aggregation/row_set.hpp"

namespace fedstake::aggregation {

struct PlanInput {
    const Chain* chain = nullptr;
    std::uint32_t f = 0;
    std::span<const Row> rows;  // n rows in canonical order, then memory rows
    std::size_t n = 0;          // of the round, before `merge`
    std::uint64_t coordinates = 0;
    Geometry geometry;  // of all rows; empty unless needs_geometry(chain)
    double unit = 1.0;  // model units of one fixed-point step
    Digest seed;        // of the round
    const RuleMemory* memory = nullptr;
    // What the n rows become in front of the chain; null: they stay. Not for rules that look at
    // single rows.
    const RowMap* merge = nullptr;
    std::span<const double> claims{};  // weights that the n sites claim, where there are any
    std::size_t memory_bytes =
        std::numeric_limits<std::size_t>::max();  // for columns that are read
};

struct Plan {
    Arguments arguments;               // the rule's, behind the pre-aggregations
    RowMap map = RowMap::identity(0);  // all pre-aggregations, memory rows included
    Geometry geometry;                 // of the mapped rows
    RuleAnswer answer;                 // in terms of the mapped rows and the memory rows
};

[[nodiscard]] bool needs_geometry(const Chain& chain) noexcept;
[[nodiscard]] bool needs_centre(const Chain& chain) noexcept;

// RETURNS the errors of check_support() and of the rule.
[[nodiscard]] Result<Plan> plan_aggregate(const PlanInput& input);

// How much of each row is in the aggregate, for people and for settlement: the weights of a
// weighted sum in terms of the rows before pre-aggregation; for rules by columns, which have no
// weights, 1 for every row that any value may have come from. Memory rows included.
[[nodiscard]] Combination effective_weights(const Plan& plan);

}  // namespace fedstake::aggregation
