// The detection signals of one round by itself, for the rows of a matrix: norm, cosine, distance,
// nearest, spectral, signs. The others look back at earlier rounds.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "aggregation/detect/judge.hpp"
#include "aggregation/detect/round_signals.hpp"
#include "aggregation/distances.hpp"
#include "aggregation/update_rows.hpp"
#include "aggregation/worker_pool.hpp"
#include "proto/base/result.hpp"

namespace fedstake::sim {

// One pass over the rows, 256 KiB for each thread. RETURNS the errors of the rows.
[[nodiscard]] Result<std::vector<aggregation::detect::SignCounts>> count_signs(
    const std::vector<const aggregation::VectorSource*>& rows, aggregation::WorkerPool& pool);

struct RowSignals {
    std::vector<aggregation::detect::SiteFigures> figures;  // for each row
    aggregation::detect::Limits limits{};  // of n, with a federation's own for norm, cosine and
                                           // distance, as they are by default
};

// REQUIRES distances with the centre, and a count for each row. O(n^3).
[[nodiscard]] RowSignals row_signals(const aggregation::Distances& distances, std::uint32_t f,
                                     const std::vector<aggregation::detect::SignCounts>& signs);

// Names of the signals in these bits, in their order.
[[nodiscard]] std::vector<std::string_view> signal_names(std::uint32_t signals);

}  // namespace fedstake::sim
