// Finds the first value of a round's blobs that is not what its documents make of the others.
//
// The same arithmetic as the contract's (contracts/src/libraries/AggregateMath.sol, ModelMath.sol;
// docs/protocol.md, section 11), by columns, with the weights that the report states: what is found
// here is what ResultProver convicts for. All blobs are read once, in step, a piece at a time; no
// hash is computed. O(updates * coordinates).
#pragma once

#include <atomic>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "aggregation/pipeline.hpp"
#include "aggregation/update_rows.hpp"

namespace fedstake::client {

// How the chain recomputes a coordinate of the aggregate.
enum class ColumnRule : std::uint8_t { kUnknown, kWeighted, kMedian, kTrimmedMean };

// By a rule's name. kUnknown: attested only.
[[nodiscard]] ColumnRule column_rule(std::string_view name) noexcept;
// Under these rules and this report: kUnknown also for median and trimmed mean behind a
// pre-aggregation, with parameters, or with sites that share a weight.
[[nodiscard]] ColumnRule column_rule(const rules::AggregationRules& rules,
                                     const aggregation::RoundReport& report) noexcept;

// A value that is wrong, and what it should be, as text.
struct WrongValue {
    std::uint64_t coordinate = 0;
    std::string committed;
    std::string expected;
};

// updates: of the sites with a weight, in the report's order. REQUIRES every source to have
// `coordinates` values and rule != kUnknown. RETURNS nothing where all is right; kInvalidInput
// where the rule has no value (no update, or no more than 2 f); kUnavailable once stopped.
[[nodiscard]] Result<std::optional<WrongValue>> first_wrong_in_aggregate(
    ColumnRule rule, const aggregation::RoundReport& report,
    std::span<const aggregation::VectorSource* const> updates,
    const aggregation::VectorSource& aggregate, const std::atomic<bool>& stop);

// REQUIRES sources of one size.
[[nodiscard]] Result<std::optional<WrongValue>> first_wrong_in_model(
    std::uint8_t scale_bits, const aggregation::VectorSource& base,
    const aggregation::VectorSource& aggregate, const aggregation::VectorSource& model,
    const std::atomic<bool>& stop);

// The first value beyond +-most.
[[nodiscard]] Result<std::optional<WrongValue>> first_out_of_range(
    std::int32_t most, const aggregation::VectorSource& update, const std::atomic<bool>& stop);

}  // namespace fedstake::client
