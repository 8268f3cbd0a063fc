// Asks aggregation/detect, with nothing before the round.
#include "sim/app/row_signals.hpp"

#include <utility>

#include "aggregation/detect/detect.hpp"
#include "aggregation/gate.hpp"
#include "aggregation/geometry.hpp"
#include "proto/rules/round_rules.hpp"

namespace fedstake::sim {
namespace {

namespace detect = aggregation::detect;

}  // namespace

Result<std::vector<detect::SignCounts>> count_signs(
    const std::vector<const aggregation::VectorSource*>& rows, aggregation::WorkerPool& pool) {
    std::vector<detect::SignCounts> counts(rows.size());
    FS_TRY(pool.for_each(rows.size(), [&](std::size_t, std::size_t row) -> Status {
        FS_ASSIGN(counts[row], aggregation::count_signs(*rows[row]));
        return {};
    }));
    return counts;
}

RowSignals row_signals(const aggregation::Distances& distances, std::uint32_t f,
                       const std::vector<detect::SignCounts>& signs) {
    const aggregation::Geometry geometry(distances);
    detect::Detection detection = detect::detect_rows(
        geometry, f, signs, detect::limits_for(geometry.rows(), rules::AnomalyRules{}));
    return {.figures = std::move(detection.figures), .limits = detection.limits};
}

std::vector<std::string_view> signal_names(std::uint32_t signals) {
    std::vector<std::string_view> names;
    for (const detect::SignalInfo& info : detect::all_signals()) {
        if ((signals & detect::bit(info.signal)) != 0) {
            names.push_back(info.name);
        }
    }
    return names;
}

}  // namespace fedstake::sim
