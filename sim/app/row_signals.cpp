// Asks aggregation/detect, with nothing before the round.
#include "sim/app/row_signals.hpp"

#include <algorithm>
#include <optional>
#include <span>
#include <utility>

#include "aggregation/detect/detect.hpp"
#include "aggregation/geometry.hpp"
#include "proto/rules/round_rules.hpp"

namespace fedstake::sim {
namespace {

namespace detect = aggregation::detect;

constexpr std::size_t kPiece = 8192;

void add_signs(std::span<const std::int32_t> values, detect::SignCounts& counts) {
    for (const std::int32_t value : values) {
        counts.positive += value > 0 ? 1U : 0U;
        counts.negative += value < 0 ? 1U : 0U;
    }
}

Status count_row(const aggregation::VectorSource& row, detect::SignCounts& counts) {
    std::vector<std::int32_t> piece(
        static_cast<std::size_t>(std::min<std::uint64_t>(kPiece, row.size())));
    for (std::uint64_t first = 0; first < row.size(); first += piece.size()) {
        const auto values = std::span(piece).first(
            static_cast<std::size_t>(std::min<std::uint64_t>(piece.size(), row.size() - first)));
        FS_TRY(row.read_int32(first, values));
        add_signs(values, counts);
    }
    counts.zero = row.size() - counts.positive - counts.negative;
    return {};
}

}  // namespace

Result<std::vector<detect::SignCounts>> count_signs(
    const std::vector<const aggregation::VectorSource*>& rows, aggregation::WorkerPool& pool) {
    std::vector<detect::SignCounts> counts(rows.size());
    FS_TRY(pool.for_each(rows.size(), [&](std::size_t, std::size_t row) {
        return count_row(*rows[row], counts[row]);
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
