// The gate: checks one update by itself and computes the content root of its bytes, in one pass.
#pragma once

#include <cstdint>

#include "aggregation/detect/round_signals.hpp"
#include "aggregation/pipeline.hpp"

namespace fedstake::aggregation {

struct GateResult {
    Reason reason = Reason::kNone;
    Digest root;  // content root of the values
    detect::SignCounts signs;
};

// Reasons in order of precedence: wrong size, not a number, out of range, all zero.
// Memory: 256 KiB. RETURNS the storage's error.
[[nodiscard]] Result<GateResult> inspect_update(const rules::RoundRules& rules,
                                                const VectorSource& values);

// How many values are above, at and below zero. Memory: 256 KiB. RETURNS the storage's error.
[[nodiscard]] Result<detect::SignCounts> count_signs(const VectorSource& values);

// Content root of the values' bytes. RETURNS the storage's error.
[[nodiscard]] Result<Digest> content_root(const VectorSource& values);

}  // namespace fedstake::aggregation
